//! The commands that lead somewhere: to tabs, screens and rows, and out.

use super::Spec;
use super::table::spec;
use crate::app::command::{Command, ConsentCommand, LedgerCommand, Move, Tab};
use crate::app::place::Layer as L;

/// In the order of footer and help.
pub(super) const MOVING: &[Spec] = &[
    spec(
        "tab.overview",
        "details",
        "Show the overview of the environment",
        Command::Show(Tab::Overview),
        &[(L::Fleet, "d"), (L::Environment, "d 1")],
    ),
    spec(
        "tab.migrations",
        "migrations",
        "Show the migrations",
        Command::Show(Tab::Migrations),
        &[(L::Fleet, "m"), (L::Environment, "m 2")],
    ),
    spec(
        "tab.secrets",
        "secrets",
        "Show the versions of the secret",
        Command::Show(Tab::Secrets),
        &[(L::Fleet, "s"), (L::Environment, "s 3")],
    ),
    spec(
        "tab.executions",
        "executions",
        "Show the runs of the job",
        Command::Show(Tab::Executions),
        &[(L::Fleet, "e"), (L::Environment, "e 4")],
    ),
    spec(
        "tab.next",
        "",
        "To the next tab",
        Command::NextTab,
        &[(L::Environment, "tab right")],
    ),
    spec(
        "tab.previous",
        "",
        "To the tab before",
        Command::PreviousTab,
        &[(L::Environment, "backtab")],
    ),
    spec(
        "ledger",
        "ledger",
        "Show the ledger: who did what, when, and how it ended",
        Command::Ledger(LedgerCommand::Show),
        &[(L::Global, "L")],
    ),
    spec(
        "ledger.story",
        "story",
        "Show the whole story of this run, from the ledger",
        Command::Ledger(LedgerCommand::Story),
        &[(L::Live, "S"), (L::Outcome, "S")],
    ),
    spec(
        "requests",
        "",
        "Show the requests that wait for somebody's word",
        Command::Consent(ConsentCommand::Requests),
        &[(L::Global, "R")],
    ),
    spec(
        "search",
        "filter",
        "Filter this list, or search this text",
        Command::Search,
        &[(L::Global, "/")],
    ),
    spec(
        "refresh",
        "refresh",
        "Read everything again",
        Command::Refresh,
        &[(L::Global, "ctrl-r f5")],
    ),
    spec(
        "sign-in",
        "",
        "Say who is signed in, and how to sign in again",
        Command::SignIn,
        &[(L::Global, "i")],
    ),
    spec(
        "palette",
        "command",
        "Find a command by its name",
        Command::Palette,
        &[(L::Global, ":")],
    ),
    spec(
        "help",
        "help",
        "Show the keys of this place",
        Command::Help,
        &[(L::Global, "? f1")],
    ),
    spec(
        "up",
        "",
        "One up",
        Command::Move(Move::Up),
        &[(L::List, "k up ctrl-p"), (L::Palette, "up ctrl-p")],
    ),
    spec(
        "down",
        "",
        "One down",
        Command::Move(Move::Down),
        &[(L::List, "j down ctrl-n"), (L::Palette, "down ctrl-n")],
    ),
    spec(
        "page-up",
        "",
        "A page up",
        Command::Move(Move::PageUp),
        &[(L::List, "pageup ctrl-b ctrl-u"), (L::GateText, "pageup")],
    ),
    spec(
        "page-down",
        "",
        "A page down",
        Command::Move(Move::PageDown),
        &[
            (L::List, "pagedown ctrl-f ctrl-d space"),
            (L::GateText, "pagedown"),
        ],
    ),
    spec(
        "first",
        "",
        "To the first",
        Command::Move(Move::First),
        &[(L::List, "g home")],
    ),
    spec(
        "last",
        "",
        "To the last",
        Command::Move(Move::Last),
        &[(L::List, "G end")],
    ),
    spec(
        "suspend",
        "",
        "Step aside for the shell",
        Command::Suspend,
        &[(L::Always, "ctrl-z")],
    ),
    spec(
        "quit",
        "quit",
        "Leave",
        Command::Quit,
        &[(L::Global, "q"), (L::Always, "ctrl-c")],
    ),
];
