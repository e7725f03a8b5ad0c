//! `sa.text(…)`: SQL as it is written, with parameters.

use super::super::python::{STAND_IN, Value};
use super::clause::bound_literal;

/// A piece of SQL and what its parameters are bound to.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct TextClause {
    sql: String,
    bound: Vec<(String, String)>,
    /// How a driver reads it: as it is, without parameters.
    is_raw: bool,
    /// Whether its parameters are bound to what is not known.
    is_bound: bool,
}

impl TextClause {
    pub(in super::super) fn new(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            bound: Vec::new(),
            is_raw: false,
            is_bound: false,
        }
    }

    /// SQL that goes to the driver as it is.
    pub(in super::super) fn raw(sql: impl Into<String>) -> Self {
        Self {
            is_raw: true,
            ..Self::new(sql)
        }
    }

    /// The same with a parameter bound.
    pub(in super::super) fn bind(mut self, name: &str, value: &Value<'_>) -> Self {
        self.bound.retain(|(bound, _)| bound != name);
        self.bound.push((name.to_owned(), bound_literal(value)));
        self
    }

    /// The same with all its parameters bound, to what is not known.
    pub(in super::super) fn with_unknown_parameters(&self) -> Self {
        Self {
            is_bound: true,
            ..self.clone()
        }
    }

    /// Whether it begins with something that is known, so that at least its verb is.
    pub(in super::super) fn is_readable(&self) -> bool {
        !self.sql.trim_start().starts_with(STAND_IN)
    }

    /// The SQL as it is written.
    pub(super) fn written(&self) -> &str {
        &self.sql
    }

    /// The SQL with its parameters in their places.
    pub(in super::super) fn render(&self) -> Result<String, String> {
        if self.is_raw {
            return Ok(self.sql.clone());
        }
        let mut out = String::with_capacity(self.sql.len());
        let mut rest = self.sql.as_str();
        let mut before = None;
        while let Some(at) = rest.find([':', '\\']) {
            out.push_str(&rest[..at]);
            before = rest[..at].chars().next_back().or(before);
            rest = &rest[at..];
            let taken = if rest.starts_with(':') {
                self.parameter(rest, before, &mut out)?
            } else {
                escape(rest, &mut out)
            };
            before = rest[..taken].chars().next_back();
            rest = &rest[taken..];
        }
        out.push_str(rest);
        Ok(out)
    }

    /// `:name`, unless it is part of `::` or follows a word.
    fn parameter(
        &self,
        rest: &str,
        before: Option<char>,
        out: &mut String,
    ) -> Result<usize, String> {
        let name: String = rest[1..].chars().take_while(|c| is_word(*c)).collect();
        let end = 1 + name.len();
        let is_cast = before.is_some_and(|c| c == ':' || c == '\\' || is_word(c));
        if is_cast || name.is_empty() || rest[end..].starts_with(':') {
            // Of a name before a colon the expression takes all but the last letter.
            let is_split = !is_cast && name.chars().count() > 1;
            if is_split {
                return Err(format!("the parameter in `:{name}:` is read in two ways"));
            }
            let colons = rest.chars().take_while(|c| *c == ':').count();
            out.push_str(&rest[..colons]);
            return Ok(colons);
        }
        let bound = self.bound.iter().find(|(bound, _)| *bound == name);
        match bound {
            Some((_, value)) => out.push_str(value),
            None if self.is_bound => out.push_str(STAND_IN),
            None => return Err(format!("the parameter `:{name}` has no value")),
        }
        Ok(end)
    }
}

/// `\:` is a colon; any other backslash is one.
fn escape(rest: &str, out: &mut String) -> usize {
    if !rest[1..].starts_with(':') {
        out.push('\\');
        return 1;
    }
    let word = rest[2..].chars().take_while(|c| is_word(*c) || *c == '$');
    let end = 2 + word.map(char::len_utf8).sum::<usize>();
    if rest[end..].starts_with(':') {
        out.push('\\');
        return 1;
    }
    out.push_str(&rest[1..end]);
    end
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
