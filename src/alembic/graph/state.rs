//! How a database stands to the directory.

use super::Graph;
use crate::domain::migration::MigrationState;
use crate::domain::revision::RevisionId;

/// How a database stands to the directory, and what an upgrade would do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The relation.
    pub state: MigrationState,
    /// What `upgrade heads` would run, in order; empty unless `state` is `Behind`.
    pub pending: Vec<RevisionId>,
    /// Rows of the version table that are in no file.
    pub unknown: Vec<RevisionId>,
}

impl Graph {
    /// Compares the rows of a version table with the directory. No row at all means
    /// that everything is pending; whether there is a table is for the caller to know.
    pub fn position(&self, current: &[RevisionId]) -> Position {
        let (known, unknown): (Vec<_>, Vec<_>) = current
            .iter()
            .cloned()
            .partition(|id| self.contains(id.as_str()));
        let stuck = |state, unknown| Position {
            state,
            pending: Vec::new(),
            unknown,
        };
        if !unknown.is_empty() {
            let alone =
                known.is_empty() || self.upgrade(&known, "heads").is_ok_and(|p| p.is_empty());
            let state = if alone {
                MigrationState::Ahead
            } else {
                MigrationState::Diverged
            };
            return stuck(state, unknown);
        }
        match self.upgrade(&known, "heads") {
            Ok(pending) if pending.is_empty() => stuck(MigrationState::AtHead, unknown),
            Ok(pending) => Position {
                state: MigrationState::Behind,
                pending,
                unknown,
            },
            // Rows that lie on one line: no sequence of upgrades leaves them so.
            Err(_) => stuck(MigrationState::Diverged, unknown),
        }
    }
}
