//! The schema of the ledger's file, by version.

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, Row as _};

/// Marks a SQLite file as one of these ledgers.
const APPLICATION: i64 = 0x506f_7274;

/// One step for every version; a step that was released is never changed.
const STEPS: [&str; 1] = [FIRST];

/// Entries can only be added, in order: the triggers refuse everything else, and the
/// last one refuses `INSERT OR REPLACE`, which would delete without a trigger.
const FIRST: &str = "
CREATE TABLE entries (
    seq         INTEGER PRIMARY KEY,
    at          TEXT NOT NULL,
    run_id      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    environment TEXT NOT NULL,
    record      TEXT NOT NULL,
    previous    TEXT NOT NULL,
    hash        TEXT NOT NULL
) STRICT;
CREATE INDEX entries_by_run ON entries (run_id, seq);
CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_are_not_deleted BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_have_no_gaps BEFORE INSERT ON entries
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entries)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
";

/// Why a file cannot be used as the ledger.
#[derive(Debug, thiserror::Error)]
pub(super) enum SchemaError {
    /// A later version wrote it.
    #[error("it was written by a newer version (format {found}; this one knows {known})")]
    Newer {
        /// Its format.
        found: i64,
        /// The newest format that is known here.
        known: usize,
    },
    /// It is the database of another program.
    #[error("it belongs to another program")]
    Foreign,
    /// SQLite refused.
    #[error(transparent)]
    Sqlite(#[from] sqlx::Error),
}

/// Brings the file to the newest format. Several processes may do so at once.
pub(super) async fn prepare(connection: &mut SqliteConnection) -> Result<(), SchemaError> {
    if version(connection).await? == STEPS.len() {
        return Ok(());
    }
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let done = version(&mut transaction).await?;
    for step in STEPS.iter().skip(done) {
        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
    }
    let marks = format!(
        "PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {}",
        STEPS.len()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(marks))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// The format of the file, if it is one of ours or empty.
async fn version(connection: &mut SqliteConnection) -> Result<usize, SchemaError> {
    let row = sqlx::query(
        "SELECT (SELECT application_id FROM pragma_application_id), \
         (SELECT user_version FROM pragma_user_version), \
         (SELECT count(*) FROM sqlite_schema)",
    )
    .fetch_one(connection)
    .await?;
    let (application, found, tables): (i64, i64, i64) =
        (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let is_empty = application == 0 && found == 0 && tables == 0;
    if application != APPLICATION && !is_empty {
        return Err(SchemaError::Foreign);
    }
    let known = STEPS.len();
    match usize::try_from(found) {
        Ok(version) if version <= known => Ok(version),
        _ => Err(SchemaError::Newer { found, known }),
    }
}
