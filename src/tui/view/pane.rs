//! A list with what is under its cursor told in full beside it, or below it where the screen is tall.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::tui::theme::Role;

/// From this width on a list has a pane beside it.
const WIDE: u16 = 140;
/// From this height on a list that is not wide has a pane below it.
const TALL: u16 = 26;
/// Rows of a pane below.
const BELOW: u16 = 11;

/// The list, and room for the pane beside it where there is any.
pub(super) fn split(area: Rect, any: bool) -> (Rect, Option<Rect>) {
    if area.width < WIDE || !any {
        return (area, None);
    }
    let wide = (area.width * 2 / 5).min(84);
    let list = Rect {
        width: area.width - wide - 2,
        ..area
    };
    let pane = Rect {
        x: list.right() + 1,
        width: wide + 1,
        ..area
    };
    (list, Some(pane))
}

/// The list, and room for the pane below it where there is any.
pub(super) fn split_below(area: Rect, any: bool) -> (Rect, Option<Rect>) {
    if area.height < TALL || !any {
        return (area, None);
    }
    let list = Rect {
        height: area.height - BELOW - 1,
        ..area
    };
    let pane = Rect {
        y: list.bottom(),
        height: BELOW + 1,
        ..area
    };
    (list, Some(pane))
}

/// Draws the line between the list and the pane beside it; returns what is inside.
pub(super) fn edge(canvas: &mut Canvas<'_>, area: Rect) -> Rect {
    let style = canvas.theme.style(Role::Rule);
    for y in area.top()..area.bottom() {
        canvas.cell(area.x, y, "│", style);
    }
    Rect {
        x: area.x + 2,
        width: area.width.saturating_sub(2),
        ..area
    }
}
