//! Leads one execution through its tasks and attempts.

use futures::{StreamExt, stream};
use tokio::sync::watch;

use super::{
    Runner, Stop,
    process::{self, Ended, Limits, wish_to_stop},
};
use crate::sandbox::world::{
    Code, Status, World,
    executions::{AttemptEnd, ExecutionEnd},
    logs::{Line, Stream},
    model::{EnvSource, Execution, ExecutionReason, Template},
};

/// Tasks at the same time, whatever the job says: this is one machine.
const MOST_AT_ONCE: u32 = 8;

pub(super) async fn drive(
    runner: &Runner,
    world: &std::sync::Arc<World>,
    id: &str,
    mut stop: watch::Receiver<Stop>,
) {
    let Ok(execution) = world.execution(id) else {
        return;
    };
    if execution.cancel_requested {
        return never_started(world, &execution, &ExecutionEnd::Cancelled);
    }
    let ready = tokio::select! {
        ready = runner.surroundings.wait_ready() => ready,
        wish = wish_to_stop(&mut stop) => return never_started(world, &execution, &stopped(wish)),
    };
    if let Err(message) = ready.and_then(|()| variables(world, &execution.template).map(drop)) {
        let from = Line {
            execution: id,
            task: 0,
            attempt: 0,
            stream: Stream::System,
        };
        world.append_lines(&from, vec![message.clone()]);
        return never_started(
            world,
            &execution,
            &ExecutionEnd::Failed {
                message,
                reason: None,
            },
        );
    }
    world.execution_started(id);
    let at_once = execution.template.parallelism.clamp(1, MOST_AT_ONCE) as usize;
    let ends: Vec<_> = stream::iter(0..execution.template.task_count)
        .map(|index| run_task(runner, world, &execution, index, stop.clone()))
        .buffer_unordered(at_once)
        .collect()
        .await;
    world.execution_ended(id, &worst(ends));
}

fn never_started(world: &World, execution: &Execution, end: &ExecutionEnd) {
    for task in &execution.tasks {
        world.task_ended(&execution.id, task.index, end);
    }
    world.execution_ended(&execution.id, end);
}

fn stopped(wish: Stop) -> ExecutionEnd {
    match wish {
        Stop::Shutdown => ExecutionEnd::Failed {
            message: "The sandbox was stopped while this execution ran; its processes were ended."
                .to_owned(),
            reason: None,
        },
        Stop::Cancelled | Stop::No => ExecutionEnd::Cancelled,
    }
}

fn worst(ends: Vec<ExecutionEnd>) -> ExecutionEnd {
    let rank = |end: &ExecutionEnd| match end {
        ExecutionEnd::Succeeded => 0,
        ExecutionEnd::Failed { .. } => 1,
        ExecutionEnd::Cancelled => 2,
    };
    ends.into_iter()
        .max_by_key(rank)
        .unwrap_or(ExecutionEnd::Succeeded)
}

async fn run_task(
    runner: &Runner,
    world: &std::sync::Arc<World>,
    execution: &Execution,
    index: u32,
    stop: watch::Receiver<Stop>,
) -> ExecutionEnd {
    let mut attempt = 0;
    let end = loop {
        let end = run_attempt(runner, world, execution, (index, attempt), stop.clone()).await;
        let again =
            matches!(end, ExecutionEnd::Failed { .. }) && attempt < execution.template.max_retries;
        if !again || *stop.borrow() != Stop::No {
            break end;
        }
        attempt += 1;
    };
    world.task_ended(&execution.id, index, &end);
    end
}

async fn run_attempt(
    runner: &Runner,
    world: &std::sync::Arc<World>,
    execution: &Execution,
    (index, attempt): (u32, u32),
    stop: watch::Receiver<Stop>,
) -> ExecutionEnd {
    let template = &execution.template;
    let id = &execution.id;
    let ended = match variables(world, template) {
        // A retry resolves again, so that a secret may be gone by then.
        Err(message) => Ended::NotStarted(message),
        Ok(mut env) => {
            env.extend(platform_variables(execution, index, attempt));
            let environment = world
                .job(&execution.job)
                .map(|job| job.environment)
                .unwrap_or_default();
            let words: Vec<_> = template
                .command
                .iter()
                .chain(&template.args)
                .cloned()
                .collect();
            let launch = runner.surroundings.launch(&environment, &words, env);
            let limits = Limits {
                timeout: template.timeout,
                grace: runner.grace,
            };
            let (sink, name) = (std::sync::Arc::clone(world), id.clone());
            let take = move |stream, lines| {
                sink.append_lines(
                    &Line {
                        execution: &name,
                        task: index,
                        attempt,
                        stream,
                    },
                    lines,
                );
            };
            let started = |process| world.attempt_started(id, index, process);
            process::run(launch, limits, stop, started, take).await
        }
    };
    let from = Line {
        execution: id,
        task: index,
        attempt,
        stream: Stream::System,
    };
    if let Some(word) = platforms_last_word(&ended, template) {
        world.append_lines(&from, vec![word]);
    }
    let (attempt_end, end) = judge(&ended, &format!("{id}-task{index}"));
    world.attempt_ended(id, index, &attempt_end);
    end
}

fn platforms_last_word(ended: &Ended, template: &Template) -> Option<String> {
    match ended {
        Ended::Exited(0) | Ended::Stopped(_) => None,
        Ended::Exited(code) => Some(format!("Container called exit({code}).")),
        Ended::Signalled(signal) => Some(format!("Container terminated on signal {signal}.")),
        Ended::TimedOut => Some(format!(
            "Terminating task because it has reached the maximum timeout of {} seconds. The configured timeout was reached.",
            template.timeout.as_secs()
        )),
        Ended::NotStarted(message) => Some(message.clone()),
    }
}

fn judge(ended: &Ended, task: &str) -> (AttemptEnd, ExecutionEnd) {
    let failed = |message: &str, reason| ExecutionEnd::Failed {
        message: format!("Task {task} failed with message: {message}"),
        reason,
    };
    let attempt = |exit_code, term_signal, code, message: &str| AttemptEnd {
        exit_code,
        term_signal,
        error: Some(Status {
            code,
            message: message.to_owned(),
        }),
    };
    let error = "The container exited with an error.";
    let non_zero = Some(ExecutionReason::NonZeroExitCode);
    match ended {
        Ended::Exited(0) => (
            AttemptEnd {
                exit_code: Some(0),
                term_signal: None,
                error: None,
            },
            ExecutionEnd::Succeeded,
        ),
        Ended::Exited(code) => (
            attempt(Some(*code), None, Code::Unknown, error),
            failed(error, non_zero),
        ),
        Ended::Signalled(signal) => (
            attempt(None, Some(*signal), Code::Unknown, error),
            failed(error, non_zero),
        ),
        Ended::TimedOut => {
            let message = "The configured timeout was reached.";
            (
                attempt(None, Some(15), Code::DeadlineExceeded, message),
                failed(message, None),
            )
        }
        Ended::Stopped(wish) => (
            attempt(None, Some(15), Code::Cancelled, "The task was cancelled."),
            stopped(*wish),
        ),
        Ended::NotStarted(message) => (
            attempt(None, None, Code::Internal, message),
            failed(message, None),
        ),
    }
}

fn platform_variables(execution: &Execution, index: u32, attempt: u32) -> Vec<(String, String)> {
    [
        ("CLOUD_RUN_JOB", execution.job.clone()),
        ("CLOUD_RUN_EXECUTION", execution.id.clone()),
        ("CLOUD_RUN_TASK_INDEX", index.to_string()),
        ("CLOUD_RUN_TASK_ATTEMPT", attempt.to_string()),
        (
            "CLOUD_RUN_TASK_COUNT",
            execution.template.task_count.to_string(),
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// The variables of a container, secrets resolved now; or why it cannot start, in the platform's words.
fn variables(world: &World, template: &Template) -> Result<Vec<(String, String)>, String> {
    let resolve = |var: &crate::sandbox::world::model::EnvVar| match &var.source {
        EnvSource::Value(value) => Ok((var.name.clone(), value.clone())),
        EnvSource::Secret { secret, .. } if !world.reads(&template.service_account, secret) => {
            Err(format!(
                "Permission denied on secret: \"{secret}\" for Revision service account {}",
                template.service_account
            ))
        }
        EnvSource::Secret { secret, version } => world
            .access_secret(secret, version)
            .map(|found| {
                (
                    var.name.clone(),
                    String::from_utf8_lossy(found.payload.expose()).into_owned(),
                )
            })
            .map_err(|refusal| {
                format!(
                    "Could not fetch secret \"{secret}\" for environment variable \"{}\": {}",
                    var.name, refusal.message
                )
            }),
    };
    template.env.iter().map(resolve).collect()
}
