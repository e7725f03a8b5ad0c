//! An entry as the database keeps it, and what becomes of it.

use crate::domain::digest::Digest;
use crate::domain::ledger::{Broken, Checked, Entry, Head, Link, Seal, Walk, Witness};
use crate::ports::keys::Sealer;

/// The columns of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) seq: i64,
    pub(super) at: String,
    pub(super) run_id: String,
    pub(super) kind: String,
    pub(super) environment: String,
    pub(super) record: String,
    pub(super) previous: String,
    pub(super) hash: String,
}

impl Stored {
    /// Its number. No entry has number 0, so nothing passes for one that has none.
    pub(super) fn seq(&self) -> u64 {
        u64::try_from(self.seq).unwrap_or_default()
    }

    fn link(&self) -> Link<'_> {
        Link {
            seq: self.seq(),
            at: &self.at,
            record: &self.record,
            previous: &self.previous,
            hash: &self.hash,
        }
    }

    /// The entry, if its columns say what its record says.
    pub(super) fn entry(&self) -> Result<Entry, Broken> {
        self.agreeing(self.link().entry()?)
    }

    /// The entry, if it also has the hash of what it says.
    pub(super) fn whole(&self) -> Result<Entry, Broken> {
        if !self.link().is_whole() {
            return Err(Broken::Edited(self.seq()));
        }
        self.entry()
    }

    /// The entry as the next one of a chain.
    pub(super) fn next_of(&self, walk: &mut Walk) -> Result<Entry, Broken> {
        self.agreeing(walk.step(&self.link())?)
    }

    fn agreeing(&self, entry: Entry) -> Result<Entry, Broken> {
        let record = &entry.record;
        let columns = [
            ("run_id", self.run_id.as_str(), record.run_id.as_str()),
            ("kind", &self.kind, record.kind.word()),
            (
                "environment",
                &self.environment,
                record.environment.as_str(),
            ),
        ];
        match columns.iter().find(|(_, column, said)| column != said) {
            Some((column, ..)) => Err(Broken::Column {
                seq: entry.seq,
                column,
            }),
            None => Ok(entry),
        }
    }
}

/// A seal as the database keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeptSeal {
    pub(super) key: String,
    pub(super) seq: i64,
    pub(super) hash: String,
    pub(super) mac: String,
    /// The hash of the entry that has its number.
    pub(super) found: Option<String>,
}

impl KeptSeal {
    /// What it says beside what stands in its place. One that cannot be read says something that
    /// no ledger holds, so it never passes for a good one.
    pub(super) fn witness(&self, sealer: &dyn Sealer) -> Witness {
        let seal = Seal {
            head: Head {
                seq: u64::try_from(self.seq).unwrap_or_default(),
                hash: Digest::read(&self.hash).unwrap_or_else(|| Digest::of_bytes(b"no seal")),
            },
            key: self.key.clone(),
            mac: self.mac.clone(),
        };
        Witness {
            checked: sealer.check(&seal),
            head: seal.head,
            found: self.found.as_deref().and_then(Digest::read),
        }
    }
}

/// What the place of the key remembers, beside what stands there now.
pub(super) fn memory(head: Head, found: Option<&str>) -> Witness {
    Witness {
        head,
        checked: Checked::Good,
        found: found.and_then(Digest::read),
    }
}
