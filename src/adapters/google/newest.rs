//! The newest executions of each job, shared by those who ask at the same moment.
//!
//! A look at an environment asks for them once for the list and once for each probe that reads
//! logs; one answer serves all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::execution::Execution;

/// How old an answer may be for a probe; whoever plans a run always asks anew.
const FRESH: Duration = Duration::from_secs(5);

/// Fewer executions than this are not enough for a probe.
pub(super) const ENOUGH: u32 = 20;

/// The answer about one job.
#[derive(Default)]
pub(super) struct Slot(Option<(Instant, Vec<Execution>)>);

impl Slot {
    /// Keeps an answer.
    pub(super) fn put(&mut self, executions: &[Execution]) {
        self.0 = Some((Instant::now(), executions.to_vec()));
    }
}

/// The answers about all jobs.
#[derive(Default)]
pub(super) struct Newest(Mutex<HashMap<String, Arc<tokio::sync::Mutex<Slot>>>>);

impl Newest {
    /// The slot of a job; who asks for its executions holds it meanwhile.
    pub(super) fn slot(&self, job: &str) -> Arc<tokio::sync::Mutex<Slot>> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(job.to_owned()).or_default())
    }

    /// What was just answered, or is being answered now.
    pub(super) async fn fresh(&self, job: &str) -> Option<Vec<Execution>> {
        let slot = self.slot(job);
        let slot = slot.lock().await;
        let (at, executions) = slot.0.as_ref()?;
        (at.elapsed() < FRESH).then(|| executions.clone())
    }
}
