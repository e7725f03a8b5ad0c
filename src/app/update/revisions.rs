//! Revisions: opening one, going from one to the next, comparing environments, asking what revisions do.

use std::sync::Arc;

use jiff::Timestamp;

use super::{planning, say};
use crate::app::command::{RevisionCommand, Tab};
use crate::app::effect::{Effect, RequestId};
use crate::app::list::ListState;
use crate::app::model::Model;
use crate::app::pacing::Wanted;
use crate::app::revision::RevisionScreen;
use crate::app::screen::Screen;
use crate::app::standings::ComparisonScreen;
use crate::domain::failure::Failure;
use crate::domain::review::Review;
use crate::domain::revision::RevisionId;

/// The most revisions that one question names.
const AT_ONCE: usize = 200;
/// Rows above the first difference when the comparison opens.
const ABOVE: usize = 2;

impl Model {
    /// The revision under the cursor, or on the screen, with the environment that it is looked at for.
    pub fn selected_revision(&self) -> Option<(usize, RevisionId)> {
        match self.screen() {
            Screen::Environment(screen) if screen.tab == Tab::Migrations => {
                let list = screen.list();
                let rows = self.migration_rows(self.station(screen.station)?, list);
                let row = rows.get(list.cursor)?;
                Some((screen.station, row.id.clone()))
            }
            Screen::Revision(screen) => Some((screen.station, screen.id.clone())),
            Screen::Comparison(screen) => {
                let rows = self.comparison_rows(screen);
                let row = rows.get(screen.list.cursor)?;
                Some((screen.station, row.id.clone()))
            }
            _ => None,
        }
    }

    /// What the screen shows of what revisions do, and no answer came about yet.
    fn unreviewed(&self) -> Vec<RevisionId> {
        let mut wanted: Vec<RevisionId> = match self.screen() {
            Screen::Revision(screen) => vec![screen.id.clone()],
            Screen::Environment(screen) if screen.tab == Tab::Migrations => {
                let standing = self
                    .station(screen.station)
                    .and_then(|s| s.standing.as_ref());
                let pending = standing.into_iter().flat_map(|s| &s.pending);
                pending
                    .filter(|id| self.reviews.is_missing(id))
                    .take(AT_ONCE)
                    .cloned()
                    .chain(self.selected_revision().map(|(_, id)| id))
                    .collect()
            }
            _ => return Vec::new(),
        };
        wanted.retain(|id| self.reviews.is_missing(id) && self.layout.row(id).is_some());
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }
}

pub(super) fn give(model: &mut Model, command: RevisionCommand, now: Timestamp) -> Vec<Effect> {
    match command {
        RevisionCommand::Graph => model.graph_shown = !model.graph_shown,
        RevisionCommand::UpgradeTo => return planning::upgrade_to_selected(model),
        RevisionCommand::Probe => return planning::probe(model),
        RevisionCommand::Compare => compare(model),
        RevisionCommand::Differences => differences(model, now),
        RevisionCommand::Newer => neighbour(model, false, now),
        RevisionCommand::Older => neighbour(model, true, now),
    }
    Vec::new()
}

/// Opens the revision under the cursor.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    if let Some((station, id)) = model.selected_revision() {
        let screen = RevisionScreen::new(station, id);
        model.screens.push(Screen::Revision(Box::new(screen)));
    }
    Vec::new()
}

/// Asks what the revisions on the screen do: one question at a time.
pub(super) fn ask(model: &mut Model) -> Option<Effect> {
    let open = model
        .requests
        .is_open_like(|w| matches!(w, Wanted::Reviews(_)));
    if model.opened_at.is_none() || open {
        return None;
    }
    let revisions = model.unreviewed();
    if revisions.is_empty() {
        return None;
    }
    let id = model.requests.open(Wanted::Reviews(revisions.clone()));
    Some(Effect::Review { id, revisions })
}

pub(super) fn reviewed(
    model: &mut Model,
    id: RequestId,
    answer: Result<Vec<Arc<Review>>, Failure>,
) -> Vec<Effect> {
    if let Some(Wanted::Reviews(asked)) = model.requests.close(id) {
        model.reviews.absorb(asked, answer);
    }
    Vec::new()
}

/// Opens the comparison where environments differ first.
fn compare(model: &mut Model) {
    let station = model.focus().unwrap_or_default();
    let mut screen = ComparisonScreen {
        station,
        list: ListState::default(),
        only_differences: false,
        left: 0,
    };
    let rows = model.comparison_rows(&screen);
    screen.list.cursor = rows.iter().position(|row| row.differs).unwrap_or_default();
    screen.list.offset = screen.list.cursor.saturating_sub(ABOVE);
    model.screens.push(Screen::Comparison(Box::new(screen)));
}

/// Shows all rows or only those that differ; the cursor stays on its revision where it can.
fn differences(model: &mut Model, now: Timestamp) {
    let selected = model.selected_revision().map(|(_, id)| id);
    let Screen::Comparison(screen) = model.screen_mut() else {
        return;
    };
    screen.only_differences = !screen.only_differences;
    let only = screen.only_differences;
    let Screen::Comparison(screen) = model.screen() else {
        return;
    };
    let rows = model.comparison_rows(screen);
    let empty = rows.is_empty();
    let at = rows
        .iter()
        .position(|row| Some(row.id) == selected.as_ref())
        .or_else(|| rows.iter().position(|row| row.differs));
    if let Screen::Comparison(screen) = model.screen_mut() {
        screen.list.cursor = at.unwrap_or_default();
        screen.list.offset = screen.list.cursor.saturating_sub(ABOVE);
    }
    if only && empty {
        say(model, "no two known environments differ", false, now);
    }
}

/// Goes to the revision below or above, in the order of the list.
fn neighbour(model: &mut Model, older: bool, now: Timestamp) {
    let Screen::Revision(screen) = model.screen() else {
        return;
    };
    let row = model.layout.row(&screen.id);
    let next = match (row, older) {
        (Some(row), true) => Some(row + 1),
        (Some(row), false) => row.checked_sub(1),
        (None, _) => Some(0),
    };
    let directory = model.directory.value();
    let found = next.and_then(|row| directory?.revisions.iter().rev().nth(row));
    let Some(id) = found.map(|summary| summary.id.clone()) else {
        let end = if older { "oldest" } else { "newest" };
        say(model, format!("this is the {end} revision"), true, now);
        return;
    };
    if let Screen::Revision(screen) = model.screen_mut() {
        screen.id = id;
        screen.view.top = 0;
        screen.view.hit = None;
    }
}
