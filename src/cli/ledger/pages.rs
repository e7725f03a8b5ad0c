//! Walking through many entries, of which only one page is held at a time.

use crate::domain::failure::Failure;
use crate::domain::ledger::{Entry, Filter};
use crate::ports::ledger::Ledger;

/// Entries in one page.
const PAGE: u32 = 1_000;

/// Looks at every entry that a filter lets through, the newest first.
///
/// The pages that it returns lead through the same entries again, whatever is appended meanwhile.
pub(super) async fn newest_first<'a>(
    ledger: &'a dyn Ledger,
    filter: &'a Filter,
    mut look: impl FnMut(&Entry),
) -> Result<Pages<'a>, Failure> {
    let mut starts = Vec::new();
    let mut before = None;
    loop {
        let page = ledger.page(filter, before, PAGE).await?;
        page.iter().for_each(&mut look);
        if let Some(first) = page.first() {
            starts.push(first.seq);
        }
        before = page.last().map(|last| last.seq);
        if page.len() < PAGE as usize {
            return Ok(Pages {
                ledger,
                filter,
                starts,
            });
        }
    }
}

/// Pages of entries, the oldest first.
pub(super) struct Pages<'a> {
    ledger: &'a dyn Ledger,
    filter: &'a Filter,
    /// The newest entry of each page, the newest page first.
    starts: Vec<u64>,
}

impl Pages<'_> {
    /// The next page, its oldest entry first.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Entry>>, Failure> {
        let Some(start) = self.starts.pop() else {
            return Ok(None);
        };
        let mut page = self.ledger.page(self.filter, Some(start + 1), PAGE).await?;
        page.reverse();
        Ok(Some(page))
    }
}
