//! Where the ledger is, and how it is opened there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions, PgSslMode};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Sqlite};

use super::schema::{postgres, sqlite};
use super::session::{Held, Session};
use super::trouble::LedgerError;
use crate::adapters::database::url::{DatabaseUrl, Host};
use crate::adapters::store::private;

/// How long another process may hold the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a new file is tried again, and after how long.
const MEETINGS: usize = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// How long a server may take to let us in.
const CONNECT: Duration = Duration::from_secs(5);

/// Deadlines that the server keeps for us: for a statement, for a lock that another console
/// holds, and for a transaction of a console that is gone while its connection is not.
const DEADLINES: &str = "SET statement_timeout = '8s'; SET lock_timeout = '5s'; \
     SET idle_in_transaction_session_timeout = '10s'";

/// Whatever the server's defaults: one moment is seen, or what was committed before each statement.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const ALONE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// Where the ledger is.
pub(super) enum Place {
    /// A file of this machine.
    File(PathBuf),
    /// A server that a team shares.
    Server(SecretString),
}

/// An open ledger.
#[derive(Clone)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres { pool: PgPool, schema: String },
}

impl Place {
    /// The place in words; nothing of a server's address is shown, for it holds a password.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::File(path) => format!("the ledger {}", path.display()),
            Self::Server(_) => "the shared ledger".to_owned(),
        }
    }

    /// What leads to another place.
    pub(super) fn knob(&self) -> &'static str {
        match self {
            Self::File(_) => "--state-dir",
            Self::Server(_) => "database",
        }
    }

    /// Whether there can be anything in it.
    pub(super) fn is_there(&self) -> bool {
        match self {
            Self::File(path) => path.exists(),
            Self::Server(_) => true,
        }
    }

    /// Opens it; a file is brought to the newest format, a server when something is written.
    pub(super) async fn open(&self) -> Result<Pool, LedgerError> {
        match self {
            Self::File(path) => open_file(path).await.map(Pool::Sqlite),
            Self::Server(address) => open_server(address),
        }
    }
}

impl Pool {
    /// A session that reads; `None` while the ledger was never begun.
    pub(super) async fn reader(&self) -> Result<Option<Session>, LedgerError> {
        Ok(match self {
            Self::Sqlite(pool) => Some(Session::Sqlite(Held::Connection(pool.acquire().await?))),
            Self::Postgres { pool, schema } => {
                let mut connection = pool.acquire().await?;
                let is_begun = postgres::is_begun(&mut connection, schema).await?;
                is_begun.then(|| Session::Postgres(Held::Connection(connection)))
            }
        })
    }

    /// A session that sees the ledger as it is at one moment; `None` while it was never begun.
    pub(super) async fn snapshot(&self) -> Result<Option<Session>, LedgerError> {
        Ok(match self {
            Self::Sqlite(pool) => Some(Session::Sqlite(Held::Transaction(pool.begin().await?))),
            Self::Postgres { pool, schema } => {
                let mut transaction = pool.begin_with(SNAPSHOT).await?;
                let is_begun = postgres::is_begun(&mut transaction, schema).await?;
                is_begun.then(|| Session::Postgres(Held::Transaction(transaction)))
            }
        })
    }

    /// A session in which nobody else appends until it ends, so that the chain has one next link.
    pub(super) async fn writer(&self) -> Result<Session, LedgerError> {
        match self {
            Self::Sqlite(pool) => {
                let transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                Ok(Session::Sqlite(Held::Transaction(transaction)))
            }
            Self::Postgres { pool, schema } => {
                let mut transaction = pool.begin_with(ALONE).await?;
                sqlx::raw_sql(postgres::LOCK)
                    .execute(&mut *transaction)
                    .await?;
                // Each time: another console may have brought it to a format that this one does not know.
                postgres::prepare(&mut transaction, schema).await?;
                Ok(Session::Postgres(Held::Transaction(transaction)))
            }
        }
    }
}

async fn open_file(path: &Path) -> Result<SqlitePool, LedgerError> {
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
    sqlite::prepare(&mut *first(&pool).await?).await?;
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

fn open_server(address: &SecretString) -> Result<Pool, LedgerError> {
    let url = DatabaseUrl::parse(address)?;
    let tls = url.tls.unwrap_or(PgSslMode::Prefer);
    let options = url.sign_in(url.database.as_deref()).ssl_mode(tls);
    let options = match &url.host {
        Some(Host::Name(name)) => options.host(name),
        Some(Host::Folder(folder)) => options
            .host("localhost")
            .socket(folder)
            .ssl_mode(PgSslMode::Disable),
        None => return Err(LedgerError::NoHost),
    };
    let schema = schema(&url);
    // Nothing else is found by its name, also nothing temporary.
    let settings = format!(
        "SET search_path = {}, pg_temp; {DEADLINES}",
        postgres::quoted(&schema)
    );
    let pool = PgPoolOptions::new()
        .max_connections(3)
        .acquire_timeout(CONNECT)
        .after_connect(move |connection, _| Box::pin(set(connection, settings.clone())))
        .connect_lazy_with(options.port(url.port.unwrap_or(5432)));
    Ok(Pool::Postgres { pool, schema })
}

async fn set(connection: &mut PgConnection, settings: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(settings))
        .execute(connection)
        .await
        .map(|_| ())
}

/// The schema that the address names first.
fn schema(url: &DatabaseUrl) -> String {
    let path = url.search_path.as_deref().unwrap_or_default();
    let first = path.split(',').next().unwrap_or_default();
    match first.trim().trim_matches('"') {
        "" => postgres::SCHEMA.to_owned(),
        name => name.to_owned(),
    }
}
