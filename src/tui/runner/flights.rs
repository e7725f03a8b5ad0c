//! Reads that are under way: whoever asks for the same meanwhile waits for the same answer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

use crate::app::effect::{Part, RequestId};
use crate::domain::environment::EnvironmentName;

/// The reads under way, with who waits for each.
#[derive(Debug, Default)]
pub(super) struct Flights(Mutex<HashMap<(EnvironmentName, Part), Flight>>);

#[derive(Debug, Default)]
struct Flight {
    waiting: Vec<RequestId>,
    task: Option<AbortHandle>,
}

impl Flights {
    /// Waits for a part; whether it has to be fetched, because nobody fetches it yet.
    pub(super) fn board(&self, environment: &EnvironmentName, part: Part, id: RequestId) -> bool {
        let mut flights = self.lock();
        let flight = flights.entry((environment.clone(), part)).or_default();
        flight.waiting.push(id);
        flight.waiting.len() == 1
    }

    /// The task that fetches it.
    pub(super) fn started(&self, environment: &EnvironmentName, part: Part, task: AbortHandle) {
        if let Some(flight) = self.lock().get_mut(&(environment.clone(), part)) {
            flight.task = Some(task);
        }
    }

    /// It is there: who waited for it.
    pub(super) fn landed(&self, environment: &EnvironmentName, part: Part) -> Vec<RequestId> {
        self.lock()
            .remove(&(environment.clone(), part))
            .map(|flight| flight.waiting)
            .unwrap_or_default()
    }

    /// Somebody waits no longer; a read that nobody waits for is stopped.
    pub(super) fn leave(&self, id: RequestId) {
        self.lock().retain(|_, flight| {
            flight.waiting.retain(|waiting| *waiting != id);
            if flight.waiting.is_empty() {
                flight.task.iter().for_each(AbortHandle::abort);
            }
            !flight.waiting.is_empty()
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(EnvironmentName, Part), Flight>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_to_ask_waits_for_the_first_answer() {
        let flights = Flights::default();
        let prod = EnvironmentName::from("prod");
        assert!(flights.board(&prod, Part::Job, RequestId(1)));
        assert!(!flights.board(&prod, Part::Job, RequestId(2)));
        assert!(flights.board(&prod, Part::Secret, RequestId(3)));
        assert_eq!(
            flights.landed(&prod, Part::Job),
            [RequestId(1), RequestId(2)]
        );
        assert!(flights.board(&prod, Part::Job, RequestId(4)));
    }

    #[test]
    fn a_read_that_nobody_waits_for_may_be_asked_for_again() {
        let flights = Flights::default();
        let prod = EnvironmentName::from("prod");
        flights.board(&prod, Part::Job, RequestId(1));
        flights.leave(RequestId(1));
        assert!(flights.board(&prod, Part::Job, RequestId(2)));
    }
}
