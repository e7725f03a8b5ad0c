//! Comments that speak to Portcullis.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{ModModule, Stmt};
use ruff_python_parser::Parsed;
use ruff_text_size::{Ranged, TextSize};

use super::Remark;

/// How such a comment begins.
const MARK: &str = "portcullis:";

/// Finds them among the tokens of a file.
pub(in crate::alembic) fn find(
    source: &str,
    parsed: &Parsed<ModModule>,
    line_of: impl Fn(TextSize) -> usize,
) -> Vec<Remark> {
    let tokens = parsed.tokens();
    let comments = tokens
        .iter()
        .filter(|token| token.kind() == TokenKind::Comment);
    comments
        .filter_map(|token| {
            let comment = source.get(token.range().to_std_range())?;
            let text = comment
                .trim_start_matches('#')
                .trim_start()
                .strip_prefix(MARK)?;
            let before = source.get(..token.start().to_usize())?;
            let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
            Some(Remark {
                line: line_of(token.start()),
                text: text.trim().to_owned(),
                trailing: !line.trim().is_empty(),
                top_level: !line.starts_with([' ', '\t', '\x0c'])
                    && !is_in_block(parsed.suite(), token.start()),
            })
        })
        .collect()
}

/// Whether a place is inside of a statement that has a body.
fn is_in_block(suite: &[Stmt], at: TextSize) -> bool {
    let after = suite.partition_point(|statement| statement.start() <= at);
    let before = after.checked_sub(1).and_then(|last| suite.get(last));
    before.is_some_and(|statement| {
        let has_body = matches!(
            statement,
            Stmt::FunctionDef(_)
                | Stmt::ClassDef(_)
                | Stmt::If(_)
                | Stmt::For(_)
                | Stmt::While(_)
                | Stmt::With(_)
                | Stmt::Try(_)
                | Stmt::Match(_)
        );
        has_body && at < statement.end()
    })
}
