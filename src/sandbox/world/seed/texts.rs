//! What past executions said: texts of the story's document and of the field.

/// How a past execution went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tale {
    /// It upgraded along these revisions, `a -> b, message`.
    Upgraded(&'static [&'static str]),
    /// It had nothing to do.
    NothingToDo,
    /// It printed where the database is.
    Current(&'static str),
    /// It put data in.
    Seeded,
    /// It failed with these lines and this exit code.
    Failed(&'static [&'static str], i32),
    /// It ran into its timeout.
    TimedOut,
    /// Somebody cancelled it.
    Cancelled,
    /// It never started, for want of a secret.
    NoSecret,
}

pub(super) const MISSING_DIR: Tale = Tale::Failed(
    &[
        "2026/01/16 18:02:11 must set -dir: using a unix socket for waooaw-oauth:asia-south1:plant-sql-demo",
    ],
    1,
);

pub(super) const NO_MKDIR: Tale = Tale::Failed(
    &["mkdir: cannot create directory '/cloudsql': Permission denied"],
    1,
);

pub(super) const SERVER_CLOSED: Tale = Tale::Failed(
    &[
        "Traceback (most recent call last):",
        "  File \"/app/database/migrations/env.py\", line 74, in run_online",
        "    with engine.connect() as connection:",
        "sqlalchemy.exc.OperationalError: (psycopg.OperationalError) connection failed: connection to server on socket \"/cloudsql/waooaw-oauth:asia-south1:plant-sql-demo/.s.PGSQL.5432\" failed: ",
        "server closed the connection unexpectedly",
        "\tThis probably means the server terminated abnormally before or while processing the request.",
    ],
    1,
);

pub(super) const LOCK_TIMEOUT: Tale = Tale::Failed(
    &[
        "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.",
        "INFO  [alembic.runtime.migration] Will assume transactional DDL.",
        "INFO  [alembic.runtime.migration] Running upgrade 009_backfill_audit_logs -> 010_usage_events, usage events",
        "sqlalchemy.exc.OperationalError: (psycopg.errors.LockNotAvailable) canceling statement due to lock timeout",
        "[SQL: CREATE TABLE usage_events (...)]",
    ],
    1,
);

pub(super) const ALREADY_EXISTS: Tale = Tale::Failed(
    &[
        "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.",
        "INFO  [alembic.runtime.migration] Will assume transactional DDL.",
        "INFO  [alembic.runtime.migration] Running upgrade  -> 001_base_entity, base entity",
        "sqlalchemy.exc.ProgrammingError: (psycopg.errors.DuplicateTable) relation \"base_entity\" already exists",
    ],
    1,
);

pub(super) const TWO_HEADS: Tale = Tale::Failed(
    &[
        "ERROR [alembic.util.messaging] Multiple head revisions are present for given argument 'head'; please specify a specific target revision, '<branchname>@head' to narrow to a specific head, or 'heads' for all heads",
    ],
    255,
);

pub(super) const WRONG_PASSWORD: Tale = Tale::Failed(
    &[
        "sqlalchemy.exc.OperationalError: (psycopg.OperationalError) connection failed: FATAL:  password authentication failed for user \"plant_app\"",
    ],
    1,
);

pub(super) const NO_ROUTE: Tale = Tale::Failed(
    &["Cloud SQL connection failed: dial tcp 10.19.0.3:3307: i/o timeout"],
    1,
);

pub(super) const OUT_OF_MEMORY: Tale = Tale::Failed(
    &["Memory limit of 512 MiB exceeded with 517 MiB used. Consider increasing the memory limit."],
    137,
);

pub(super) const GREENLET: Tale = Tale::Failed(
    &[
        "sqlalchemy.exc.MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here.",
    ],
    1,
);

impl Tale {
    /// What standard error said.
    pub(super) fn stderr(self) -> Vec<String> {
        let start = [
            "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.",
            "INFO  [alembic.runtime.migration] Will assume transactional DDL.",
        ]
        .map(str::to_owned)
        .to_vec();
        match self {
            Self::Upgraded(steps) => {
                let steps = steps.iter().map(|step| {
                    format!("INFO  [alembic.runtime.migration] Running upgrade {step}")
                });
                start.into_iter().chain(steps).collect()
            }
            Self::NothingToDo | Self::Current(_) | Self::TimedOut | Self::Cancelled => start,
            Self::Seeded | Self::NoSecret => Vec::new(),
            Self::Failed(lines, _) => lines.iter().map(|line| (*line).to_owned()).collect(),
        }
    }

    /// What standard output said.
    pub(super) fn stdout(self) -> Vec<String> {
        match self {
            Self::Current(revision) => vec![revision.to_owned()],
            Self::Seeded => vec!["seeded 0 of 3 industries".to_owned()],
            _ => Vec::new(),
        }
    }

    /// The arguments with which it was run.
    pub(super) fn args(self) -> Vec<String> {
        let words: &[&str] = match self {
            Self::Current(_) => &["python", "-m", "alembic", "current"],
            Self::Seeded => &["python", "database/seed_data.py"],
            _ => &["python", "-m", "alembic", "upgrade", "head"],
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }
}
