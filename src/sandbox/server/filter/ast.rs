//! The tree of a filter and its canonical text.

use std::fmt;

use regex::Regex;

/// A parsed filter.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sandbox::server) enum Filter {
    /// The empty filter: every record matches.
    Everything,
    /// All of the parts.
    And(Vec<Filter>),
    /// At least one of the parts.
    Or(Vec<Filter>),
    /// Not the part.
    Not(Box<Filter>),
    /// A field against a value.
    Compare {
        /// The field's path, already split and unquoted.
        path: Vec<String>,
        /// What is asked of the field.
        test: Test,
    },
    /// A bare word or quoted text: found anywhere in the record.
    Text(String),
}

/// What a comparison asks of its field.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sandbox::server) enum Test {
    /// `field:*`: the field is there.
    Present,
    /// A value and how it must relate.
    Value(Relation, String),
    /// `=~` and, negated, `!~`.
    Matches {
        /// The expression.
        pattern: Pattern,
        /// True for `!~`.
        negated: bool,
    },
}

/// The comparison operators that take a plain value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox::server) enum Relation {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `:` (contains, without regard to case)
    Has,
}

/// A compiled expression that is compared by its source.
#[derive(Debug, Clone)]
pub(in crate::sandbox::server) struct Pattern(pub(super) Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Relation {
    /// The operator as written.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Has => ":",
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => Ok(()),
            Self::And(parts) => joined(f, parts, " AND "),
            Self::Or(parts) => joined(f, parts, " OR "),
            Self::Not(part) => write!(f, "NOT {part}"),
            Self::Text(text) => quoted(f, text),
            Self::Compare { path, test } => {
                for (index, segment) in path.iter().enumerate() {
                    if index > 0 {
                        f.write_str(".")?;
                    }
                    quoted(f, segment)?;
                }
                test.fmt(f)
            }
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present => f.write_str(":*"),
            Self::Value(relation, value) => {
                f.write_str(relation.symbol())?;
                quoted(f, value)
            }
            Self::Matches { pattern, negated } => {
                f.write_str(if *negated { "!~" } else { "=~" })?;
                quoted(f, pattern.0.as_str())
            }
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Filter], word: &str) -> fmt::Result {
    f.write_str("(")?;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        write!(f, "{part}")?;
    }
    f.write_str(")")
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
