//! The fleet: every environment on one screen, worst first, and below it what is wrong, in words.

use super::facts;
use super::fleet_row::{self, Columns};
use super::frame;
use super::notices;
use super::problems;
use ratatui::layout::Rect;

use super::canvas::{Canvas, Row, columns, piece};
use super::table::below;
use super::words::{self};
use super::{Drawn, Scene};
use crate::app::event::Painted;
use crate::app::list::{ListState, first_visible};
use crate::tui::theme::Role;

pub(super) fn draw(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    list: &ListState,
) -> Drawn {
    let model = scene.model;
    let environments: Vec<usize> = model.fleet_environments(list).collect();
    let listed = model.fleet_problems(&environments);
    let longest = environments
        .iter()
        .map(|at| columns(model.stations[*at].environment.name.as_str()))
        .max()
        .unwrap_or(4);
    let table = Columns::new(area.width, longest);
    heads(canvas, area, &table);
    let rest = below(area, 1);
    let notices = model.notices();
    let rows = table_rows(rest.height, environments.len(), listed.len(), notices.len());
    if environments.is_empty() {
        nothing(scene, canvas, rest, list);
    }
    let in_table = list.cursor.min(environments.len().saturating_sub(1));
    let first = first_visible(in_table, list.offset, environments.len(), usize::from(rows));
    let shown = (environments.as_slice(), first, list.cursor);
    table_body(
        scene,
        canvas,
        Rect {
            height: rows,
            ..rest
        },
        &table,
        shown,
    );
    let selected = list.cursor.checked_sub(environments.len());
    let told = told_rows(rest.height.saturating_sub(rows), notices.len());
    let rest = detail(scene, canvas, rest, rows + told, listed.len());
    let gap = u16::from(rest.height > rows + 3);
    let place = below(rest, rows + gap);
    let above = Rect {
        height: told.saturating_sub(1).min(place.height),
        ..place
    };
    notices::draw(
        scene,
        canvas,
        above,
        &notices,
        selected.filter(|at| *at < notices.len()),
    );
    problems::draw(
        scene,
        canvas,
        below(place, told),
        &listed,
        selected.and_then(|at| at.checked_sub(notices.len())),
    );
    Drawn {
        painted: Painted {
            rows,
            columns: area.width,
            ..Painted::default()
        },
        cursor: None,
    }
}

/// The environments that fit, from the first visible one, with the cursor.
fn table_body(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    table: &Columns,
    (environments, first, cursor): (&[usize], usize, usize),
) {
    let visible = environments.iter().enumerate().skip(first);
    for (y, (at, station)) in (area.top()..area.bottom()).zip(visible) {
        let place = Rect {
            y,
            height: 1,
            ..area
        };
        fleet_row::draw(scene, canvas, place, table, *station);
        if cursor == at {
            canvas.lay(place, Role::Selected);
        }
    }
    canvas.more_marks(area, first, environments.len());
}

/// On a tall screen the environment of the cursor is told in full below; returns what is left above.
fn detail(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    table: u16,
    problems: usize,
) -> Rect {
    let wanted = u16::try_from(problems * 2 + 3).unwrap_or(u16::MAX);
    let above = table.saturating_add(1).saturating_add(wanted);
    let (Some(station), true) = (scene.model.focus(), area.height >= above.saturating_add(8))
    else {
        return area;
    };
    let status = &scene.model.stations[station];
    let place = below(area, above);
    let (role, symbol, word) = words::tier(status.environment.tier);
    let head = Row::head("", vec![piece(format!("{symbol} {word}"), role)]);
    canvas.row(place, place.y, &head);
    canvas.put(
        place.x + 1,
        place.y,
        place.width / 2,
        &format!(" {} ", status.environment.name),
        Role::Strong,
    );
    let rows = facts::facts(scene, station, place.width.saturating_sub(2));
    canvas.rows(frame::padded(below(place, 1)), &rows, 0);
    Rect {
        height: above,
        ..area
    }
}

/// How many rows the notices get, with their head and the free line below: not all of the room.
fn told_rows(height: u16, notices: usize) -> u16 {
    if notices == 0 {
        return 0;
    }
    let wanted = u16::try_from(notices + 2).unwrap_or(u16::MAX);
    wanted.min((height / 2).max(3)).min(height)
}

/// How many rows the table gets: all, unless the problems would have no room at all.
fn table_rows(height: u16, environments: usize, problems: usize, notices: usize) -> u16 {
    let wanted = u16::try_from(environments).unwrap_or(u16::MAX);
    let kept = if problems + notices == 0 || height < 8 {
        0
    } else {
        u16::try_from(problems * 2 + 2 + notices)
            .unwrap_or(u16::MAX)
            .min(height / 2)
    };
    wanted.min(height.saturating_sub(kept))
}

fn heads(canvas: &mut Canvas<'_>, area: Rect, table: &Columns) {
    let pending = if table.pending > 4 { "PENDING" } else { "PEND" };
    let words = [
        "ENVIRONMENT",
        "TIER",
        "DATABASE",
        "REVISION",
        pending,
        "LAST RUN",
        "",
        "SECRET",
        "DATA",
    ];
    let mut x = area.x + 1;
    for (at, (word, width)) in words.iter().zip(table.widths()).enumerate() {
        if width == 0 {
            continue;
        }
        // The last run's head may use the room of its sparkline.
        let room = if at == 5 {
            width + 1 + table.spark
        } else {
            width
        };
        let word = if at == 0 && width < 11 { "ENV" } else { word };
        canvas.put(
            x,
            area.y,
            room.min(area.right().saturating_sub(x)),
            word,
            Role::Heading,
        );
        x += width + 1;
    }
}

fn nothing(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect, list: &ListState) {
    let text = if scene.model.stations.is_empty() {
        " The config names no environment. `portcullis init` writes one from a project."
    } else if list.filter.is_empty() {
        ""
    } else {
        " Nothing here holds the filter. esc clears it."
    };
    canvas.put(
        area.x,
        area.y + u16::from(area.height > 2),
        area.width,
        text,
        Role::Dim,
    );
}
