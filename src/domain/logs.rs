//! Log lines of executions.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::environment::Environment;
use super::execution::ExecutionName;
use super::text::RemoteText;

/// Severity of a log line, as Cloud Logging has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogSeverity {
    /// Not said.
    Default,
    /// For the developer.
    Debug,
    /// For the reader.
    Info,
    /// Normal, but worth a look.
    Notice,
    /// Something may be wrong.
    Warning,
    /// Something is wrong.
    Error,
    /// Something is very wrong.
    Critical,
}

/// Where a program wrote a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogStream {
    /// On its standard output.
    Stdout,
    /// On its standard error, where logging goes.
    Stderr,
    /// Elsewhere, or it is not known.
    #[default]
    Other,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When it was written.
    pub at: Timestamp,
    /// Id that makes it unique within its timestamp.
    pub insert_id: String,
    /// How bad it is.
    pub severity: LogSeverity,
    /// Where it was written.
    #[serde(default)]
    pub stream: LogStream,
    /// The text.
    pub text: RemoteText,
}

/// What to read from a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogQuery {
    /// Google Cloud project id.
    pub project: String,
    /// Region.
    pub region: String,
    /// Short name of the job.
    pub job: String,
    /// Short name of the execution.
    pub execution: String,
    /// Only lines at or after this.
    pub since: Option<Timestamp>,
    /// Token of the next page.
    pub page: Option<String>,
}

impl LogQuery {
    /// The log of an execution, from its first line on.
    pub fn of(environment: &Environment, execution: &ExecutionName) -> Self {
        Self {
            project: environment.project.clone(),
            region: environment.region.clone(),
            job: environment.job.clone(),
            execution: execution.as_str().to_owned(),
            since: None,
            page: None,
        }
    }
}

/// A page of log lines, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// The lines.
    pub lines: Vec<LogLine>,
    /// Token of the next page.
    pub next: Option<String>,
}
