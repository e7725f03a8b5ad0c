//! SQL in roles: what the lexer says of a statement, for the lines of it that are visible.

use std::ops::Range;

use super::canvas::{Piece, piece};
use crate::sql::{Token, highlight};
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
    highlight(text)
        .into_iter()
        .map(|(range, token)| (range, role(token)))
        .collect()
}

fn role(token: Token) -> Role {
    match token {
        Token::Keyword => Role::SqlKeyword,
        Token::Type => Role::SqlType,
        Token::Text => Role::SqlText,
        Token::Number | Token::Parameter => Role::SqlNumber,
        Token::Comment => Role::SqlComment,
        Token::Operator | Token::Punctuation => Role::SqlMark,
        Token::Identifier => Role::Text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_over_two_lines_keeps_its_role() {
        let sql = "SELECT 'a\nb' -- so";
        let mut inked = Inked::default();
        let second = inked.of(0, sql, &(10..sql.len()));
        let roles: Vec<_> = second
            .iter()
            .filter(|p| !p.text.trim().is_empty())
            .map(|p| (p.text.as_ref(), p.role))
            .collect();
        assert_eq!(roles, [("b'", Role::SqlText), ("-- so", Role::SqlComment)]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(sql in "[a-z'$1 ;\n(-]{0,40}", from in 0usize..40, len in 0usize..40) {
            let from = from.min(sql.len());
            let part = from..(from + len).min(sql.len());
            let whole: String = Inked::default().of(0, &sql, &part).into_iter().map(|p| p.text).collect();
            prop_assert_eq!(whole, &sql[part]);
        }
    }
}
