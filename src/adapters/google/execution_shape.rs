//! Executions and tasks, from the wire. An execution has no status: it has conditions.

use google_cloud_run_v2::model;
use google_cloud_run_v2::model::condition::{ExecutionReason, Reasons, State};
use google_cloud_run_v2::model::env_var::Values;
use jiff::Timestamp;

use super::wire::{count, short, time};
use crate::domain::execution::{Execution, ExecutionName, ExecutionState, Task};
use crate::domain::text::RemoteText;
use crate::ports::jobs::RUN_ID_VARIABLE;

/// An execution as we know it.
pub(super) fn execution(wire: &model::Execution) -> Execution {
    let completed = wire.conditions.iter().find(|c| c.r#type == "Completed");
    let state = state(wire, completed);
    let message = completed.map(|c| c.message.clone()).unwrap_or_default();
    let container = wire
        .template
        .as_ref()
        .and_then(|template| template.containers.first());
    let created_at = time(wire.create_time.as_ref())
        .or_else(|| time(wire.start_time.as_ref()))
        .or_else(|| time(wire.update_time.as_ref()));
    Execution {
        name: ExecutionName::new(short(&wire.name)),
        job: job_of(wire),
        timed_out: state == ExecutionState::Failed && says_timeout(&message),
        cancelling: !state.is_over() && reason(completed) == Some(&ExecutionReason::Cancelling),
        state,
        message: RemoteText::new(message),
        created_at: created_at.unwrap_or(Timestamp::UNIX_EPOCH),
        started_at: time(wire.start_time.as_ref()),
        completed_at: time(wire.completion_time.as_ref()),
        creator: RemoteText::new(&wire.creator),
        args: container
            .map(|c| c.args.iter().map(RemoteText::new).collect())
            .unwrap_or_default(),
        image: RemoteText::new(container.map(|c| c.image.as_str()).unwrap_or_default()),
        run_id: container.and_then(run_id),
        retried: count(wire.retried_count),
        log_uri: wire.log_uri.clone(),
    }
}

/// A task as we know it.
pub(super) fn task(wire: &model::Task) -> Task {
    let last = wire.last_attempt_result.as_ref();
    let signal = last
        .map(|result| result.term_signal)
        .filter(|signal| *signal != 0);
    // Zero means success or not set; only the status tells which.
    let ended = last.filter(|result| result.exit_code != 0 || result.status.is_some());
    Task {
        index: count(wire.index),
        retried: count(wire.retried),
        exit_code: ended
            .map(|result| result.exit_code)
            .filter(|_| signal.is_none()),
        term_signal: signal,
        message: RemoteText::new(
            last.and_then(|result| result.status.as_ref())
                .map(|status| status.message.as_str())
                .unwrap_or_default(),
        ),
    }
}

/// What the platform says. A state or reason that is not known here is `Unknown`,
/// never success.
fn state(wire: &model::Execution, completed: Option<&model::Condition>) -> ExecutionState {
    let is_over = wire.completion_time.is_some();
    let Some(completed) = completed else {
        return if is_over {
            ExecutionState::Unknown
        } else {
            in_flight(wire)
        };
    };
    match &completed.state {
        State::ConditionSucceeded if is_over && wire.failed_count == 0 => ExecutionState::Succeeded,
        State::ConditionSucceeded if is_over => ExecutionState::Unknown,
        State::ConditionFailed => failed(wire, completed),
        State::ConditionSucceeded | State::ConditionPending | State::ConditionReconciling
            if !is_over =>
        {
            in_flight(wire)
        }
        _ => ExecutionState::Unknown,
    }
}

/// Which kind of failure: cancelled is not failed.
fn failed(wire: &model::Execution, completed: &model::Condition) -> ExecutionState {
    match reason(Some(completed)) {
        Some(ExecutionReason::Cancelled) => ExecutionState::Cancelled,
        Some(ExecutionReason::Cancelling) => in_flight(wire),
        _ if wire.cancelled_count > 0 => ExecutionState::Cancelled,
        Some(ExecutionReason::UnknownValue(_)) if wire.failed_count == 0 => ExecutionState::Unknown,
        _ => ExecutionState::Failed,
    }
}

fn in_flight(wire: &model::Execution) -> ExecutionState {
    let moves = wire.running_count > 0 || wire.start_time.is_some();
    if moves {
        ExecutionState::Running
    } else {
        ExecutionState::Pending
    }
}

fn reason(completed: Option<&model::Condition>) -> Option<&ExecutionReason> {
    match completed?.reasons.as_ref()? {
        Reasons::ExecutionReason(reason) => Some(reason),
        _ => None,
    }
}

/// A timeout has no reason of its own, only these words.
fn says_timeout(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("timeout was reached") || message.contains("timeout exceeded")
}

fn job_of(wire: &model::Execution) -> String {
    if !wire.job.is_empty() {
        return short(&wire.job).to_owned();
    }
    let mut parts = wire.name.split('/').skip_while(|part| *part != "jobs");
    parts.nth(1).unwrap_or_default().to_owned()
}

fn run_id(container: &model::Container) -> Option<String> {
    let variable = container
        .env
        .iter()
        .find(|variable| variable.name == RUN_ID_VARIABLE)?;
    match variable.values.as_ref()? {
        Values::Value(value) => Some(value.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(completed: Value, more: Value) -> Execution {
        let mut wire = json!({
            "name": "projects/p/locations/l/jobs/j/executions/j-1",
            "createTime": "2026-11-01T10:00:00Z",
            "conditions": [completed],
        });
        wire.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        execution(&serde_json::from_value(wire).unwrap())
    }

    fn over(completed: Value, more: Value) -> Execution {
        let mut more = more;
        more["startTime"] = json!("2026-11-01T10:00:01Z");
        more["completionTime"] = json!("2026-11-01T10:01:00Z");
        read(completed, more)
    }

    fn done(state: &str, reason: &str, message: &str) -> Value {
        json!({"type": "Completed", "state": state, "executionReason": reason, "message": message})
    }

    #[test]
    fn success_needs_its_condition_and_an_end() {
        let good = json!({"type": "Completed", "state": "CONDITION_SUCCEEDED"});
        assert_eq!(
            over(good.clone(), json!({"succeededCount": 1})).state,
            ExecutionState::Succeeded
        );
        assert_eq!(
            over(good.clone(), json!({"failedCount": 1})).state,
            ExecutionState::Unknown
        );
        assert!(!read(good, json!({})).state.is_over());
    }

    #[test]
    fn enums_may_be_numbers() {
        let good = json!({"type": "Completed", "state": 4});
        assert_eq!(over(good, json!({})).state, ExecutionState::Succeeded);
    }

    #[test]
    fn cancelled_is_not_failed() {
        let by_reason = over(done("CONDITION_FAILED", "CANCELLED", ""), json!({}));
        assert_eq!(by_reason.state, ExecutionState::Cancelled);
        let by_count = over(
            done("CONDITION_FAILED", "NON_ZERO_EXIT_CODE", ""),
            json!({"cancelledCount": 1}),
        );
        assert_eq!(by_count.state, ExecutionState::Cancelled);
        let failed = over(
            done("CONDITION_FAILED", "NON_ZERO_EXIT_CODE", ""),
            json!({"failedCount": 1}),
        );
        assert_eq!(failed.state, ExecutionState::Failed);
    }

    #[test]
    fn cancelling_is_in_flight() {
        let now = read(
            done("CONDITION_RECONCILING", "CANCELLING", ""),
            json!({"runningCount": 1, "startTime": "2026-11-01T10:00:01Z"}),
        );
        assert_eq!((now.state, now.cancelling), (ExecutionState::Running, true));
    }

    #[test]
    fn a_timeout_is_known_by_its_words() {
        let message = "Task j-1-task0 failed with message: The configured timeout was reached.";
        let late = over(
            done("CONDITION_FAILED", "NON_ZERO_EXIT_CODE", message),
            json!({"failedCount": 1}),
        );
        assert_eq!((late.state, late.timed_out), (ExecutionState::Failed, true));
    }

    #[test]
    fn what_is_not_known_stays_unknown() {
        let odd_state = over(
            json!({"type": "Completed", "state": "CONDITION_DREAMT"}),
            json!({}),
        );
        assert_eq!(odd_state.state, ExecutionState::Unknown);
        let odd_reason = over(done("CONDITION_FAILED", "EATEN_BY_A_GRUE", ""), json!({}));
        assert_eq!(odd_reason.state, ExecutionState::Unknown);
        let none = over(
            json!({"type": "ResourcesAvailable", "state": "CONDITION_SUCCEEDED"}),
            json!({}),
        );
        assert_eq!(none.state, ExecutionState::Unknown);
    }

    #[test]
    fn before_its_start_it_is_pending() {
        let waiting = read(
            json!({"type": "Completed", "state": "CONDITION_PENDING"}),
            json!({}),
        );
        assert_eq!(waiting.state, ExecutionState::Pending);
        let running = read(
            json!({"type": "Completed", "state": "CONDITION_RECONCILING"}),
            json!({"startTime": "2026-11-01T10:00:01Z"}),
        );
        assert_eq!(running.state, ExecutionState::Running);
    }

    #[test]
    fn the_run_id_and_the_arguments_are_read_from_the_template() {
        let found = read(
            json!({}),
            json!({"template": {"containers": [{
                "image": "img", "args": ["upgrade", "head"],
                "env": [{"name": "PORTCULLIS_RUN_ID", "value": "01J"}],
            }]}}),
        );
        assert_eq!(found.run_id.as_deref(), Some("01J"));
        assert_eq!(found.args.len(), 2);
        assert_eq!(found.job, "j");
    }

    #[test]
    fn a_task_has_an_exit_code_only_when_it_ended_by_itself() {
        let read = |result: Value| {
            task(&serde_json::from_value(json!({"index": 0, "lastAttemptResult": result})).unwrap())
        };
        assert_eq!(read(json!({"exitCode": 3})).exit_code, Some(3));
        assert_eq!(read(json!({})).exit_code, None);
        assert_eq!(read(json!({"status": {}})).exit_code, Some(0));
        let killed = read(json!({"termSignal": 9, "status": {"code": 13, "message": "killed"}}));
        assert_eq!((killed.exit_code, killed.term_signal), (None, Some(9)));
    }
}
