//! The executions tab: the runs of the job, by whomever they were started.

use super::frame;
use ratatui::layout::Rect;

use super::canvas::{Canvas, Row, piece};
use super::{Drawn, Scene, environment, table, words};
use crate::app::effect::Part;
use crate::app::rows::execution_rows;
use crate::app::screen::EnvironmentScreen;
use crate::domain::execution::Execution;
use crate::domain::fleet::EnvironmentStatus;
use crate::tui::theme::Role;

pub(super) fn draw(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    screen: &EnvironmentScreen,
    status: &EnvironmentStatus,
) -> Drawn {
    let area = frame::padded(area);
    let list = screen.list();
    let wide = area.width >= 110;
    let right =
        environment::provenance(scene, &status.executions, screen.station, Part::Executions);
    let name = if wide {
        format!("{:<34}", "EXECUTION")
    } else {
        String::new()
    };
    let head = format!("STATE        AGE    TOOK     {name}BY                        ARGS");
    canvas.row(area, area.y, &Row::plain(head, Role::Heading).right(right));
    let body = table::below(area, 1);
    let rows: Vec<_> = execution_rows(status, list).collect();
    if rows.is_empty() {
        empty(canvas, body, status);
    }
    table::rows(canvas, body, list, rows.len(), |at| {
        line(scene, rows[at], wide)
    })
}

fn empty(canvas: &mut Canvas<'_>, area: Rect, status: &EnvironmentStatus) {
    let (text, role) = match (&status.executions.failure, status.executions.value()) {
        (Some(failure), _) => (format!("{failure}  → {}", failure.hint), Role::Bad),
        (None, Some(all)) if all.is_empty() => ("this job never ran".to_owned(), Role::Dim),
        (None, Some(_)) => (
            "nothing here holds the filter; esc clears it".to_owned(),
            Role::Dim,
        ),
        (None, None) => ("reading…".to_owned(), Role::Dim),
    };
    canvas.put(area.x, area.y, area.width, &text, role);
}

fn line<'a>(scene: &Scene<'_>, execution: &'a Execution, wide: bool) -> Row<'a> {
    let (role, symbol) = words::execution(execution.state);
    let word = if execution.timed_out {
        "timed out"
    } else if execution.cancelling {
        "cancelling"
    } else {
        execution.state.word()
    };
    let took = execution
        .duration(scene.now)
        .map_or_else(|| "–".to_owned(), words::length);
    let mut pieces = vec![
        piece(format!("{symbol} {word:<11}"), role),
        piece(
            format!("{:<7}{took:<9}", words::execution_age(execution, scene.now)),
            Role::Text,
        ),
    ];
    if wide {
        pieces.push(piece(column(execution.name.as_str(), 34), Role::Dim));
    }
    pieces.push(piece(column(&execution.creator.clean(), 26), Role::Dim));
    let args: Vec<_> = execution.args.iter().map(|arg| arg.clean()).collect();
    pieces.push(piece(without_prefix(&args.join(" ")), Role::Text));
    Row::of(pieces)
}

/// A text in a column of a width, with at least one space behind it.
pub(super) fn column(text: &str, width: u16) -> String {
    let text = crate::domain::text::clean(text);
    let shown = super::canvas::fit(&text, width - 1);
    let pad = usize::from(width.saturating_sub(super::canvas::columns(&shown)));
    format!("{shown}{:pad$}", "")
}

/// What all migrations have in common says nothing.
fn without_prefix(args: &str) -> String {
    args.strip_prefix("python -m ").unwrap_or(args).to_owned()
}
