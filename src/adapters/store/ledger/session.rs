//! One session with whichever database holds the ledger: the same questions for both.

use std::ops::{Deref, DerefMut};

use jiff::Timestamp;
use sqlx::pool::PoolConnection;
use sqlx::{
    Arguments as _, AssertSqlSafe, ColumnIndex, Database, Decode, Encode, Executor, IntoArguments,
    Postgres, Row as _, Sqlite, Transaction, Type,
};

use super::schema::{postgres, sqlite};
use super::stored::{KeptSeal, Stored};
use super::trouble::LedgerError;

/// A question with the values that are bound to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

/// A bound value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Number(i64),
    Text(String),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Value {
    /// A number that no entry can have is the largest there is.
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl Asked {
    pub(super) fn new(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            values: Vec::new(),
        }
    }

    pub(super) fn with(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Binds a value and gives the name that it has in the question.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }
}

/// A connection from the pool, or a transaction on one.
pub(super) enum Held<D: Database> {
    Connection(PoolConnection<D>),
    Transaction(Transaction<'static, D>),
}

impl<D: Database> Deref for Held<D> {
    type Target = D::Connection;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Connection(connection) => connection,
            Self::Transaction(transaction) => transaction,
        }
    }
}

impl<D: Database> DerefMut for Held<D> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match self {
            Self::Connection(connection) => connection,
            Self::Transaction(transaction) => transaction,
        }
    }
}

impl<D: Database> Held<D> {
    async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Connection(_) => Ok(()),
            Self::Transaction(transaction) => transaction.commit().await,
        }
    }
}

/// A session with one of the two databases.
pub(super) enum Session {
    Sqlite(Held<Sqlite>),
    Postgres(Held<Postgres>),
}

impl Session {
    /// The entries that a question finds; it selects the columns of [`Stored`].
    pub(super) async fn entries(&mut self, asked: Asked) -> sqlx::Result<Vec<Stored>> {
        match self {
            Self::Sqlite(held) => rows(held, asked, stored).await,
            Self::Postgres(held) => rows(held, asked, stored).await,
        }
    }

    /// The seals, with what stands in their places.
    pub(super) async fn seals(&mut self, asked: Asked) -> sqlx::Result<Vec<KeptSeal>> {
        match self {
            Self::Sqlite(held) => rows(held, asked, seal).await,
            Self::Postgres(held) => rows(held, asked, seal).await,
        }
    }

    /// The texts in the first column.
    pub(super) async fn texts(&mut self, asked: Asked) -> sqlx::Result<Vec<String>> {
        match self {
            Self::Sqlite(held) => rows(held, asked, |row| row.try_get(0)).await,
            Self::Postgres(held) => rows(held, asked, |row| row.try_get(0)).await,
        }
    }

    /// Writes.
    pub(super) async fn write(&mut self, asked: Asked) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(held) => tell(held, asked).await,
            Self::Postgres(held) => tell(held, asked).await,
        }
    }

    /// The time: of the server where several machines write, else of this machine.
    pub(super) async fn now(&mut self) -> sqlx::Result<Timestamp> {
        const NOW: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text";
        let Self::Postgres(_) = self else {
            return Ok(Timestamp::now());
        };
        let texts = self.texts(Asked::new(NOW)).await?;
        let micros = texts.first().and_then(|text| text.parse().ok());
        micros
            .and_then(|micros| Timestamp::from_microsecond(micros).ok())
            .ok_or(sqlx::Error::RowNotFound)
    }

    /// What is wrong with the database although its entries are whole.
    pub(super) async fn flaw(&mut self) -> Result<Option<String>, LedgerError> {
        match self {
            Self::Sqlite(held) => sqlite::flaw(&mut *held).await,
            Self::Postgres(held) => postgres::flaw(&mut *held).await,
        }
        .map_err(LedgerError::Schema)
    }

    /// Makes what was written last.
    pub(super) async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(held) => held.commit().await,
            Self::Postgres(held) => held.commit().await,
        }
    }
}

async fn rows<D, T>(
    held: &mut Held<D>,
    asked: Asked,
    read: impl Fn(&D::Row) -> sqlx::Result<T>,
) -> sqlx::Result<Vec<T>>
where
    D: Database,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    D::Arguments: IntoArguments<D>,
    for<'v> String: Encode<'v, D> + Type<D>,
    for<'v> i64: Encode<'v, D> + Type<D>,
{
    let arguments = arguments::<D>(asked.values)?;
    let query = sqlx::query_with(AssertSqlSafe(asked.sql), arguments);
    let rows = query.fetch_all(&mut **held).await?;
    rows.iter().map(read).collect()
}

async fn tell<D>(held: &mut Held<D>, asked: Asked) -> sqlx::Result<()>
where
    D: Database,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    D::Arguments: IntoArguments<D>,
    for<'v> String: Encode<'v, D> + Type<D>,
    for<'v> i64: Encode<'v, D> + Type<D>,
{
    let arguments = arguments::<D>(asked.values)?;
    let query = sqlx::query_with(AssertSqlSafe(asked.sql), arguments);
    query.execute(&mut **held).await.map(|_| ())
}

fn arguments<D>(values: Vec<Value>) -> sqlx::Result<D::Arguments>
where
    D: Database,
    for<'v> String: Encode<'v, D> + Type<D>,
    for<'v> i64: Encode<'v, D> + Type<D>,
{
    let mut arguments = D::Arguments::default();
    for value in values {
        match value {
            Value::Number(number) => arguments.add(number),
            Value::Text(text) => arguments.add(text),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn stored<R>(row: &R) -> sqlx::Result<Stored>
where
    R: sqlx::Row,
    for<'v> String: Decode<'v, R::Database> + Type<R::Database>,
    for<'v> i64: Decode<'v, R::Database> + Type<R::Database>,
    usize: ColumnIndex<R>,
{
    Ok(Stored {
        seq: row.try_get(0)?,
        at: row.try_get(1)?,
        run_id: row.try_get(2)?,
        kind: row.try_get(3)?,
        environment: row.try_get(4)?,
        record: row.try_get(5)?,
        previous: row.try_get(6)?,
        hash: row.try_get(7)?,
    })
}

fn seal<R>(row: &R) -> sqlx::Result<KeptSeal>
where
    R: sqlx::Row,
    for<'v> String: Decode<'v, R::Database> + Type<R::Database>,
    for<'v> i64: Decode<'v, R::Database> + Type<R::Database>,
    usize: ColumnIndex<R>,
{
    Ok(KeptSeal {
        key: row.try_get(0)?,
        seq: row.try_get(1)?,
        hash: row.try_get(2)?,
        mac: row.try_get(3)?,
        found: row.try_get(4)?,
    })
}
