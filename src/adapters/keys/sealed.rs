//! A ledger whose key is loaded before it is needed, and whose outcomes are remembered apart from it.

use std::sync::Arc;

use async_trait::async_trait;

use super::LedgerSealer;
use crate::domain::failure::Failure;
use crate::domain::ledger::{Appended, Entry, Filter, Head, Record, SealState, Soundness, Unless};
use crate::ports::ledger::Ledger;

/// A ledger and its sealer. That it cannot be sealed keeps nobody from writing it.
pub struct SealedLedger {
    inner: Arc<dyn Ledger>,
    sealer: Arc<LedgerSealer>,
}

impl SealedLedger {
    /// This ledger, which seals what it writes with this sealer.
    pub fn new(inner: Arc<dyn Ledger>, sealer: Arc<LedgerSealer>) -> Self {
        Self { inner, sealer }
    }

    /// Forgets how far it had come, for one that was put back on purpose.
    pub async fn forget_head(&self) -> bool {
        self.sealer.load(false).await;
        self.sealer.forget().await
    }

    /// Outcomes are worth the trip to the keyring, the steps on the way to them are not.
    async fn remember(&self, entry: &Entry) {
        if !entry.record.kind.is_open() {
            self.sealer.remember(&Head::from(entry)).await;
        }
    }
}

#[async_trait]
impl Ledger for SealedLedger {
    async fn append(&self, record: Record) -> Result<Entry, Failure> {
        self.sealer.load(true).await;
        let entry = self.inner.append(record).await?;
        self.remember(&entry).await;
        Ok(entry)
    }

    async fn append_unless(&self, record: Record, unless: Unless) -> Result<Appended, Failure> {
        self.sealer.load(true).await;
        let appended = self.inner.append_unless(record, unless).await?;
        if let Appended::Written(entry) = &appended {
            self.remember(entry).await;
        }
        Ok(appended)
    }

    async fn page(
        &self,
        filter: &Filter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Entry>, Failure> {
        self.inner.page(filter, before, limit).await
    }

    async fn all(&self) -> Result<Vec<Entry>, Failure> {
        self.inner.all().await
    }

    async fn open_runs(&self) -> Result<Vec<Entry>, Failure> {
        self.inner.open_runs().await
    }

    async fn soundness(&self) -> Result<Soundness, Failure> {
        self.sealer.load(false).await;
        let found = self.inner.soundness().await?;
        // What somebody looked at and found whole must not get shorter unseen from now on.
        if found.is_sound() && matches!(found.seal, SealState::Sealed { .. }) {
            let all = Filter::default();
            let checked = self.inner.page(&all, Some(found.entries + 1), 1).await?;
            if let Some(entry) = checked.first() {
                self.sealer.remember(&Head::from(entry)).await;
            }
        }
        Ok(found)
    }
}
