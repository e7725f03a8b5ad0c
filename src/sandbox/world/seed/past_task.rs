//! The one task of a past execution, with its attempts.

use jiff::Timestamp;

use super::{
    super::{
        model::{Attempt, ConditionState, ExecutionReason, Task},
        refusal::{Code, Status},
        state::State,
    },
    history::condition,
    texts::Tale,
};

/// How an attempt ended: its exit code, the signal that ended it, what Google says of it.
type End = (Option<i32>, Option<i32>, Option<Status>);

fn end(tale: Tale) -> End {
    let status = |code: Code, message: &str| {
        Some(Status {
            code,
            message: message.to_owned(),
        })
    };
    match tale {
        Tale::Failed(_, code) => (
            Some(code),
            None,
            status(Code::Unknown, "The container exited with an error."),
        ),
        Tale::TimedOut => (
            None,
            Some(15),
            status(Code::Unknown, "The configured timeout was reached."),
        ),
        Tale::Cancelled => (
            None,
            Some(15),
            status(Code::Cancelled, "The task was cancelled."),
        ),
        _ => (Some(0), None, None),
    }
}

/// The task that a tale tells of.
pub(super) fn task(
    state: &mut State,
    execution: &str,
    tale: Tale,
    retries: u32,
    (created, started, ended): (Timestamp, Timestamp, Timestamp),
) -> Task {
    let (exit_code, term_signal, error) = end(tale);
    let span = ended.duration_since(started) / i32::try_from(retries + 1).unwrap_or(1);
    let attempts = (0..=retries).map(|number| {
        let begin = started + span * i32::try_from(number).unwrap_or(0);
        Attempt {
            number,
            started_at: begin,
            completed_at: Some(begin + span),
            exit_code,
            term_signal,
            error: error.clone(),
            process: None,
        }
    });
    let good = matches!(
        tale,
        Tale::Upgraded(_) | Tale::NothingToDo | Tale::Current(_) | Tale::Seeded
    );
    Task {
        id: format!("{execution}-task0"),
        uid: state.dice.uuid(),
        index: 0,
        created_at: created,
        started_at: (tale != Tale::NoSecret).then_some(started),
        completed_at: Some(ended),
        etag: state.dice.etag(),
        conditions: vec![condition(
            "Completed",
            if good {
                ConditionState::Succeeded
            } else {
                ConditionState::Failed
            },
            if good {
                "Task completed successfully."
            } else {
                "Task did not complete."
            },
            (tale == Tale::Cancelled).then_some(ExecutionReason::Cancelled),
            ended,
        )],
        attempts: if tale == Tale::NoSecret {
            Vec::new()
        } else {
            attempts.collect()
        },
    }
}
