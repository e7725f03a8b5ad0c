//! What went wrong, in words for a person and a kind for a program.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kinds of failure; each decides retry, colour and exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// A fault of Portcullis itself.
    Internal,
    /// The command line is wrong.
    Usage,
    /// The config is wrong.
    Config,
    /// Not signed in, or the sign-in expired.
    SignedOut,
    /// Permission denied.
    Denied,
    /// Not found.
    NotFound,
    /// Google Cloud or the database could not be reached, or answered nonsense.
    Unreachable,
    /// Refused by the gate.
    Gate,
    /// Blocked by preflight.
    Preflight,
    /// The run failed, and the read-back shows that nothing or not all was applied.
    RunFailed,
    /// The outcome is unknown.
    OutcomeUnknown,
    /// Another run is active, or an earlier one is still unknown.
    Busy,
    /// The ledger could not be written: nothing was sent.
    Ledger,
    /// A fact changed between looking and acting (a stale `etag`, a moved version).
    Stale,
}

impl FailureKind {
    /// The documented exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Config => 3,
            Self::SignedOut => 4,
            Self::Denied => 5,
            Self::NotFound => 6,
            Self::Unreachable => 7,
            Self::Gate | Self::Stale => 8,
            Self::Preflight => 9,
            Self::RunFailed => 10,
            Self::OutcomeUnknown => 11,
            Self::Busy => 12,
            Self::Ledger => 13,
        }
    }

    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Usage => "usage",
            Self::Config => "config",
            Self::SignedOut => "signed_out",
            Self::Denied => "denied",
            Self::NotFound => "not_found",
            Self::Unreachable => "unreachable",
            Self::Gate => "gate",
            Self::Preflight => "preflight",
            Self::RunFailed => "run_failed",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Busy => "busy",
            Self::Ledger => "ledger",
            Self::Stale => "stale",
        }
    }

    /// Whether asking again later may help by itself.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Unreachable)
    }
}

/// A failure at the edge: kind, one sentence, and what to do about it.
///
/// The summary never holds remote payloads; it names what was asked and why it failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Failure {
    /// Its kind.
    pub kind: FailureKind,
    /// What happened, in one sentence.
    pub summary: String,
    /// What to do about it; empty when there is nothing to do.
    pub hint: String,
    /// A finer word than the kind's, where a program may want to tell cases apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    /// The places in files that are meant, in the order in which they were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flaws: Vec<Flaw>,
}

/// Something that is wrong at a place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaw {
    /// The word for it, for programs: `syntax`, `not_static`.
    pub word: String,
    /// The file.
    pub file: String,
    /// The line, from 1; unknown when the whole file is meant.
    pub line: Option<usize>,
    /// What is wrong, in one sentence that does not name the place.
    pub message: String,
}

impl Failure {
    /// A failure with its remedy.
    pub fn new(kind: FailureKind, summary: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            kind,
            summary: summary.into(),
            hint: hint.into(),
            word: None,
            flaws: Vec::new(),
        }
    }

    /// The same failure with a finer word for programs.
    pub fn called(mut self, word: impl Into<String>) -> Self {
        self.word = Some(word.into());
        self
    }

    /// The same failure with the places that are meant.
    pub fn at(mut self, flaws: Vec<Flaw>) -> Self {
        self.flaws = flaws;
        self
    }

    /// The word for it, as in JSON: the finest there is.
    pub fn word(&self) -> &str {
        self.word.as_deref().unwrap_or(self.kind.word())
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::text::clean(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", super::text::clean(&self.message))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::text::clean(&self.summary))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_an_older_snapshot_is_still_read() {
        let old = r#"{"kind":"not_found","summary":"gone","hint":""}"#;
        let read: Failure = serde_json::from_str(old).unwrap();
        assert_eq!(read, Failure::new(FailureKind::NotFound, "gone", ""));
        assert_eq!(read.word(), "not_found");
        assert_eq!(serde_json::to_string(&read).unwrap(), old);
    }

    #[test]
    fn the_finest_word_counts_and_survives() {
        let flaw = Flaw {
            word: "syntax".to_owned(),
            file: "a.py".to_owned(),
            line: Some(3),
            message: "is no \u{1b}[31mPython".to_owned(),
        };
        assert_eq!(flaw.to_string(), "a.py:3: is no Python");
        let failure = Failure::new(FailureKind::Config, "unsound", "")
            .called("syntax")
            .at(vec![flaw]);
        let text = serde_json::to_string(&failure).unwrap();
        let read: Failure = serde_json::from_str(&text).unwrap();
        assert_eq!((read.word(), &read), ("syntax", &failure));
    }
}
