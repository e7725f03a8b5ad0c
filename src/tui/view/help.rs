//! The help: the keys that hold in the place below, from the same table that the keys come from.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Row, piece};
use super::footer::key_name;
use super::{Drawn, Scene};
use crate::app::commands::TABLE;
use crate::app::event::Painted;
use crate::tui::theme::Role;

pub(super) fn draw(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect, scroll: usize) -> Drawn {
    let model = scene.model;
    let place = model.place_below();
    let bindings = &model.setup.bindings;
    let mut rows: Vec<Row<'_>> = TABLE
        .iter()
        .filter_map(|spec| {
            let keys: Vec<_> = bindings.keys(place, spec.command).map(key_name).collect();
            if keys.is_empty() {
                return None;
            }
            let why = model.available(spec.command).err();
            let role = if why.is_some() { Role::Dim } else { Role::Text };
            let mut pieces = vec![
                piece(super::executions::column(&keys.join("  "), 22), Role::Key),
                piece(spec.title, role),
            ];
            if let Some(why) = why {
                pieces.push(piece(format!("  – {why}"), Role::Dim));
            }
            Some(Row::of(pieces).indented(2))
        })
        .collect();
    rows.insert(0, Row::default());
    rows.extend(legend());
    overlay(canvas, area, " KEYS OF THIS PLACE", &rows, scroll)
}

/// What the symbols mean.
fn legend() -> Vec<Row<'static>> {
    let mut rows = vec![Row::default(), Row::plain(" SYMBOLS", Role::Heading)];
    for (symbol, role, meaning) in [
        (
            "◆",
            Role::Production,
            "production, double frame; ◇ staging, thick frame; ○ development, thin frame",
        ),
        ("●", Role::Good, "as it should be, or going on"),
        ("✓", Role::Good, "succeeded, applied, passed"),
        ("!", Role::Warn, "look at it"),
        ("✗", Role::Bad, "failed, blocked, off"),
        ("⊘", Role::Warn, "cancelled or refused"),
        ("?", Role::Warn, "not known; never taken as success"),
    ] {
        rows.push(
            Row::of(vec![
                piece(format!("{symbol:<3}"), role),
                piece(meaning, Role::Text),
            ])
            .indented(2),
        );
    }
    rows.push(Row::default());
    rows.push(
        Row::plain(
            "Times are in UTC. Dim and slanted values are stale.",
            Role::Dim,
        )
        .indented(2),
    );
    rows
}

/// Covers an area with rows.
pub(super) fn overlay(
    canvas: &mut Canvas<'_>,
    area: Rect,
    title: &str,
    rows: &[Row<'_>],
    scroll: usize,
) -> Drawn {
    canvas.clear(area);
    canvas.lay(area, Role::Text);
    canvas.rule(area, area.y);
    canvas.put(
        area.x,
        area.y,
        area.width,
        &format!("{title} "),
        Role::Strong,
    );
    let body = Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    let first = scroll.min(rows.len().saturating_sub(usize::from(body.height)));
    canvas.rows(body, rows, first);
    Drawn {
        painted: Painted {
            gate: None,
            rows: body.height,
            columns: body.width,
            content: rows.len(),
        },
        cursor: None,
    }
}
