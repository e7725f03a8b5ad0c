//! A SQLite file in the role of a PostgreSQL database.

use std::{path::Path, time::Duration};

use futures::TryStreamExt;
use sqlx::{
    Column, ConnectOptions, Connection, Either, Executor, Row, TypeInfo, ValueRef,
    sqlite::{
        SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow, SqliteSynchronous,
    },
};

use super::{
    dialect,
    plan::{rows_after, rows_before},
    revisions::Revision,
};
use crate::sandbox::world::model::{SqlAnswer, SqlColumn};

pub(super) struct Place(SqliteConnection);

impl Place {
    pub(super) async fn open(file: &Path, create: bool) -> sqlx::Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(create)
            // Readers must not wait for a long revision.
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5));
        options.connect().await.map(Self)
    }

    pub(super) async fn close(self) -> sqlx::Result<()> {
        self.0.close().await
    }

    pub(super) async fn execute(&mut self, sql: &'static str) -> sqlx::Result<()> {
        self.0.execute(sql).await.map(drop)
    }

    pub(super) async fn tables(&mut self) -> sqlx::Result<Vec<String>> {
        let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let rows = sqlx::query(sql).fetch_all(&mut self.0).await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    }

    /// The rows of `alembic_version`, none when there is no such table.
    pub(super) async fn versions(&mut self) -> sqlx::Result<Vec<String>> {
        if !self
            .tables()
            .await?
            .iter()
            .any(|name| name == "alembic_version")
        {
            return Ok(Vec::new());
        }
        let rows = sqlx::query("SELECT version_num FROM alembic_version")
            .fetch_all(&mut self.0)
            .await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    }

    pub(super) async fn set_versions(&mut self, rows: &[String]) -> sqlx::Result<()> {
        let mut transaction = self.0.begin().await?;
        write_versions(&mut transaction, rows).await?;
        transaction.commit().await
    }

    /// Applies one revision in a transaction of its own; the slow one waits and reports its steps.
    pub(super) async fn apply(
        &mut self,
        revision: &Revision,
        slow: Duration,
        report: &mut (dyn FnMut(u32) + Send),
    ) -> sqlx::Result<()> {
        let rows = rows_after(&self.versions().await?, revision);
        let mut transaction = self.0.begin().await?;
        for statement in revision.up {
            transaction.execute(*statement).await?;
        }
        if revision.waits > 0 && !slow.is_zero() {
            for step in 1..=revision.waits {
                tokio::time::sleep(slow / revision.waits).await;
                report(step);
            }
        }
        write_versions(&mut transaction, &rows).await?;
        transaction.commit().await
    }

    /// Undoes one revision in a transaction of its own.
    pub(super) async fn undo(&mut self, revision: &Revision) -> sqlx::Result<()> {
        let current = self.versions().await?;
        let rows = rows_before(&current, revision).unwrap_or(current);
        let mut transaction = self.0.begin().await?;
        for statement in revision.undo {
            transaction.execute(*statement).await?;
        }
        write_versions(&mut transaction, &rows).await?;
        transaction.commit().await
    }

    /// Answers as the Data API would.
    pub(super) async fn answer(&mut self, sql: &str, row_limit: usize) -> sqlx::Result<SqlAnswer> {
        self.dress_up().await?;
        let sql = dialect::translate(sql);
        let mut answer = SqlAnswer::default();
        let mut results = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_many(&mut self.0);
        while let Some(result) = results.try_next().await? {
            match result {
                Either::Left(done) => answer.affected += done.rows_affected(),
                Either::Right(row) => take_row(&mut answer, &row, row_limit)?,
            }
        }
        Ok(answer)
    }

    /// Puts the tables there that PostgreSQL has in its catalogue.
    async fn dress_up(&mut self) -> sqlx::Result<()> {
        self.0.execute(dialect::CATALOGUE).await.map(drop)
    }
}

async fn write_versions(connection: &mut SqliteConnection, rows: &[String]) -> sqlx::Result<()> {
    connection
        .execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        .await?;
    connection.execute("DELETE FROM alembic_version").await?;
    for row in rows {
        sqlx::query("INSERT INTO alembic_version VALUES (?)")
            .bind(row)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn take_row(answer: &mut SqlAnswer, row: &SqliteRow, row_limit: usize) -> sqlx::Result<()> {
    if answer.rows.len() >= row_limit {
        answer.partial = true;
        return Ok(());
    }
    let columns: Vec<_> = row
        .columns()
        .iter()
        .map(|column| SqlColumn {
            name: column.name().to_owned(),
            kind: column.type_info().name().to_lowercase(),
        })
        .collect();
    if answer.columns != columns && answer.columns.len() != columns.len() {
        answer.rows.clear();
        answer.columns = columns;
    } else if answer.columns.is_empty() {
        answer.columns = columns;
    }
    let values = (0..row.columns().len())
        .map(|at| text(row, at))
        .collect::<sqlx::Result<_>>()?;
    answer.rows.push(values);
    Ok(())
}

fn text(row: &SqliteRow, at: usize) -> sqlx::Result<Option<String>> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(None);
    }
    let kind = raw.type_info().name().to_owned();
    let text = match kind.as_str() {
        "INTEGER" => row.try_get_unchecked::<i64, _>(at)?.to_string(),
        "REAL" => row.try_get_unchecked::<f64, _>(at)?.to_string(),
        "BLOB" => format!(
            "\\x{}",
            hex::encode(row.try_get_unchecked::<Vec<u8>, _>(at)?)
        ),
        _ => row.try_get_unchecked::<String, _>(at)?,
    };
    Ok(Some(text))
}
