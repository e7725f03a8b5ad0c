//! The command palette: every command by name; one that cannot be given says why.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Row, columns, piece};
use super::footer::key_name;
use super::help::overlay;
use super::{Drawn, Scene, executions::column};
use crate::app::commands::Spec;
use crate::app::list::{ListState, first_visible};
use crate::app::place::Place;
use crate::app::text::TextField;
use crate::tui::theme::Role;

pub(super) fn draw(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    query: &TextField,
    list: &ListState,
) -> Drawn {
    let model = scene.model;
    let place = model.place_below();
    let rows: Vec<Row<'_>> = model
        .palette_rows(query)
        .into_iter()
        .map(|spec| line(scene, place, spec))
        .collect();
    let visible = usize::from(area.height.saturating_sub(1));
    let first = first_visible(list.cursor, list.offset, rows.len(), visible);
    let mut drawn = overlay(canvas, area, "", &rows, first);
    let x = canvas.put(area.x, area.y, area.width, " : ", Role::Key);
    let used = canvas.put(
        area.x + x,
        area.y,
        area.width.saturating_sub(x),
        query.text(),
        Role::Input,
    );
    canvas.put(area.x + x + used, area.y, 1, " ", Role::Text);
    if rows.is_empty() {
        canvas.put(
            area.x + 2,
            area.y.saturating_add(1),
            area.width.saturating_sub(2),
            "no command is called that",
            Role::Dim,
        );
    }
    if let Some(row) = list.cursor.checked_sub(first).filter(|_| !rows.is_empty()) {
        let y = area
            .y
            .saturating_add(1)
            .saturating_add(u16::try_from(row).unwrap_or(u16::MAX));
        if y < area.bottom() {
            canvas.lay(
                Rect {
                    y,
                    height: 1,
                    ..area
                },
                Role::Selected,
            );
        }
    }
    drawn.cursor = Some((area.x + x + columns(query.before_cursor()), area.y));
    drawn
}

fn line<'a>(scene: &Scene<'_>, place: Place, spec: &'static Spec) -> Row<'a> {
    let model = scene.model;
    let key = model
        .setup
        .bindings
        .key(place, spec.command)
        .map_or_else(String::new, key_name);
    let why = model.available(spec.command).err();
    let role = if why.is_some() { Role::Dim } else { Role::Text };
    let mut pieces = vec![piece(column(spec.id, 18), role), piece(spec.title, role)];
    if let Some(why) = why {
        pieces.push(piece(format!("  – {why}"), Role::Dim));
    }
    Row::of(pieces)
        .right(vec![piece(format!("{key} "), Role::Key)])
        .indented(2)
}
