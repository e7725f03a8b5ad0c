//! Frames that say the tier in word, symbol and strokes.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Piece, piece};
use super::words::{self};
use crate::domain::environment::Tier;
use crate::tui::theme::Role;

/// The strokes of a frame by tier: production has double lines, so that it is known without colour.
fn strokes(tier: Tier) -> [&'static str; 6] {
    match tier {
        Tier::Production => ["╔", "╗", "╚", "╝", "═", "║"],
        Tier::Staging => ["┏", "┓", "┗", "┛", "━", "┃"],
        Tier::Development => ["┌", "┐", "└", "┘", "─", "│"],
    }
}

/// Draws a frame that says the tier in word, symbol and strokes; returns what is inside.
pub(super) fn frame(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (tier, name): (Tier, &str),
    title: &[Piece<'_>],
    right: &[Piece<'_>],
    bottom: &[Piece<'_>],
) -> Rect {
    if area.width < 4 || area.height < 3 {
        return area;
    }
    let (role, symbol, word) = words::tier(tier);
    let [tl, tr, bl, br, h, v] = strokes(tier);
    let style = canvas.theme.style(role);
    let (left, end, top, low) = (area.left(), area.right() - 1, area.top(), area.bottom() - 1);
    for x in left..=end {
        canvas.cell(x, top, h, style);
        canvas.cell(x, low, h, style);
    }
    for y in top..=low {
        canvas.cell(left, y, v, style);
        canvas.cell(end, y, v, style);
    }
    for (x, y, corner) in [
        (left, top, tl),
        (end, top, tr),
        (left, low, bl),
        (end, low, br),
    ] {
        canvas.cell(x, y, corner, style);
    }
    let head = if tier == Tier::Production {
        Role::Alarm
    } else {
        role
    };
    let mut pieces = vec![
        piece(format!(" {symbol} {word} "), head),
        piece(format!(" {name} "), Role::Strong),
    ];
    pieces.extend_from_slice(title);
    let wide = area.width - 4;
    let taken = canvas.pieces_right(end - 1, top, wide / 2, right);
    canvas.pieces(
        left + 2,
        top,
        wide.saturating_sub(taken + u16::from(taken > 0)),
        &pieces,
    );
    canvas.pieces(left + 2, low, wide, bottom);
    Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width - 2,
        height: area.height - 2,
    }
}

/// An area with a free column at each side.
pub(super) fn padded(area: Rect) -> Rect {
    if area.width < 6 {
        return area;
    }
    Rect {
        x: area.x + 1,
        width: area.width - 2,
        ..area
    }
}
