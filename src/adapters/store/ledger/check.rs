//! Checking all of it: every link, every column, what is derived from them, and the seals.

use std::collections::HashMap;

use tokio::time::timeout;

use super::session::Session;
use super::stored::Stored;
use super::trouble::LedgerError;
use super::{CHUNK, DatabaseLedger, READ, question};
use crate::domain::ledger::{Broken, SealState, Soundness, Walk};

/// How far a check has come.
#[derive(Default)]
struct Progress {
    walk: Walk,
    /// The last entry of each run, and whether it leaves the run open.
    runs: HashMap<String, (u64, bool)>,
    broken: Option<Broken>,
}

impl Progress {
    fn take(mut self, chunk: &[Stored]) -> Self {
        for stored in chunk {
            match stored.next_of(&mut self.walk) {
                Ok(entry) => {
                    let is_open = entry.record.kind.is_open();
                    self.runs.insert(entry.record.run_id, (entry.seq, is_open));
                }
                Err(broken) => {
                    self.broken = Some(broken);
                    break;
                }
            }
        }
        self
    }

    fn open_runs(&self) -> Vec<u64> {
        let open = self.runs.values().filter(|(_, is_open)| *is_open);
        let mut seqs: Vec<_> = open.map(|(seq, _)| *seq).collect();
        seqs.sort_unstable();
        seqs
    }
}

impl DatabaseLedger {
    /// Checks the whole ledger as it is at one moment.
    pub(super) async fn check(&self) -> Result<Soundness, LedgerError> {
        // Before the moment: what is remembered later may not be in it.
        let remembered = self.sealer.remembered();
        let session = if self.place.is_there() {
            self.pool().await?.snapshot().await?
        } else {
            None
        };
        let Some(mut session) = session else {
            let witnesses: Vec<_> = remembered
                .map(|head| super::stored::memory(head, None))
                .into_iter()
                .collect();
            return Ok(Soundness {
                entries: 0,
                broken: None,
                seal: SealState::judge(0, &witnesses),
            });
        };
        let witnesses = self.witnesses(&mut session, remembered).await?;
        let last = session.entries(question::last()).await?;
        let last = last.first().map_or(0, Stored::seq);
        let mut progress = walk(&mut session).await?;
        if progress.broken.is_none() {
            progress.broken = derived(&mut session, &progress).await?;
        }
        Ok(Soundness {
            entries: progress.walk.seq(),
            broken: progress.broken,
            seal: SealState::judge(last, &witnesses),
        })
    }
}

/// Follows the chain; while one chunk is hashed, the next one is read.
async fn walk(session: &mut Session) -> Result<Progress, LedgerError> {
    let mut progress = Progress::default();
    let mut chunk = read(session, 0).await?;
    while !chunk.is_empty() && progress.broken.is_none() {
        let last = chunk.last().map_or(0, Stored::seq);
        let checked = tokio::task::spawn_blocking(move || progress.take(&chunk));
        let (checked, next) = tokio::join!(checked, read(session, last));
        progress = checked.map_err(|_| LedgerError::Slow)?;
        chunk = next?;
    }
    Ok(progress)
}

async fn read(session: &mut Session, after: u64) -> Result<Vec<Stored>, LedgerError> {
    let asked = question::after(after, CHUNK);
    Ok(timeout(READ, session.entries(asked))
        .await
        .map_err(|_| LedgerError::Slow)??)
}

/// Checks what is answered without looking at every entry.
async fn derived(
    session: &mut Session,
    progress: &Progress,
) -> Result<Option<Broken>, LedgerError> {
    let open = session.entries(question::open_runs(None)).await?;
    let open: Vec<_> = open.iter().map(Stored::seq).collect();
    if open != progress.open_runs() {
        let what = "its index does not know which runs are open".to_owned();
        return Ok(Some(Broken::Store(what)));
    }
    Ok(session.flaw().await?.map(Broken::Store))
}
