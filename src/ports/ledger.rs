//! The record.

use async_trait::async_trait;
use secrecy::SecretString;
use serde::Serialize;

use crate::domain::failure::Failure;
use crate::domain::ledger::{
    Appended, Entry, Filter, Record, SealState, Soundness, Unless, verify,
};

/// The ledger; appending is durable before it returns.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Whether people on other machines read and write the same one.
    fn is_shared(&self) -> bool {
        false
    }
    /// Appends a record. A failure has the kind `Ledger`: then nothing may be sent.
    async fn append(&self, record: Record) -> Result<Entry, Failure>;
    /// Appends a record unless an entry stands in its way.
    async fn append_unless(&self, record: Record, unless: Unless) -> Result<Appended, Failure>;
    /// The newest entries that a filter lets through, the newest first; with `before` only
    /// those with smaller numbers, for the next page.
    async fn page(
        &self,
        filter: &Filter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Entry>, Failure>;
    /// All entries, the oldest first.
    async fn all(&self) -> Result<Vec<Entry>, Failure>;
    /// The last entry of each run whose last entry leaves it open
    /// ([`EntryKind::is_open`](crate::domain::ledger::EntryKind::is_open)).
    async fn open_runs(&self) -> Result<Vec<Entry>, Failure>;
    /// Checks the whole chain and its seals.
    async fn soundness(&self) -> Result<Soundness, Failure> {
        let entries = self.all().await?;
        let checked = verify(&entries);
        Ok(Soundness {
            entries: entries.len() as u64,
            broken: checked.err(),
            seal: SealState::Unsealed,
        })
    }
}

/// Where the record is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Whereabouts {
    /// Whether a team shares it.
    pub shared: bool,
    /// The file, or the name under which it is shared; never an address with a password.
    pub name: String,
}

/// Which record is written: the one of this machine, or the one that a team shares.
#[async_trait]
pub trait Ledgers: Send + Sync {
    /// Where the record is; a failure when the shared one is expected and there is no address of it.
    async fn whereabouts(&self) -> Result<Whereabouts, Failure>;
    /// Tries the address of a shared ledger, and keeps it if it answers; gives the number of its last entry.
    async fn connect(&self, address: SecretString) -> Result<u64, Failure>;
    /// Forgets the address; tells whether there was one.
    async fn disconnect(&self) -> Result<bool, Failure>;
    /// Forgets how far the record had come, for one that was put back on purpose; tells whether that was known.
    async fn forget_head(&self) -> Result<bool, Failure>;
}
