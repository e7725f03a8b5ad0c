//! The backends of a database, asked of PostgreSQL in one statement, whoever carries the question.

use jiff::Timestamp;

use super::catalogue::BETWEEN;
use crate::domain::backend::{Backend, Held};
use crate::domain::review::LockMode;
use crate::domain::text::RemoteText;
use crate::sql::without_values;

/// More backends than this are not looked at one by one.
pub(in crate::adapters) const MOST: i64 = 1_000;

/// The longest part of a statement that is kept, in characters.
const STATEMENT: usize = 200;

/// What `pg_stat_activity` says in place of a statement that the role may not see.
const HIDDEN: &str = "<insufficient privilege>";

/// Between a table and the mode of its lock.
const BEFORE_MODE: char = '\u{1e}';

/// Everybody else in this database: not ourselves, not the server's own workers, but for a vacuum
/// that is there to prevent wraparound, because that one does not step aside. The locks are those on
/// tables and views of people, which everybody may see; the rest is empty where the role may not.
///
/// It is one statement: what it says of one backend belongs together, and it cannot write.
pub(in crate::adapters) const BACKENDS: &str = "\
    SELECT a.pid::text, a.usename::text, a.application_name, a.state, \
    CASE WHEN a.state IS DISTINCT FROM 'active' THEN NULL ELSE a.wait_event_type || ': ' || a.wait_event END, \
    left(a.query, 1024), \
    to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), \
    to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), \
    to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), \
    array_to_string(pg_blocking_pids(a.pid), ','), \
    (SELECT string_agg(quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '\u{1e}' || l.mode, '\u{1f}' \
        ORDER BY n.nspname, c.relname) \
        FROM pg_catalog.pg_locks l \
        JOIN pg_catalog.pg_class c ON c.oid = l.relation \
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
        WHERE l.pid = a.pid AND l.granted AND l.locktype = 'relation' \
        AND l.database = a.datid AND c.relkind IN ('r', 'p', 'm', 'v', 'f') \
        AND n.nspname <> 'information_schema' AND substr(n.nspname::text, 1, 3) <> 'pg_') \
    FROM pg_catalog.pg_stat_activity a \
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.usesysid IS NOT NULL \
    AND (coalesce(a.backend_type, 'client backend') = 'client backend') \
    OR a.datname = current_database() AND a.query LIKE 'autovacuum: %(to prevent wraparound)' \
    ORDER BY 1";

/// One row of the answer, by column; `None` is NULL.
pub(in crate::adapters) trait Cells {
    /// The cell in a column.
    fn cell(&self, column: usize) -> Option<&str>;
}

/// Reads a row; one without a number or a time is none.
pub(in crate::adapters) fn backend(row: &impl Cells) -> Option<Backend> {
    let text = |column| RemoteText::new(row.cell(column).unwrap_or_default());
    let time = |column| -> Option<Timestamp> { row.cell(column)?.parse().ok() };
    let said = row.cell(5).unwrap_or_default();
    let readable = said != HIDDEN;
    Some(Backend {
        pid: row.cell(0)?.parse().ok()?,
        user: text(1),
        application: text(2),
        readable,
        state: text(3),
        wait: text(4),
        statement: if readable {
            statement(said)
        } else {
            RemoteText::default()
        },
        connected_at: time(6),
        transaction_at: time(7),
        seen_at: time(8)?,
        holds: row.cell(10).map(holds).unwrap_or_default(),
        blocked_by: pids(row.cell(9).unwrap_or_default()),
    })
}

/// The beginning of a statement. What stands in it as a value may be a secret, and goes before
/// anything is kept.
fn statement(text: &str) -> RemoteText {
    let shown = without_values(text);
    match shown.char_indices().nth(STATEMENT) {
        Some((end, _)) => RemoteText::new(format!("{}…", &shown[..end])),
        None => RemoteText::new(shown),
    }
}

fn pids(text: &str) -> Vec<i64> {
    let mut pids: Vec<i64> = text.split(',').filter_map(|pid| pid.parse().ok()).collect();
    pids.sort_unstable();
    pids.dedup();
    pids
}

/// The strongest lock on each table; they come sorted by table.
fn holds(text: &str) -> Vec<Held> {
    let mut holds: Vec<Held> = Vec::new();
    let locks = text.split(BETWEEN).filter_map(|lock| {
        let (table, mode) = lock.rsplit_once(BEFORE_MODE)?;
        Some((table, mode_of(mode)?))
    });
    for (table, mode) in locks {
        match holds.last_mut() {
            Some(held) if held.table.raw() == table => held.mode = held.mode.max(mode),
            _ => holds.push(Held {
                table: table.into(),
                mode,
            }),
        }
    }
    holds
}

/// A mode as `pg_locks` spells it.
fn mode_of(text: &str) -> Option<LockMode> {
    Some(match text {
        "AccessShareLock" => LockMode::AccessShare,
        "RowShareLock" => LockMode::RowShare,
        "RowExclusiveLock" => LockMode::RowExclusive,
        "ShareUpdateExclusiveLock" => LockMode::ShareUpdateExclusive,
        "ShareLock" => LockMode::Share,
        "ShareRowExclusiveLock" => LockMode::ShareRowExclusive,
        "ExclusiveLock" => LockMode::Exclusive,
        "AccessExclusiveLock" => LockMode::AccessExclusive,
        _ => return None,
    })
}
