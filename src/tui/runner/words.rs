//! From the words of the use cases to those of the console, and back.

use jiff::Timestamp;

use crate::app::effect::{Effect, Part, RequestId};
use crate::app::event::{CauseFound, Event, LogAnswer, PartAnswer, RunEvent, Settlement};
use crate::domain::failure::Failure;
use crate::domain::observed::Remote;
use crate::ops::attach::Attached;
use crate::ops::backup::StepState;
use crate::ops::execute::{self, Report};
use crate::ops::follow::Progress;
use crate::triage::Found;

/// A part that could not be read.
pub(super) fn failed_part(part: Part, failure: Failure) -> PartAnswer {
    match part {
        Part::Job => PartAnswer::Job(Box::new(Remote::failed(failure))),
        Part::Executions => PartAnswer::Executions(Remote::failed(failure)),
        Part::Instance => PartAnswer::Instance(Remote::failed(failure)),
        Part::Secret => PartAnswer::Secret(Remote::failed(failure)),
        Part::Reading => PartAnswer::Reading(Remote::failed(failure)),
        Part::Probes => PartAnswer::Probes(Remote::failed(failure)),
    }
}

/// A step of a run; `None` for the end, which the report tells.
pub(super) fn run_event(event: execute::RunEvent) -> Option<RunEvent> {
    Some(match event {
        execute::RunEvent::Recorded(run_id) => RunEvent::Recorded { run_id },
        execute::RunEvent::Step(event) => RunEvent::Step {
            words: event.step.words(),
            over: event.state == StepState::Done,
        },
        execute::RunEvent::Started(execution) => RunEvent::Started(execution),
        execute::RunEvent::Lost(failure) => RunEvent::Lost(failure),
        execute::RunEvent::Progress(step) => progress(step),
        execute::RunEvent::ReadingBack => RunEvent::ReadingBack,
        execute::RunEvent::StillAlive(backends) => RunEvent::Alive(backends),
        execute::RunEvent::Cancelling(_) | execute::RunEvent::Settled(_) => return None,
    })
}

/// How an execution ended that was followed.
pub(super) fn attached(attached: Attached, at: Timestamp) -> Settlement {
    let run = attached.run;
    Settlement {
        outcome: run.as_ref().map(|run| run.outcome),
        run_id: attached.execution.run_id,
        execution: Some(attached.execution.name),
        before: run.map(|run| run.before).unwrap_or_default(),
        read_back: attached
            .after
            .as_ref()
            .map(|_| ("read-back".to_owned(), at)),
        after: attached.after,
        duration: attached.duration,
        happened: attached.why,
        remedy: String::new(),
        causes: Vec::new(),
    }
}

/// A step of an execution that is followed.
pub(super) fn progress(step: Progress) -> RunEvent {
    match step {
        Progress::State(execution) => RunEvent::State(execution),
        Progress::Log(lines) => RunEvent::Lines(lines),
        Progress::Interrupted(failure) => RunEvent::Trouble(failure),
    }
}

/// How a run ended.
pub(super) fn settlement(report: Report, at: Timestamp) -> Settlement {
    Settlement {
        outcome: Some(report.outcome),
        run_id: Some(report.run_id),
        execution: report.execution.map(|execution| execution.name),
        before: report.before,
        read_back: report.after.as_ref().map(|_| ("read-back".to_owned(), at)),
        after: report.after,
        duration: Some(report.duration),
        happened: report.why,
        remedy: String::new(),
        causes: report.causes.into_iter().map(cause).collect(),
    }
}

fn cause(found: Found) -> CauseFound {
    CauseFound {
        id: found.id,
        title: found.title,
        line: found.line,
        remedy: found.remedy,
    }
}

/// The request of an effect whose task may be stopped; acts have none.
pub(super) fn abandonable(effect: &Effect) -> Option<RequestId> {
    match effect {
        Effect::Identity { id }
        | Effect::Read { id, .. }
        | Effect::Assess { id, .. }
        | Effect::Directory { id }
        | Effect::Review { id, .. }
        | Effect::MakePlan { id, .. }
        | Effect::Follow { id, .. }
        | Effect::ReadLog { id, .. }
        | Effect::Ledger { id, .. } => Some(*id),
        _ => None,
    }
}

/// What is answered when nothing but a failure can be said.
pub(super) fn unanswered(effect: &Effect, failure: Failure) -> Option<Event> {
    Some(match effect {
        Effect::Identity { id } => Event::Identity {
            id: *id,
            answer: Err(failure),
        },
        Effect::Directory { id } => Event::Directory {
            id: *id,
            answer: Err(failure),
        },
        Effect::Review { id, .. } => Event::Reviewed {
            id: *id,
            answer: Err(failure),
        },
        Effect::MakePlan { id, .. } => Event::Planned {
            id: *id,
            answer: Err(failure),
        },
        Effect::Execute { id, .. } | Effect::Follow { id, .. } => Event::Run {
            id: *id,
            event: RunEvent::Refused(failure),
        },
        Effect::Cancel { id, .. } => Event::Cancelled {
            id: *id,
            answer: Err(failure),
        },
        Effect::ChangeSecret { id, .. } => Event::SecretChanged {
            id: *id,
            answer: Err(failure),
        },
        Effect::Consent { id, .. } => Event::Consent {
            id: *id,
            answer: Err(failure),
        },
        Effect::Arm { id, .. } => Event::Armed {
            id: *id,
            answer: Err(failure),
        },
        Effect::ReadLog { id, .. } => Event::Log {
            id: *id,
            answer: LogAnswer::Failed(failure),
        },
        Effect::Ledger { id, .. } => Event::Ledger {
            id: *id,
            answer: Err(failure),
        },
        Effect::Assess { .. }
        | Effect::SettleEarlier
        | Effect::SaveSnapshot(_)
        | Effect::RecordLeft(_) => Event::Notice(failure),
        _ => return None,
    })
}
