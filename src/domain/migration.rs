//! Where a database stands in a migration directory.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::baseline::Baseline;
use super::failure::Flaw;
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
    /// What could not be read and changes nothing about ids and order.
    #[serde(default)]
    pub notes: Vec<Flaw>,
}

impl Directory {
    /// Revisions from which more than one follows.
    pub fn branch_points(&self) -> Vec<&RevisionId> {
        let mut children: HashMap<&RevisionId, usize> = HashMap::new();
        for revision in &self.revisions {
            for (at, parent) in revision.down.iter().enumerate() {
                if !revision.down[..at].contains(parent) {
                    *children.entry(parent).or_default() += 1;
                }
            }
        }
        let ids = self.revisions.iter().map(|revision| &revision.id);
        ids.filter(|id| children.get(id).is_some_and(|many| *many > 1))
            .collect()
    }

    /// Revisions that join several.
    pub fn merges(&self) -> Vec<&RevisionId> {
        let joins = self.revisions.iter().filter(|r| r.down.len() > 1);
        joins.map(|revision| &revision.id).collect()
    }
}

/// Where a database stands, with the source and time of the reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The relation.
    pub state: MigrationState,
    /// The rows of `alembic_version`.
    pub current: Vec<RevisionId>,
    /// Rows that the directory does not know.
    #[serde(default)]
    pub foreign: Vec<RevisionId>,
    /// The heads of the directory.
    pub heads: Vec<RevisionId>,
    /// What `upgrade heads` would run, in order.
    pub pending: Vec<RevisionId>,
    /// What an unversioned database fits, when its tables are known.
    #[serde(default)]
    pub baseline: Option<Baseline>,
    /// Tables without a version table, when they were counted.
    pub tables: Option<u32>,
    /// Probe that told.
    pub source: String,
    /// When the database was read.
    pub observed_at: Timestamp,
}
