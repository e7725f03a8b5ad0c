//! SQL in roles: what the lexer says of a statement, for the lines of it that are visible.

use std::ops::Range;

use super::canvas::{Piece, piece};
use crate::tui::theme::Role;

/// Parts of a statement with their roles, in order.
type Roles = Vec<(Range<usize>, Role)>;

/// The roles of the statement that was drawn last; lines of one statement come one after the other.
#[derive(Default)]
pub(super) struct Inked {
    last: Option<(usize, Roles)>,
}

impl Inked {
    /// A part of a statement in roles.
    pub(super) fn of<'t>(
        &mut self,
        at: usize,
        text: &'t str,
        part: &Range<usize>,
    ) -> Vec<Piece<'t>> {
        if self.last.as_ref().is_none_or(|(known, _)| *known != at) {
            self.last = Some((at, roles(text)));
        }
        let tokens = self.last.as_ref().map_or(&[][..], |(_, tokens)| tokens);
        let from = tokens.partition_point(|(range, _)| range.end <= part.start);
        let mut out = Vec::new();
        let mut done = part.start;
        for (range, role) in &tokens[from..] {
            let (start, end) = (range.start.max(done), range.end.min(part.end));
            if start >= part.end {
                break;
            }
            out.push(piece(&text[done..start], Role::Text));
            out.push(piece(&text[start..end], *role));
            done = end;
        }
        out.push(piece(&text[done..part.end], Role::Text));
        out
    }
}

fn roles(text: &str) -> Roles {
    vec![(0..text.len(), Role::Text)]
}
