//! Runs out of entries: each is told when its last entry has come, so that only those under way are held.

use std::collections::HashMap;

use crate::domain::ledger::{Entry, EntryKind};

/// Looks at entries, the newest first, to learn where each run ends.
#[derive(Default)]
pub(super) struct Ends {
    last: HashMap<String, u64>,
    newest: Option<Entry>,
    oldest: Option<Entry>,
    entries: u64,
}

impl Ends {
    /// The next entry, an older one.
    pub(super) fn look(&mut self, entry: &Entry) {
        let run = entry.record.run_id.clone();
        self.last.entry(run).or_insert(entry.seq);
        self.newest.get_or_insert_with(|| entry.clone());
        self.oldest = Some(entry.clone());
        self.entries += 1;
    }

    pub(super) fn entries(&self) -> u64 {
        self.entries
    }

    pub(super) fn runs(&self) -> usize {
        self.last.len()
    }

    /// The first and the last entry.
    pub(super) fn span(&self) -> Option<(&Entry, &Entry)> {
        Some((self.oldest.as_ref()?, self.newest.as_ref()?))
    }
}

/// Puts runs together from entries, the oldest first.
pub(super) struct Stories {
    ends: Ends,
    open: HashMap<String, Vec<Entry>>,
}

impl Stories {
    pub(super) fn new(ends: Ends) -> Self {
        Self {
            ends,
            open: HashMap::new(),
        }
    }

    /// Takes the next entry; gives its run when it was the last one of it.
    pub(super) fn take(&mut self, entry: Entry) -> Option<Vec<Entry>> {
        let run = entry.record.run_id.clone();
        let is_last = self
            .ends
            .last
            .get(&run)
            .is_none_or(|last| *last <= entry.seq);
        if !is_last {
            self.open.entry(run).or_default().push(entry);
            return None;
        }
        let mut story = self.open.remove(&run).unwrap_or_default();
        story.push(entry);
        Some(story)
    }
}

/// Reviews that are owed, out of entries that come the newest first: glass was broken, and nobody reviewed it since.
#[derive(Default)]
pub(super) struct Owed {
    reviewed: std::collections::HashSet<String>,
    owed: Vec<Entry>,
}

impl Owed {
    /// The next entry, an older one.
    pub(super) fn look(&mut self, entry: &Entry) {
        let run = &entry.record.run_id;
        match entry.record.kind {
            EntryKind::Reviewed => drop(self.reviewed.insert(run.clone())),
            EntryKind::BrokeGlass if !self.reviewed.contains(run) => self.owed.push(entry.clone()),
            _ => {}
        }
    }

    /// What is owed, the oldest first.
    pub(super) fn list(mut self) -> Vec<Entry> {
        self.owed.reverse();
        self.owed
    }
}
