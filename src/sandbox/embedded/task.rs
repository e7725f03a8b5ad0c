//! What a job runs where there is no Python: this program again, which speaks like Alembic.

use std::{
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{DATABASE, PASSWORD, commands, place::Place, scripts};

/// Why a task fails, with what Alembic or Python would print.
#[derive(Debug, thiserror::Error)]
pub(super) enum TaskError {
    /// Alembic's own errors.
    #[error(transparent)]
    Plan(#[from] super::plan::PlanError),
    /// Errors of the database.
    #[error("{0}")]
    Database(String),
    /// Words that are not understood.
    #[error("{0}")]
    Usage(String),
    /// Output that nobody reads any more.
    #[error("the output is closed: {0}")]
    Output(#[from] std::io::Error),
}

impl From<sqlx::Error> for TaskError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(super::dialect::error(&error))
    }
}

/// Where a task finds what it needs, and where it speaks.
pub(super) struct Task<'a> {
    pub(super) database: PathBuf,
    pub(super) backfill: Duration,
    pub(super) slow: Duration,
    pub(super) out: &'a mut (dyn Write + Send),
    pub(super) err: &'a mut (dyn Write + Send),
}

impl Task<'_> {
    pub(super) async fn open(&self) -> Result<Place, TaskError> {
        Ok(Place::open(&self.database, false).await?)
    }

    /// One line on standard output.
    pub(super) fn print(&mut self, text: impl std::fmt::Display) -> Result<(), TaskError> {
        writeln!(self.out, "{text}")?;
        Ok(self.out.flush()?)
    }

    /// One line of Alembic's own log on standard error.
    pub(super) fn log(&mut self, text: impl std::fmt::Display) -> Result<(), TaskError> {
        self.complain(format_args!("INFO  [alembic.runtime.migration] {text}"))
    }

    /// One line on standard error.
    pub(super) fn complain(&mut self, text: impl std::fmt::Display) -> Result<(), TaskError> {
        writeln!(self.err, "{text}")?;
        Ok(self.err.flush()?)
    }

    /// Runs the words that would follow `python`; the exit code is that of the real thing.
    pub(super) async fn run(&mut self, words: &[&str]) -> i32 {
        let done = match words {
            ["-m", "alembic", rest @ ..] => commands::run(self, rest).await,
            ["database/baseline.py", ..] => scripts::baseline(self).await,
            ["database/seed_data.py", ..] => scripts::seed_data(self).await,
            ["database/pretend.py", ..] => scripts::pretend(self).await,
            ["database/flood.py", ..] => scripts::flood(self).await,
            ["database/slow.py", ..] => scripts::slow(self).await,
            other => Err(TaskError::Usage(format!(
                "the embedded runner does not know `python {}`: install Python, Alembic and PostgreSQL to run it",
                other.join(" ")
            ))),
        };
        match done {
            Ok(()) => 0,
            Err(error) => {
                let code = if matches!(error, TaskError::Plan(_)) {
                    255
                } else {
                    1
                };
                let prefix = if code == 255 {
                    "ERROR [alembic.util.messaging] "
                } else {
                    ""
                };
                // Where nobody listens there is nothing more to say.
                let _ = self.complain(format_args!("{prefix}{error}"));
                code
            }
        }
    }
}

/// The body of the hidden subcommand: runs the words that would follow `python`.
pub async fn task_main(words: Vec<String>) -> i32 {
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let seconds = |name: &str, usual: f64| {
        let wanted = variable(name).parse().unwrap_or(usual);
        Duration::try_from_secs_f64(wanted).unwrap_or_default()
    };
    let mut task = Task {
        database: Path::new(&variable(DATABASE)).to_owned(),
        backfill: seconds("PLANT_BACKFILL_SECONDS", 20.0),
        slow: seconds("PLANT_SLOW_SECONDS", 60.0),
        out: &mut out,
        err: &mut err,
    };
    if !variable("DATABASE_URL").contains(&format!(":{}@", variable(PASSWORD))) {
        // Where nobody listens there is nothing more to say.
        let _ = task.complain("FATAL:  password authentication failed for user \"plant_app\"");
        return 1;
    }
    task.run(&words).await
}
