//! PostgreSQL's backends: who is in a database now, what they hold and whom they keep waiting.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::text::RemoteText;

/// One backend of a database, from `pg_stat_activity` and `pg_locks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backend {
    /// Its process id at the server.
    pub pid: i64,
    /// Who is signed in.
    pub user: RemoteText,
    /// `application_name`; a run of ours names itself by its run id where its driver lets it.
    pub application: RemoteText,
    /// `active`, `idle`, `idle in transaction`, …
    pub state: RemoteText,
    /// What it waits for: `Lock: relation` and the like; empty when it does not wait.
    pub wait: RemoteText,
    /// The beginning of its current or last statement.
    pub statement: RemoteText,
    /// When it connected.
    pub connected_at: Option<Timestamp>,
    /// When its transaction began; `None` when it has none.
    pub transaction_at: Option<Timestamp>,
    /// Tables that it holds a lock on that is stronger than a reader's, each as `schema.table (mode)`.
    pub holds: Vec<RemoteText>,
    /// Backends that it waits for.
    pub blocked_by: Vec<i64>,
}

impl Backend {
    /// How long its transaction has been open.
    pub fn transaction_age(&self, now: Timestamp) -> Option<SignedDuration> {
        Some(
            now.duration_since(self.transaction_at?)
                .max(SignedDuration::ZERO),
        )
    }

    /// Whether it runs a statement or has a transaction open.
    pub fn is_busy(&self) -> bool {
        self.transaction_at.is_some()
    }
}
