//! The filter language of Cloud Logging and its smaller relatives (Secret Manager, Cloud SQL).
//!
//! A filter is parsed once (`Filter::parse`) and then asked about records. Precedence is Google's:
//! `NOT` binds tightest, then `OR`, then `AND`; two comparisons side by side are joined by `AND`.

mod ast;
mod lexer;
mod matching;
mod parser;
#[cfg(test)]
mod tests;

pub(super) use ast::Filter;
pub(super) use matching::{Field, Record, camel};

/// Why a filter could not be read, with the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Unparseable filter: {problem} at line {line}, column {column}, token '{token}'")]
pub(super) struct FilterError {
    /// What is wrong there.
    pub(super) problem: String,
    /// The line, counted from 1.
    pub(super) line: usize,
    /// The column in characters, counted from 1.
    pub(super) column: usize,
    /// The text found there, or `<EOF>`.
    pub(super) token: String,
}

impl FilterError {
    fn at(source: &str, offset: usize, token: &str, problem: impl Into<String>) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            problem: problem.into(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            token: token.to_owned(),
        }
    }
}
