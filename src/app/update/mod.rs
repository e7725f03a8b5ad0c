//! How the model changes: pure, synchronous, one message at a time.

use jiff::Timestamp;

use super::Msg;
use super::command::Command;
use super::effect::Effect;
use super::event::{Event, Terminal};
use super::model::Model;

/// Applies one message and says what the world is asked for.
pub fn update(model: &mut Model, msg: Msg, _now: Timestamp) -> Vec<Effect> {
    match msg {
        Msg::Command(Command::Quit) => vec![Effect::Quit],
        Msg::Event(Event::Terminal(Terminal::Opened)) => {
            let id = model.request();
            vec![Effect::Identity { id }]
        }
        _ => Vec::new(),
    }
}
