//! `status`: everything known of the environments.

use std::fmt::Write as _;

use crate::domain::age;
use crate::domain::execution::Execution;
use crate::domain::failure::Failure;
use crate::domain::fleet::{EnvironmentStatus, Fleet};
use crate::domain::observed::Remote;
use crate::domain::problem::Problem;
use crate::domain::secret::SecretVersions;
use crate::domain::text::clean;
use crate::ops::inspect;

use super::arguments::Status;
use super::output::table;
use super::{Context, wire};

/// Answers also when environments have problems; fails only when none could be read.
pub(super) async fn status(context: &Context, arguments: &Status) -> Result<u8, Failure> {
    let wanted = arguments
        .name
        .as_deref()
        .or(arguments.environment.as_deref());
    let environments = match wanted {
        Some(name) => vec![context.settings.environment(name)?.clone()],
        None => context.settings.environments.clone(),
    };
    let fleet = inspect::read_fleet(&context.world, &environments).await;
    context
        .output
        .answer(&wire::fleet(&fleet), || text(&fleet))?;
    match unreadable(&fleet) {
        Some(failure) => {
            context.output.failure(failure);
            Ok(failure.kind.exit_code())
        }
        None => Ok(0),
    }
}

/// The first failure, when not one part of one environment could be read.
fn unreadable(fleet: &Fleet) -> Option<&Failure> {
    let failures: Vec<_> = fleet.environments.iter().map(all_failed).collect();
    if failures.iter().any(Option::is_none) {
        return None;
    }
    failures.into_iter().flatten().next()
}

fn all_failed(status: &EnvironmentStatus) -> Option<&Failure> {
    fn failed<T>(remote: &Remote<T>) -> Option<&Failure> {
        remote.failure.as_ref().filter(|_| remote.last.is_none())
    }
    let job = failed(&status.job)?;
    let configured = crate::domain::failure::FailureKind::Config;
    failed(&status.executions)?;
    failed(&status.instance)?;
    failed(&status.secret)?;
    failed(&status.reading)?;
    Some(job).filter(|f| f.kind != configured)
}

fn text(fleet: &Fleet) -> String {
    let now = fleet.generated_at.unwrap_or_default();
    let rows: Vec<_> = fleet.environments.iter().map(|e| row(e, now)).collect();
    let head = [
        "ENVIRONMENT",
        "TIER",
        "DATABASE",
        "REVISION",
        "PENDING",
        "LAST RUN",
        "SECRET",
    ];
    let mut text = table(&head, &rows);
    for problem in fleet.environments.iter().flat_map(|e| &e.problems) {
        let Problem {
            severity,
            environment,
            message,
            hint,
            ..
        } = problem;
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n\n{} {environment}: {}",
            severity.word(),
            clean(message)
        );
        if !hint.is_empty() {
            let _ = write!(text, "\n  → {}", clean(hint));
        }
    }
    text
}

fn row(status: &EnvironmentStatus, now: jiff::Timestamp) -> Vec<String> {
    let unknown = || "?".to_owned();
    let standing = status.standing.as_ref();
    let revision = standing.map_or_else(unknown, |s| match s.current.as_slice() {
        [] => s.state.word().to_owned(),
        rows => rows
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    });
    vec![
        status.environment.name.to_string(),
        status.environment.tier.to_string(),
        status
            .instance
            .value()
            .map_or_else(unknown, |i| i.state.word().to_owned()),
        revision,
        standing.map_or_else(unknown, |s| s.pending.len().to_string()),
        status
            .last_execution()
            .map_or_else(unknown, |e| last_run(e, now)),
        status
            .secret
            .value()
            .and_then(SecretVersions::latest)
            .map_or_else(unknown, |v| format!("{} {}", v.version, v.state.word())),
    ]
}

fn last_run(execution: &Execution, now: jiff::Timestamp) -> String {
    let at = execution.completed_at.unwrap_or(execution.created_at);
    format!(
        "{} {}",
        execution.state.word(),
        age::short(now.duration_since(at))
    )
}
