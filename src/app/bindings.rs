//! Which key means which command where: the defaults of the table, with what a key map changes.

use std::collections::BTreeMap;

use super::command::Command;
use super::commands::{TABLE, default_keys, spec_of};
use super::input::Key;
use super::place::{Layer, Place};

/// All keys of all layers. The footer and the help read it too, so they never lie.
#[derive(Clone, Debug)]
pub struct Bindings {
    by_key: BTreeMap<(Layer, Key), Command>,
    in_order: Vec<(Layer, Key, Command)>,
}

impl Default for Bindings {
    fn default() -> Self {
        let entries = TABLE.iter().flat_map(|spec| {
            Layer::ALL.iter().flat_map(move |layer| {
                default_keys(spec, *layer).map(move |key| (*layer, key, spec.command))
            })
        });
        Self::new(entries)
    }
}

impl Bindings {
    /// The given keys; of two for one key the later wins, and the first of a command is the one that is shown.
    pub fn new(entries: impl IntoIterator<Item = (Layer, Key, Command)>) -> Self {
        let mut in_order: Vec<_> = entries.into_iter().collect();
        let by_key: BTreeMap<_, _> = in_order
            .iter()
            .map(|(layer, key, command)| ((*layer, *key), *command))
            .collect();
        in_order.retain(|(layer, key, command)| by_key[&(*layer, *key)] == *command);
        Self { by_key, in_order }
    }

    /// All keys, in the order of the table.
    pub fn entries(&self) -> impl Iterator<Item = (Layer, Key, Command)> + '_ {
        self.in_order.iter().copied()
    }

    /// What a key means in a place; the most specific layer wins.
    pub fn command(&self, place: Place, key: Key) -> Option<Command> {
        place
            .layers()
            .iter()
            .find_map(|layer| self.by_key.get(&(*layer, key)).copied())
    }

    /// The first key of a command in a place that really means it there.
    pub fn key(&self, place: Place, command: Command) -> Option<Key> {
        self.keys(place, command).next()
    }

    /// All keys of a command in a place that really mean it there.
    pub fn keys(&self, place: Place, command: Command) -> impl Iterator<Item = Key> + '_ {
        place.layers().iter().flat_map(move |layer| {
            self.in_order
                .iter()
                .filter(move |(at, key, of)| {
                    at == layer && *of == command && self.command(place, *key) == Some(command)
                })
                .map(|(_, key, _)| *key)
        })
    }

    /// The commands that have a key in a place, in the order of the table.
    pub fn commands(&self, place: Place) -> impl Iterator<Item = (Key, Command)> + '_ {
        TABLE
            .iter()
            .filter_map(move |spec| Some((self.key(place, spec.command)?, spec.command)))
    }
}

/// The title of a command, for help and palette.
pub fn title(command: Command) -> &'static str {
    spec_of(command).title
}
