//! The record, in SQLite or PostgreSQL: durable before it returns, append-only, safe between processes and machines.

mod append;
mod check;
mod place;
mod question;
mod schema;
mod session;
mod stored;
mod trouble;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::domain::failure::Failure;
use crate::domain::ledger::{Appended, Entry, Filter, Record, Soundness, Unless};
use crate::ports::keys::{NoSealer, Sealer};
use crate::ports::ledger::Ledger;
use place::{Place, Pool};
use session::{Asked, Session};
use stored::Stored;
use trouble::LedgerError;

/// How long one question may take.
const READ: Duration = Duration::from_secs(12);

/// How many entries are read at once, so that never all of them are in memory.
const CHUNK: u32 = 2_000;

/// The ledger in a database; opened when it is first needed.
pub struct DatabaseLedger {
    place: Place,
    pool: Mutex<Option<Pool>>,
    sealer: Arc<dyn Sealer>,
}

impl DatabaseLedger {
    /// The ledger in a state folder, in a SQLite file; nothing is opened yet.
    pub fn in_folder(state: &Path) -> Self {
        Self::at(Place::File(state.join("ledger.db")))
    }

    /// The ledger of a team in a PostgreSQL database, by its address with user and password;
    /// nothing is opened yet.
    pub fn shared(address: SecretString) -> Self {
        Self::at(Place::Server(address))
    }

    /// The same ledger, its head sealed with each entry.
    pub fn sealed_by(mut self, sealer: Arc<dyn Sealer>) -> Self {
        self.sealer = sealer;
        self
    }

    fn at(place: Place) -> Self {
        Self {
            place,
            pool: Mutex::new(None),
            sealer: Arc::new(NoSealer),
        }
    }

    async fn pool(&self) -> Result<Pool, LedgerError> {
        let mut pool = self.pool.lock().await;
        if let Some(pool) = pool.as_ref() {
            return Ok(pool.clone());
        }
        let opened = self.place.open().await?;
        Ok(pool.insert(opened).clone())
    }

    /// Lets go of connections of which one does not answer any more; the next question opens others.
    async fn forget(&self) {
        *self.pool.lock().await = None;
    }

    /// A session that reads; a record that was never begun is empty, and looking does not begin it.
    async fn reader(&self) -> Result<Option<Session>, LedgerError> {
        if !self.place.is_there() {
            return Ok(None);
        }
        self.pool().await?.reader().await
    }

    async fn read(&self, asked: impl Fn(&Session) -> Asked) -> Result<Vec<Stored>, LedgerError> {
        let read = async {
            match self.reader().await? {
                None => Ok(Vec::new()),
                Some(mut session) => {
                    let asked = asked(&session);
                    Ok(session.entries(asked).await?)
                }
            }
        };
        timeout(READ, read).await.unwrap_or(Err(LedgerError::Slow))
    }

    /// What the filter lets through of what the database finds, until there is enough of it.
    async fn try_page(
        &self,
        filter: &Filter,
        mut before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Entry>, LedgerError> {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut page = Vec::new();
        while page.len() < wanted {
            // Where the database cannot decide everything, many are let through for a closer look.
            let chunk = match filter.text {
                Some(_) => CHUNK,
                None => u32::try_from(wanted - page.len()).map_or(CHUNK, |n| n.min(CHUNK)),
            };
            let asked =
                |session: &Session| question::page(session.dialect(), filter, before, chunk);
            let found = self.read(asked).await?;
            for stored in &found {
                let entry = stored.entry()?;
                before = Some(entry.seq);
                if page.len() < wanted && filter.admits(&entry) {
                    page.push(entry);
                }
            }
            if found.len() < chunk as usize {
                break;
            }
        }
        Ok(page)
    }

    async fn try_all(&self) -> Result<Vec<Entry>, LedgerError> {
        let mut all: Vec<Entry> = Vec::new();
        loop {
            let last = all.last().map_or(0, |entry| entry.seq);
            let found = self.read(|_| question::after(last, CHUNK)).await?;
            for stored in &found {
                all.push(stored.entry()?);
            }
            if found.len() < CHUNK as usize {
                return Ok(all);
            }
        }
    }

    async fn try_open_runs(&self) -> Result<Vec<Entry>, LedgerError> {
        let found = self.read(|_| question::open_runs(None)).await?;
        Ok(found.iter().map(Stored::entry).collect::<Result<_, _>>()?)
    }

    /// The answer at the edge.
    async fn told<T>(&self, answer: Result<T, LedgerError>, doing: &str) -> Result<T, Failure> {
        let Err(error) = answer else {
            return answer.map_err(|error| error.failure(&self.place, doing));
        };
        if !error.leaves_connection() {
            self.forget().await;
        }
        Err(error.failure(&self.place, doing))
    }
}

#[async_trait]
impl Ledger for DatabaseLedger {
    async fn append(&self, record: Record) -> Result<Entry, Failure> {
        let answer = self.try_append(record, None).await;
        let (Appended::Written(entry) | Appended::Held(entry)) =
            self.told(answer, "written").await?;
        Ok(entry)
    }

    async fn append_unless(&self, record: Record, unless: Unless) -> Result<Appended, Failure> {
        let answer = self.try_append(record, Some(unless)).await;
        self.told(answer, "written").await
    }

    async fn page(
        &self,
        filter: &Filter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Entry>, Failure> {
        let answer = self.try_page(filter, before, limit).await;
        self.told(answer, "read").await
    }

    async fn all(&self) -> Result<Vec<Entry>, Failure> {
        let answer = self.try_all().await;
        self.told(answer, "read").await
    }

    async fn open_runs(&self) -> Result<Vec<Entry>, Failure> {
        let answer = self.try_open_runs().await;
        self.told(answer, "read").await
    }

    async fn soundness(&self) -> Result<Soundness, Failure> {
        let answer = self.check().await;
        self.told(answer, "checked").await
    }
}

#[cfg(test)]
mod tests;
