//! The record, in SQLite: durable before it returns, append-only, safe between processes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteRow, SqliteSynchronous,
};
use sqlx::{Connection as _, Row as _, Sqlite};
use tokio::sync::OnceCell;

use super::private;
use super::schema::{self, SchemaError};
use crate::domain::digest::Digest;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::ledger::{Appended, Entry, Filter, Record, Unless, chain, genesis};
use crate::ports::ledger::Ledger;

/// How long another process may hold the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a new file is tried again, and after how long.
const MEETINGS: usize = 50;
const PAUSE: Duration = Duration::from_millis(20);

const NEWEST: &str =
    "SELECT seq, at, record, previous, hash FROM entries ORDER BY seq DESC LIMIT ?1";

const ALL: &str = "SELECT seq, at, record, previous, hash FROM entries ORDER BY seq";

/// The last entry of a run stands for the run; these are not over.
const OPEN: &str = "SELECT seq, at, record, previous, hash FROM entries AS e \
     WHERE kind IN ('intended', 'step', 'started', 'lost', 'unsettled') AND NOT EXISTS \
     (SELECT 1 FROM entries AS later WHERE later.run_id = e.run_id AND later.seq > e.seq) \
     ORDER BY seq";

const OF_RUN: &str = "SELECT seq, at, record, previous, hash FROM entries \
     WHERE run_id = ?1 ORDER BY seq DESC LIMIT 1";

const APPEND: &str = "INSERT INTO entries \
     (seq, at, run_id, kind, environment, record, previous, hash) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

/// The ledger in a file of its own; opened when it is first needed.
pub struct SqliteLedger {
    path: PathBuf,
    pool: OnceCell<SqlitePool>,
}

/// Why the ledger did not do what was asked.
#[derive(Debug, thiserror::Error)]
enum LedgerError {
    #[error("{}", .0.kind())]
    Folder(std::io::Error),
    #[error(transparent)]
    Schema(#[from] SchemaError),
    #[error(transparent)]
    Sqlite(#[from] sqlx::Error),
    #[error("entry {0} cannot be read")]
    Entry(i64),
}

impl SqliteLedger {
    /// The ledger in a state folder; nothing is opened yet.
    pub fn in_folder(state: &Path) -> Self {
        Self {
            path: state.join("ledger.db"),
            pool: OnceCell::new(),
        }
    }

    async fn pool(&self) -> Result<&SqlitePool, LedgerError> {
        self.pool.get_or_try_init(|| open(&self.path)).await
    }

    async fn try_append(
        &self,
        record: Record,
        unless: Option<Unless>,
    ) -> Result<Appended, LedgerError> {
        let mut connection = self.pool().await?.acquire().await?;
        // From here on nobody else appends, so the chain has one next link.
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        if let Some(unless) = unless
            && let Some(held) = in_the_way(&mut transaction, &unless).await?
        {
            return Ok(Appended::Held(held));
        }
        let last = sqlx::query(NEWEST)
            .bind(1)
            .fetch_optional(&mut *transaction)
            .await?;
        let last = last.as_ref().map(entry).transpose()?;
        let (seq, previous) = last.map_or((0, genesis()), |last| (last.seq, last.hash));
        let entry = chain(seq + 1, Timestamp::now(), record, previous);
        write(&mut transaction, &entry).await?;
        transaction.commit().await?;
        Ok(Appended::Written(entry))
    }

    async fn read(&self, sql: &'static str, limit: Option<u32>) -> Result<Vec<Entry>, Failure> {
        // A record that was never begun is empty, and looking does not begin it.
        if self.pool.get().is_none() && !self.path.exists() {
            return Ok(Vec::new());
        }
        self.try_read(sql, limit)
            .await
            .map_err(|error| self.failure(&error, "read"))
    }

    async fn try_read(
        &self,
        sql: &'static str,
        limit: Option<u32>,
    ) -> Result<Vec<Entry>, LedgerError> {
        let mut query = sqlx::query(sql);
        if let Some(limit) = limit {
            query = query.bind(i64::from(limit));
        }
        let rows = query.fetch_all(self.pool().await?).await?;
        rows.iter().map(entry).collect()
    }

    fn failure(&self, error: &LedgerError, doing: &str) -> Failure {
        let path = self.path.display();
        let hint = match error {
            LedgerError::Schema(SchemaError::Newer { .. }) => {
                "use the newer Portcullis, or give this one another --state-dir".to_owned()
            }
            LedgerError::Schema(SchemaError::Foreign) => {
                format!("move {path} away, or use another --state-dir")
            }
            LedgerError::Entry(_) => {
                format!("{path} was changed by hand or is damaged; keep a copy of it")
            }
            _ => format!("check the space, the permissions and other processes at {path}"),
        };
        Failure::new(
            FailureKind::Ledger,
            format!("the ledger {path} could not be {doing}: {error}"),
            hint,
        )
    }
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn append(&self, record: Record) -> Result<Entry, Failure> {
        match self.try_append(record, None).await {
            Ok(Appended::Written(entry) | Appended::Held(entry)) => Ok(entry),
            Err(error) => Err(self.failure(&error, "written")),
        }
    }

    async fn append_unless(&self, record: Record, unless: Unless) -> Result<Appended, Failure> {
        self.try_append(record, Some(unless))
            .await
            .map_err(|error| self.failure(&error, "written"))
    }

    async fn page(
        &self,
        filter: &Filter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Entry>, Failure> {
        let mut entries = self.all().await?;
        entries
            .retain(|entry| before.is_none_or(|before| entry.seq < before) && filter.admits(entry));
        entries.reverse();
        entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(entries)
    }

    async fn all(&self) -> Result<Vec<Entry>, Failure> {
        self.read(ALL, None).await
    }

    async fn open_runs(&self) -> Result<Vec<Entry>, Failure> {
        self.read(OPEN, None).await
    }
}

async fn open(path: &Path) -> Result<SqlitePool, LedgerError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    private::folder(folder)
        .and_then(|()| private::file(path))
        .map_err(LedgerError::Folder)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(PATIENCE)
        .journal_mode(SqliteJournalMode::Wal)
        // A record that a power cut can undo is none.
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new()
        .max_connections(2)
        .acquire_timeout(PATIENCE * 2)
        .connect_lazy_with(options);
    schema::prepare(&mut *first(&pool).await?).await?;
    Ok(pool)
}

/// The first connection. Where two processes meet at a new file, both set its journal mode, and
/// SQLite tells one of them that it is busy without any patience.
async fn first(pool: &SqlitePool) -> Result<PoolConnection<Sqlite>, sqlx::Error> {
    for _ in 0..MEETINGS {
        match pool.acquire().await {
            Err(error) if is_busy(&error) => tokio::time::sleep(PAUSE).await,
            answer => return answer,
        }
    }
    pool.acquire().await
}

fn is_busy(error: &sqlx::Error) -> bool {
    const BUSY: &str = "5";
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.as_deref() == Some(BUSY)
}

async fn in_the_way(
    connection: &mut SqliteConnection,
    unless: &Unless,
) -> Result<Option<Entry>, LedgerError> {
    match unless {
        Unless::Open(environment) => {
            let rows = sqlx::query(OPEN).fetch_all(connection).await?;
            let open: Result<Vec<_>, _> = rows.iter().map(entry).collect();
            Ok(open?
                .into_iter()
                .find(|entry| entry.record.environment == *environment))
        }
        Unless::Known(run_id) => of_run(connection, run_id).await,
        Unless::MovedOn { run_id, seq } => {
            let last = of_run(connection, run_id).await?;
            Ok(last.filter(|last| last.seq != *seq))
        }
    }
}

async fn of_run(
    connection: &mut SqliteConnection,
    run_id: &str,
) -> Result<Option<Entry>, LedgerError> {
    let row = sqlx::query(OF_RUN)
        .bind(run_id)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(entry).transpose()
}

async fn write(connection: &mut SqliteConnection, entry: &Entry) -> Result<(), LedgerError> {
    let written = serde_json::to_string(&entry.record).map_err(|_| LedgerError::Entry(0))?;
    sqlx::query(APPEND)
        .bind(i64::try_from(entry.seq).map_err(|_| LedgerError::Entry(i64::MAX))?)
        .bind(entry.at.to_string())
        .bind(&entry.record.run_id)
        .bind(entry.record.kind.word())
        .bind(entry.record.environment.as_str())
        .bind(written)
        .bind(entry.previous.as_str())
        .bind(entry.hash.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

fn entry(row: &SqliteRow) -> Result<Entry, LedgerError> {
    let seq: i64 = row.try_get("seq")?;
    let at: &str = row.try_get("at")?;
    let record: &str = row.try_get("record")?;
    let read = || {
        Some(Entry {
            seq: u64::try_from(seq).ok()?,
            at: at.parse().ok()?,
            record: serde_json::from_str(record).ok()?,
            previous: digest(row.try_get("previous").ok()?)?,
            hash: digest(row.try_get("hash").ok()?)?,
        })
    };
    read().ok_or(LedgerError::Entry(seq))
}

fn digest(text: &str) -> Option<Digest> {
    let is_one = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = serde_json::Value::from(text);
    is_one.then(|| serde_json::from_value(value).ok()).flatten()
}

#[cfg(test)]
mod tests;
