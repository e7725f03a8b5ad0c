//! From the bytes of a revision file to what it declares, without running it.

mod bindings;
mod depth;
mod encoding;
mod extract;
mod modules;
mod value;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use ruff_python_ast::ModModule;
use ruff_python_parser::{ParseErrorType, Parsed, parse_module};
use ruff_text_size::TextSize;

pub use self::modules::{Modules, NoModules};

use self::bindings::Bindings;
use super::revision::Revision;

/// A place in a file, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {reason}", .path.display())]
pub struct FileProblem {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; 1 as well when the whole file is meant.
    pub line: usize,
    /// What is wrong.
    pub reason: Reason,
}

/// Why a revision file cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The file could not be read, or is none.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// The file is larger than any revision.
    #[error("is {size} bytes long; a revision file has at most {limit}")]
    TooLarge {
        /// Its size.
        size: u64,
        /// The most that is read.
        limit: u64,
    },
    /// The bytes are no text in the encoding that the file has.
    #[error("{0}")]
    Encoding(String),
    /// The text is no Python.
    #[error("is no valid Python: {0}")]
    Syntax(String),
    /// Expressions or blocks lie too deep in each other.
    #[error("is nested too deeply to be read")]
    TooDeep,
    /// A variable that must be there is not.
    #[error("does not set `{0}`")]
    Missing(&'static str),
    /// A value is only known when the file runs.
    #[error("the value of `{name}` cannot be known without running the file: {why}")]
    NotStatic {
        /// The variable.
        name: &'static str,
        /// Why it cannot be known.
        why: String,
    },
    /// A value is of a kind that Alembic cannot use.
    #[error("`{name}` is {found}, not {expected}")]
    WrongKind {
        /// The variable.
        name: &'static str,
        /// What it is.
        found: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A compiled file without its source.
    #[error("is a compiled revision without its source, and cannot be read without running it")]
    Compiled,
}

impl Reason {
    /// The word for it, as in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::TooLarge { .. } => "too_large",
            Self::Encoding(_) => "encoding",
            Self::Syntax(_) => "syntax",
            Self::TooDeep => "too_deep",
            Self::Missing(_) => "missing",
            Self::NotStatic { .. } => "not_static",
            Self::WrongKind { .. } => "wrong_kind",
            Self::Compiled => "compiled",
        }
    }
}

/// A revision file that was understood, at least as far as the graph needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedRevision {
    /// What it declares.
    pub revision: Revision,
    /// Branch labels that cannot be known; ids and their order do not hang on them.
    pub unknown_labels: Option<FileProblem>,
}

/// Reads one revision file. Its ids must stand in the file; branch labels may also be
/// constants of other modules of the same package.
pub fn parse_revision(
    path: &Path,
    bytes: &[u8],
    modules: &dyn Modules,
) -> Result<ParsedRevision, FileProblem> {
    let Module { source, parsed } = module(path, bytes)?;
    let at = |(offset, reason): (TextSize, Reason)| FileProblem {
        path: path.to_owned(),
        line: line_of(&source, offset),
        reason,
    };
    let bindings = Bindings::of(parsed.suite(), &source);
    let (labels, unknown) = extract::labels(&bindings, modules).map_err(at)?;
    let revision = extract::revision(path, parsed.suite(), &bindings, labels).map_err(at)?;
    Ok(ParsedRevision {
        revision,
        unknown_labels: unknown.map(at),
    })
}

/// A Python file, taken apart.
pub(super) struct Module<'a> {
    pub(super) source: Cow<'a, str>,
    pub(super) parsed: Parsed<ModModule>,
}

/// Reads any Python file.
pub(super) fn module<'a>(path: &Path, bytes: &'a [u8]) -> Result<Module<'a>, FileProblem> {
    let problem = |line, reason| FileProblem {
        path: path.to_owned(),
        line,
        reason,
    };
    let source = encoding::decode(bytes).map_err(|(line, reason)| problem(line, reason))?;
    let at = |(offset, reason): (TextSize, Reason)| problem(line_of(&source, offset), reason);
    depth::check(&source).map_err(at)?;
    let parsed = parse_module(&source).map_err(|error| {
        at((
            error.location.start(),
            Reason::Syntax(describe(&error.error)),
        ))
    })?;
    Ok(Module { source, parsed })
}

/// The parser's message; it quotes the source at most by a token.
fn describe(error: &ParseErrorType) -> String {
    error.to_string()
}

/// The line of an offset, from 1.
pub(super) fn line_of(source: &str, offset: TextSize) -> usize {
    let before = &source.as_bytes()[..offset.to_usize().min(source.len())];
    before.split(|byte| *byte == b'\n').count()
}
