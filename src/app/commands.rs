//! The one table of commands: it feeds the key maps, the footer, the help, the palette and the docs.

use super::command::{Command, LogCommand, Move, Tab};
use super::input::Key;
use super::place::{Layer, Place};
use crate::domain::act::SecretVerb;

/// What is known of a command besides what it does.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Stable id, as in key maps.
    pub id: &'static str,
    /// What it does, in a few words; the help and the palette show it.
    pub title: &'static str,
    /// One word for the footer; empty when it is not worth a place there.
    pub short: &'static str,
    /// The command.
    pub command: Command,
    /// Default keys: the layer, and the keys there, parted by spaces.
    pub keys: &'static [(Layer, &'static str)],
}

const fn spec(
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
pub const TABLE: &[Spec] = &[
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
        "plan.again",
        "plan again",
        "Read the facts again and make a new plan",
        Command::Replan,
        &[(L::Gate, "p"), (L::Outcome, "p")],
    ),
    spec(
        "arm",
        "arm",
        "Arm this environment for five minutes, or disarm it",
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
        &[(L::Log, "w")],
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
        &[(L::Log, "n")],
    ),
    spec(
        "log.previous",
        "",
        "To the match before",
        Command::Log(LogCommand::PreviousMatch),
        &[(L::Log, "N")],
    ),
    spec(
        "log.pager",
        "pager",
        "Show the log in the pager",
        Command::Log(LogCommand::Pager),
        &[(L::Log, "v")],
    ),
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

/// What is known of a command.
pub fn spec_of(command: Command) -> &'static Spec {
    TABLE
        .iter()
        .find(|spec| spec.command == command)
        .expect("every command is in the table; a test holds it")
}

/// The command that a key has by default in a place; the most specific layer wins.
pub fn default_command(place: Place, key: Key) -> Option<Command> {
    place.layers().iter().find_map(|layer| {
        TABLE
            .iter()
            .find(|spec| default_keys(spec, *layer).any(|known| known == key))
            .map(|spec| spec.command)
    })
}

/// The default keys of a command in one layer.
pub fn default_keys(spec: &Spec, layer: Layer) -> impl Iterator<Item = Key> + use<'_> {
    spec.keys
        .iter()
        .filter(move |(at, _)| *at == layer)
        .flat_map(|(_, keys)| keys.split(' '))
        .filter_map(Key::parse)
}

/// The first default key of a command in a place, for footers and hints.
pub fn first_key(place: Place, command: Command) -> Option<Key> {
    let spec = spec_of(command);
    place
        .layers()
        .iter()
        .find_map(|layer| default_keys(spec, *layer).next())
}

/// The commands that the palette offers for what was typed: those that hold all its words.
pub fn offered(query: &str) -> impl Iterator<Item = &'static Spec> + use<'_> {
    TABLE
        .iter()
        .filter(|spec| {
            !matches!(
                spec.command,
                // A gate is answered at the gate; cursors are moved with keys.
                Command::Approve
                    | Command::Yes
                    | Command::Move(_)
                    | Command::NextField
                    | Command::PreviousField
                    | Command::Palette
                    | Command::Open
            )
        })
        .filter(move |spec| {
            let text = format!("{} {}", spec.id, spec.title).to_lowercase();
            query
                .to_lowercase()
                .split_whitespace()
                .all(|word| text.contains(word))
        })
}
