//! The SQL that `alembic … --sql` prints, taken out of the log of its run.

use serde::{Deserialize, Serialize};

use super::logs::{LogLine, LogStream};
use super::progress;
use super::revision::RevisionId;
use super::run_line::RunLine;

/// SQL as a run printed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineSql {
    /// The statements, as they were printed.
    pub text: String,
    /// Whether all of it was seen: log lines may come late.
    pub complete: bool,
}

impl OfflineSql {
    /// Takes the SQL out of a log: what was printed, without what was logged. `expected` are the
    /// revisions that are rendered, when that is known.
    pub fn of_log(lines: &[LogLine], expected: Option<&[RevisionId]>) -> Self {
        let known = lines.iter().any(|line| line.stream == LogStream::Stdout);
        let printed = |line: &&LogLine| match line.stream {
            LogStream::Stdout => true,
            LogStream::Stderr => false,
            // Where one stream is known, what is on none of them was written by the platform.
            LogStream::Other => !known && !is_logged(line.text.raw()),
        };
        let printed: Vec<&str> = lines
            .iter()
            .filter(printed)
            .map(|line| line.text.raw())
            .filter(|line| RunLine::parse(line).is_none())
            .collect();
        let text = printed.join("\n").trim_matches('\n').to_owned();
        let complete = is_complete(&printed, expected);
        Self { text, complete }
    }
}

/// Every revision was announced within the SQL, and the last transaction has ended.
fn is_complete(printed: &[&str], expected: Option<&[RevisionId]>) -> bool {
    if expected.is_some_and(<[_]>::is_empty) {
        return true;
    }
    let announced: Vec<_> = printed
        .iter()
        .filter(|line| line.starts_with("-- Running "))
        .filter_map(|line| progress::step(line))
        .collect();
    let begun = printed.iter().filter(|line| **line == "BEGIN;").count();
    let ended = printed.iter().filter(|line| **line == "COMMIT;").count();
    let last = printed.iter().rev().find(|line| !line.trim().is_empty());
    let closed = begun == ended && last.is_some_and(|line| line.trim_end().ends_with(';'));
    let all = match expected {
        Some(expected) => announced.len() >= expected.len(),
        None => ended > 0,
    };
    all && closed
}

/// A line of Python's logging in its usual forms.
fn is_logged(line: &str) -> bool {
    let first = line.split([' ', ':']).next().unwrap_or_default();
    let level = matches!(
        first,
        "DEBUG" | "INFO" | "WARNING" | "WARN" | "ERROR" | "CRITICAL"
    );
    level && line.contains(['[', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::logs::LogSeverity;
    use jiff::Timestamp;
    use proptest::prelude::*;

    const SQL: [&str; 7] = [
        "BEGIN;",
        "",
        "-- Running upgrade a1 -> a2",
        "",
        "ALTER TABLE t ADD c int;",
        "",
        "COMMIT;",
    ];

    fn line(stream: LogStream, text: &str) -> LogLine {
        LogLine {
            at: Timestamp::UNIX_EPOCH,
            insert_id: String::new(),
            severity: LogSeverity::Default,
            stream,
            text: text.into(),
        }
    }

    fn log(stream: LogStream) -> Vec<LogLine> {
        let logged = "INFO  [alembic.runtime.migration] Running upgrade a1 -> a2, second";
        let errors = match stream {
            LogStream::Stdout => LogStream::Stderr,
            other => other,
        };
        let mut lines = vec![line(errors, logged)];
        lines.extend(SQL.iter().map(|text| line(stream, text)));
        lines.push(line(errors, "WARNING: something else"));
        lines
    }

    #[test]
    fn what_was_printed_is_kept_and_what_was_logged_is_not() {
        for stream in [LogStream::Stdout, LogStream::Other] {
            let found = OfflineSql::of_log(&log(stream), Some(&["a2".into()]));
            assert_eq!(found.text, SQL.join("\n"));
            assert!(found.complete);
        }
    }

    #[test]
    fn a_log_that_is_not_all_there_is_not_complete() {
        let all = log(LogStream::Stdout);
        let one: [RevisionId; 1] = ["a2".into()];
        let two: [RevisionId; 2] = ["a2".into(), "a3".into()];
        assert!(!OfflineSql::of_log(&all[..5], Some(&one)).complete);
        assert!(!OfflineSql::of_log(&all, Some(&two)).complete);
        assert!(!OfflineSql::of_log(&[], None).complete);
        assert!(OfflineSql::of_log(&all, None).complete);
        assert!(
            OfflineSql::of_log(&[], Some(&[])).complete,
            "nothing is pending"
        );
    }

    proptest! {
        #[test]
        fn no_log_makes_it_panic(texts in prop::collection::vec("\\PC*", 0..6)) {
            let lines: Vec<_> = texts.iter().map(|text| line(LogStream::Other, text)).collect();
            let _ = OfflineSql::of_log(&lines, None);
        }
    }
}
