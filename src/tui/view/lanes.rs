//! The lanes of a directory's drawing as characters.

use super::canvas::{Piece, piece};
use crate::app::standings::Mark;
use crate::domain::graph::{Kind, Stroke, Turn};
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
            other => piece(symbol(*other), role(*other)),
        })
        .collect();
    let missing = usize::from(width).saturating_sub(out.len());
    out.push(piece(" ".repeat(missing), Role::Text));
    out
}

fn symbol(stroke: Stroke) -> &'static str {
    match stroke {
        Stroke::Empty => " ",
        Stroke::Node => "●",
        Stroke::Down(Kind::Parent) => "│",
        Stroke::Down(Kind::Dependency) => "┊",
        Stroke::Along(Kind::Parent) => "─",
        Stroke::Along(Kind::Dependency) => "┄",
        Stroke::Turn(turn) => corner(turn),
        Stroke::Folded => "»",
    }
}

/// Round corners are parents, square ones dependencies, so that they are told apart where a lane is short.
fn corner(turn: Turn) -> &'static str {
    match (turn.through, turn.down, turn.left, turn.kind) {
        (true, true, ..) => "┬",
        (true, false, ..) => "┴",
        (_, true, true, Kind::Parent) => "╮",
        (_, true, false, Kind::Parent) => "╭",
        (_, false, true, Kind::Parent) => "╯",
        (_, false, false, Kind::Parent) => "╰",
        (_, true, true, Kind::Dependency) => "┐",
        (_, true, false, Kind::Dependency) => "┌",
        (_, false, true, Kind::Dependency) => "┘",
        (_, false, false, Kind::Dependency) => "└",
    }
}

fn role(stroke: Stroke) -> Role {
    match stroke {
        Stroke::Folded => Role::Warn,
        Stroke::Down(Kind::Dependency) | Stroke::Along(Kind::Dependency) => Role::Dim,
        Stroke::Turn(turn) if turn.kind == Kind::Dependency => Role::Dim,
        _ => Role::Lane,
    }
}
