//! Looking at a long ledger through a window of entries.

use super::Entry;

/// Which part of the ledger is looked for, among what a filter lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// The newest entries.
    Newest,
    /// The oldest entries.
    Oldest,
    /// Those just before the entry of this number.
    Older(u64),
    /// Those just after the entry of this number.
    Newer(u64),
}

/// Entries without a gap between them, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Whether nothing newer passes the filter.
    pub newest: bool,
    /// Whether nothing older passes the filter.
    pub oldest: bool,
}
