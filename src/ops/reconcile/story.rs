//! The entries of one run: what was meant, and how far it is known to have come.

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;

use crate::domain::execution::ExecutionName;
use crate::domain::failure::Failure;
use crate::domain::ledger::{Entry, EntryKind, Filter};
use crate::ports::World;

/// More entries than a run has.
const ENTRIES: u32 = 1_000;

/// What the ledger has of one run.
pub(super) struct Story {
    /// The entry that says what was meant.
    pub(super) intent: Entry,
    /// The last entry.
    pub(super) last: Entry,
    /// When something may last have been sent.
    sent_at: Timestamp,
}

impl Story {
    /// Reads it, from the last entry back.
    pub(super) async fn of(world: &World, last: &Entry) -> Result<Self, Failure> {
        let filter = Filter {
            run_id: Some(last.record.run_id.clone()),
            ..Filter::default()
        };
        let entries = world.ledger.page(&filter, None, ENTRIES).await?;
        let is = |kind: EntryKind| move |e: &&Entry| e.record.kind == kind;
        let intent = entries.iter().find(is(EntryKind::Intended));
        let sends = [EntryKind::Intended, EntryKind::Step, EntryKind::Lost];
        let sent = entries.iter().find(|e| sends.contains(&e.record.kind));
        Ok(Self {
            intent: intent.unwrap_or(last).clone(),
            sent_at: sent.map_or(last.at, |entry| entry.at),
            last: entries.first().unwrap_or(last).clone(),
        })
    }

    /// What was meant, if it is of this type.
    pub(super) fn meant<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.intent.record.detail.as_deref()?).ok()
    }

    /// The execution that it names.
    pub(super) fn execution(&self) -> Option<ExecutionName> {
        self.last
            .record
            .execution
            .as_deref()
            .map(ExecutionName::new)
    }

    /// How long ago something may last have been sent, by the dates; whichever clock was wrong.
    pub(super) fn age(&self, world: &World) -> SignedDuration {
        world.clock.now().duration_since(self.sent_at).abs()
    }

    /// How old the last entry is.
    pub(super) fn silence(&self, world: &World) -> SignedDuration {
        world.clock.now().duration_since(self.last.at).abs()
    }
}
