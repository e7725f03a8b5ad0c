//! Logs: only the visible lines are formatted.

use super::frame;
use std::borrow::Cow;
use std::fmt::Write as _;

use ratatui::layout::Rect;
use regex::Regex;

use super::canvas::{Canvas, Piece, Row, piece, wrap};
use super::{Drawn, Scene, words};
use crate::app::event::Painted;
use crate::app::logs::{LogBuffer, LogView, TIME, is_error};
use crate::app::run::Run;
use crate::app::screen::{LogScreen, LogSource, LogState};
use crate::domain::logs::{LogLine, LogSeverity};
use crate::domain::progress;
use crate::domain::text::clean;
use crate::domain::width::skip_columns;
use crate::tui::theme::Role;

pub(super) fn draw(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    screen: &LogScreen,
) -> Drawn {
    let environment = &scene.model.stations[screen.station].environment;
    let name = environment.name.to_string();
    let title = [piece(format!(" log of {} ", screen.execution), Role::Text)];
    let empty = (LogBuffer::default(), LogView::default());
    let (log, view, more) = match &screen.source {
        LogSource::Own {
            log, view, state, ..
        } => (
            log,
            view,
            matches!(state, LogState::Loading | LogState::Reading),
        ),
        LogSource::Run(id) => match scene.model.run(*id) {
            Some(run) => (&run.log, &run.view, run.is_live()),
            None => (&empty.0, &empty.1, false),
        },
    };
    let right = flags(log, view);
    let bottom = state(scene, screen, log);
    let inner = frame::frame(
        canvas,
        area,
        (environment.tier, &name),
        &title,
        &right,
        &bottom,
    );
    let inner = frame::padded(inner);
    if log.is_empty() {
        let text = if more {
            "no line yet…"
        } else {
            "this execution logged nothing"
        };
        canvas.put(inner.x, inner.y, inner.width, text, Role::Dim);
    }
    lines(canvas, inner, log, view);
    Drawn {
        painted: Painted {
            gate: None,
            rows: inner.height,
            columns: inner.width,
            content: log.len(),
        },
        cursor: None,
    }
}

/// Whether it follows or wraps, and how much there is.
fn flags<'a>(log: &LogBuffer, view: &LogView) -> Vec<Piece<'a>> {
    let mut text = format!(" {}", words::count(log.len(), "line"));
    if log.dropped() > 0 {
        text = format!("{text}, {} older dropped", log.dropped());
    }
    if view.wrap {
        text.push_str(" · wrap");
    }
    if view.left > 0 && !view.wrap {
        let _ = write!(text, " · from column {}", view.left + 1);
    }
    text.push_str(if view.follow { " · following " } else { " " });
    vec![piece(text, Role::Dim)]
}

fn state<'a>(scene: &'a Scene<'_>, screen: &'a LogScreen, log: &LogBuffer) -> Vec<Piece<'a>> {
    let (text, role): (Cow<'_, str>, _) = match &screen.source {
        LogSource::Own { state, .. } => match state {
            LogState::Loading => (" reading… ".into(), Role::Dim),
            LogState::Reading => (" more may come ".into(), Role::Dim),
            LogState::Complete if log.is_empty() => ("".into(), Role::Dim),
            LogState::Complete => (" complete ".into(), Role::Dim),
            LogState::Failed(failure) => (
                format!(" {failure}: {} ", clean(&failure.hint)).into(),
                Role::Bad,
            ),
        },
        LogSource::Run(id) if scene.model.run(*id).is_some_and(Run::is_live) => {
            (" the run goes on ".into(), Role::Accent)
        }
        LogSource::Run(_) => (" complete ".into(), Role::Dim),
    };
    vec![piece(text, role)]
}

/// A rule that says `log`, and below it the lines; says how many rows they had.
pub(super) fn with_head(
    canvas: &mut Canvas<'_>,
    area: Rect,
    log: &LogBuffer,
    view: &LogView,
    live: bool,
) -> u16 {
    if area.height == 0 {
        return 0;
    }
    canvas.row(area, area.y, &Row::head("log", flags(log, view)));
    let body = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    if log.is_empty() && live {
        canvas.put(
            body.x,
            body.y,
            if body.height > 0 { body.width } else { 0 },
            "no line yet…",
            Role::Dim,
        );
    }
    lines(canvas, body, log, view);
    body.height
}

/// The visible lines.
pub(super) fn lines(canvas: &mut Canvas<'_>, area: Rect, log: &LogBuffer, view: &LogView) {
    if area.is_empty() || log.is_empty() {
        return;
    }
    let pattern = view.pattern();
    let pattern = pattern.as_ref();
    let first = view.first(log, usize::from(area.height));
    if view.wrap {
        wrapped(canvas, area, log, view, first, pattern);
        return;
    }
    for (y, number) in (area.top()..area.bottom()).zip(first..log.end()) {
        if let Some(line) = log.line(number) {
            let whole = visible(line, area, view.left);
            let text = skip_columns(&whole, view.left);
            let role = role_of(line);
            one(
                canvas,
                Rect {
                    y,
                    height: 1,
                    ..area
                },
                Some(line),
                &text,
                role,
            );
            let place = Rect {
                y,
                height: 1,
                ..area
            };
            found(canvas, place, &text, pattern, view.hit == Some(number));
        }
    }
    canvas.more_marks(area, first - log.start(), log.len());
}

fn wrapped(
    canvas: &mut Canvas<'_>,
    area: Rect,
    log: &LogBuffer,
    view: &LogView,
    first: usize,
    pattern: Option<&Regex>,
) {
    let width = area.width.saturating_sub(TIME).max(1);
    let height = usize::from(area.height);
    let mut rows: Vec<(usize, bool, String)> = Vec::new();
    let broken = |number: usize| {
        let text = log
            .line(number)
            .map_or(Cow::Borrowed(""), |line| visible(line, area, 0));
        wrap(&text, width)
            .into_iter()
            .enumerate()
            .map(move |(at, text)| (number, at == 0, text))
    };
    if view.follow {
        for number in (log.start()..log.end()).rev() {
            let mut block: Vec<_> = broken(number).collect();
            block.append(&mut rows);
            rows = block;
            if rows.len() >= height {
                break;
            }
        }
        rows.drain(..rows.len().saturating_sub(height));
    } else {
        for number in first..log.end() {
            rows.extend(broken(number));
            if rows.len() >= height {
                break;
            }
        }
    }
    for (y, (number, is_first, text)) in (area.top()..area.bottom()).zip(rows) {
        let Some(line) = log.line(number) else {
            continue;
        };
        let place = Rect {
            y,
            height: 1,
            ..area
        };
        one(
            canvas,
            place,
            is_first.then_some(line),
            &text,
            role_of(line),
        );
        found(canvas, place, &text, pattern, view.hit == Some(number));
    }
}

/// As much of a line as can be visible at all: some lines are a megabyte long.
fn visible(line: &LogLine, area: Rect, left: u16) -> Cow<'_, str> {
    let raw = line.text.raw();
    let most =
        usize::from(area.width) * usize::from(area.height).max(1) * 4 + 64 + usize::from(left) * 4;
    if raw.len() <= most {
        return line.text.clean();
    }
    let mut end = most;
    while !raw.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(format!("{}…", clean(&raw[..end])))
}

fn role_of(line: &LogLine) -> Role {
    if is_error(line) {
        Role::Bad
    } else if line.severity == LogSeverity::Warning {
        Role::Warn
    } else if progress::step(line.text.raw()).is_some() {
        Role::Accent
    } else {
        Role::Text
    }
}

fn one(canvas: &mut Canvas<'_>, area: Rect, time: Option<&LogLine>, text: &str, role: Role) {
    if let Some(line) = time {
        canvas.put(
            area.x,
            area.y,
            area.width.min(TIME),
            &words::clock(line.at),
            Role::Dim,
        );
    }
    let x = area.x + TIME.min(area.width);
    canvas.put(x, area.y, area.width.saturating_sub(TIME), text, role);
}

/// Marks what was searched for.
fn found(canvas: &mut Canvas<'_>, area: Rect, text: &str, pattern: Option<&Regex>, hit: bool) {
    let Some(pattern) = pattern else { return };
    for found in pattern.find_iter(text).take(50) {
        let before = super::canvas::columns(&text[..found.start()]);
        let x = area.x.saturating_add(TIME).saturating_add(before);
        if x >= area.right() {
            break;
        }
        let width = super::canvas::columns(found.as_str()).min(area.right() - x);
        let role = if hit { Role::Hit } else { Role::Match };
        canvas.lay(
            Rect {
                x,
                y: area.y,
                width,
                height: 1,
            },
            role,
        );
    }
}
