//! `executions`: the history of the jobs.

use serde_json::json;

use crate::domain::age;
use crate::domain::environment::Environment;
use crate::domain::execution::ExecutionName;
use crate::domain::failure::Failure;
use crate::ops::follow::LogReader;
use crate::ops::{cancel, follow, reconcile};

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

async fn cancel(context: &Context, arguments: &Execution, gate: &GateFlags) -> Result<u8, Failure> {
    let (environment, name) = find(context, arguments)?;
    let narrator = Narrator::new(context.output);
    let (cancellation, closed) = cancel::prepare(environment, &name, &context.settings.policies);
    let answer = gating::answer(gate);
    cancel::cancel(&context.world, cancellation, &closed, answer).await?;
    let tell = |p| narrator.progress(p);
    let execution = follow::follow(&context.world, environment, &name, &tell).await?;
    let settled =
        reconcile::settle_open_runs(&context.world, std::slice::from_ref(environment)).await?;
    let run = settled.iter().find(|s| {
        s.execution
            .as_ref()
            .is_some_and(|e| e.name == execution.name)
    });
    let document = json!({
        "execution": execution.name,
        "state": execution.state,
        "outcome": run.map(|s| s.outcome),
        "why": run.map(|s| s.why.as_str()),
    });
    context.output.answer(&document, || {
        let settled = run.map_or_else(String::new, |s| {
            format!("; {}: {}", s.outcome.word(), s.why)
        });
        format!("{} is {}{settled}", execution.name, execution.state.word())
    })?;
    Ok(0)
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
