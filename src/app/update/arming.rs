//! Arming: for a limited time, in the ledger first, and over when the console is left.

use jiff::Timestamp;

use super::acts::with_hint;
use super::say;
use crate::app::effect::{Effect, RequestId};
use crate::app::model::Model;
use crate::app::pacing::Wanted;
use crate::app::screen::Screen;
use crate::domain::environment::EnvironmentName;
use crate::domain::failure::Failure;

/// Arms the environment in focus for a limited time, or makes it read-only again.
pub(super) fn turn(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    let Some(station) = model.focus() else {
        return Vec::new();
    };
    let name = model.stations[station].environment.name.clone();
    // Read-only is the safe side: that needs no record to begin.
    let armed = model.armed.remove(&name).is_some();
    if armed {
        shut(model, &name, None);
        say(model, format!("{name} is read-only again"), false, now);
    }
    vec![effect(model, station, !armed)]
}

fn effect(model: &mut Model, station: usize, arm: bool) -> Effect {
    Effect::Arm {
        id: model.requests.open(Wanted::Arm(station, arm)),
        environment: model.stations[station].environment.name.clone(),
        arm,
    }
}

/// What was asked for is in the ledger, or it is not armed.
pub(super) fn answered(
    model: &mut Model,
    id: RequestId,
    answer: Result<Option<Timestamp>, Failure>,
    now: Timestamp,
) -> Vec<Effect> {
    let Some(Wanted::Arm(station, arm)) = model.requests.close(id) else {
        return Vec::new();
    };
    let name = model.stations[station].environment.name.clone();
    match answer {
        Ok(Some(until)) if arm && until > now => {
            model.armed.insert(name.clone(), until);
            shut(model, &name, None);
        }
        Ok(_) if arm => {
            let text = format!("{name} is not armed: the record took longer than the time itself");
            say(model, text, true, now);
        }
        Ok(_) => {}
        Err(failure) => {
            let text = if arm {
                "is not armed"
            } else {
                "is read-only; not recorded"
            };
            say(
                model,
                format!("{name} {text}: {}", with_hint(&failure)),
                true,
                now,
            );
        }
    }
    Vec::new()
}

/// What is armed for too long is read-only again, and a gate that was open for it closes before one's eyes.
pub(super) fn expire(model: &mut Model, now: Timestamp) {
    let over: Vec<_> = model
        .armed
        .iter()
        .filter(|(_, until)| **until <= now)
        .map(|(name, _)| name.clone())
        .collect();
    for name in over {
        model.armed.remove(&name);
        let note = format!("{name} is read-only again: the time it was armed for is over");
        if !shut(model, &name, Some(&note)) {
            say(model, note, false, now);
        }
    }
}

/// Arming ends with the console.
pub(super) fn end(model: &mut Model) -> Vec<Effect> {
    let names: Vec<_> = std::mem::take(&mut model.armed).into_keys().collect();
    let stations: Vec<_> = names
        .iter()
        .filter_map(|name| model.index_of(name))
        .collect();
    stations
        .into_iter()
        .map(|station| effect(model, station, false))
        .collect()
}

/// Gates of an environment ask something else from now on: keys that were typed before are not
/// meant for it, and the phrase is typed again. Whether one is on the screen.
fn shut(model: &mut Model, name: &EnvironmentName, note: Option<&str>) -> bool {
    let serial = model.next_serial();
    let top = model.screens.len() - 1;
    let mut seen = false;
    for (at, screen) in model.screens.iter_mut().enumerate() {
        if let Screen::Gate(gate) = screen
            && gate.environment == *name
        {
            gate.serial = serial;
            gate.drawn_at = None;
            gate.asks_again = false;
            gate.phrase.clear();
            gate.note = note.map(str::to_owned);
            seen |= at == top;
        }
    }
    seen
}
