//! The commit of the migration directory, remembered while nothing that decides it changes.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::git::{self, Answer};
use crate::domain::directory::Checkout;

/// What git could not tell is asked again after this long.
const ASK_AGAIN: Duration = Duration::from_mins(1);

/// The last answer of git.
#[derive(Debug, Default)]
pub(super) struct LastCheckout {
    last: Mutex<Option<Last>>,
}

#[derive(Debug)]
struct Last {
    /// The reading of the directory that it belongs to.
    reading: u64,
    answer: Answer,
    at: Instant,
}

impl LastCheckout {
    /// The commit around these places; `reading` is another number whenever they were read again.
    pub(super) fn around(&self, places: &[PathBuf], reading: u64) -> Option<Checkout> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = last.as_ref().filter(|last| last.holds_for(reading)) {
            return last.answer.checkout.clone();
        }
        let answer = git::ask(Path::new("git"), places);
        let checkout = answer.checkout.clone();
        *last = Some(Last {
            reading,
            answer,
            at: Instant::now(),
        });
        checkout
    }
}

impl Last {
    fn holds_for(&self, reading: u64) -> bool {
        let settled = if self.answer.is_complete() {
            self.answer.is_current()
        } else {
            self.at.elapsed() < ASK_AGAIN
        };
        settled && self.reading == reading
    }
}
