//! The mailbox: answers of the world wait here until the loop takes them.
//!
//! Log lines that follow one another become one letter, so that a flood costs the loop one
//! update for each frame and not one for each line.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::bell::Ringer;
use crate::app::event::{Event, LogAnswer, RunEvent};

/// Where answers are put; clones share one box.
#[derive(Clone, Debug)]
pub(super) struct Mailbox {
    letters: Arc<Mutex<VecDeque<Event>>>,
    ringer: Ringer,
}

impl Mailbox {
    /// An empty box that rings when something is put into it.
    pub(super) fn new(ringer: Ringer) -> Self {
        Self {
            letters: Arc::default(),
            ringer,
        }
    }

    /// Puts an answer in and wakes the loop.
    pub(super) fn put(&self, event: Event) {
        let mut letters = self.lock();
        let rest = match letters.back_mut() {
            Some(last) => join(last, event),
            None => Some(event),
        };
        letters.extend(rest);
        drop(letters);
        self.ringer.ring();
    }

    /// The oldest answer.
    pub(super) fn take(&self) -> Option<Event> {
        self.lock().pop_front()
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Event>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Appends lines to lines of the same request; gives back what cannot be joined.
fn join(last: &mut Event, next: Event) -> Option<Event> {
    match (last, next) {
        (
            Event::Log {
                id,
                answer: LogAnswer::Lines(lines),
            },
            Event::Log {
                id: other,
                answer: LogAnswer::Lines(more),
            },
        ) if *id == other => lines.extend(more),
        (
            Event::Run {
                id,
                event: RunEvent::Lines(lines),
            },
            Event::Run {
                id: other,
                event: RunEvent::Lines(more),
            },
        ) if *id == other => lines.extend(more),
        (_, next) => return Some(next),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::bell::Bell;
    use super::*;
    use crate::app::effect::RequestId;
    use crate::domain::logs::{LogLine, LogSeverity};

    fn lines(id: u64, texts: &[&str]) -> Event {
        let line = |text: &&str| LogLine {
            at: jiff::Timestamp::UNIX_EPOCH,
            insert_id: (*text).to_owned(),
            severity: LogSeverity::Info,
            stream: crate::domain::logs::LogStream::Other,
            text: (*text).into(),
        };
        Event::Log {
            id: RequestId(id),
            answer: LogAnswer::Lines(texts.iter().map(line).collect()),
        }
    }

    #[test]
    fn lines_of_one_log_become_one_letter() {
        let bell = Bell::new().unwrap();
        let mailbox = Mailbox::new(bell.ringer());
        mailbox.put(lines(1, &["a"]));
        mailbox.put(lines(1, &["b", "c"]));
        mailbox.put(lines(2, &["d"]));
        assert_eq!(mailbox.take(), Some(lines(1, &["a", "b", "c"])));
        assert_eq!(mailbox.take(), Some(lines(2, &["d"])));
        assert!(mailbox.is_empty());
    }
}
