//! The schema of a team's ledger in PostgreSQL, by version.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use super::SchemaError;

/// Where the ledger is when its address names no other schema.
pub(in super::super) const SCHEMA: &str = "portcullis";

/// Whoever appends to a ledger of this database, or changes its format, holds this advisory lock:
/// the letters `portcull`, read as a number.
pub(in super::super) const LOCK: &str = "SELECT pg_advisory_xact_lock(8101820098873224300)";

/// One step for every version; a step that was released is never changed.
const STEPS: [&str; 1] = [FIRST];

/// The same entries as in SQLite, and the same refusals; the triggers also fire in a session
/// that replicates. PostgreSQL can hash, so it also refuses an entry whose hash is not its own.
/// JSON may hold a NUL and a text may not, so one is replaced where words are computed.
const FIRST: &str = r#"
CREATE TABLE portcullis_ledger (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    format   bigint NOT NULL
);
CREATE TABLE entries (
    seq         bigint PRIMARY KEY,
    at          text COLLATE "C" NOT NULL,
    run_id      text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    record      text COLLATE "C" NOT NULL,
    previous    text COLLATE "C" NOT NULL,
    hash        text COLLATE "C" NOT NULL,
    actor       text COLLATE "C" GENERATED ALWAYS AS
                (replace(record, '\u0000', '\u0001')::json ->> 'actor') STORED,
    plan        text COLLATE "C" GENERATED ALWAYS AS
                (replace(record, '\u0000', '\u0001')::json ->> 'plan') STORED,
    words       text COLLATE "C" GENERATED ALWAYS AS (lower((
                (replace(record, '\u0000', '\u0001')::json ->> 'operation') || chr(31) ||
                (replace(record, '\u0000', '\u0001')::json ->> 'actor') || chr(31) ||
                (replace(record, '\u0000', '\u0001')::json ->> 'run_id') || chr(31) ||
                coalesce(replace(record, '\u0000', '\u0001')::json ->> 'reason', '') || chr(31) ||
                coalesce(replace(record, '\u0000', '\u0001')::json ->> 'execution', '')) COLLATE "C")) STORED,
    CONSTRAINT columns_repeat_the_record CHECK (
        run_id IS NOT DISTINCT FROM replace(record, '\u0000', '\u0001')::json ->> 'run_id' AND
        kind IS NOT DISTINCT FROM replace(record, '\u0000', '\u0001')::json ->> 'kind' AND
        environment IS NOT DISTINCT FROM replace(record, '\u0000', '\u0001')::json ->> 'environment'),
    CONSTRAINT hash_is_its_own CHECK (hash = encode(sha256(convert_to(
        '[' || seq || ',"' || at || '",' || record || ',"' || previous || '"]', 'UTF8')), 'hex'))
);
CREATE INDEX entries_by_run ON entries (run_id, seq, kind);
CREATE INDEX entries_by_environment ON entries (environment, seq);
CREATE INDEX entries_by_actor ON entries (actor, seq);
CREATE INDEX entries_by_plan ON entries (plan, seq);
CREATE TABLE seals (
    key_id text COLLATE "C" PRIMARY KEY,
    seq    bigint NOT NULL,
    hash   text COLLATE "C" NOT NULL,
    mac    text COLLATE "C" NOT NULL
);
CREATE FUNCTION entries_are_not_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only';
END $$;
CREATE FUNCTION entries_continue() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    last record;
BEGIN
    SELECT seq, hash INTO last FROM entries ORDER BY seq DESC LIMIT 1;
    IF NEW.seq <> coalesce(last.seq, 0) + 1 OR NEW.previous <> last.hash THEN
        RAISE EXCEPTION 'the ledger is append-only: an entry continues the last one';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entries_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
    FOR EACH STATEMENT EXECUTE FUNCTION entries_are_not_changed();
CREATE TRIGGER entries_continue BEFORE INSERT ON entries
    FOR EACH ROW EXECUTE FUNCTION entries_continue();
ALTER TABLE entries ENABLE ALWAYS TRIGGER entries_are_not_changed;
ALTER TABLE entries ENABLE ALWAYS TRIGGER entries_continue;
"#;

/// A name as an identifier, whatever is in it.
pub(in super::super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Brings the database to the newest format, in a transaction that holds the lock.
pub(in super::super) async fn prepare(
    connection: &mut PgConnection,
    schema: &str,
) -> Result<(), SchemaError> {
    let done = version(connection, schema).await?;
    if done == STEPS.len() {
        return Ok(());
    }
    if !is_there(connection, schema).await? {
        let sql = format!("CREATE SCHEMA {}", quoted(schema));
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await?;
    }
    for step in STEPS.iter().skip(done) {
        sqlx::raw_sql(*step).execute(&mut *connection).await?;
    }
    sqlx::query(
        "INSERT INTO portcullis_ledger (format) VALUES ($1) \
         ON CONFLICT (only_row) DO UPDATE SET format = excluded.format",
    )
    .bind(i64::try_from(STEPS.len()).unwrap_or(i64::MAX))
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether there is a ledger, of whichever format.
pub(in super::super) async fn is_begun(
    connection: &mut PgConnection,
    schema: &str,
) -> Result<bool, SchemaError> {
    Ok(version(connection, schema).await? > 0)
}

/// The format of the ledger, if there is one of ours or nothing at all.
async fn version(connection: &mut PgConnection, schema: &str) -> Result<usize, SchemaError> {
    let (is_ours, relations): (bool, i64) = sqlx::query_as(
        "SELECT to_regclass($1 || '.portcullis_ledger') IS NOT NULL, \
         (SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace($1)::oid)",
    )
    .bind(quoted(schema))
    .fetch_one(&mut *connection)
    .await?;
    if !is_ours {
        return match relations {
            0 => Ok(0),
            _ => Err(SchemaError::Foreign),
        };
    }
    let found: i64 = sqlx::query_scalar("SELECT format FROM portcullis_ledger")
        .fetch_one(connection)
        .await?;
    super::done(found, &STEPS)
}

async fn is_there(connection: &mut PgConnection, schema: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT to_regnamespace($1) IS NOT NULL")
        .bind(quoted(schema))
        .fetch_one(connection)
        .await
}

/// What is wrong with the database although its entries are whole: a guard that was taken away.
pub(in super::super) async fn flaw(
    connection: &mut PgConnection,
) -> Result<Option<String>, SchemaError> {
    let missing: Option<String> = sqlx::query_scalar(
        "SELECT guard FROM unnest(ARRAY['entries_are_not_changed', 'entries_continue', \
         'columns_repeat_the_record', 'hash_is_its_own']) AS guard \
         WHERE guard NOT IN (SELECT tgname FROM pg_trigger \
             WHERE tgrelid = 'entries'::regclass AND tgenabled = 'A') \
         AND guard NOT IN (SELECT conname FROM pg_constraint \
             WHERE conrelid = 'entries'::regclass AND convalidated) LIMIT 1",
    )
    .fetch_optional(connection)
    .await?;
    Ok(missing.map(|guard| format!("its guard `{guard}` was taken away")))
}
