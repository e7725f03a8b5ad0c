//! Cloud Logging through the official client.

use std::sync::Arc;

use async_trait::async_trait;
use google_cloud_gax::options::RequestOptionsBuilder as _;
use google_cloud_logging_v2::model::LogEntry;
use google_cloud_logging_v2::model::log_entry::Payload;
use jiff::Timestamp;

use super::clients::Clients;
use super::failure::Asked;
use super::wire::time;
use crate::domain::failure::Failure;
use crate::domain::logs::{LogLine, LogPage, LogQuery, LogSeverity, LogStream};
use crate::domain::run_line::RunLine;
use crate::domain::text::RemoteText;
use crate::ports::logs::Logs;

/// The most lines that one answer may hold.
const PAGE: i32 = 1000;

/// Cloud Logging.
#[derive(Clone)]
pub(super) struct CloudLogging {
    clients: Arc<Clients>,
}

impl CloudLogging {
    pub(super) fn new(clients: Arc<Clients>) -> Self {
        Self { clients }
    }
}

#[async_trait]
impl Logs for CloudLogging {
    async fn read(&self, query: &LogQuery) -> Result<LogPage, Failure> {
        let asked = asked(query);
        let client = self.clients.logging().await?;
        let call = client
            .list_log_entries()
            .set_resource_names([format!("projects/{}", query.project)])
            .set_filter(filter(query))
            .set_order_by("timestamp asc")
            .set_page_size(PAGE)
            .set_page_token(query.page.clone().unwrap_or_default())
            // A POST that only reads.
            .with_idempotency(true)
            .send();
        let answer = self.clients.ask(&asked, call).await?;
        let next = Some(answer.next_page_token).filter(|token| !token.is_empty());
        Ok(LogPage {
            lines: answer.entries.into_iter().filter_map(line).collect(),
            next,
        })
    }
}

fn asked(query: &LogQuery) -> Asked {
    Asked {
        doing: format!("reading the log of {}", query.execution),
        permission: "logging.logEntries.list",
        role: "roles/logging.viewer",
        project: query.project.clone(),
        api: "logging.googleapis.com",
        missing: "check project in the config".to_owned(),
    }
}

/// The filter that gcloud itself sends for one execution, bounded in time when it can be.
fn filter(query: &LogQuery) -> String {
    let mut parts = vec![
        r#"resource.type="cloud_run_job""#.to_owned(),
        format!("resource.labels.job_name={}", quoted(&query.job)),
        format!("resource.labels.location={}", quoted(&query.region)),
        format!(
            r#"labels."run.googleapis.com/execution_name"={}"#,
            quoted(&query.execution)
        ),
    ];
    parts.extend(query.since.map(|since| format!(r#"timestamp>="{since}""#)));
    parts.join(" AND ")
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

/// A line; an entry without text (an audit record, say) is none.
fn line(entry: LogEntry) -> Option<LogLine> {
    let at = time(entry.timestamp.as_ref()).or_else(|| time(entry.receive_timestamp.as_ref()));
    let stream = stream(&entry.log_name);
    let text = match entry.payload? {
        Payload::TextPayload(text) => text,
        Payload::JsonPayload(fields) => text_of(&fields),
        _ => return None,
    };
    Some(LogLine {
        at: at.unwrap_or(Timestamp::UNIX_EPOCH),
        insert_id: entry.insert_id,
        severity: severity(entry.severity.value().unwrap_or_default()),
        stream,
        text: RemoteText::new(text.trim_end_matches(['\r', '\n'])),
    })
}

/// The message of a structured entry, or all of it where it has none. The line in which a run
/// says what it did stays whole: it is read later.
fn text_of(fields: &serde_json::Map<String, serde_json::Value>) -> String {
    let message = fields.get("message").and_then(|m| m.as_str());
    match message.filter(|_| RunLine::of_fields(fields).is_none()) {
        Some(message) => message.to_owned(),
        None => serde_json::to_string(fields).unwrap_or_default(),
    }
}

/// Cloud Run has a log for each stream, with the slash in its name escaped.
fn stream(log: &str) -> LogStream {
    match log.rsplit(['/', 'F']).next() {
        Some("stdout") => LogStream::Stdout,
        Some("stderr") => LogStream::Stderr,
        _ => LogStream::Other,
    }
}

fn severity(number: i32) -> LogSeverity {
    match number {
        ..100 => LogSeverity::Default,
        100..200 => LogSeverity::Debug,
        200..300 => LogSeverity::Info,
        300..400 => LogSeverity::Notice,
        400..500 => LogSeverity::Warning,
        500..600 => LogSeverity::Error,
        600.. => LogSeverity::Critical,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn query() -> LogQuery {
        LogQuery {
            project: "p".into(),
            region: "r".into(),
            job: "j".into(),
            execution: r#"e" OR "x"#.into(),
            since: Some("2026-11-01T10:00:00Z".parse().unwrap()),
            page: None,
        }
    }

    #[test]
    fn a_name_cannot_widen_the_filter() {
        let filter = filter(&query());
        assert!(
            filter.contains(r#"execution_name"="e\" OR \"x""#),
            "{filter}"
        );
        assert!(
            filter.ends_with(r#"timestamp>="2026-11-01T10:00:00Z""#),
            "{filter}"
        );
    }

    #[test]
    fn the_name_of_the_log_tells_the_stream() {
        let log = |name: &str| stream(&format!("projects/p/logs/run.googleapis.com{name}"));
        assert_eq!(log("%2Fstdout"), LogStream::Stdout);
        assert_eq!(log("%2Fstderr"), LogStream::Stderr);
        assert_eq!(log("/stdout"), LogStream::Stdout);
        assert_eq!(log("%2Fvarlog%2Fsystem"), LogStream::Other);
    }

    #[test]
    fn text_and_structured_entries_become_lines() {
        let read = |entry: Value| line(serde_json::from_value(entry).unwrap());
        let plain = read(
            json!({"textPayload": "hello\n", "severity": "ERROR", "timestamp": "2026-11-01T10:00:00Z"}),
        );
        assert_eq!(plain.as_ref().unwrap().text.raw(), "hello");
        assert_eq!(plain.unwrap().severity, LogSeverity::Error);
        let structured =
            read(json!({"jsonPayload": {"message": "hi", "x": 1}, "severity": 200})).unwrap();
        assert_eq!(
            (structured.text.raw(), structured.severity),
            ("hi", LogSeverity::Info)
        );
        let other = read(json!({"jsonPayload": {"x": 1}})).unwrap();
        assert_eq!(
            (other.text.raw(), other.severity),
            (r#"{"x":1}"#, LogSeverity::Default)
        );
        assert_eq!(read(json!({"insertId": "a"})), None);
        let run = json!({"message": "done", "before": [], "after": ["a1"], "attempt": 0.0});
        let run = read(json!({"jsonPayload": run})).unwrap();
        let run = RunLine::parse(run.text.raw()).unwrap();
        assert_eq!((run.after, run.attempt), (vec!["a1".into()], Some(0)));
    }
}
