//! A statement without the values in it: what people write into SQL may be a secret.

use squawk_lexer::{LiteralKind, TokenKind, tokenize};

/// What stands in place of a value.
const MASK: &str = "?";

/// A statement in one line, without its values and remarks. Names and words stay. The text may end
/// anywhere, as `pg_stat_activity` cuts it; what cannot be read to its end is left out.
pub fn without_values(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut offset = 0;
    for lexed in tokenize(text) {
        let piece = &text[offset..offset + lexed.len as usize];
        offset += lexed.len as usize;
        match lexed.kind {
            TokenKind::Eof
            | TokenKind::Whitespace
            | TokenKind::LineComment
            | TokenKind::BlockComment { .. } => {
                blank(&mut out);
            }
            TokenKind::Literal { kind } => {
                out.push_str(MASK);
                if ends_elsewhere(kind, piece) {
                    out.push('…');
                    return out;
                }
            }
            TokenKind::QuotedIdent {
                terminated: false, ..
            } => {
                out.push_str(MASK);
            }
            _ => out.push_str(piece),
        }
    }
    out.trim().to_owned()
}

fn blank(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// Whether a session with `standard_conforming_strings = off` may see the end of the text
/// elsewhere: there a backslash takes the quote behind it into the text. Then nothing
/// that follows can be told from a value.
fn ends_elsewhere(kind: LiteralKind, piece: &str) -> bool {
    matches!(kind, LiteralKind::Str { .. }) && piece.contains('\\')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_go_and_names_stay() {
        for (text, shown) in [
            (
                "UPDATE users  SET password = 'hunter2', n = 42\nWHERE id = $1",
                "UPDATE users SET password = ?, n = ? WHERE id = $1",
            ),
            (
                "ALTER ROLE app PASSWORD E'a\\'b' -- hunter2",
                "ALTER ROLE app PASSWORD ?",
            ),
            ("DO $x$ BEGIN PERFORM 'hunter2'; END $x$", "DO ?"),
            (
                "SELECT /* hunter2 */ \"Odd name\", b'1', 1.5e3",
                "SELECT \"Odd name\", ?, ?",
            ),
            ("SELECT 'it''s', 'b'", "SELECT ?, ?"),
            ("SELECT pg_sleep(600)", "SELECT pg_sleep(?)"),
        ] {
            assert_eq!(without_values(text), shown);
        }
    }

    #[test]
    fn a_text_that_was_cut_gives_nothing_away() {
        for text in [
            "SELECT 'hunter2",
            "SELECT E'hunter2",
            "DO $$ hunter2",
            "SELECT 1 /* hunter2",
            "SELECT \"hunter2",
            "SELECT 'a\\' hunter2', 'b'",
            "SELECT U&'hunter2",
            "SELECT x'hunter2",
        ] {
            let shown = without_values(text);
            assert!(!shown.contains("hunter2"), "{text}: {shown}");
        }
    }

    proptest! {
        #[test]
        fn no_quoted_text_survives(before in "[a-z ,=(]{0,12}", secret in "[A-Z]{8}", after in "\\PC{0,12}") {
            let mut quotes = vec![format!("'{secret}'"), format!("E'{secret}'"), format!("$${secret}$$")];
            quotes.push(format!("'x\\{secret}'"));
            for quoted in quotes {
                let shown = without_values(&format!("{before} {quoted} {after}"));
                prop_assert!(!shown.contains(&secret), "{}", shown);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let _ = without_values(&text);
        }
    }
}
