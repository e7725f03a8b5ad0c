//! Putting text on the screen: clean, cut by display width, never outside of its place.

use std::borrow::Cow;

use crate::domain::text::clean;
pub(super) use crate::domain::width::{columns, fit, wrap};
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// A piece of a line: text in a role.
#[derive(Clone, Debug)]
pub(super) struct Piece<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) role: Role,
}

/// A piece of a line.
pub(super) fn piece<'a>(text: impl Into<Cow<'a, str>>, role: Role) -> Piece<'a> {
    Piece {
        text: text.into(),
        role,
    }
}

/// Text of several roles in one line, and what stands at its right end.
#[derive(Clone, Debug, Default)]
pub(super) struct Row<'a> {
    pub(super) left: Vec<Piece<'a>>,
    pub(super) right: Vec<Piece<'a>>,
    /// Columns before the text.
    pub(super) indent: u16,
    /// Whether it is a rule with its text in it.
    pub(super) rule: bool,
}

impl<'a> Row<'a> {
    /// A line of one role.
    pub(super) fn plain(text: impl Into<Cow<'a, str>>, role: Role) -> Self {
        Self {
            left: vec![piece(text, role)],
            ..Self::default()
        }
    }

    /// A line of several roles.
    pub(super) fn of(left: Vec<Piece<'a>>) -> Self {
        Self {
            left,
            ..Self::default()
        }
    }

    /// The head of a part: a rule with a word at its left and one at its right.
    pub(super) fn head(left: impl Into<Cow<'a, str>>, right: Vec<Piece<'a>>) -> Self {
        Self {
            left: vec![piece(left, Role::Heading)],
            right,
            indent: 0,
            rule: true,
        }
    }

    /// The same line with something at its right end.
    pub(super) fn right(mut self, right: Vec<Piece<'a>>) -> Self {
        self.right = right;
        self
    }

    /// The same line further to the right.
    pub(super) fn indented(mut self, indent: u16) -> Self {
        self.indent = indent;
        self
    }
}

/// Where everything is drawn, with the styles of the roles.
pub(super) struct Canvas<'a> {
    pub(super) buf: &'a mut Buffer,
    pub(super) theme: &'a Theme,
}

impl Canvas<'_> {
    /// Puts text at a place, cut to a width; says how many columns it took.
    pub(super) fn put(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        let style = self.theme.style(role);
        self.put_styled(x, y, width, text, style)
    }

    fn put_styled(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) -> u16 {
        let area = self.buf.area;
        if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
            return 0;
        }
        let width = width.min(area.right() - x);
        let text = clean(text);
        let text = fit(&text, width);
        let (end, _) = self.buf.set_stringn(x, y, &text, usize::from(width), style);
        end.saturating_sub(x)
    }

    /// Puts pieces one after the other; says how many columns they took.
    pub(super) fn pieces(&mut self, x: u16, y: u16, width: u16, pieces: &[Piece<'_>]) -> u16 {
        let mut used = 0;
        for (at, piece) in pieces.iter().enumerate() {
            let left = width.saturating_sub(used);
            if left == 0 {
                break;
            }
            // What cannot be whole ends in an ellipsis, also at the border between two pieces.
            let more = pieces[at + 1..]
                .iter()
                .any(|p| !p.text.trim_end().is_empty());
            let whole = columns(&piece.text);
            let room = if more && whole >= left {
                left
            } else {
                left.min(whole.max(1))
            };
            used += self.put(x + used, y, room, &piece.text, piece.role);
            if more && whole >= left {
                if whole == left {
                    self.put(x + width - 1, y, 1, "…", piece.role);
                }
                break;
            }
        }
        used
    }

    /// Puts pieces so that they end at a place; says how many columns they took.
    pub(super) fn pieces_right(
        &mut self,
        end: u16,
        y: u16,
        width: u16,
        pieces: &[Piece<'_>],
    ) -> u16 {
        let whole: u16 = pieces
            .iter()
            .fold(0, |sum, p| sum.saturating_add(columns(&p.text)));
        let width = whole.min(width);
        self.pieces(end.saturating_sub(width), y, width, pieces)
    }

    /// Puts a line in an area's row; what stands right wins over what stands left.
    pub(super) fn row(&mut self, area: Rect, y: u16, row: &Row<'_>) {
        if y >= area.bottom() {
            return;
        }
        let area = Rect {
            x: area.x + row.indent.min(area.width),
            width: area.width.saturating_sub(row.indent),
            ..area
        };
        if row.rule {
            self.rule(area, y);
        }
        let pad = u16::from(row.rule && !row.right.is_empty());
        let right = self.pieces_right(area.right().saturating_sub(pad), y, area.width, &row.right);
        let gap = u16::from(right > 0) * 2;
        let room = area.width.saturating_sub(right + gap);
        let used = self.pieces(area.x, y, room, &row.left);
        if row.rule {
            self.put(
                area.x + used,
                y,
                room.saturating_sub(used).min(1),
                " ",
                Role::Rule,
            );
            if right > 0 {
                let before = area.right().saturating_sub(right + 2);
                self.put(before, y, 1, " ", Role::Rule);
                self.put(area.right() - 1, y, 1, " ", Role::Rule);
            }
        }
    }

    /// Draws a rule through an area's row.
    pub(super) fn rule(&mut self, area: Rect, y: u16) {
        let style = self.theme.style(Role::Rule);
        for x in area.left()..area.right() {
            self.cell(x, y, "─", style);
        }
    }

    /// Sets one cell.
    pub(super) fn cell(&mut self, x: u16, y: u16, symbol: &str, style: Style) {
        if let Some(cell) = self.buf.cell_mut((x, y)) {
            cell.set_symbol(symbol).set_style(style);
        }
    }

    /// Lays a role's background and modifiers over an area.
    pub(super) fn lay(&mut self, area: Rect, role: Role) {
        let style = self.theme.style(role);
        self.buf.set_style(area.intersection(self.buf.area), style);
    }

    /// Empties an area.
    pub(super) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buf.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buf.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }

    /// A list of rows from the one that is first visible.
    pub(super) fn rows(&mut self, area: Rect, rows: &[Row<'_>], first: usize) {
        for (y, row) in (area.top()..area.bottom()).zip(rows.iter().skip(first)) {
            self.row(area, y, row);
        }
        self.more_marks(area, first, rows.len());
    }

    /// Small arrows at the right border say that there is more above or below.
    pub(super) fn more_marks(&mut self, area: Rect, first: usize, len: usize) {
        if area.is_empty() {
            return;
        }
        let style = self.theme.style(Role::Accent);
        if first > 0 {
            self.cell(area.right() - 1, area.top(), "▲", style);
        }
        if first + usize::from(area.height) < len {
            self.cell(area.right() - 1, area.bottom() - 1, "▼", style);
        }
    }
}
