//! Values with their origin and age, and values that are still on their way.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::failure::Failure;

/// A value, where it came from and when it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed<T> {
    /// The value.
    pub value: T,
    /// Where it came from, for a person: `data-api`, `run api`, `snapshot`.
    pub source: String,
    /// When it was seen.
    pub at: Timestamp,
}

impl<T> Observed<T> {
    /// A value seen now.
    pub fn new(value: T, source: impl Into<String>, at: Timestamp) -> Self {
        Self {
            value,
            source: source.into(),
            at,
        }
    }

    /// How long ago it was seen; never negative, because clocks differ.
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.at).max(SignedDuration::ZERO)
    }
}

/// A value that the world is asked for; it keeps the last good answer beside a newer failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote<T> {
    /// The last good answer, with its age.
    pub last: Option<Observed<T>>,
    /// Why the newest attempt brought nothing; `None` after a good answer.
    pub failure: Option<Failure>,
    /// Whether an answer is awaited; not kept across runs.
    #[serde(skip)]
    pub loading: bool,
}

impl<T> Default for Remote<T> {
    fn default() -> Self {
        Self {
            last: None,
            failure: None,
            loading: false,
        }
    }
}

impl<T> Remote<T> {
    /// The value, if there ever was one.
    pub fn value(&self) -> Option<&T> {
        self.last.as_ref().map(|seen| &seen.value)
    }

    /// A value just seen.
    pub fn ready(value: T, source: impl Into<String>, at: Timestamp) -> Self {
        Self {
            last: Some(Observed::new(value, source, at)),
            failure: None,
            loading: false,
        }
    }

    /// An attempt that brought nothing.
    pub fn failed(failure: Failure) -> Self {
        Self {
            last: None,
            failure: Some(failure),
            loading: false,
        }
    }

    /// Takes the newer answer: a good one replaces everything, a failure keeps the old value.
    pub fn absorb(&mut self, newer: Self) {
        if newer.last.is_some() {
            self.last = newer.last;
        }
        self.failure = newer.failure;
        self.loading = newer.loading;
    }
}
