//! The log.

use std::sync::Arc;

use super::{
    World,
    model::{LogEntry, LogPayload, MonitoredResource, Severity},
    state::State,
};

/// Entries kept; the oldest go first.
const MOST_ENTRIES: usize = 200_000;

/// Which stream of a process a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// The platform itself.
    System,
}

impl Stream {
    const fn log(self) -> &'static str {
        match self {
            Self::Stdout => "run.googleapis.com%2Fstdout",
            Self::Stderr => "run.googleapis.com%2Fstderr",
            Self::System => "run.googleapis.com%2Fvarlog%2Fsystem",
        }
    }
}

impl World {
    /// The log in order of time, oldest first; the copies are cheap.
    pub fn log(&self) -> Vec<Arc<LogEntry>> {
        self.state().log.clone()
    }

    /// The entries that are wanted, oldest first.
    pub fn log_where(&self, mut wanted: impl FnMut(&LogEntry) -> bool) -> Vec<Arc<LogEntry>> {
        self.log()
            .into_iter()
            .filter(|entry| wanted(entry))
            .collect()
    }

    /// Adds the lines of one execution, in their order.
    pub fn append_lines(&self, execution: &str, task: u32, stream: Stream, lines: Vec<String>) {
        let now = self.now();
        self.change(|state| {
            for line in lines {
                let severity = match stream {
                    Stream::System => Severity::Error,
                    Stream::Stdout | Stream::Stderr => Severity::Default,
                };
                let entry = entry_of(state, execution, task, stream, severity, line, now);
                state.log.push(Arc::new(entry));
            }
            forget_oldest(&mut state.log);
        });
    }

    /// Adds an entry made elsewhere, for example an audit entry.
    pub fn append_entry(&self, entry: LogEntry) {
        self.change(|state| {
            state.log.push(Arc::new(entry));
            forget_oldest(&mut state.log);
        });
    }
}

fn forget_oldest(log: &mut Vec<Arc<LogEntry>>) {
    if log.len() > MOST_ENTRIES {
        // A tenth at once, so that a flood does not move the whole log for each line.
        log.drain(..MOST_ENTRIES / 10);
    }
}

/// One line of an execution as Cloud Logging would hold it.
pub(super) fn entry_of(
    state: &mut State,
    execution: &str,
    task: u32,
    stream: Stream,
    severity: Severity,
    line: String,
    at: jiff::Timestamp,
) -> LogEntry {
    let job = execution.rsplit_once('-').map_or(execution, |(job, _)| job);
    let pairs = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    };
    LogEntry {
        timestamp: at,
        received_at: at,
        insert_id: format!("{:012x}{:04x}", state.log.len(), state.dice.roll() & 0xffff),
        severity,
        log_name: format!("projects/{}/logs/{}", state.project.id, stream.log()),
        resource: MonitoredResource {
            kind: "cloud_run_job".to_owned(),
            labels: pairs(&[
                ("job_name", job),
                ("location", &state.project.region),
                ("project_id", &state.project.id),
            ]),
        },
        labels: pairs(&[
            ("run.googleapis.com/execution_name", execution),
            ("run.googleapis.com/task_index", &task.to_string()),
            ("run.googleapis.com/task_attempt", "0"),
        ]),
        payload: LogPayload::Text(line),
    }
}
