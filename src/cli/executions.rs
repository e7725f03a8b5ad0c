//! `executions`: the history of the jobs.

use std::fmt::Write as _;

use serde_json::json;

use crate::domain::age;
use crate::domain::environment::Environment;
use crate::domain::execution::{ExecutionName, ExecutionState};
use crate::domain::failure::{Failure, FailureKind};
use crate::ops::attach::{self, Attached};
use crate::ops::cancel::{self, Cancelled};
use crate::ops::follow::{self, LogReader};
use crate::ops::seen::Seen;
use crate::ops::survivors::Survivors;

use super::arguments::{Execution, Executions, GateFlags};
use super::output::table;
use super::progress::Narrator;
use super::{Context, gating, wire};

/// Runs a verb of `executions`.
pub(super) async fn executions(context: &Context, command: Executions) -> Result<u8, Failure> {
    match command {
        Executions::List {
            limit,
            page,
            environment,
        } => {
            let environment = gating::environment(&context.settings, environment.as_deref())?;
            list(context, environment, limit, page.as_deref()).await
        }
        Executions::Show(execution) => show(context, &execution).await,
        Executions::Logs { execution, follow } => logs(context, &execution, follow).await,
        Executions::Attach(execution) => attach(context, &execution).await,
        Executions::Cancel { execution, gate } => cancel(context, &execution, &gate).await,
    }
}

async fn list(
    context: &Context,
    environment: &Environment,
    limit: u32,
    page: Option<&str>,
) -> Result<u8, Failure> {
    let page = context
        .world
        .jobs
        .executions(environment, limit, page)
        .await?;
    // What the ledger has not seen is recorded; that it cannot be is no reason to hide the list.
    let seen = Seen::default();
    let noted = seen.note(&context.world, environment, &page.executions);
    if let Err(failure) = noted.await {
        context.output.progress(&failure.to_string());
    }
    let list: Vec<_> = page.executions.iter().map(wire::execution).collect();
    let now = context.world.clock.now();
    context
        .output
        .answer(&json!({ "executions": list, "next": page.next }), || {
            let rows: Vec<_> = page
                .executions
                .iter()
                .map(|e| {
                    let args = e
                        .args
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join(" ");
                    let age = age::short(now.duration_since(e.created_at));
                    vec![
                        e.name.to_string(),
                        e.state.word().to_owned(),
                        age,
                        e.creator.to_string(),
                        args,
                    ]
                })
                .collect();
            table(&["EXECUTION", "STATE", "AGE", "BY", "ARGS"], &rows)
        })?;
    Ok(0)
}

async fn show(context: &Context, arguments: &Execution) -> Result<u8, Failure> {
    let (environment, name) = find(context, arguments)?;
    let execution = context.world.jobs.execution(environment, &name).await?;
    let tasks = context.world.jobs.tasks(environment, &name).await?;
    let mut document = serde_json::to_value(wire::execution(&execution)).unwrap_or_default();
    document["tasks"] = json!(tasks);
    context.output.answer(&document, || {
        let mut rows = vec![
            vec!["state".to_owned(), execution.state.word().to_owned()],
            vec!["says".to_owned(), execution.message.to_string()],
            vec!["created".to_owned(), execution.created_at.to_string()],
            vec!["by".to_owned(), execution.creator.to_string()],
        ];
        rows.extend(tasks.iter().map(|t| {
            let code = t
                .exit_code
                .map_or_else(|| "none".to_owned(), |c| c.to_string());
            vec![
                format!("task {}", t.index),
                format!("exit code {code}, retried {} times", t.retried),
            ]
        }));
        table(&["EXECUTION", execution.name.as_str()], &rows)
    })?;
    Ok(0)
}

async fn logs(context: &Context, arguments: &Execution, follow: bool) -> Result<u8, Failure> {
    let (environment, name) = find(context, arguments)?;
    // Whether there is such an execution is asked first: no log and no execution look alike.
    let execution = context.world.jobs.execution(environment, &name).await?;
    if follow && !execution.is_over() {
        let print = |progress| {
            if let follow::Progress::Log(lines) = progress {
                for line in lines {
                    // A closed pipe shows at the next write of the answer; nothing to do here.
                    let _ = context.output.line(&line.text.to_string());
                }
            }
        };
        follow::follow(&context.world, environment, &name, &print).await?;
        return Ok(0);
    }
    let lines = LogReader::new(environment, &name)
        .next(&context.world)
        .await?;
    context
        .output
        .answer(&json!({ "execution": name, "lines": lines }), || {
            lines
                .iter()
                .map(|l| l.text.to_string())
                .collect::<Vec<_>>()
                .join("\n")
        })?;
    Ok(0)
}

async fn attach(context: &Context, arguments: &Execution) -> Result<u8, Failure> {
    let (environment, name) = find(context, arguments)?;
    let narrator = Narrator::new(context.output);
    let tell = |event| narrator.tell(event);
    let attached = attach::attach(&context.world, environment, &name, &tell).await?;
    context.output.answer(&wire::attached(&attached), || {
        let Attached { execution, why, .. } = &attached;
        match &attached.run {
            Some(run) => format!(
                "{}  {why}\nrun {}  {}",
                run.outcome.word().to_uppercase(),
                run.run_id,
                execution.name
            ),
            None => format!("{} {}; {why}", execution.name, execution.state.word()),
        }
    })?;
    Ok(exit_code(&attached))
}

/// As of `run` where it is a run of the ledger. Of others only the platform's word is known.
fn exit_code(attached: &Attached) -> u8 {
    match (attached.outcome(), attached.execution.state) {
        (Some(outcome), _) => super::run::code_of(outcome),
        (None, ExecutionState::Succeeded) => 0,
        (None, ExecutionState::Failed) => FailureKind::RunFailed.exit_code(),
        (None, _) => FailureKind::OutcomeUnknown.exit_code(),
    }
}

async fn cancel(context: &Context, arguments: &Execution, gate: &GateFlags) -> Result<u8, Failure> {
    let (environment, name) = find(context, arguments)?;
    let narrator = Narrator::new(context.output);
    let (cancellation, closed) = cancel::prepare(environment, &name, &context.settings.policies);
    let answer = gating::answer(gate);
    let tell = |event| narrator.tell(event);
    let act = (cancellation, &closed);
    let cancelled = cancel::cancel(&context.world, environment, act, answer, &tell).await?;
    let document = wire::cancelled(&cancelled);
    context.output.answer(&document, || told(&cancelled))?;
    Ok(0)
}

fn told(cancelled: &Cancelled) -> String {
    let Cancelled { execution, run, .. } = cancelled;
    let mut text = format!("{} is {}", execution.name, execution.state.word());
    if let Some(run) = run {
        let _ = write!(text, "\n{}", run.sentence());
    }
    if let Survivors::Alive(backends) = &cancelled.survivors {
        for backend in backends {
            let _ = write!(text, "\nstill at work in the database: {}", backend.who());
        }
    }
    if let Some(remedy) = cancelled.survivors.remedy() {
        let _ = write!(text, "\n  → {remedy}");
    }
    text
}

/// The environment of an execution: the one named, else the one whose job's name it begins with.
fn find<'a>(
    context: &'a Context,
    arguments: &Execution,
) -> Result<(&'a Environment, ExecutionName), Failure> {
    let name = ExecutionName::new(&arguments.name);
    let by_job = context
        .settings
        .environments
        .iter()
        .filter(|e| arguments.name.starts_with(&format!("{}-", e.job)))
        .max_by_key(|e| e.job.len());
    match (&arguments.environment, by_job) {
        (None, Some(environment)) => Ok((environment, name)),
        (given, _) => Ok((
            gating::environment(&context.settings, given.as_deref())?,
            name,
        )),
    }
}
