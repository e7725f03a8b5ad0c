//! The schema of the ledger's file, by version.

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, Row as _};

use super::SchemaError;

/// Marks a SQLite file as one of these ledgers.
const APPLICATION: i64 = 0x506f_7274;

/// One step for every version; a step that was released is never changed.
const STEPS: [&str; 2] = [FIRST, SECOND];

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

/// What is asked of a hundred thousand entries is answered from an index; what it holds of the
/// record is computed from the record, so that it cannot say anything else. Words are folded as
/// far as ASCII goes, and a run's last entry is found without its record. A new entry must
/// continue the last one and repeat its record in its columns.
const SECOND: &str = "
ALTER TABLE entries ADD COLUMN actor TEXT
    GENERATED ALWAYS AS (json_extract(record, '$.actor')) VIRTUAL;
ALTER TABLE entries ADD COLUMN plan TEXT
    GENERATED ALWAYS AS (json_extract(record, '$.plan')) VIRTUAL;
ALTER TABLE entries ADD COLUMN words TEXT GENERATED ALWAYS AS (lower(
    json_extract(record, '$.operation') || char(31) || json_extract(record, '$.actor') || char(31) ||
    json_extract(record, '$.run_id') || char(31) || coalesce(json_extract(record, '$.reason'), '') ||
    char(31) || coalesce(json_extract(record, '$.execution'), ''))) VIRTUAL;
DROP INDEX entries_by_run;
CREATE INDEX entries_by_run ON entries (run_id, seq, kind);
CREATE INDEX entries_by_environment ON entries (environment, seq);
CREATE INDEX entries_by_plan ON entries (plan, seq);
CREATE INDEX entries_words ON entries (seq, words);
CREATE TRIGGER entries_continue BEFORE INSERT ON entries
WHEN NEW.previous IS NOT (SELECT hash FROM entries WHERE seq = NEW.seq - 1) AND NEW.seq > 1
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: an entry continues the last one'); END;
CREATE TRIGGER entries_repeat_their_record BEFORE INSERT ON entries
WHEN NEW.run_id IS NOT json_extract(NEW.record, '$.run_id')
  OR NEW.kind IS NOT json_extract(NEW.record, '$.kind')
  OR NEW.environment IS NOT json_extract(NEW.record, '$.environment')
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: columns repeat the record'); END;
CREATE TABLE seals (
    key_id TEXT PRIMARY KEY,
    seq    INTEGER NOT NULL,
    hash   TEXT NOT NULL,
    mac    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Brings the file to the newest format. Several processes may do so at once.
pub(in super::super) async fn prepare(
    connection: &mut SqliteConnection,
) -> Result<(), SchemaError> {
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
    super::done(found, &STEPS)
}

/// Everything that a schema is made of.
const SCHEMA: &str = "SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name";

/// What is wrong with the file although its entries are whole: a guard that was taken away, or an
/// index that says something else.
pub(in super::super) async fn flaw(
    connection: &mut SqliteConnection,
) -> Result<Option<String>, SchemaError> {
    let found: Vec<(String, String)> = sqlx::query_as(SCHEMA).fetch_all(&mut *connection).await?;
    let mut untouched = SqliteConnection::connect("sqlite::memory:").await?;
    prepare(&mut untouched).await?;
    let expected: Vec<(String, String)> = sqlx::query_as(SCHEMA).fetch_all(&mut untouched).await?;
    untouched.close().await?;
    if let Some((name, _)) = expected.iter().find(|part| !found.contains(part)) {
        return Ok(Some(format!(
            "its guard `{name}` was taken away or changed"
        )));
    }
    if let Some((name, _)) = found.iter().find(|part| !expected.contains(part)) {
        return Ok(Some(format!("`{name}` was added to it")));
    }
    let said: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(connection)
        .await?;
    Ok((said != "ok").then(|| format!("SQLite finds: {said}")))
}
