//! The one JSON line that a migration image may end with: what the run did, in its own words.
//!
//! ```json
//! {"before":["a1"],"after":["a2"],"heads":["a2"],"revisions":["a2"],"attempt":0,"backend_pid":123}
//! ```

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::revision::RevisionId;

/// What a run says of itself on its last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLine {
    /// Rows of `alembic_version` before.
    pub before: Vec<RevisionId>,
    /// Rows of `alembic_version` after, read in a session of its own.
    pub after: Vec<RevisionId>,
    /// Heads of the image's directory; `None` when the line does not say.
    pub heads: Option<Vec<RevisionId>>,
    /// Revisions that were run, in order; `None` when the line does not say.
    pub revisions: Option<Vec<RevisionId>>,
    /// Attempt of the task, from 0.
    pub attempt: Option<u32>,
    /// Server process that the migration was connected to.
    pub backend_pid: Option<u32>,
}

impl RunLine {
    /// Reads a log line; `None` for every other one. `before` and `after` make it what it is, the
    /// other keys may be missing, and keys that are not known are left to those who know them.
    pub fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        if !line.starts_with('{') || !line.ends_with('}') {
            return None;
        }
        Self::of_fields(&serde_json::from_str(line).ok()?)
    }

    /// Reads the fields of a log entry that the platform has taken apart already.
    pub fn of_fields(fields: &Map<String, Value>) -> Option<Self> {
        Some(Self {
            before: ids(fields.get("before")?)?,
            after: ids(fields.get("after")?)?,
            heads: fields.get("heads").and_then(ids),
            revisions: fields.get("revisions").and_then(ids),
            attempt: fields.get("attempt").and_then(count),
            backend_pid: fields.get("backend_pid").and_then(count),
        })
    }

    /// The last such line of a log: of several attempts the last one counts.
    pub fn last_of<'a>(lines: impl DoubleEndedIterator<Item = &'a str>) -> Option<Self> {
        lines.rev().find_map(Self::parse)
    }
}

/// A list of ids, and nothing but ids.
fn ids(value: &Value) -> Option<Vec<RevisionId>> {
    let id = |value: &Value| {
        let id = value.as_str().filter(|id| !id.is_empty())?;
        Some(RevisionId::new(id))
    };
    value.as_array()?.iter().map(id).collect()
}

/// A count. The platform's structured entries know numbers only as fractions.
fn count(value: &Value) -> Option<u32> {
    let whole = value.as_u64().or_else(|| {
        let number = value.as_f64().filter(|n| n.fract() == 0.0)?;
        format!("{number:.0}").parse().ok()
    })?;
    u32::try_from(whole).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINE: &str = r#"{"before":["a1"],"after":["a2","b1"],"heads":["a2"],"revisions":["a2"],"attempt":0,"backend_pid":123,"more":{}}"#;

    fn all(names: &[&str]) -> Vec<RevisionId> {
        names.iter().map(|name| RevisionId::new(*name)).collect()
    }

    #[test]
    fn the_whole_line_is_read() {
        let line = RunLine::parse(LINE).unwrap();
        assert_eq!(
            (line.before, line.after),
            (all(&["a1"]), all(&["a2", "b1"]))
        );
        assert_eq!(line.heads, Some(all(&["a2"])));
        assert_eq!((line.attempt, line.backend_pid), (Some(0), Some(123)));
    }

    #[test]
    fn before_and_after_make_it_and_the_rest_may_be_missing_or_odd() {
        let line =
            RunLine::parse(r#" {"before":[],"after":[],"heads":"x","attempt":-1} "#).unwrap();
        assert_eq!((line.heads, line.attempt), (None, None));
        for other in [
            "",
            "{}",
            "[]",
            "null",
            r#"{"after":["a"]}"#,
            r#"{"before":"a","after":["a"]}"#,
            r#"{"before":[1],"after":[]}"#,
            r#"{"before":[""],"after":[]}"#,
            r#"{"before":[],"after":[]"#,
            r#"INFO {"before":[],"after":[]}"#,
        ] {
            assert_eq!(RunLine::parse(other), None, "{other}");
        }
    }

    #[test]
    fn fields_that_the_platform_took_apart_are_the_same() {
        let mut fields: Map<String, Value> = serde_json::from_str(LINE).unwrap();
        fields.insert("backend_pid".to_owned(), Value::from(123.0));
        fields.insert("attempt".to_owned(), Value::from(0.5));
        let line = RunLine::of_fields(&fields).unwrap();
        assert_eq!((line.backend_pid, line.attempt), (Some(123), None));
    }

    #[test]
    fn the_last_attempt_counts() {
        let other = LINE.replace("\"attempt\":0", "\"attempt\":1");
        let log = ["x", LINE, other.as_str(), "y"];
        assert_eq!(RunLine::last_of(log.into_iter()).unwrap().attempt, Some(1));
        assert_eq!(RunLine::last_of(["x"].into_iter()), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC*", tail in "[{}\\[\\]\",:a-z0-9]*") {
            let _ = RunLine::parse(&text);
            let _ = RunLine::parse(&format!("{{\"before\":[],\"after\":[]{tail}}}"));
        }

        #[test]
        fn what_is_written_is_read(
            before in prop::collection::vec("[a-z0-9_]{1,12}", 0..4),
            after in prop::collection::vec("\\PC{1,12}", 0..4),
            attempt in prop::option::of(any::<u32>()),
        ) {
            let line = RunLine {
                before: before.into_iter().map(RevisionId::new).collect(),
                after: after.into_iter().map(RevisionId::new).collect(),
                heads: None,
                revisions: Some(Vec::new()),
                attempt,
                backend_pid: None,
            };
            let text = serde_json::to_string(&line).unwrap();
            prop_assert_eq!(RunLine::parse(&text), Some(line));
        }
    }
}
