//! Long-running operations of Cloud Run.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::refusal::Status;

/// What an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperationKind {
    /// `jobs.run`: done when the execution has ended.
    RunJob,
    /// `executions.cancel`: done when the processes have ended.
    CancelExecution,
    /// `executions.delete`: done at once.
    DeleteExecution,
}

/// A `google.longrunning.Operation` whose metadata and response are an execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// The last part of `projects/P/locations/L/operations/ID`.
    pub id: String,
    /// What it is about.
    pub kind: OperationKind,
    /// The id of the execution that it is about.
    pub execution: String,
    /// When it began.
    pub created_at: Timestamp,
    /// Whether it has ended.
    pub done: bool,
    /// How it failed, when it did.
    pub error: Option<Status>,
}
