//! Help, palette, filter and search.

use jiff::Timestamp;

use super::{give, say};
use crate::app::command::Move;
use crate::app::commands::offered;
use crate::app::effect::Effect;
use crate::app::input::Key;
use crate::app::list::{ListState, scrolled};
use crate::app::logs::{Lines, LogBuffer, LogView};
use crate::app::model::Model;
use crate::app::screen::{LogSource, Overlay, Screen};
use crate::app::text::TextField;

pub(super) fn open_help(model: &mut Model) -> Vec<Effect> {
    model.overlay = Some(Overlay::Help { scroll: 0 });
    Vec::new()
}

pub(super) fn open_palette(model: &mut Model) -> Vec<Effect> {
    model.overlay = Some(Overlay::Palette {
        query: TextField::default(),
        list: ListState::default(),
    });
    Vec::new()
}

pub(super) fn open_search(model: &mut Model) -> Vec<Effect> {
    if let Some(view) = view_of(model) {
        view.search.clear();
        view.hit = None;
    }
    model.overlay = Some(Overlay::Search);
    Vec::new()
}

/// Moves in what lies above the screen; says whether something does.
pub(super) fn step(model: &mut Model, step: Move) -> bool {
    let (rows, content) = (usize::from(model.painted.rows), model.painted.content);
    match &mut model.overlay {
        Some(Overlay::Help { scroll }) => *scroll = scrolled(*scroll, step, content, rows),
        Some(Overlay::Palette { query, list }) => {
            let len = offered(query.text()).count();
            list.step(step, len, rows);
        }
        Some(Overlay::Search) => {}
        None => return false,
    }
    true
}

/// Types into what lies above the screen.
pub(super) fn key(model: &mut Model, key: Key) {
    match &mut model.overlay {
        Some(Overlay::Palette { query, list }) => {
            query.key(key);
            list.cursor = 0;
            list.offset = 0;
        }
        Some(Overlay::Search) => {
            if let Some(field) = search_field(model) {
                field.key(key);
            }
        }
        _ => {}
    }
}

/// Pastes into what lies above the screen.
pub(super) fn paste(model: &mut Model, text: &str) {
    match &mut model.overlay {
        Some(Overlay::Palette { query, .. }) => query.insert(text),
        Some(Overlay::Search) => {
            if let Some(field) = search_field(model) {
                field.insert(text);
            }
        }
        _ => {}
    }
}

/// The text that a filter or a search is typed into.
fn search_field(model: &mut Model) -> Option<&mut TextField> {
    if matches!(
        model.screen(),
        Screen::Run(_) | Screen::Log(_) | Screen::Revision(_) | Screen::Story(_)
    ) {
        return view_of(model).map(|view| &mut view.search);
    }
    match model.screen_mut() {
        Screen::Fleet(list) | Screen::Requests(list) => Some(start_over(list)),
        Screen::Environment(screen) => Some(start_over(screen.list_mut())),
        Screen::Operations(screen) => Some(start_over(&mut screen.list)),
        Screen::Comparison(screen) => Some(start_over(&mut screen.list)),
        Screen::Ledger(screen) => Some(start_over(&mut screen.list)),
        _ => None,
    }
}

/// A filter that changes begins at the first row again.
fn start_over(list: &mut ListState) -> &mut TextField {
    list.cursor = 0;
    list.offset = 0;
    &mut list.filter
}

/// Ends the typing of a filter or search; a search goes to its first match.
pub(super) fn close_search(model: &mut Model, keep: bool, now: Timestamp) -> Vec<Effect> {
    model.overlay = None;
    let rows = usize::from(model.painted.rows);
    if !keep {
        if let Some(field) = search_field(model) {
            field.clear();
        }
        return Vec::new();
    }
    let lost = text_of(model, |text, view| {
        !view.search.is_empty() && !view.search(true, text, rows)
    });
    if lost == Some(true) {
        say(model, "no line holds that", true, now);
    }
    Vec::new()
}

/// Closes what lies above the screen without doing what it offers.
pub(super) fn dismiss(model: &mut Model) {
    if matches!(model.overlay, Some(Overlay::Search)) {
        if let Some(field) = search_field(model) {
            field.clear();
        }
        if let Some(view) = view_of(model) {
            view.hit = None;
        }
    }
    model.overlay = None;
}

/// Gives the command under the palette's cursor.
pub(super) fn run_selected(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    let Some(Overlay::Palette { query, list }) = model.overlay.take() else {
        return Vec::new();
    };
    let chosen = model
        .palette_rows(&query)
        .get(list.cursor)
        .map(|spec| spec.command);
    chosen.map_or_else(Vec::new, |command| give(model, command, now))
}

/// What is looked at in the log or page on top.
fn view_of(model: &mut Model) -> Option<&mut LogView> {
    if matches!(model.screen(), Screen::Revision(_) | Screen::Story(_)) {
        return match model.screen_mut() {
            Screen::Revision(screen) => Some(&mut screen.view),
            Screen::Story(screen) => Some(&mut screen.view),
            _ => None,
        };
    }
    log_of(model).map(|(_, view)| view)
}

/// Looks at the log or page on top.
pub(super) fn text_of<R>(
    model: &mut Model,
    look: impl FnOnce(&dyn Lines, &mut LogView) -> R,
) -> Option<R> {
    let page = match model.screen() {
        Screen::Revision(screen) => Some(model.revision_page(screen, model.painted.columns)),
        Screen::Story(screen) => Some(screen.page(model.painted.columns)),
        _ => None,
    };
    if let Some(page) = page {
        let view = view_of(model)?;
        let found = look(&page, view);
        // A page has an end that stays where it is; it is not followed.
        view.follow = false;
        return Some(found);
    }
    log_of(model).map(|(log, view)| look(log, view))
}

/// The log on top, with what is looked at in it.
pub(super) fn log_of(model: &mut Model) -> Option<(&LogBuffer, &mut LogView)> {
    let id = match model.screens.last()? {
        Screen::Run(screen) => Some(screen.run),
        Screen::Log(screen) => match screen.source {
            LogSource::Run(id) => Some(id),
            LogSource::Own { .. } => None,
        },
        _ => return None,
    };
    if let Some(id) = id {
        let run = model.runs.iter_mut().find(|run| run.id == id)?;
        return Some((&run.log, &mut run.view));
    }
    match model.screens.last_mut()? {
        Screen::Log(screen) => match &mut screen.source {
            LogSource::Own { log, view, .. } => Some((log, view)),
            LogSource::Run(_) => None,
        },
        _ => None,
    }
}
