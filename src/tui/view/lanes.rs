//! The lanes of a directory's drawing as characters.

use super::canvas::{Piece, piece};
use crate::app::standings::Mark;
use crate::domain::graph::{Kind, Stroke};
use crate::tui::theme::Role;

/// The symbol, the word and the role of a revision's mark.
pub(super) fn mark(mark: Mark) -> (&'static str, String, Role) {
    match mark {
        Mark::Current => ("◆", "here".to_owned(), Role::Strong),
        Mark::Applied => ("✓", "applied".to_owned(), Role::Dim),
        Mark::Pending(at) => ("○", format!("pending {at}"), Role::Accent),
        Mark::Foreign => ("✗", "not ours".to_owned(), Role::Bad),
        Mark::Unknown => ("?", "unknown".to_owned(), Role::Warn),
    }
}

/// The same in a drawing, where what was run is a dot on its line.
fn node(of: Mark) -> (&'static str, Role) {
    match of {
        Mark::Applied => ("●", Role::Dim),
        other => {
            let (symbol, _, role) = mark(other);
            (symbol, role)
        }
    }
}

/// One row of the drawing, as wide as asked.
pub(super) fn row<'a>(strokes: &[Stroke], of: Mark, width: u16) -> Vec<Piece<'a>> {
    let mut out: Vec<Piece<'a>> = strokes
        .iter()
        .take(usize::from(width))
        .map(|stroke| match stroke {
            Stroke::Node => {
                let (symbol, role) = node(of);
                piece(symbol, role)
            }
            other => piece(other.symbol(), role(*other)),
        })
        .collect();
    let missing = usize::from(width).saturating_sub(out.len());
    out.push(piece(" ".repeat(missing), Role::Text));
    out
}

fn role(stroke: Stroke) -> Role {
    match stroke {
        Stroke::Folded => Role::Warn,
        Stroke::Down(Kind::Dependency) | Stroke::Along(Kind::Dependency) => Role::Dim,
        Stroke::Turn(turn) if turn.kind == Kind::Dependency => Role::Dim,
        _ => Role::Lane,
    }
}
