//! What the functions of a revision file would send to PostgreSQL, in order.

mod operation;
mod python;
mod read;
mod remark;
mod schema;

#[cfg(test)]
mod tests;

pub use self::python::STAND_IN;
pub use self::read::read;
pub(super) use self::remark::find as remarks;

use crate::domain::review::Certainty;

/// The two functions of a revision, as far as they can be known without running them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Steps of `upgrade`; `None` when the file has no such function.
    pub upgrade: Option<Body>,
    /// Steps of `downgrade`; `None` when the file has no such function.
    pub downgrade: Option<Body>,
    /// Comments that speak to Portcullis.
    pub remarks: Vec<Remark>,
}

/// One function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// Line of its `def`, from 1.
    pub line: usize,
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// Whether its first step is to raise.
    pub raises: bool,
}

/// One step of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Line of the call, from 1.
    pub line: usize,
    /// The call as it is written: `op.add_column`.
    pub call: String,
    /// What it sends.
    pub action: Action,
    /// Whether it is reached.
    pub certainty: Certainty,
    /// Whether it runs in the transaction of the revision: `false` inside `autocommit_block()`.
    pub transactional: bool,
}

/// What a step sends to PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Statements, parted by semicolons.
    Sql {
        /// The text. Where a part could not be known it holds a stand-in that PostgreSQL's grammar accepts.
        text: String,
        /// Whether nothing in it is a stand-in.
        exact: bool,
    },
    /// It cannot be known.
    Opaque {
        /// Why.
        why: String,
    },
}

/// A comment that begins with `portcullis:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Its line, from 1.
    pub line: usize,
    /// What follows `portcullis:`, trimmed.
    pub text: String,
    /// Whether code stands before it on its line.
    pub trailing: bool,
    /// Whether it stands outside every function and block.
    pub top_level: bool,
}
