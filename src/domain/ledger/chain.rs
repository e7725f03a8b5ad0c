//! The chain: every entry holds the hash of the one before it.

use jiff::Timestamp;

use super::{Entry, Record};
use crate::domain::digest::Digest;

/// A link of the chain as a store keeps it: the record is the text that was hashed.
#[derive(Clone, Copy, Debug)]
pub struct Link<'a> {
    /// Position.
    pub seq: u64,
    /// When it was written.
    pub at: &'a str,
    /// The record as JSON.
    pub record: &'a str,
    /// Hash of the link before.
    pub previous: &'a str,
    /// Hash over all of the above.
    pub hash: &'a str,
}

impl Link<'_> {
    /// The entry that the texts stand for. A text that does not become itself again when the
    /// entry is written is refused: it may hold what this version does not know.
    pub fn entry(&self) -> Result<Entry, Broken> {
        let unreadable = || Broken::Unreadable(self.seq);
        let at: Timestamp = self.at.parse().map_err(|_| unreadable())?;
        let record: Record = serde_json::from_str(self.record).map_err(|_| unreadable())?;
        let written = serde_json::to_string(&record).map_err(|_| unreadable())?;
        if written != self.record || at.to_string() != self.at {
            return Err(unreadable());
        }
        Ok(Entry {
            seq: self.seq,
            at,
            record,
            previous: Digest::read(self.previous).ok_or_else(unreadable)?,
            hash: Digest::read(self.hash).ok_or_else(unreadable)?,
        })
    }

    /// Whether its hash is the one of its texts. What is hashed is the JSON of sequence, time,
    /// record and previous hash, so the texts are joined instead of being written anew.
    pub fn is_whole(&self) -> bool {
        let Self {
            seq,
            at,
            record,
            previous,
            hash,
        } = self;
        let text = format!("[{seq},\"{at}\",{record},\"{previous}\"]");
        Digest::of_bytes(text.as_bytes()).as_str() == *hash
    }
}

/// Follows a chain from its first link, one after the other.
#[derive(Clone, Debug)]
pub struct Walk {
    seq: u64,
    hash: Digest,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            seq: 0,
            hash: genesis(),
        }
    }
}

impl Walk {
    /// The number of the last link; 0 before the first.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Takes the next link and gives its entry.
    pub fn step(&mut self, link: &Link<'_>) -> Result<Entry, Broken> {
        let expected = self.seq + 1;
        if link.seq != expected {
            return Err(Broken::Gap {
                expected,
                found: link.seq,
            });
        }
        if link.previous != self.hash.as_str() {
            return Err(Broken::Link(link.seq));
        }
        if !link.is_whole() {
            return Err(Broken::Edited(link.seq));
        }
        let entry = link.entry()?;
        self.seq = entry.seq;
        self.hash.clone_from(&entry.hash);
        Ok(entry)
    }
}

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
    /// An entry holds what this version cannot read.
    #[error("entry {0} holds what this version does not know, or is damaged")]
    Unreadable(u64),
    /// A copy of a field that the store searches by is not what the entry says.
    #[error("entry {seq} says something else than its column `{column}`")]
    Column {
        /// The entry.
        seq: u64,
        /// The column.
        column: &'static str,
    },
    /// The entries are sound, and what the store derives from them is not.
    #[error("the entries are whole, but {0}")]
    Store(String),
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

    fn texts(entry: &Entry) -> [String; 4] {
        [
            entry.at.to_string(),
            serde_json::to_string(&entry.record).unwrap(),
            entry.previous.to_string(),
            entry.hash.to_string(),
        ]
    }

    fn link(seq: u64, [at, record, previous, hash]: &[String; 4]) -> Link<'_> {
        Link {
            seq,
            at,
            record,
            previous,
            hash,
        }
    }

    #[test]
    fn the_hash_of_the_kept_texts_is_the_hash_of_the_entry() {
        let mut walk = Walk::default();
        for entry in chained(3) {
            let texts = texts(&entry);
            assert_eq!(walk.step(&link(entry.seq, &texts)), Ok(entry));
        }
        assert_eq!(walk.seq(), 3);
    }

    #[test]
    fn a_whole_text_with_something_unknown_is_not_taken_for_less() {
        let entry = &chained(1)[0];
        let [at, record, previous, _] = texts(entry);
        for record in [
            record.replacen('{', "{\"new\":1,", 1),
            record.replacen('{', "{ ", 1),
        ] {
            let text = format!("[1,\"{at}\",{record},\"{previous}\"]");
            let hash = Digest::of_bytes(text.as_bytes()).to_string();
            let texts = [at.clone(), record, previous.clone(), hash];
            let link = link(1, &texts);
            assert!(link.is_whole());
            assert_eq!(Walk::default().step(&link), Err(Broken::Unreadable(1)));
        }
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
