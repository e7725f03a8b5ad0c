//! Log entries.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `google.logging.type.LogSeverity`, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// No severity.
    Default,
    /// For debugging.
    Debug,
    /// Routine.
    Info,
    /// Worth a look.
    Notice,
    /// May become a problem.
    Warning,
    /// A problem.
    Error,
    /// A severe problem.
    Critical,
    /// Act now.
    Alert,
    /// Unusable.
    Emergency,
}

impl Severity {
    /// All of them, lowest first.
    pub const ALL: [Self; 9] = [
        Self::Default,
        Self::Debug,
        Self::Info,
        Self::Notice,
        Self::Warning,
        Self::Error,
        Self::Critical,
        Self::Alert,
        Self::Emergency,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "DEFAULT",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Notice => "NOTICE",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
            Self::Alert => "ALERT",
            Self::Emergency => "EMERGENCY",
        }
    }

    /// The number on the wire.
    pub const fn number(self) -> i32 {
        match self {
            Self::Default => 0,
            Self::Debug => 100,
            Self::Info => 200,
            Self::Notice => 300,
            Self::Warning => 400,
            Self::Error => 500,
            Self::Critical => 600,
            Self::Alert => 700,
            Self::Emergency => 800,
        }
    }
}

/// What a log entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogPayload {
    /// `textPayload`.
    Text(String),
    /// `jsonPayload`.
    Json(Value),
    /// `protoPayload`, for audit entries: an object with its `@type`.
    Proto(Value),
}

/// What a log entry is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonitoredResource {
    /// Such as `cloud_run_job`.
    pub kind: String,
    /// Such as `job_name`, `location`, `project_id`.
    pub labels: BTreeMap<String, String>,
}

/// One entry of the log; what the lines of one attempt have in common they share, so that a flood stays small.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When it happened.
    pub timestamp: Timestamp,
    /// When the log got it.
    pub received_at: Timestamp,
    /// Unique within the timestamp, and in the order of writing.
    pub insert_id: String,
    /// How bad.
    pub severity: Severity,
    /// Such as `projects/P/logs/run.googleapis.com%2Fstderr`.
    pub log_name: Arc<str>,
    /// What it is about.
    pub resource: Arc<MonitoredResource>,
    /// Such as `run.googleapis.com/execution_name`.
    pub labels: Arc<BTreeMap<String, String>>,
    /// What it says.
    pub payload: LogPayload,
}
