//! Executions: reading them, ending them, and the steps that the runner reports.

use std::{sync::Arc, time::Duration};

use super::{
    Code, Refusal, Status, World,
    model::{
        Attempt, Condition, ConditionState, Execution, ExecutionReason, Operation, OperationKind,
        Task, run::ProcessMark,
    },
    state::State,
};

/// How an attempt went, as the runner saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptEnd {
    /// The exit code, when the process ended by itself.
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    pub term_signal: Option<i32>,
    /// What went wrong; `None` for a success.
    pub error: Option<Status>,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecutionEnd {
    /// All tasks ended well.
    Succeeded,
    /// At least one did not.
    Failed {
        /// Why, in the platform's words.
        message: String,
        /// Why, as the platform's enum has it; a timeout has none.
        reason: Option<ExecutionReason>,
    },
    /// Somebody asked for it.
    Cancelled,
}

impl World {
    /// Executions of one job, or of all, newest first.
    pub fn executions(&self, job: Option<&str>) -> Vec<Execution> {
        let state = self.state();
        let of_job = |execution: &&Execution| job.is_none_or(|job| execution.job == job);
        let mut found: Vec<_> = state.executions.iter().filter(of_job).cloned().collect();
        found.sort_by_key(|execution| std::cmp::Reverse(execution.created_at));
        found
    }

    /// One execution.
    pub fn execution(&self, id: &str) -> Result<Execution, Refusal> {
        find(&self.state(), id).cloned()
    }

    /// The tasks of an execution, by index.
    pub fn tasks(&self, execution: &str) -> Result<Vec<Task>, Refusal> {
        find(&self.state(), execution).map(|execution| execution.tasks.clone())
    }

    /// `executions.cancel`: asks for the end of an execution that runs.
    pub fn cancel_execution(&self, id: &str, etag: Option<&str>) -> Result<Operation, Refusal> {
        let now = self.now();
        let operation = self.try_change(|state| {
            let missing = missing(state, id);
            let new_etag = state.dice.etag();
            let operation_id = state.dice.uuid();
            let execution = state
                .executions
                .iter_mut()
                .find(|execution| execution.id == id);
            let execution = execution.ok_or(missing)?;
            check_etag(execution, etag)?;
            if execution.is_over() {
                return Err(Refusal::precondition(format!(
                    "Execution '{id}' cannot be cancelled: it has already completed."
                )));
            }
            execution.cancel_requested = true;
            execution.generation = 2;
            execution.etag = new_etag;
            execution.updated_at = now;
            set_condition(
                &mut execution.conditions,
                Condition {
                    kind: "Completed".to_owned(),
                    state: ConditionState::Reconciling,
                    message: "Execution is being cancelled.".to_owned(),
                    reason: Some(ExecutionReason::Cancelling),
                    changed_at: now,
                },
            );
            let operation = Operation {
                id: operation_id,
                kind: OperationKind::CancelExecution,
                execution: id.to_owned(),
                created_at: now,
                done: false,
                error: None,
            };
            state.operations.push(operation.clone());
            Ok(operation)
        })?;
        if let Some(launcher) = self.launcher.get() {
            launcher.cancel(id);
        }
        Ok(operation)
    }

    /// `executions.delete`: forgets an execution; one that runs must be cancelled first.
    pub fn delete_execution(&self, id: &str, etag: Option<&str>) -> Result<Operation, Refusal> {
        let now = self.now();
        self.try_change(|state| {
            let execution = find(state, id)?;
            check_etag(execution, etag)?;
            if !execution.is_over() {
                return Err(Refusal::precondition(format!(
                    "Execution '{id}' is running: cancel it before you delete it."
                )));
            }
            state.executions.retain(|execution| execution.id != id);
            let operation = Operation {
                id: state.dice.uuid(),
                kind: OperationKind::DeleteExecution,
                execution: id.to_owned(),
                created_at: now,
                done: true,
                error: None,
            };
            state.operations.push(operation.clone());
            Ok(operation)
        })
    }

    /// One long-running operation.
    pub fn operation(&self, id: &str) -> Result<Operation, Refusal> {
        let state = self.state();
        let found = state
            .operations
            .iter()
            .find(|operation| operation.id == id)
            .cloned();
        found.ok_or_else(|| Refusal::not_found(format!("Operation '{id}' was not found.")))
    }

    /// Waits until an operation is done, at most so long, and gives it as it is then.
    pub async fn wait_operation(&self, id: &str, limit: Duration) -> Result<Operation, Refusal> {
        let mut changes = self.changes();
        let done = async {
            loop {
                let operation = self.operation(id)?;
                if operation.done || changes.changed().await.is_err() {
                    return Ok(operation);
                }
            }
        };
        match tokio::time::timeout(limit, done).await {
            Ok(answer) => answer,
            Err(_) => self.operation(id),
        }
    }

    /// Waits until an execution is over.
    pub async fn wait_execution(&self, id: &str) -> Result<Execution, Refusal> {
        let mut changes = self.changes();
        loop {
            let execution = self.execution(id)?;
            if execution.is_over() || changes.changed().await.is_err() {
                return Ok(execution);
            }
        }
    }

    /// The runner has begun to run an execution.
    pub fn execution_started(&self, id: &str) {
        let now = self.now();
        self.edit_execution(id, |execution| {
            execution.started_at.get_or_insert(now);
            for (kind, message) in [
                ("ResourcesAvailable", "Provisioned imported containers."),
                ("Started", "Started deployed execution."),
                ("ContainerReady", "Container image import completed."),
            ] {
                set_condition(&mut execution.conditions, succeeded(kind, message, now));
            }
        });
    }

    /// An attempt of a task has begun.
    pub fn attempt_started(&self, id: &str, task: u32, process: Option<ProcessMark>) {
        let now = self.now();
        self.edit_task(id, task, |task, counts| {
            task.started_at.get_or_insert(now);
            let number = u32::try_from(task.attempts.len()).unwrap_or(u32::MAX);
            if number == 0 {
                counts.running += 1;
            } else if number == 1 {
                counts.retried += 1;
            }
            task.attempts.push(Attempt {
                number,
                started_at: now,
                completed_at: None,
                exit_code: None,
                term_signal: None,
                error: None,
                process,
            });
            set_condition(
                &mut task.conditions,
                succeeded("Started", "Started task.", now),
            );
        });
    }

    /// An attempt of a task has ended.
    pub fn attempt_ended(&self, id: &str, task: u32, end: &AttemptEnd) {
        let now = self.now();
        self.edit_task(id, task, |task, _| {
            if let Some(attempt) = task.attempts.last_mut() {
                attempt.completed_at = Some(now);
                attempt.exit_code = end.exit_code;
                attempt.term_signal = end.term_signal;
                attempt.error.clone_from(&end.error);
                attempt.process = None;
            }
        });
    }

    /// A task will not be tried again.
    pub fn task_ended(&self, id: &str, task: u32, end: &ExecutionEnd) {
        let now = self.now();
        self.edit_task(id, task, |task, counts| {
            if task.started_at.is_some() {
                counts.running = counts.running.saturating_sub(1);
            }
            match end {
                ExecutionEnd::Succeeded => counts.succeeded += 1,
                ExecutionEnd::Failed { .. } => counts.failed += 1,
                ExecutionEnd::Cancelled => counts.cancelled += 1,
            }
            task.completed_at = Some(now);
            set_condition(&mut task.conditions, completed(end, now, "Task"));
        });
    }

    /// All tasks of an execution are over.
    pub fn execution_ended(&self, id: &str, end: &ExecutionEnd) {
        let now = self.now();
        self.change(|state| {
            if let Some(execution) = state.executions.iter_mut().find(|found| found.id == id) {
                execution.completed_at = Some(now);
                execution.updated_at = now;
                execution.observed_generation = execution.generation;
                execution.reconciling = false;
                set_condition(&mut execution.conditions, completed(end, now, "Execution"));
            }
            let error = match end {
                ExecutionEnd::Succeeded => None,
                ExecutionEnd::Failed { message, .. } => Some(Status {
                    code: Code::Unknown,
                    message: message.clone(),
                }),
                ExecutionEnd::Cancelled => Some(Status {
                    code: Code::Cancelled,
                    message: format!("Execution {id} was cancelled."),
                }),
            };
            for operation in state
                .operations
                .iter_mut()
                .filter(|found| found.execution == id)
            {
                operation.done = true;
                if operation.kind == OperationKind::RunJob {
                    operation.error.clone_from(&error);
                }
            }
        });
    }

    /// Ends the executions that an earlier sandbox left unfinished, and gives their processes, which may still run.
    pub fn settle_unfinished(&self) -> Vec<ProcessMark> {
        let open = self
            .executions(None)
            .into_iter()
            .filter(|execution| !execution.is_over());
        let mut processes = Vec::new();
        for execution in open {
            let message =
                "The sandbox ended while this execution ran; how far it got is not known.";
            let end = ExecutionEnd::Failed {
                message: message.to_owned(),
                reason: None,
            };
            for task in execution
                .tasks
                .iter()
                .filter(|task| task.completed_at.is_none())
            {
                processes.extend(
                    task.attempts
                        .iter()
                        .filter_map(|attempt| attempt.process.clone()),
                );
                let error = Some(Status {
                    code: Code::Unknown,
                    message: message.to_owned(),
                });
                let attempt = AttemptEnd {
                    exit_code: None,
                    term_signal: None,
                    error,
                };
                self.attempt_ended(&execution.id, task.index, &attempt);
                self.task_ended(&execution.id, task.index, &end);
            }
            self.execution_ended(&execution.id, &end);
        }
        processes
    }

    /// What a world without a runner does with an execution.
    pub(super) fn succeed_at_once(self: &Arc<Self>, id: &str) {
        let tasks = self
            .execution(id)
            .map_or(0, |execution| execution.template.task_count);
        self.execution_started(id);
        for task in 0..tasks {
            self.attempt_started(id, task, None);
            let end = AttemptEnd {
                exit_code: Some(0),
                term_signal: None,
                error: None,
            };
            self.attempt_ended(id, task, &end);
            self.task_ended(id, task, &ExecutionEnd::Succeeded);
        }
        self.execution_ended(id, &ExecutionEnd::Succeeded);
    }

    fn edit_execution(&self, id: &str, edit: impl FnOnce(&mut Execution)) {
        let now = self.now();
        self.change(|state| {
            let etag = state.dice.etag();
            if let Some(execution) = state.executions.iter_mut().find(|found| found.id == id) {
                edit(execution);
                execution.etag = etag;
                execution.updated_at = now;
            }
        });
    }

    fn edit_task(
        &self,
        id: &str,
        index: u32,
        edit: impl FnOnce(&mut Task, &mut super::model::Counts),
    ) {
        self.edit_execution(id, |execution| {
            let mut counts = execution.counts;
            if let Some(task) = execution.tasks.iter_mut().find(|task| task.index == index) {
                edit(task, &mut counts);
            }
            execution.counts = counts;
        });
    }
}

fn succeeded(kind: &str, message: &str, now: jiff::Timestamp) -> Condition {
    Condition {
        kind: kind.to_owned(),
        state: ConditionState::Succeeded,
        message: message.to_owned(),
        reason: None,
        changed_at: now,
    }
}

fn completed(end: &ExecutionEnd, now: jiff::Timestamp, what: &str) -> Condition {
    let (state, message, reason) = match end {
        ExecutionEnd::Succeeded => (
            ConditionState::Succeeded,
            format!("{what} completed successfully."),
            None,
        ),
        ExecutionEnd::Failed { message, reason } => {
            (ConditionState::Failed, message.clone(), *reason)
        }
        ExecutionEnd::Cancelled => (
            ConditionState::Failed,
            format!("{what} was cancelled."),
            Some(ExecutionReason::Cancelled),
        ),
    };
    Condition {
        kind: "Completed".to_owned(),
        state,
        message,
        reason,
        changed_at: now,
    }
}

pub(super) fn set_condition(conditions: &mut Vec<Condition>, new: Condition) {
    match conditions.iter_mut().find(|old| old.kind == new.kind) {
        Some(old) => *old = new,
        None => conditions.push(new),
    }
}

fn check_etag(execution: &Execution, etag: Option<&str>) -> Result<(), Refusal> {
    match etag {
        Some(etag) if !etag.is_empty() && etag != execution.etag => {
            Err(Refusal::stale_etag(&execution.id))
        }
        _ => Ok(()),
    }
}

fn find<'a>(state: &'a State, id: &str) -> Result<&'a Execution, Refusal> {
    state
        .executions
        .iter()
        .find(|execution| execution.id == id)
        .ok_or_else(|| missing(state, id))
}

fn missing(state: &State, id: &str) -> Refusal {
    let location = state.project.location();
    Refusal::not_found(format!(
        "Resource 'EXECUTION' was not found: {location}/jobs/-/executions/{id}"
    ))
}
