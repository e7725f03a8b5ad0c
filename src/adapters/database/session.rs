//! One session with a PostgreSQL server: it reads, and cannot write.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};

use super::backends::{self, BACKENDS, Cells};
use super::catalogue::{self, Catalogue};
use super::place::Place;
use super::trouble::{self, Trouble};
use super::url::DatabaseUrl;
use crate::domain::backend::Backend;
use crate::domain::database::Reading;
use crate::domain::environment::{Environment, ProbeKind};
use crate::domain::failure::Failure;
use crate::domain::revision::RevisionId;

/// How long a server may take to let us in; a private address that nobody routes never answers.
const CONNECT: Duration = Duration::from_secs(4);

/// How long all questions together may take.
const READ: Duration = Duration::from_secs(5);

/// A transaction that changes nothing, waits for no lock and keeps nobody waiting.
const BEGIN: &str = "BEGIN READ ONLY; SET LOCAL statement_timeout = '3s'; SET LOCAL lock_timeout = '1s'; \
     SET LOCAL idle_in_transaction_session_timeout = '10s'";

/// Reads the database of an environment, with the user and the password of its URL.
pub(in crate::adapters) async fn read(
    environment: &Environment,
    url: &DatabaseUrl,
) -> Result<Reading, Failure> {
    let ask = async |connection: &mut PgConnection| ask(connection, url).await;
    let Answer { current, tables } = in_session(environment, url, ask).await?;
    if current.is_none()
        && let Some(tables) = &tables
        && tables.has_version_table()
    {
        // The session is over: only its refusal is left to be said.
        tables.version_schema()?;
    }
    Ok(Reading {
        probe: ProbeKind::Direct,
        at: Timestamp::now(),
        current,
        tables: tables.map(Catalogue::into_tables),
    })
}

/// Who else is in the database of an environment.
pub(in crate::adapters) async fn backends(
    environment: &Environment,
    url: &DatabaseUrl,
) -> Result<Vec<Backend>, Failure> {
    let ask = async |connection: &mut PgConnection| {
        sqlx::raw_sql(BEGIN).execute(&mut *connection).await?;
        rows(connection, BACKENDS.to_owned()).await
    };
    let rows = in_session(environment, url, ask).await?;
    Ok(rows.iter().filter_map(backends::backend).collect())
}

impl Cells for PgRow {
    fn cell(&self, column: usize) -> Option<&str> {
        self.try_get_unchecked(column).ok().flatten()
    }
}

/// Asks in a session of its own.
async fn in_session<T>(
    environment: &Environment,
    url: &DatabaseUrl,
    ask: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>,
) -> Result<T, Failure> {
    let place = Place::of(environment, url)?;
    place.check(environment)?;
    let at = trouble::At {
        environment,
        place: &place,
    };
    let options = options(environment, &place, url);
    let mut connection = match tokio::time::timeout(CONNECT, options.connect()).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => return Err(at.failure(Trouble::of(&error))),
        Err(_) => return Err(at.failure(Trouble::NoRoute)),
    };
    let answer = tokio::time::timeout(READ, ask(&mut connection)).await;
    // The server ends the transaction with the session, and nobody waits for a farewell.
    drop(tokio::time::timeout(Duration::from_millis(200), connection.close()).await);
    match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(at.failure(Trouble::of(&error))),
        Err(_) => Err(at.failure(Trouble::Slow)),
    }
}

fn options(environment: &Environment, place: &Place, url: &DatabaseUrl) -> PgConnectOptions {
    let database = url.database.as_deref().or(environment.database.as_deref());
    let options = url
        .sign_in(database)
        .ssl_mode(place.tls(environment.direct.as_ref(), url));
    match place {
        Place::Host { name, port } => options.host(name).port(*port),
        Place::Socket { folder, port } => options.host("localhost").socket(folder).port(*port),
    }
}

/// What the database said.
struct Answer {
    current: Option<Vec<RevisionId>>,
    tables: Option<Catalogue>,
}

/// Asks for the versions, and for the tables where there are none. The simple protocol is
/// understood by every pooler.
async fn ask(connection: &mut PgConnection, url: &DatabaseUrl) -> sqlx::Result<Answer> {
    sqlx::raw_sql(BEGIN).execute(&mut *connection).await?;
    if let Some(path) = &url.search_path {
        let sql = format!(
            "SELECT set_config('search_path', {}, true)",
            catalogue::literal(path)
        );
        rows(connection, sql).await?;
    }
    let mut current = None;
    if found(connection, catalogue::HAS_VERSION_TABLE).await? {
        current = Some(versions(connection, None).await?);
    }
    if current.as_ref().is_some_and(|rows| !rows.is_empty()) {
        return Ok(Answer {
            current,
            tables: None,
        });
    }
    let tables = tables(connection).await?;
    if current.is_none()
        && tables.has_version_table()
        && let Ok(schema) = tables.version_schema()
    {
        current = Some(versions(connection, Some(schema)).await?);
    }
    let needed = current.as_ref().is_none_or(Vec::is_empty);
    Ok(Answer {
        current,
        tables: needed.then_some(tables),
    })
}

async fn found(connection: &mut PgConnection, sql: &str) -> sqlx::Result<bool> {
    let rows = rows(connection, sql.to_owned()).await?;
    let first = rows
        .first()
        .map(|row| row.try_get_unchecked::<Option<String>, _>(0));
    Ok(first.transpose()?.flatten().is_some())
}

async fn versions(
    connection: &mut PgConnection,
    schema: Option<&str>,
) -> sqlx::Result<Vec<RevisionId>> {
    let rows = rows(connection, catalogue::versions(schema)).await?;
    rows.iter()
        .map(|row| row.try_get_unchecked::<String, _>(0).map(RevisionId::new))
        .collect()
}

async fn tables(connection: &mut PgConnection) -> sqlx::Result<Catalogue> {
    let rows = rows(connection, catalogue::TABLES.to_owned()).await?;
    let mut cells = Vec::with_capacity(rows.len());
    for row in &rows {
        let columns: Option<&str> = row.try_get_unchecked(2)?;
        cells.push((
            row.try_get_unchecked::<&str, _>(0)?,
            row.try_get_unchecked::<&str, _>(1)?,
            columns.unwrap_or_default(),
        ));
    }
    Ok(cells.into_iter().collect())
}

async fn rows(
    connection: &mut PgConnection,
    sql: String,
) -> sqlx::Result<Vec<sqlx::postgres::PgRow>> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .fetch_all(connection)
        .await
}
