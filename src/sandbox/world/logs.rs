//! The log.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Project, World,
    model::{LogEntry, LogPayload, MonitoredResource, Severity},
    state::State,
};

/// Entries kept; the oldest go first.
pub(in crate::sandbox) const MOST_ENTRIES: usize = 40_000;

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

/// Where lines come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The id of the execution.
    pub execution: &'a str,
    /// The index of the task.
    pub task: u32,
    /// The number of the attempt.
    pub attempt: u32,
    /// The stream.
    pub stream: Stream,
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

    /// The entries that have arrived after this many, and how many that makes in all.
    pub fn log_after(&self, arrived: u64) -> (Vec<Arc<LogEntry>>, u64) {
        let state = self.state();
        let new = usize::try_from(state.arrived.saturating_sub(arrived)).unwrap_or(usize::MAX);
        let from = state.log.len().saturating_sub(new);
        (state.log[from..].to_vec(), state.arrived)
    }

    /// Adds lines of one attempt, in their order.
    ///
    /// A line that is a JSON object becomes a `jsonPayload`, and its `severity` counts, as on Cloud Run.
    pub fn append_lines(&self, from: &Line<'_>, lines: Vec<String>) {
        let now = self.now();
        self.change(|state| {
            let heading = Heading::new(&state.project, from);
            for text in lines {
                let (severity, payload) = read(text, from.stream);
                let entry = heading.entry(state, severity, payload, now);
                push(state, entry);
            }
            forget_oldest(&mut state.log);
        });
    }

    /// Adds an entry made elsewhere, for example an audit entry.
    pub fn append_entry(&self, entry: LogEntry) {
        self.change(|state| {
            push(state, entry);
            forget_oldest(&mut state.log);
        });
    }
}

fn push(state: &mut State, entry: LogEntry) {
    state.arrived += 1;
    state.log.push(Arc::new(entry));
}

fn forget_oldest(log: &mut Vec<Arc<LogEntry>>) {
    if log.len() > MOST_ENTRIES {
        // A tenth at once, so that a flood does not move the whole log for each line.
        log.drain(..MOST_ENTRIES / 10);
    }
}

fn read(text: String, stream: Stream) -> (Severity, LogPayload) {
    if stream == Stream::System {
        return (Severity::Error, LogPayload::Text(text));
    }
    if text.starts_with('{')
        && let Ok(Value::Object(mut object)) = serde_json::from_str::<Value>(&text)
    {
        let named = object.remove("severity");
        let named = named.as_ref().and_then(Value::as_str).unwrap_or_default();
        let severity = Severity::ALL
            .into_iter()
            .find(|severity| severity.name() == named);
        return (
            severity.unwrap_or(Severity::Default),
            LogPayload::Json(Value::Object(object)),
        );
    }
    (Severity::Default, LogPayload::Text(text))
}

/// What the lines of one attempt have in common.
pub(super) struct Heading {
    log_name: Arc<str>,
    resource: Arc<MonitoredResource>,
    labels: Arc<BTreeMap<String, String>>,
}

impl Heading {
    pub(super) fn new(project: &Project, from: &Line<'_>) -> Self {
        let job = from
            .execution
            .rsplit_once('-')
            .map_or(from.execution, |(job, _)| job);
        let (task, attempt) = (from.task.to_string(), from.attempt.to_string());
        let pairs = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect()
        };
        Self {
            log_name: format!("projects/{}/logs/{}", project.id, from.stream.log()).into(),
            resource: Arc::new(MonitoredResource {
                kind: "cloud_run_job".to_owned(),
                labels: pairs(&[
                    ("job_name", job),
                    ("location", &project.region),
                    ("project_id", &project.id),
                ]),
            }),
            labels: Arc::new(pairs(&[
                ("run.googleapis.com/execution_name", from.execution),
                ("run.googleapis.com/task_index", &task),
                ("run.googleapis.com/task_attempt", &attempt),
            ])),
        }
    }

    /// One line as Cloud Logging would hold it.
    pub(super) fn entry(
        &self,
        state: &mut State,
        severity: Severity,
        payload: LogPayload,
        at: Timestamp,
    ) -> LogEntry {
        state.lines += 1;
        LogEntry {
            timestamp: at,
            received_at: at,
            // In the order of writing, as the real ones are within one timestamp.
            insert_id: format!("{:012x}{:04x}", state.lines, state.dice.roll() & 0xffff),
            severity,
            log_name: Arc::clone(&self.log_name),
            resource: Arc::clone(&self.resource),
            labels: Arc::clone(&self.labels),
            payload,
        }
    }
}
