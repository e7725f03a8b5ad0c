//! Pages: the visible lines, with what was searched for and the colours of SQL.

use ratatui::layout::Rect;
use regex::Regex;

use super::canvas::{Canvas, Piece, Row, columns, piece};
use super::sql;
use crate::app::logs::Lines;
use crate::app::page::{Ink, Line, Page};
use crate::domain::width::skip_columns;
use crate::tui::theme::Role;

/// What is looked at in a page.
pub(super) struct Look<'a> {
    pub(super) first: usize,
    pub(super) left: u16,
    pub(super) pattern: Option<&'a Regex>,
    pub(super) hit: Option<usize>,
}

impl Look<'_> {
    /// The top of a page.
    pub(super) const TOP: Self = Self {
        first: 0,
        left: 0,
        pattern: None,
        hit: None,
    };
}

/// Draws the visible lines.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, page: &Page, look: &Look<'_>) {
    let visible = page.lines.iter().enumerate().skip(look.first);
    let mut inked = sql::Inked::default();
    for (y, (number, line)) in (area.top()..area.bottom()).zip(visible) {
        let place = Rect {
            y,
            height: 1,
            ..area
        };
        match line {
            Line::Head(word, right) => {
                canvas.row(place, y, &Row::head(*word, spans(right)));
            }
            Line::Text(text) => {
                canvas.pieces(area.x, y, area.width, &spans(text));
            }
            Line::Sql(at, part) => {
                let tokens = inked.of(*at, &page.statements[*at], part);
                canvas.pieces(area.x, y, area.width, &shifted(&tokens, look.left));
            }
        }
        let left = if matches!(line, Line::Sql(..)) {
            look.left
        } else {
            0
        };
        if let (Some(pattern), Some(text)) = (look.pattern, page.says(number)) {
            found(
                canvas,
                place,
                (&text, left),
                pattern,
                look.hit == Some(number),
            );
        }
    }
    canvas.more_marks(area, look.first, page.lines.len());
}

fn spans(spans: &[(String, Ink)]) -> Vec<Piece<'_>> {
    spans
        .iter()
        .map(|(text, ink)| piece(text.as_str(), role(*ink)))
        .collect()
}

/// The role of an ink.
pub(super) fn role(ink: Ink) -> Role {
    match ink {
        Ink::Text => Role::Text,
        Ink::Dim => Role::Dim,
        Ink::Strong => Role::Strong,
        Ink::Heading => Role::Heading,
        Ink::Accent => Role::Accent,
        Ink::Good => Role::Good,
        Ink::Warn => Role::Warn,
        Ink::Bad => Role::Bad,
        Ink::Alarm => Role::Alarm,
    }
}

/// Pieces without their first columns.
fn shifted<'a>(pieces: &[Piece<'a>], left: u16) -> Vec<Piece<'a>> {
    let mut skip = left;
    let mut out = Vec::with_capacity(pieces.len());
    for part in pieces {
        let wide = columns(&part.text);
        if wide <= skip {
            skip -= wide;
            continue;
        }
        out.push(piece(
            skip_columns(&part.text, skip).into_owned(),
            part.role,
        ));
        skip = 0;
    }
    out
}

/// Marks what was searched for.
fn found(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (text, left): (&str, u16),
    pattern: &Regex,
    hit: bool,
) {
    let role = if hit { Role::Hit } else { Role::Match };
    for found in pattern.find_iter(text).take(50) {
        let end = columns(&text[..found.end()])
            .saturating_sub(left)
            .min(area.width);
        let start = columns(&text[..found.start()])
            .saturating_sub(left)
            .min(end);
        canvas.lay(
            Rect {
                x: area.x + start,
                width: end - start,
                ..area
            },
            role,
        );
    }
}
