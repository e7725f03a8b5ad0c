//! The one table of commands: it feeds the key maps, the footer, the help, the palette and the docs.

mod moving;
mod table;

use super::command::{Command, ConsentCommand};
use super::input::Key;
use super::place::{Layer, Place};

pub use table::TABLE;

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
                    | Command::Consent(ConsentCommand::Glass | ConsentCommand::Decline)
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
