//! The chain: every entry holds the hash of the one before it.

use jiff::Timestamp;

use super::{Entry, Record};
use crate::domain::digest::Digest;

/// The hash that stands before the first entry.
pub fn genesis() -> Digest {
    Digest::of_bytes(b"portcullis ledger")
}

/// Chains a record to the entry before it.
pub fn chain(seq: u64, at: Timestamp, record: Record, previous: Digest) -> Entry {
    let hash = Digest::of(&(seq, at, &record, &previous));
    Entry {
        seq,
        at,
        record,
        previous,
        hash,
    }
}

/// Where a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A number is missing or out of order.
    #[error("entry {expected} is missing: entry {found} stands in its place")]
    Gap {
        /// What should stand there.
        expected: u64,
        /// What stands there.
        found: u64,
    },
    /// An entry does not continue the one before.
    #[error("entry {0} does not continue the entry before it")]
    Link(u64),
    /// An entry was edited.
    #[error("entry {0} was changed after it was written")]
    Edited(u64),
}

/// Checks a whole chain, from its first entry.
pub fn verify<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Result<u64, Broken> {
    let mut previous = genesis();
    let mut count = 0;
    for entry in entries {
        count += 1;
        if entry.seq != count {
            return Err(Broken::Gap {
                expected: count,
                found: entry.seq,
            });
        }
        if entry.previous != previous {
            return Err(Broken::Link(entry.seq));
        }
        if Digest::of(&(entry.seq, entry.at, &entry.record, &entry.previous)) != entry.hash {
            return Err(Broken::Edited(entry.seq));
        }
        previous = entry.hash.clone();
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ledger::EntryKind;
    use proptest::prelude::*;

    fn record(operation: &str) -> Record {
        Record {
            actor: "ravi@example.com".to_owned(),
            run_id: "01J".to_owned(),
            kind: EntryKind::Intended,
            environment: "prod".into(),
            operation: operation.to_owned(),
            plan: Digest::of_bytes(b"plan"),
            execution: None,
            outcome: None,
            reason: Some("OPS-1".to_owned()),
            detail: None,
        }
    }

    fn chained(count: u64) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for seq in 1..=count {
            let previous = entries.last().map_or_else(genesis, |e| e.hash.clone());
            entries.push(chain(
                seq,
                Timestamp::UNIX_EPOCH,
                record(&format!("op {seq}")),
                previous,
            ));
        }
        entries
    }

    #[test]
    fn a_chain_survives_json() {
        let entries = chained(3);
        let json = serde_json::to_string(&entries).unwrap();
        let back: Vec<Entry> = serde_json::from_str(&json).unwrap();
        assert_eq!(verify(&back), Ok(3));
    }

    proptest! {
        #[test]
        fn edits_deletions_and_swaps_are_found(
            count in 2_u64..20, at in any::<prop::sample::Index>(), how in 0..4,
        ) {
            let mut entries = chained(count);
            let at = at.index(entries.len() - 1);
            match how {
                0 => entries[at].record.operation.push('!'),
                1 => entries[at].record.reason = None,
                2 => { entries.remove(at); }
                _ => entries.swap(at, at + 1),
            }
            prop_assert!(verify(&entries).is_err());
        }

        #[test]
        fn an_edit_with_a_new_hash_breaks_the_next_link(count in 2_u64..20) {
            let mut entries = chained(count);
            let forged = entries[0].clone();
            entries[0] = chain(forged.seq, forged.at, record("forged"), forged.previous);
            prop_assert_eq!(verify(&entries), Err(Broken::Link(2)));
        }
    }
}
