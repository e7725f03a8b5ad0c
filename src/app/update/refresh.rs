//! Reading the world again: in parallel, paced, and not when nobody looks.

use jiff::{SignedDuration, Timestamp};

use crate::app::effect::{Effect, Part};
use crate::app::model::{Model, NOBODY_LOOKS_AFTER};
use crate::app::pacing::{Wanted, weight};
use crate::app::screen::Screen;
use crate::domain::fleet::Fleet;

impl Model {
    /// How long a part of an environment may be old before it is read again.
    pub fn interval(&self, station: usize, part: Part) -> SignedDuration {
        let crowd = i32::try_from(self.stations.len() / 4)
            .unwrap_or(i32::MAX)
            .max(1);
        let seen = match self.screen() {
            Screen::Fleet(_) => 1,
            _ if self.focus() == Some(station) => 1,
            _ => 4,
        };
        let away = if self.focused { 1 } else { 4 };
        let times = weight(part)
            .saturating_mul(crowd)
            .saturating_mul(seen * away);
        self.setup
            .refresh_every
            .checked_mul(times)
            .unwrap_or(self.setup.refresh_every)
    }

    /// Whether nobody has pressed a key for so long that nothing is read any more.
    pub fn is_paused(&self, now: Timestamp) -> bool {
        self.touched_at
            .is_some_and(|at| now.duration_since(at) > NOBODY_LOOKS_AFTER)
    }

    /// When the next part is due; `None` while nothing is read.
    pub fn refresh_due(&self, now: Timestamp) -> Option<Timestamp> {
        if self.opened_at.is_none() || self.is_paused(now) {
            return None;
        }
        self.paces
            .iter()
            .filter_map(super::super::pacing::Pace::next)
            .min()
    }
}

/// The first requests, once the loop runs.
pub(super) fn opened(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    let mut effects = everything(model, now);
    effects.extend(super::ledger::check(model, now));
    effects.push(Effect::SettleEarlier);
    effects
}

/// Reads everything again, at the person's wish; the worst environment comes to the top.
pub(super) fn everything(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    super::ledger::refresh(model);
    model.desk_asked_at = None;
    let followed = model.focus();
    model.sort();
    keep_cursor(model, followed);
    for pace in &mut model.paces {
        for part in Part::ALL {
            pace.hasten(part);
        }
    }
    let mut effects = Vec::new();
    if !model.requests.is_open(&Wanted::Identity) {
        model.identity.loading = true;
        effects.push(Effect::Identity {
            id: model.requests.open(Wanted::Identity),
        });
    }
    if !model.requests.is_open(&Wanted::Directory) {
        model.directory.loading = true;
        effects.push(Effect::Directory {
            id: model.requests.open(Wanted::Directory),
        });
    }
    effects.extend(due(model, now));
    effects
}

/// The cursor stays on its environment when the order changes.
pub(super) fn keep_cursor(model: &mut Model, followed: Option<usize>) {
    let Some(station) = followed else { return };
    let Some(Screen::Fleet(list)) = model.screens.first() else {
        return;
    };
    let rows = model.fleet_rows(list);
    let Some(at) = rows.iter().position(|row| row.station() == Some(station)) else {
        return;
    };
    if let Some(Screen::Fleet(list)) = model.screens.first_mut() {
        list.cursor = at;
    }
}

/// Reads what is due.
pub(super) fn due(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    if model.opened_at.is_none() || model.is_paused(now) {
        return Vec::new();
    }
    let mut effects = Vec::new();
    for station in 0..model.stations.len() {
        for part in Part::ALL {
            if model.paces[station].is_due(part, now) {
                effects.extend(read(model, station, part, now));
            }
        }
    }
    effects
}

/// Reads one part of an environment now, unless it is on its way already.
pub(super) fn read(
    model: &mut Model,
    station: usize,
    part: Part,
    now: Timestamp,
) -> Option<Effect> {
    let interval = model.interval(station, part);
    let next = now.checked_add(interval).unwrap_or(now);
    model.paces[station].put_off(part, next);
    let wanted = Wanted::Part(station, part);
    if !has(model, station, part) || model.requests.is_open(&wanted) {
        return None;
    }
    set_loading(model, station, part);
    model.requests.count(now);
    Some(Effect::Read {
        id: model.requests.open(wanted),
        environment: model.stations[station].environment.name.clone(),
        part,
    })
}

/// Reads all of an environment now, after something changed it.
pub(super) fn station(model: &mut Model, station: usize, now: Timestamp) -> Vec<Effect> {
    Part::ALL
        .into_iter()
        .filter_map(|part| read(model, station, part, now))
        .collect()
}

/// Whether the config names what this part would be read from.
fn has(model: &Model, station: usize, part: Part) -> bool {
    let environment = &model.stations[station].environment;
    match part {
        Part::Job | Part::Executions => !environment.job.is_empty(),
        Part::Instance => environment.sql_instance.is_some(),
        Part::Secret => environment.secret.is_some(),
        Part::Reading => !environment.probes.is_empty(),
        Part::Probes => environment.probes.len() > 1,
    }
}

fn set_loading(model: &mut Model, station: usize, part: Part) {
    let status = &mut model.stations[station];
    match part {
        Part::Job => status.job.loading = true,
        Part::Executions => status.executions.loading = true,
        Part::Instance => status.instance.loading = true,
        Part::Secret => status.secret.loading = true,
        Part::Reading => status.reading.loading = true,
        Part::Probes => status.probes.loading = true,
    }
}

/// What is known, for the first frame of the next start.
pub(super) fn snapshot(model: &Model, now: Timestamp) -> Fleet {
    Fleet {
        generated_at: Some(now),
        environments: model.stations.clone(),
    }
}
