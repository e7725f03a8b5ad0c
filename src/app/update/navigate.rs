//! Moving about: cursors, tabs, the stack of screens.

use jiff::Timestamp;

use super::{acts, consent, ledger, logs, overlays, planning, refresh, revisions};
use crate::app::command::{Move, Tab};
use crate::app::effect::{Effect, Part};
use crate::app::fleet::{FleetRow, tab_of};
use crate::app::gate::Stage;
use crate::app::list::{ListState, first_visible, scrolled};
use crate::app::model::Model;
use crate::app::screen::{EnvironmentScreen, LogSource, Overlay, Screen};

/// Moves the cursor, or scrolls.
pub(super) fn step(model: &mut Model, step: Move) -> Vec<Effect> {
    if overlays::step(model, step) {
        return Vec::new();
    }
    let rows = usize::from(model.painted.rows);
    let content = model.painted.content;
    let len = list_len(model);
    match model.screen_mut() {
        Screen::Fleet(list) => list.step(step, len, usize::MAX),
        Screen::Environment(screen) if screen.tab == Tab::Overview => {
            let list = screen.list_mut();
            list.offset = scrolled(list.offset, step, content, rows);
        }
        Screen::Environment(screen) => screen.list_mut().step(step, len, rows),
        Screen::Operations(screen) => screen.list.step(step, len, rows),
        Screen::Gate(gate) => gate.scroll = scrolled(gate.scroll, step, content, rows),
        Screen::Run(_) | Screen::Log(_) | Screen::Revision(_) | Screen::Story(_) => {
            logs::step(model, step, rows);
        }
        Screen::Ledger(screen) => ledger::step(screen, step, rows),
        Screen::Requests(list) => list.step(step, len, rows),
        Screen::Comparison(screen) => screen.list.step(step, len, rows),
        Screen::Parameters(_) => {}
    }
    Vec::new()
}

/// How many rows the list on top has.
fn list_len(model: &Model) -> usize {
    match model.screen() {
        Screen::Fleet(list) => model.fleet_rows(list).len(),
        Screen::Environment(screen) => model.tab_len(screen),
        Screen::Operations(screen) => model.operation_rows(&screen.list).count(),
        Screen::Comparison(screen) => model.comparison_rows(screen).len(),
        Screen::Ledger(screen) => screen.entries.len(),
        Screen::Requests(list) => model.open_requests(list).count(),
        _ => 0,
    }
}

/// Keeps cursors within lists that may have changed, once it is known how much of them is visible.
pub(super) fn settle(model: &mut Model) {
    let rows = usize::from(model.painted.rows);
    let len = list_len(model);
    match model.screen_mut() {
        Screen::Fleet(list) => list.cursor = list.cursor.min(len.saturating_sub(1)),
        Screen::Environment(screen) if screen.tab != Tab::Overview => {
            let list = screen.list_mut();
            list.cursor = list.cursor.min(len.saturating_sub(1));
            list.offset = first_visible(list.cursor, list.offset, len, rows);
        }
        Screen::Operations(screen) => screen.list.settle(len, rows),
        Screen::Comparison(screen) => screen.list.settle(len, rows),
        Screen::Ledger(screen) => screen.list.settle(len, rows),
        Screen::Requests(list) => list.settle(len, rows),
        _ => {}
    }
}

/// Opens what the cursor is on.
pub(super) fn open(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    match &model.overlay {
        Some(Overlay::Palette { .. }) => return overlays::run_selected(model, now),
        Some(Overlay::Search) => return overlays::close_search(model, true, now),
        Some(Overlay::Help { .. }) => return Vec::new(),
        None => {}
    }
    match model.screen() {
        Screen::Fleet(list) => match model.fleet_rows(list).get(list.cursor) {
            Some(FleetRow::Environment(_)) => show(model, Tab::Overview, now),
            Some(FleetRow::Notice(at)) => {
                let at = *at;
                consent::open_notice(model, at, now)
            }
            Some(row) => {
                let tab = model
                    .problem(*row)
                    .map_or(Tab::Overview, |p| tab_of(&p.code));
                show(model, tab, now)
            }
            None => Vec::new(),
        },
        Screen::Environment(screen) => match screen.tab {
            Tab::Executions => logs::open_run_or_log(model, now),
            Tab::Migrations => revisions::open(model),
            Tab::Overview | Tab::Secrets => Vec::new(),
        },
        Screen::Comparison(_) => revisions::open(model),
        Screen::Ledger(_) => ledger::open_story(model),
        Screen::Requests(_) => consent::open(model),
        Screen::Operations(_) => planning::choose(model, now),
        Screen::Parameters(_) => planning::submit(model, now),
        _ => Vec::new(),
    }
}

/// Shows a tab of the environment in focus.
pub(super) fn show(model: &mut Model, tab: Tab, now: Timestamp) -> Vec<Effect> {
    let Some(station) = model.focus() else {
        return Vec::new();
    };
    match model.screen_mut() {
        Screen::Environment(screen) => screen.tab = tab,
        _ => model.screens.push(Screen::Environment(EnvironmentScreen {
            station,
            tab,
            lists: <[ListState; 4]>::default(),
        })),
    }
    entered(model, station, tab, now)
}

/// What a tab shows is read again when it is opened, unless it is fresh.
fn entered(model: &mut Model, station: usize, tab: Tab, now: Timestamp) -> Vec<Effect> {
    model.painted.content = 0;
    let status = &model.stations[station];
    let (part, at) = match tab {
        Tab::Overview => return refresh::due(model, now),
        Tab::Migrations => (Part::Reading, status.reading.last.as_ref().map(|s| s.at)),
        Tab::Secrets => (Part::Secret, status.secret.last.as_ref().map(|s| s.at)),
        Tab::Executions => (
            Part::Executions,
            status.executions.last.as_ref().map(|s| s.at),
        ),
    };
    let fresh = at.is_some_and(|at| now.duration_since(at) < model.setup.refresh_every);
    if fresh || model.opened_at.is_none() {
        return Vec::new();
    }
    refresh::read(model, station, part, now)
        .into_iter()
        .collect()
}

/// Turns to the next tab, or to the one before.
pub(super) fn turn(model: &mut Model, forward: bool, now: Timestamp) -> Vec<Effect> {
    let Screen::Environment(screen) = model.screen() else {
        return Vec::new();
    };
    let tab = if forward {
        screen.tab.next()
    } else {
        screen.tab.previous()
    };
    show(model, tab, now)
}

/// The next field of a form, or the one before.
pub(super) fn next_field(model: &mut Model, forward: bool) -> Vec<Effect> {
    match model.screen_mut() {
        Screen::Gate(gate) => gate.next_field(),
        Screen::Parameters(screen) if !screen.fields.is_empty() => {
            let count = screen.fields.len();
            let by = if forward { 1 } else { count - 1 };
            screen.at = (screen.at + by) % count;
        }
        _ => {}
    }
    Vec::new()
}

/// Goes back one step: what lies above, then a filter, then a screen.
pub(super) fn back(model: &mut Model) -> Vec<Effect> {
    if model.overlay.is_some() {
        overlays::dismiss(model);
        return Vec::new();
    }
    if let Some(filter) = filter_of(model)
        && !filter.is_empty()
    {
        filter.clear();
        return Vec::new();
    }
    if let Screen::Gate(gate) = model.screen_mut()
        && gate.asks_again
    {
        gate.asks_again = false;
        gate.note = None;
        return Vec::new();
    }
    if model.screens.len() == 1 {
        return Vec::new();
    }
    let left = model.screens.pop();
    // The fleet puts the worst first when somebody comes back to it, not before.
    if model.screens.len() == 1 {
        let followed = model.focus();
        model.sort();
        refresh::keep_cursor(model, followed);
    }
    left.map_or_else(Vec::new, |screen| leave(model, screen))
}

/// The filter of the list on top.
fn filter_of(model: &mut Model) -> Option<&mut crate::app::text::TextField> {
    match model.screen_mut() {
        Screen::Fleet(list) | Screen::Requests(list) => Some(&mut list.filter),
        Screen::Environment(screen) => Some(&mut screen.list_mut().filter),
        Screen::Operations(screen) => Some(&mut screen.list.filter),
        Screen::Comparison(screen) => Some(&mut screen.list.filter),
        Screen::Ledger(screen) => Some(&mut screen.list.filter),
        _ => None,
    }
}

/// What a screen that is left asked for is not waited for any more.
fn leave(model: &mut Model, screen: Screen) -> Vec<Effect> {
    match screen {
        Screen::Gate(gate) => match gate.stage {
            Stage::Planning(id) => {
                model.requests.close(id);
                vec![Effect::Abandon { id }]
            }
            Stage::Failed(_) => Vec::new(),
            Stage::Open(_) => acts::record_left(&gate, None),
        },
        Screen::Log(screen) => match screen.source {
            LogSource::Own { request, .. } if model.requests.close(request).is_some() => {
                vec![Effect::Abandon { id: request }]
            }
            _ => Vec::new(),
        },
        Screen::Run(screen) => leave_run(model, screen.run),
        Screen::Ledger(screen) => ledger::leave(model, screen.open.map(|(id, ..)| id)),
        Screen::Story(screen) => ledger::leave(model, screen.request),
        _ => Vec::new(),
    }
}

/// A run that was started here goes on in the background; one that was only followed is let go.
fn leave_run(model: &mut Model, id: crate::app::effect::RequestId) -> Vec<Effect> {
    let only_followed = model
        .run(id)
        .is_some_and(|run| run.is_live() && run.plan.is_none());
    if !only_followed {
        return Vec::new();
    }
    model.runs.retain(|run| run.id != id);
    vec![Effect::Abandon { id }]
}
