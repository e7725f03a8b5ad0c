//! Windows of a ledger in memory, against what a plain walk through it finds.

use async_trait::async_trait;
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::domain::digest::Digest;
use crate::domain::ledger::{Appended, EntryKind, Record, Unless, chain, genesis};

/// A ledger that cannot be written.
struct Written(Vec<Entry>);

#[async_trait]
impl Ledger for Written {
    async fn append(&self, _: Record) -> Result<Entry, Failure> {
        unreachable!("nothing is written here")
    }
    async fn append_unless(&self, _: Record, _: Unless) -> Result<Appended, Failure> {
        unreachable!("nothing is written here")
    }
    async fn page(
        &self,
        filter: &Filter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Entry>, Failure> {
        Ok(self
            .0
            .iter()
            .rev()
            .filter(|e| before.is_none_or(|before| e.seq < before) && filter.admits(e))
            .take(count(limit))
            .cloned()
            .collect())
    }
    async fn all(&self) -> Result<Vec<Entry>, Failure> {
        Ok(self.0.clone())
    }
    async fn open_runs(&self) -> Result<Vec<Entry>, Failure> {
        Ok(Vec::new())
    }
}

/// Entries of which every so-many-eth is of `prod`.
fn written(count: u64, every: u64) -> Written {
    let entry = |seq: u64| {
        let record = Record {
            actor: "ravi@example.com".to_owned(),
            run_id: format!("run {}", seq / 3),
            kind: EntryKind::Intended,
            environment: if seq.is_multiple_of(every) {
                "prod"
            } else {
                "uat"
            }
            .into(),
            operation: "upgrade".to_owned(),
            plan: Digest::of_bytes(b"plan"),
            execution: None,
            outcome: None,
            reason: None,
            detail: None,
        };
        chain(seq, Timestamp::UNIX_EPOCH, record, genesis())
    };
    Written((1..=count).map(entry).collect())
}

fn numbers(window: &Window) -> Vec<u64> {
    window.entries.iter().map(|entry| entry.seq).collect()
}

fn look(ledger: &Written, filter: &Filter, reach: Reach, size: u32) -> Window {
    futures::executor::block_on(window(ledger, filter, reach, size)).unwrap()
}

proptest! {
    #[test]
    fn a_window_is_what_a_walk_finds(
        length in 0u64..400, every in 1u64..90, size in 1u32..60, at in 0u64..420, filtered in any::<bool>(),
    ) {
        let ledger = written(length, every);
        let filter = Filter { environment: filtered.then(|| "prod".into()), ..Filter::default() };
        let passing: Vec<u64> =
            ledger.0.iter().rev().filter(|e| filter.admits(e)).map(|e| e.seq).collect();
        let size_of = |n: usize| n.min(size as usize);

        let newest = look(&ledger, &filter, Reach::Newest, size);
        prop_assert_eq!(numbers(&newest), &passing[..size_of(passing.len())]);
        prop_assert_eq!((newest.newest, newest.oldest), (true, passing.len() <= size as usize));

        let oldest = look(&ledger, &filter, Reach::Oldest, size);
        prop_assert_eq!(numbers(&oldest), &passing[passing.len() - size_of(passing.len())..]);
        prop_assert_eq!((oldest.newest, oldest.oldest), (passing.len() <= size as usize, true));

        let split = passing.iter().position(|seq| *seq < at).unwrap_or(passing.len());
        let older = look(&ledger, &filter, Reach::Older(at), size);
        prop_assert_eq!(numbers(&older), &passing[split..split + size_of(passing.len() - split)]);

        let above = passing.iter().position(|seq| *seq <= at).unwrap_or(passing.len());
        let newer = look(&ledger, &filter, Reach::Newer(at), size);
        prop_assert_eq!(numbers(&newer), &passing[above - size_of(above)..above]);
        // A window that is just full may not know that nothing newer passes; the next look tells.
        prop_assert!(!newer.newest || above <= size as usize);
        prop_assert!(newer.newest || newer.entries.len() == size as usize);
    }
}

#[test]
fn a_story_begins_with_its_first_entry() {
    let story = futures::executor::block_on(story(&written(9, 2), "run 1")).unwrap();
    let numbers: Vec<_> = story.iter().map(|entry| entry.seq).collect();
    assert_eq!(numbers, [3, 4, 5]);
}
