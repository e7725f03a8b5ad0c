//! Executions, their tasks and attempts, and the state that is read from conditions.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::text::RemoteText;

/// Short name of an execution.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExecutionName(String);

impl ExecutionName {
    /// Wraps a short name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The short name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExecutionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&super::text::clean(&self.0))
    }
}

impl<T: Into<String>> From<T> for ExecutionName {
    fn from(name: T) -> Self {
        Self(name.into())
    }
}

/// What the platform says of an execution; it says nothing of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionState {
    /// Accepted, not started.
    Pending,
    /// A task runs.
    Running,
    /// All tasks ended with exit code 0.
    Succeeded,
    /// A task failed and is not tried again.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
    /// The platform said something that is not known here; never taken as success.
    Unknown,
}

impl ExecutionState {
    /// Whether the platform is done with it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }
}

/// One run of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// Short name.
    pub name: ExecutionName,
    /// Short name of its job.
    pub job: String,
    /// What the platform says.
    pub state: ExecutionState,
    /// The platform's words about that state.
    pub message: RemoteText,
    /// Whether it ended because the task timeout was reached.
    pub timed_out: bool,
    /// Whether somebody asked for cancellation and it is not over yet.
    pub cancelling: bool,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the first task started.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub completed_at: Option<Timestamp>,
    /// Who asked for it.
    pub creator: RemoteText,
    /// Effective arguments.
    pub args: Vec<RemoteText>,
    /// Effective image.
    pub image: RemoteText,
    /// The run id that Portcullis put into its environment, if it did.
    pub run_id: Option<String>,
    /// How many attempts were repeated.
    pub retried: u32,
    /// Where Google's own console shows its log.
    pub log_uri: String,
}

impl Execution {
    /// Whether the platform is done with it: it says how it ended, or at least when.
    pub fn is_over(&self) -> bool {
        self.state.is_over() || self.completed_at.is_some()
    }

    /// Whether it may have moved the database: all but those whose arguments are known to only
    /// look. `heads` alone looks, `upgrade heads` does not.
    pub fn may_move(&self) -> bool {
        const MOVING: [&str; 4] = ["upgrade", "downgrade", "stamp", "ensure_version"];
        const LOOKING: [&str; 6] = ["current", "history", "heads", "show", "branches", "check"];
        let has = |words: &[&str]| self.args.iter().any(|arg| words.contains(&arg.raw()));
        !has(&["--sql"]) && (has(&MOVING) || !has(&LOOKING))
    }

    /// From start to end, or to `now` while it runs.
    pub fn duration(&self, now: Timestamp) -> Option<SignedDuration> {
        let start = self.started_at?;
        let end = self.completed_at.unwrap_or(now);
        Some(end.duration_since(start).max(SignedDuration::ZERO))
    }
}

/// One container of an execution, with its last attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Index within the execution.
    pub index: u32,
    /// Attempts beyond the first.
    pub retried: u32,
    /// Exit code of the last attempt, if one ended by itself.
    pub exit_code: Option<i32>,
    /// Signal that ended the last attempt.
    pub term_signal: Option<i32>,
    /// The platform's words about the last attempt.
    pub message: RemoteText,
}

/// A page of executions, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionPage {
    /// The executions.
    pub executions: Vec<Execution>,
    /// Token of the next page.
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(args: &str) -> Execution {
        Execution {
            name: "e".into(),
            job: "j".to_owned(),
            state: ExecutionState::Succeeded,
            message: "".into(),
            timed_out: false,
            cancelling: false,
            created_at: Timestamp::UNIX_EPOCH,
            started_at: None,
            completed_at: None,
            creator: "".into(),
            args: args.split(' ').map(RemoteText::from).collect(),
            image: "".into(),
            run_id: None,
            retried: 0,
            log_uri: String::new(),
        }
    }

    #[test]
    fn only_what_is_known_to_look_cannot_move() {
        for looks in [
            "alembic current",
            "alembic heads",
            "alembic upgrade head --sql",
        ] {
            assert!(!with(looks).may_move(), "{looks}");
        }
        for moves in [
            "alembic upgrade heads",
            "alembic stamp head",
            "python database/seed_data.py",
        ] {
            assert!(with(moves).may_move(), "{moves}");
        }
    }
}
