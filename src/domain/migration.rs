//! Where a database stands in a migration directory.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::revision::RevisionId;

/// The relation of a database to a migration directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MigrationState {
    /// At every head.
    AtHead,
    /// Revisions are pending.
    Behind,
    /// The database knows a revision that this directory does not.
    Ahead,
    /// Some rows are known, but not as the directory can have left them.
    Diverged,
    /// Tables, but no `alembic_version`.
    Unversioned,
    /// Not known.
    Unknown,
}

impl MigrationState {
    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::AtHead => "at_head",
            Self::Behind => "behind",
            Self::Ahead => "ahead",
            Self::Diverged => "diverged",
            Self::Unversioned => "unversioned",
            Self::Unknown => "unknown",
        }
    }
}

/// A revision as the screens list it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionSummary {
    /// Its id.
    pub id: RevisionId,
    /// Its parents.
    pub down: Vec<RevisionId>,
    /// What it depends on, across branches.
    pub depends_on: Vec<RevisionId>,
    /// Its branch labels.
    pub branch_labels: Vec<String>,
    /// The first line of its docstring.
    pub message: String,
}

/// A migration directory, read without running it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// Where it was read from, for a person.
    pub origin: String,
    /// Revisions that nothing follows.
    pub heads: Vec<RevisionId>,
    /// Revisions that follow nothing.
    pub bases: Vec<RevisionId>,
    /// All revisions, parents before children.
    pub revisions: Vec<RevisionSummary>,
}

/// Where a database stands, with the source and time of the reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The relation.
    pub state: MigrationState,
    /// The rows of `alembic_version`.
    pub current: Vec<RevisionId>,
    /// The heads of the directory.
    pub heads: Vec<RevisionId>,
    /// What `upgrade heads` would run, in order.
    pub pending: Vec<RevisionId>,
    /// Tables without a version table, when they were counted.
    pub tables: Option<u32>,
    /// Probe that told.
    pub source: String,
    /// When the database was read.
    pub observed_at: Timestamp,
}
