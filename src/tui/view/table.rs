//! Lists with a cursor: only the visible rows are made.

use ratatui::layout::Rect;

use super::Drawn;
use super::canvas::{Canvas, Row};
use crate::app::event::Painted;
use crate::app::list::{ListState, first_visible};
use crate::tui::theme::Role;

/// What is left of an area below its first rows.
pub(super) fn below(area: Rect, by: u16) -> Rect {
    let by = by.min(area.height);
    Rect {
        y: area.y + by,
        height: area.height - by,
        ..area
    }
}

/// Draws the visible rows of a list, with its cursor.
pub(super) fn rows<'r>(
    canvas: &mut Canvas<'_>,
    body: Rect,
    list: &ListState,
    len: usize,
    row: impl Fn(usize) -> Row<'r>,
) -> Drawn {
    let first = first_visible(list.cursor, list.offset, len, usize::from(body.height));
    for (y, at) in (body.top()..body.bottom()).zip(first..len) {
        let place = Rect {
            y,
            height: 1,
            ..body
        };
        canvas.row(place, y, &row(at));
        if at == list.cursor {
            canvas.lay(place, Role::Selected);
        }
    }
    canvas.more_marks(body, first, len);
    Drawn {
        painted: Painted {
            gate: None,
            rows: body.height,
            columns: body.width,
            content: len,
        },
        cursor: None,
    }
}
