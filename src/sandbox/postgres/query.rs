//! Answers SQL as the Data API does.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use futures::TryStreamExt;
use sqlx::{
    Column, ConnectOptions, Connection, Either, Executor, Row, SqlSafeStr, Statement, TypeInfo,
    ValueRef,
    postgres::{PgConnectOptions, PgConnection, PgRow, PgSslMode},
};

use crate::sandbox::world::{
    Code, Status,
    model::{SqlAnswer, SqlColumn},
    seed::password,
};

/// As long as the Data API lets a statement run.
const LONGEST: Duration = Duration::from_secs(30);

/// A new session.
pub(super) async fn connect_as(
    socket: &Path,
    user: &str,
    database: &str,
) -> sqlx::Result<PgConnection> {
    PgConnectOptions::new_without_pgpass()
        .socket(socket)
        .username(user)
        .password(password())
        .database(database)
        .ssl_mode(PgSslMode::Disable)
        .application_name("data-api")
        .connect()
        .await
}

/// Runs SQL in a new session; what goes wrong is inside of the answer.
pub(super) async fn answer(
    socket: &Path,
    database: &str,
    sql: &str,
    row_limit: usize,
) -> SqlAnswer {
    let begin = Instant::now();
    let work = async {
        let mut connection = connect_as(socket, "plant_app", database).await?;
        let answer = run(&mut connection, sql, row_limit).await;
        // The session ends either way.
        let _ = connection.close().await;
        answer
    };
    let mut answer = match tokio::time::timeout(LONGEST, work).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => failed(Code::InvalidArgument, in_words(&error)),
        Err(_) => failed(
            Code::DeadlineExceeded,
            "The statement took longer than 30 seconds.".to_owned(),
        ),
    };
    answer.took = begin.elapsed();
    answer
}

fn failed(code: Code, message: String) -> SqlAnswer {
    SqlAnswer {
        error: Some(Status { code, message }),
        ..SqlAnswer::default()
    }
}

fn in_words(error: &sqlx::Error) -> String {
    match error.as_database_error() {
        Some(inner) => {
            let state = inner.code().unwrap_or_default();
            format!("ERROR: {} (SQLSTATE {state})", inner.message())
        }
        None => format!("ERROR: {error}"),
    }
}

async fn run(
    connection: &mut PgConnection,
    sql: &str,
    row_limit: usize,
) -> sqlx::Result<SqlAnswer> {
    let mut answer = SqlAnswer::default();
    let mut fresh = true;
    {
        let mut results = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_many(&mut *connection);
        while let Some(result) = results.try_next().await? {
            match result {
                Either::Left(done) => {
                    answer.affected += done.rows_affected();
                    fresh = true;
                }
                Either::Right(row) => {
                    // The last statement that gives rows decides.
                    if std::mem::take(&mut fresh) {
                        answer = SqlAnswer {
                            columns: columns(row.columns()),
                            affected: answer.affected,
                            ..SqlAnswer::default()
                        };
                    }
                    take_row(&mut answer, &row, row_limit)?;
                }
            }
        }
    }
    if answer.columns.is_empty() {
        // No rows still have columns; several statements cannot be prepared, and then there are none.
        if let Ok(statement) = connection
            .prepare(sqlx::AssertSqlSafe(sql.to_owned()).into_sql_str())
            .await
        {
            answer.columns = columns(statement.columns());
        }
    }
    Ok(answer)
}

fn columns(columns: &[sqlx::postgres::PgColumn]) -> Vec<SqlColumn> {
    let column = |column: &sqlx::postgres::PgColumn| SqlColumn {
        name: column.name().to_owned(),
        kind: column.type_info().name().to_lowercase(),
    };
    columns.iter().map(column).collect()
}

fn take_row(answer: &mut SqlAnswer, row: &PgRow, row_limit: usize) -> sqlx::Result<()> {
    if answer.rows.len() >= row_limit {
        answer.partial = true;
        return Ok(());
    }
    let value = |at| {
        let raw = row.try_get_raw(at)?;
        if raw.is_null() {
            return Ok(None);
        }
        // Without parameters PostgreSQL answers in text, whatever the type.
        raw.as_str()
            .map(|text| Some(text.to_owned()))
            .map_err(sqlx::Error::Decode)
    };
    answer
        .rows
        .push((0..row.len()).map(value).collect::<sqlx::Result<_>>()?);
    Ok(())
}
