//! What happens at the terminal: keys that are typed, pastes, sizes, frames, the clock.

use jiff::Timestamp;

use super::{navigate, overlays, refresh, say};
use crate::app::effect::Effect;
use crate::app::event::{Painted, Terminal};
use crate::app::gate::Field;
use crate::app::input::{Code, Key};
use crate::app::model::Model;
use crate::app::place::Place;
use crate::app::screen::Screen;

pub(super) fn happen(model: &mut Model, event: Terminal, now: Timestamp) -> Vec<Effect> {
    match event {
        Terminal::Opened => {
            model.opened_at = Some(now);
            model.touched_at = Some(now);
            refresh::opened(model, now)
        }
        Terminal::Key(key) => {
            model.touched_at = Some(now);
            key_typed(model, key);
            refresh::due(model, now)
        }
        Terminal::Paste(text) => {
            model.touched_at = Some(now);
            pasted(model, &text, now);
            Vec::new()
        }
        Terminal::Resized { width, height } => {
            model.size = (width, height);
            Vec::new()
        }
        Terminal::Focus(focused) => {
            model.focused = focused;
            if focused {
                model.touched_at = Some(now);
            }
            refresh::due(model, now)
        }
        Terminal::Drawn(painted) => {
            drawn(model, painted, now);
            Vec::new()
        }
        Terminal::Tick => refresh::due(model, now),
        Terminal::Resumed => {
            model.touched_at = Some(now);
            refresh::everything(model, now)
        }
    }
}

fn key_typed(model: &mut Model, key: Key) {
    match model.place() {
        Place::Search | Place::Palette => overlays::key(model, key),
        Place::GateText => gate_key(model, key),
        Place::Parameters => {
            if let Screen::Parameters(screen) = model.screen_mut() {
                screen.note = None;
                if let Some(field) = screen.fields.get_mut(screen.at) {
                    field.value.key(key);
                }
            }
        }
        _ => {}
    }
}

/// Keys that were typed before the gate was on the screen do not count.
fn gate_key(model: &mut Model, key: Key) {
    let Screen::Gate(gate) = model.screen_mut() else {
        return;
    };
    if gate.drawn_at.is_none() {
        return;
    }
    gate.note = None;
    // Recalling or completing is not typing: only characters and corrections are taken.
    if !matches!(key.code, Code::Enter | Code::Tab) {
        gate.current_field().key(key);
    }
}

fn pasted(model: &mut Model, text: &str, now: Timestamp) {
    let line = text.lines().next().unwrap_or_default();
    match model.place() {
        Place::Search | Place::Palette => overlays::paste(model, line),
        Place::GateText => {
            let Screen::Gate(gate) = model.screen_mut() else {
                return;
            };
            if gate.drawn_at.is_none() {
                return;
            }
            if gate.field == Field::Phrase {
                gate.note = Some("pasting does not count here: type it".to_owned());
            } else {
                gate.reason.insert(line);
            }
        }
        Place::Parameters => {
            if let Screen::Parameters(screen) = model.screen_mut()
                && let Some(field) = screen.fields.get_mut(screen.at)
            {
                field.value.insert(line);
            }
        }
        _ => say(model, "nothing takes pasted text here", true, now),
    }
}

fn drawn(model: &mut Model, painted: Painted, now: Timestamp) {
    model.painted = painted;
    if let Screen::Gate(gate) = model.screen_mut()
        && painted.gate == Some(gate.serial)
    {
        gate.drawn_at.get_or_insert(now);
    }
    navigate::settle(model);
}
