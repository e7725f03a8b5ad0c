//! The table itself, in the order of footer and help.

use super::Spec;
use super::moving::MOVING;
use crate::app::command::{Command, ConsentCommand, LogCommand, RevisionCommand};
use crate::app::place::Layer;
use crate::domain::act::SecretVerb;

pub(super) const fn spec(
    id: &'static str,
    short: &'static str,
    title: &'static str,
    command: Command,
    keys: &'static [(Layer, &'static str)],
) -> Spec {
    Spec {
        id,
        title,
        short,
        command,
        keys,
    }
}

use Layer as L;

/// All commands, in the order of footer and help.
pub static TABLE: &[Spec] = &ALL;

static ALL: [Spec; DOING.len() + MOVING.len()] = joined();

const fn joined() -> [Spec; DOING.len() + MOVING.len()] {
    let mut all = [DOING[0]; DOING.len() + MOVING.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < DOING.len() {
            DOING[at]
        } else {
            MOVING[at - DOING.len()]
        };
        at += 1;
    }
    all
}

/// Commands that do something: to a run, a gate, a text, what is selected.
const DOING: &[Spec] = &[
    spec(
        "open",
        "open",
        "Open what the cursor is on",
        Command::Open,
        &[
            (L::Fleet, "enter"),
            (L::Environment, "enter"),
            (L::Operations, "enter"),
            (L::Parameters, "enter"),
            (L::Comparison, "enter"),
            (L::Ledger, "enter"),
            (L::Requests, "enter"),
            (L::Palette, "enter"),
            (L::Search, "enter"),
        ],
    ),
    spec(
        "gate.approve",
        "run it",
        "Say yes at the gate, in the way it asks for",
        Command::Approve,
        &[(L::Gate, "x"), (L::GateText, "ctrl-x")],
    ),
    spec(
        "gate.yes",
        "",
        "The second key of a confirmation",
        Command::Yes,
        &[(L::Gate, "y")],
    ),
    spec(
        "gate.glass",
        "break glass",
        "Break the glass: go through without the others, and owe a review",
        Command::Consent(ConsentCommand::Glass),
        &[(L::Gate, "B"), (L::GateText, "ctrl-g")],
    ),
    spec(
        "request.decline",
        "decline",
        "Decline this request, or take your own back",
        Command::Consent(ConsentCommand::Decline),
        &[(L::GateText, "ctrl-d")],
    ),
    spec(
        "review",
        "review",
        "Record the review that is owed for broken glass",
        Command::Consent(ConsentCommand::Review),
        &[(L::Fleet, "v")],
    ),
    spec(
        "field.next",
        "next field",
        "To the next field",
        Command::NextField,
        &[(L::GateText, "tab enter down"), (L::Parameters, "tab down")],
    ),
    spec(
        "field.previous",
        "",
        "To the field before",
        Command::PreviousField,
        &[(L::GateText, "backtab up"), (L::Parameters, "backtab up")],
    ),
    spec(
        "back",
        "back",
        "Go back",
        Command::Back,
        &[
            (L::Always, "esc"),
            (L::List, "esc h left"),
            (L::Help, "esc q ?"),
        ],
    ),
    spec(
        "upgrade",
        "upgrade",
        "Plan an upgrade to the head",
        Command::Upgrade,
        &[(L::Fleet, "u"), (L::Environment, "u")],
    ),
    spec(
        "run",
        "run",
        "Choose an operation to plan",
        Command::Operations,
        &[(L::Fleet, "r"), (L::Environment, "r")],
    ),
    spec(
        "revision.graph",
        "graph",
        "Show the revisions as a drawn graph, or as a list",
        Command::Revision(RevisionCommand::Graph),
        &[(L::Migrations, "t")],
    ),
    spec(
        "revision.upgrade",
        "upgrade to it",
        "Plan an upgrade to this revision",
        Command::Revision(RevisionCommand::UpgradeTo),
        &[(L::Migrations, "U"), (L::Revision, "U")],
    ),
    spec(
        "revision.compare",
        "compare",
        "Show all environments side by side",
        Command::Revision(RevisionCommand::Compare),
        &[(L::Fleet, "c"), (L::Migrations, "c"), (L::Revision, "c")],
    ),
    spec(
        "revision.probe",
        "ask database",
        "Plan a run that asks the database itself where it stands",
        Command::Revision(RevisionCommand::Probe),
        &[(L::Migrations, "p")],
    ),
    spec(
        "revision.differences",
        "differences",
        "Show only revisions in which environments differ, or all",
        Command::Revision(RevisionCommand::Differences),
        &[(L::Comparison, "o")],
    ),
    spec(
        "revision.newer",
        "newer",
        "To the revision above",
        Command::Revision(RevisionCommand::Newer),
        &[(L::Revision, "[ backtab")],
    ),
    spec(
        "revision.older",
        "older",
        "To the revision below",
        Command::Revision(RevisionCommand::Older),
        &[(L::Revision, "] tab")],
    ),
    spec(
        "plan.again",
        "plan again",
        "Read the facts again and make a new plan",
        Command::Replan,
        &[(L::Gate, "p"), (L::Outcome, "p")],
    ),
    spec(
        "plan.backup",
        "backup first",
        "Plan again with a backup as the first step, or without one",
        Command::BackupFirst,
        &[(L::Gate, "b"), (L::GateText, "ctrl-t")],
    ),
    spec(
        "arm",
        "arm",
        "Arm this environment for a limited time, or disarm it",
        Command::Arm,
        &[(L::Fleet, "a"), (L::Environment, "a"), (L::Gate, "a")],
    ),
    spec(
        "run.cancel",
        "cancel run",
        "Cancel the execution",
        Command::CancelRun,
        &[(L::Live, "c"), (L::Executions, "c")],
    ),
    spec(
        "secret.enable",
        "enable",
        "Enable this secret version",
        Command::Secret(SecretVerb::Enable),
        &[(L::Secrets, "E")],
    ),
    spec(
        "secret.disable",
        "disable",
        "Disable this secret version",
        Command::Secret(SecretVerb::Disable),
        &[(L::Secrets, "D")],
    ),
    spec(
        "secret.destroy",
        "",
        "Destroy this secret version for good",
        Command::Secret(SecretVerb::Destroy),
        &[(L::Secrets, "X")],
    ),
    spec(
        "log",
        "log",
        "Show the log of the execution",
        Command::ShowLog,
        &[
            (L::Fleet, "l"),
            (L::Environment, "l"),
            (L::Live, "l"),
            (L::Outcome, "l enter"),
        ],
    ),
    spec(
        "log.follow",
        "follow",
        "Stay at the end while lines arrive",
        Command::Log(LogCommand::Follow),
        &[(L::Log, "f"), (L::Live, "f")],
    ),
    spec(
        "log.wrap",
        "wrap",
        "Break long lines, or cut them",
        Command::Log(LogCommand::Wrap),
        &[(L::Log, "w"), (L::Revision, "w")],
    ),
    spec(
        "log.error",
        "first error",
        "To the first line that says that something is wrong",
        Command::Log(LogCommand::FirstError),
        &[(L::Log, "e")],
    ),
    spec(
        "log.next",
        "next",
        "To the next match",
        Command::Log(LogCommand::NextMatch),
        &[(L::Log, "n"), (L::Revision, "n"), (L::Story, "n")],
    ),
    spec(
        "log.previous",
        "",
        "To the match before",
        Command::Log(LogCommand::PreviousMatch),
        &[(L::Log, "N"), (L::Revision, "N"), (L::Story, "N")],
    ),
    spec(
        "log.pager",
        "pager",
        "Show this text in the pager",
        Command::Log(LogCommand::Pager),
        &[(L::Log, "v"), (L::Revision, "v"), (L::Story, "v")],
    ),
    spec(
        "log.left",
        "",
        "What is out of sight at the left",
        Command::Log(LogCommand::Left),
        &[
            (L::Log, "left h"),
            (L::Revision, "left h"),
            (L::Comparison, "left h"),
        ],
    ),
    spec(
        "log.right",
        "",
        "What is out of sight at the right",
        Command::Log(LogCommand::Right),
        &[
            (L::Log, "right l"),
            (L::Revision, "right l"),
            (L::Comparison, "right l"),
        ],
    ),
];
