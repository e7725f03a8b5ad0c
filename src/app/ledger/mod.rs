//! The ledger on the screen: a window of entries that follows the cursor, its filter, one run's story.

mod story;
pub mod words;

pub use story::{StoryScreen, mark, told, why};

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::effect::RequestId;
use super::list::ListState;
use crate::domain::failure::Failure;
use crate::domain::ledger::{Entry, Reach, Window};

/// How many entries are asked for at a time.
pub const WINDOW: u32 = 200;
/// The most entries that are kept: what is far from the cursor is let go.
const MOST: usize = 800;
/// How near to the end of what is kept the cursor may come before more is asked for.
const NEAR: usize = 80;

/// The ledger on the screen.
#[derive(Clone, Debug, Default)]
pub struct LedgerScreen {
    /// Cursor and first visible row among the entries that are kept, and the filter as typed.
    pub list: ListState,
    /// The entries that are kept, the newest first, without a gap.
    pub entries: Vec<Entry>,
    /// Whether nothing newer passes the filter, as far as was looked.
    pub newest: bool,
    /// Whether nothing older passes the filter.
    pub oldest: bool,
    /// The filter, as typed, that the entries passed; `None` before any answer.
    pub asked: Option<String>,
    /// The request that is open, with what it asks for.
    pub open: Option<(RequestId, Reach, String)>,
    /// The end of the ledger that the cursor is on its way to.
    pub towards: Option<Reach>,
    /// Why the last attempt brought nothing.
    pub failure: Option<Failure>,
    /// When the last answer, or the last failure, came.
    pub answered_at: Option<Timestamp>,
    /// Entries that arrived above the first one while it was looked at.
    pub arrived: usize,
}

impl LedgerScreen {
    /// The entry under the cursor.
    pub fn selected(&self) -> Option<&Entry> {
        self.entries.get(self.list.cursor)
    }

    /// Whether the entries are those of the filter that is typed.
    pub fn is_current(&self) -> bool {
        self.asked.as_deref() == Some(self.list.filter.text())
    }

    /// What is to be asked for now, when nothing is on its way; `stale` says that it is time to look for what is new.
    pub fn wants(&self, stale: bool) -> Option<Reach> {
        if self.open.is_some() || (self.failure.is_some() && self.is_current() && !stale) {
            return None;
        }
        if !self.is_current() || (self.entries.is_empty() && stale) {
            return Some(Reach::Newest);
        }
        if let Some(end) = self.towards {
            return Some(end);
        }
        let (first, last) = (self.entries.first()?, self.entries.last()?);
        if !self.oldest && self.list.cursor + NEAR >= self.entries.len() {
            return Some(Reach::Older(last.seq));
        }
        let near_top = self.list.cursor < NEAR;
        (near_top && (!self.newest || stale)).then_some(Reach::Newer(first.seq))
    }

    /// Takes an answer; what is on the screen keeps its place.
    pub fn absorb(&mut self, reach: Reach, filter: String, window: Window) {
        self.failure = None;
        if self.towards == Some(reach) {
            self.towards = None;
        }
        match reach {
            Reach::Newest | Reach::Oldest => {
                let refreshed = self.asked.as_ref() == Some(&filter);
                let followed = self.selected().map(|entry| entry.seq).filter(|_| refreshed);
                self.asked = Some(filter);
                self.newest = window.newest;
                self.oldest = window.oldest;
                self.arrived = 0;
                self.entries = window.entries;
                self.list.cursor = match (reach, followed) {
                    (Reach::Oldest, _) => self.entries.len().saturating_sub(1),
                    (_, Some(seq)) => self.at(seq).unwrap_or(0),
                    _ => 0,
                };
                if self.list.cursor == 0 {
                    self.list.offset = 0;
                }
            }
            Reach::Older(_) => {
                self.oldest = window.oldest;
                self.entries.extend(window.entries);
                self.let_go_above();
            }
            Reach::Newer(_) => {
                let count = window.entries.len();
                if self.newest {
                    self.arrived += count;
                }
                self.newest = window.newest;
                self.entries.splice(0..0, window.entries);
                self.list.cursor += count;
                self.list.offset += count;
                self.let_go_below();
            }
        }
    }

    fn at(&self, seq: u64) -> Option<usize> {
        self.entries.iter().position(|entry| entry.seq <= seq)
    }

    fn let_go_above(&mut self) {
        let surplus = self.entries.len().saturating_sub(MOST);
        let surplus = surplus.min(self.list.offset);
        if surplus > 0 {
            self.entries.drain(..surplus);
            self.list.cursor -= surplus;
            self.list.offset -= surplus;
            self.newest = false;
        }
    }

    fn let_go_below(&mut self) {
        let kept = MOST.max(self.list.cursor + 2 * NEAR);
        if self.entries.len() > kept {
            self.entries.truncate(kept);
            self.oldest = false;
        }
    }

    /// Who acted, among the entries that are kept.
    pub fn actors(&self) -> BTreeSet<&str> {
        self.entries
            .iter()
            .map(|entry| entry.record.actor.as_str())
            .collect()
    }
}

#[cfg(test)]
mod tests;
