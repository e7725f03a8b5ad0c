//! The state machine of the console: commands, effects, events, the model and how it changes.
//!
//! Pure and synchronous. A [`Command`] is a wish and comes from the key map or
//! the palette, an [`Effect`](effect::Effect) is a request to the world, an
//! [`Event`] is a fact that happened.

pub mod available;
pub mod bindings;
pub mod command;
pub mod commands;
pub mod consent;
pub mod effect;
pub mod event;
pub mod fleet;
pub mod gate;
pub mod input;
pub mod ledger;
pub mod list;
pub mod logs;
pub mod model;
pub mod moved;
pub mod notices;
pub mod pacing;
pub mod page;
pub mod place;
pub mod reviews;
pub mod revision;
pub mod rows;
pub mod run;
pub mod screen;
pub mod standings;
pub mod text;
pub mod update;

use command::Command;
use event::Event;

pub use update::update;

/// What reaches the state machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Msg {
    /// A wish.
    Command(Command),
    /// A fact.
    Event(Event),
}
