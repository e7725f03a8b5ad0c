//! Telling a person at a terminal how a run goes on.

use std::sync::Mutex;

use crate::domain::execution::ExecutionState;
use crate::ops::backup::{StepEvent, StepState};
use crate::ops::execute::RunEvent;
use crate::ops::follow::Progress;

use super::output::Output;

/// Tells each step once, and each line of the log as it comes.
pub(super) struct Narrator {
    output: Output,
    last: Mutex<Option<ExecutionState>>,
}

impl Narrator {
    /// A narrator that writes to this output.
    pub(super) fn new(output: Output) -> Self {
        Self {
            output,
            last: Mutex::new(None),
        }
    }

    /// Tells a step of a run.
    pub(super) fn tell(&self, event: RunEvent) {
        match event {
            RunEvent::Recorded(run_id) => {
                self.output.progress(&format!("recorded as run {run_id}"));
            }
            RunEvent::Step(event) => self.step(&event),
            RunEvent::Started(execution) => {
                self.output.progress(&format!("started {}", execution.name));
            }
            RunEvent::Lost(failure) => self.output.progress(&format!(
                "the answer was lost ({failure}); looking for the execution, nothing is sent again"
            )),
            RunEvent::Progress(progress) => self.progress(progress),
            RunEvent::Cancelling(name) => self
                .output
                .progress(&format!("{name} was asked to end; waiting for it")),
            RunEvent::StillAlive(backends) => {
                for backend in backends {
                    self.output.progress(&format!(
                        "the job is over, and {} is still at work in the database",
                        backend.who()
                    ));
                }
            }
            RunEvent::ReadingBack => self.output.progress("reading the database back"),
            RunEvent::Settled(_) => {}
        }
    }

    fn step(&self, event: &StepEvent) {
        let what = event.step.words();
        let told = match event.state {
            StepState::Begun => format!("{what}: begun"),
            StepState::Lost => {
                format!("{what}: the answer was lost; it is looked for, not asked for again")
            }
            StepState::GoesOn => return,
            StepState::Done => format!("{what}: done; the facts are read again"),
        };
        self.output.progress(&told);
    }

    /// Tells a step of an execution.
    pub(super) fn progress(&self, progress: Progress) {
        match progress {
            Progress::State(execution) => {
                let mut last = self
                    .last
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                if *last != Some(execution.state) {
                    *last = Some(execution.state);
                    self.output.progress(&format!(
                        "{} is {}",
                        execution.name,
                        execution.state.word()
                    ));
                }
            }
            Progress::Log(lines) => {
                for line in lines {
                    self.output.progress(&format!("  {}", line.text));
                }
            }
            Progress::Interrupted(failure) => {
                self.output
                    .progress(&format!("could not look just now: {failure}"));
            }
        }
    }
}
