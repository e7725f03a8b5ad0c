//! Looking at the ledger in windows: its ends, what is next to an entry, one run's whole story.

use crate::domain::failure::Failure;
use crate::domain::ledger::{Entry, Filter, Reach, Window};
use crate::ports::ledger::Ledger;

/// How many entries are read at a time on the way to the oldest.
const STRIDE: u32 = 2_000;
/// How much further is looked for what is newer, when what is near does not fill the window.
const FURTHER: u32 = 4;
/// The most entries of one run; a run has a dozen.
const STORY: u32 = 5_000;

/// The entries in one direction, at most as many as asked.
pub async fn window(
    ledger: &dyn Ledger,
    filter: &Filter,
    reach: Reach,
    size: u32,
) -> Result<Window, Failure> {
    match reach {
        Reach::Newest => older(ledger, filter, None, size).await,
        Reach::Older(seq) => older(ledger, filter, Some(seq), size).await,
        Reach::Newer(seq) => newer(ledger, filter, seq, size).await,
        Reach::Oldest => oldest(ledger, filter, size).await,
    }
}

/// All entries of a run, the oldest first.
pub async fn story(ledger: &dyn Ledger, run_id: &str) -> Result<Vec<Entry>, Failure> {
    let filter = Filter {
        run_id: Some(run_id.to_owned()),
        ..Filter::default()
    };
    let mut entries = ledger.page(&filter, None, STORY).await?;
    entries.reverse();
    Ok(entries)
}

async fn older(
    ledger: &dyn Ledger,
    filter: &Filter,
    before: Option<u64>,
    size: u32,
) -> Result<Window, Failure> {
    // One more tells whether there is more.
    let mut entries = ledger.page(filter, before, size.saturating_add(1)).await?;
    let oldest = entries.len() <= count(size);
    entries.truncate(count(size));
    Ok(Window {
        entries,
        newest: before.is_none(),
        oldest,
    })
}

async fn newer(
    ledger: &dyn Ledger,
    filter: &Filter,
    seq: u64,
    size: u32,
) -> Result<Window, Failure> {
    let last = newest_number(ledger).await?;
    let mut step = size;
    loop {
        let end = seq.saturating_add(u64::from(step));
        let mut entries = ledger
            .page(filter, Some(end.saturating_add(1)), step)
            .await?;
        // Numbers have no gaps, so all of this stretch is within the limit.
        entries.retain(|entry| entry.seq > seq);
        let surplus = entries.len().saturating_sub(count(size));
        if end >= last || entries.len() >= count(size) {
            return Ok(Window {
                entries: entries.split_off(surplus),
                newest: end >= last && surplus == 0,
                oldest: false,
            });
        }
        step = step.saturating_mul(FURTHER);
    }
}

async fn oldest(ledger: &dyn Ledger, filter: &Filter, size: u32) -> Result<Window, Failure> {
    if *filter == Filter::default() {
        let last = newest_number(ledger).await?;
        let end = u64::from(size).saturating_add(1);
        return Ok(Window {
            entries: ledger.page(filter, Some(end), size).await?,
            newest: last < end,
            oldest: true,
        });
    }
    let mut kept: Vec<Entry> = Vec::new();
    let mut newest = true;
    loop {
        let before = kept.last().map(|entry| entry.seq);
        let mut entries = ledger.page(filter, before, STRIDE).await?;
        let over = entries.len() < count(STRIDE);
        kept.append(&mut entries);
        let surplus = kept.len().saturating_sub(count(size));
        newest &= surplus == 0;
        kept.drain(..surplus);
        if over {
            return Ok(Window {
                entries: kept,
                newest,
                oldest: true,
            });
        }
    }
}

async fn newest_number(ledger: &dyn Ledger) -> Result<u64, Failure> {
    let newest = ledger.page(&Filter::default(), None, 1).await?;
    Ok(newest.first().map_or(0, |entry| entry.seq))
}

fn count(size: u32) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
