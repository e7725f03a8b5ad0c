//! The record.

use async_trait::async_trait;

use crate::domain::failure::Failure;
use crate::domain::ledger::{Entry, Record};

/// The ledger; appending is durable before it returns.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Appends a record. A failure has the kind `Ledger`: then nothing may be sent.
    async fn append(&self, record: Record) -> Result<Entry, Failure>;
    /// The newest entries, the newest first.
    async fn newest(&self, limit: u32) -> Result<Vec<Entry>, Failure>;
    /// All entries, the oldest first.
    async fn all(&self) -> Result<Vec<Entry>, Failure>;
    /// The last entry of each run whose last entry is not final
    /// ([`EntryKind::is_final`](crate::domain::ledger::EntryKind::is_final)).
    async fn open_runs(&self) -> Result<Vec<Entry>, Failure>;
}
