//! Problems: what is wrong in an environment, in words.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::age;
use super::baseline::Baseline;
use super::database::InstanceState;
use super::environment::{Environment, EnvironmentName, Tier};
use super::execution::ExecutionState;
use super::failure::{Failure, FailureKind};
use super::fleet::EnvironmentStatus;
use super::migration::{MigrationState, Standing};
use super::preflight::Severity;
use super::review_debt::Debt;
use super::secret::VersionState;

/// A nightly backup that is older than this did not come.
const LATE_BACKUP: SignedDuration = SignedDuration::from_hours(36);

/// Something that is wrong, or will be at the next run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Environment concerned.
    pub environment: EnvironmentName,
    /// `block` when the next run cannot work, `warn` otherwise.
    pub severity: Severity,
    /// Stable name.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// Finds what is wrong in an environment, the worst first.
pub fn find(status: &EnvironmentStatus, now: Timestamp) -> Vec<Problem> {
    let mut problems: Vec<Problem> = [
        secret(status, now),
        instance(status),
        backup(status, now),
        maintenance(status, now),
        standing(status),
        disagreement(status, now),
        directory(status),
        last_run(status, now),
        retries(status),
        slower(status),
    ]
    .into_iter()
    .flatten()
    .chain(owed(status, now))
    .chain(unread(status))
    .collect();
    problems.sort_by_key(|p| std::cmp::Reverse(p.severity));
    problems
}

/// The migration directory of this checkout cannot be used.
pub fn unreadable_directory(environment: &Environment, failure: &Failure) -> Problem {
    Problem {
        environment: environment.name.clone(),
        severity: Severity::Warn,
        code: "directory-unreadable".to_owned(),
        message: failure.to_string(),
        hint: failure.hint.clone(),
    }
}

/// A run is open in the ledger, or whether one is cannot be read: the next one has to wait.
pub fn open_run(environment: &Environment, failure: &Failure) -> Problem {
    Problem {
        environment: environment.name.clone(),
        severity: Severity::Block,
        code: "run-open".to_owned(),
        message: failure.to_string(),
        hint: failure.hint.clone(),
    }
}

fn problem(
    status: &EnvironmentStatus,
    severity: Severity,
    code: &str,
    message: String,
    hint: impl Into<String>,
) -> Problem {
    Problem {
        environment: status.environment.name.clone(),
        severity,
        code: code.to_owned(),
        message,
        hint: hint.into(),
    }
}

fn secret(status: &EnvironmentStatus, now: Timestamp) -> Option<Problem> {
    let versions = status.secret.value()?;
    let name = &versions.secret;
    let Some(latest) = versions.latest() else {
        let message = format!("{name} has no version: the next run will not start");
        return Some(problem(
            status,
            Severity::Block,
            "secret-missing",
            message,
            "add a version",
        ));
    };
    if latest.state == VersionState::Enabled {
        return None;
    }
    let age = age::short(now.duration_since(latest.created_at));
    let message = format!(
        "`latest` of {name} is {}, {}, made {age} ago: the next run will not start",
        latest.version,
        latest.state.word(),
    );
    let hint = match latest.state {
        VersionState::Disabled => format!("enable {}, or make a new version", latest.version),
        _ => "make a new version".to_owned(),
    };
    Some(problem(
        status,
        Severity::Block,
        "secret-disabled",
        message,
        hint,
    ))
}

/// A nightly backup that did not come: then there is nothing to go back to.
fn backup(status: &EnvironmentStatus, now: Timestamp) -> Option<Problem> {
    let instance = status.instance.value()?;
    let wanted = instance.backups_enabled && status.environment.tier == Tier::Production;
    let age = now.duration_since(instance.last_backup_at?);
    let late = wanted && age > LATE_BACKUP;
    late.then(|| {
        problem(
            status,
            Severity::Warn,
            "backup-late",
            format!(
                "the last good backup of {} is {} old",
                instance.name,
                age::short(age)
            ),
            format!(
                "gcloud sql backups list --instance {0} shows why; gcloud sql backups create --instance {0}",
                instance.name
            ),
        )
    })
}

fn maintenance(status: &EnvironmentStatus, now: Timestamp) -> Option<Problem> {
    let instance = status.instance.value()?;
    let left = instance.maintenance_within(now)?;
    Some(problem(
        status,
        Severity::Warn,
        "maintenance-soon",
        format!(
            "maintenance of {} begins in {}: it cuts every connection",
            instance.name,
            age::short(left)
        ),
        format!(
            "gcloud sql instances reschedule-maintenance {}",
            instance.name
        ),
    ))
}

fn instance(status: &EnvironmentStatus) -> Option<Problem> {
    let instance = status.instance.value()?;
    if instance.state != InstanceState::Runnable {
        let message = format!("{} is {}", instance.name, instance.state.word());
        return Some(problem(
            status,
            Severity::Block,
            "instance-stopped",
            message,
            "start the instance",
        ));
    }
    if instance.public_address {
        let message = format!("{} has a public address", instance.name);
        return Some(problem(
            status,
            Severity::Warn,
            "public-address",
            message,
            "keep it private",
        ));
    }
    None
}

fn standing(status: &EnvironmentStatus) -> Option<Problem> {
    let standing = status.standing.as_ref()?;
    match standing.state {
        MigrationState::Unversioned => {
            let tables = standing.tables.unwrap_or(0);
            let message = format!("{tables} tables but no alembic_version: made by hand");
            Some(problem(
                status,
                Severity::Block,
                "unversioned",
                message,
                unversioned_hint(standing),
            ))
        }
        MigrationState::Ahead => {
            let (message, hint) = ahead(status, standing);
            Some(problem(status, Severity::Block, "ahead", message, hint))
        }
        MigrationState::Diverged => {
            let message = "the version rows do not fit this directory".to_owned();
            Some(problem(
                status,
                Severity::Block,
                "diverged",
                message,
                "compare the checkouts",
            ))
        }
        MigrationState::AtHead | MigrationState::Behind | MigrationState::Unknown => None,
    }
}

/// What an unversioned database fits, with the evidence, or that nobody can tell.
fn unversioned_hint(standing: &Standing) -> String {
    let found = standing.baseline.as_ref().map(Baseline::hint);
    found.unwrap_or_else(|| "find out what made them, and stamp that revision".to_owned())
}

/// What a database that is ahead of the checkout knows, and whether the image knows it too.
fn ahead(status: &EnvironmentStatus, standing: &Standing) -> (String, &'static str) {
    let foreign: Vec<_> = standing.foreign.iter().map(ToString::to_string).collect();
    let message = format!(
        "the database knows {}, which this directory does not",
        foreign.join(", ")
    );
    let directory = status.directory.as_ref();
    match directory.and_then(|directory| directory.image.known()) {
        Some(told) if standing.foreign.iter().all(|id| told.has(id) == Some(true)) => (
            format!("{message}: the image does, so the checkout is older than the image"),
            "pull: the checkout is older than the image",
        ),
        Some(told)
            if standing
                .foreign
                .iter()
                .any(|id| told.has(id) == Some(false)) =>
        {
            (
                format!("{message}, and the image does not either"),
                "deploy the image that the database was migrated with",
            )
        }
        _ => (message, "use the checkout that has it"),
    }
}

/// Whether the image that would run has other revisions than the checkout.
fn directory(status: &EnvironmentStatus) -> Option<Problem> {
    let directory = status.directory.as_ref()?;
    let found = directory.difference()?;
    let message = format!(
        "the image's revisions are not those of {}: {}",
        directory.here(),
        found.words()
    );
    Some(problem(
        status,
        Severity::Warn,
        "directory-differs",
        message,
        "check out the commit of the image, or deploy an image of this checkout",
    ))
}

/// Answers that contradict each other are shown, not averaged.
fn disagreement(status: &EnvironmentStatus, now: Timestamp) -> Option<Problem> {
    let found = status.disagreement()?;
    Some(problem(
        status,
        Severity::Warn,
        "probes-disagree",
        found.message(now),
        found.hint(),
    ))
}

fn last_run(status: &EnvironmentStatus, now: Timestamp) -> Option<Problem> {
    let last = status.last_execution()?;
    let words = match last.state {
        ExecutionState::Failed if last.timed_out => "reached its time limit",
        ExecutionState::Failed => "failed",
        ExecutionState::Cancelled => "was cancelled",
        ExecutionState::Unknown => "is in a state that is not known",
        _ => return None,
    };
    let age = age::short(now.duration_since(last.completed_at.unwrap_or(last.created_at)));
    let message = format!("the last run, {}, {words} {age} ago", last.name);
    Some(problem(
        status,
        Severity::Warn,
        "last-run-failed",
        message,
        "read its log",
    ))
}

fn retries(status: &EnvironmentStatus) -> Option<Problem> {
    let job = status.job.value().filter(|job| job.max_retries > 0)?;
    let message = format!(
        "the job retries {} times: a failed migration would run again",
        job.max_retries
    );
    Some(problem(
        status,
        Severity::Warn,
        "retries",
        message,
        "set max retries to 0",
    ))
}

/// Whether the last good run took more than twice what is usual.
fn slower(status: &EnvironmentStatus) -> Option<Problem> {
    let good: Vec<_> = status
        .executions
        .value()?
        .iter()
        .filter(|e| e.state == ExecutionState::Succeeded)
        .filter_map(|e| Some(e.completed_at?.duration_since(e.started_at?).as_secs()))
        .collect();
    let (newest, older) = good.split_first()?;
    let mut older = older.to_vec();
    older.sort_unstable();
    let usual = *older.get(older.len() / 2).filter(|_| older.len() >= 4)?;
    if usual < 5 || *newest < usual * 3 {
        return None;
    }
    let message = format!(
        "the last good run took {} times the usual {usual} s",
        newest / usual
    );
    Some(problem(
        status,
        Severity::Warn,
        "slower",
        message,
        "look for waiting locks",
    ))
}

/// A broken glass that nobody has looked at yet stays on the screen.
fn owed(status: &EnvironmentStatus, now: Timestamp) -> Vec<Problem> {
    let owed = |debt: &Debt| {
        let age = age::short(now.duration_since(debt.at));
        let message = format!(
            "{} broke the glass {age} ago for `{}`, {}: a review is owed for run {}",
            debt.by,
            debt.operation,
            debt.words(),
            debt.run_id
        );
        let hint = format!(
            "somebody else: `portcullis review {} --reason …`",
            debt.run_id
        );
        problem(status, Severity::Warn, "review-owed", message, hint)
    };
    status.debts.iter().map(owed).collect()
}

/// One problem for each part that could not be read, but one only for a shared cause.
fn unread(status: &EnvironmentStatus) -> Vec<Problem> {
    let failures = [
        status.job.failure.as_ref(),
        status.executions.failure.as_ref(),
        status.instance.failure.as_ref(),
        status.secret.failure.as_ref(),
        status.reading.failure.as_ref(),
    ];
    let mut out: Vec<Problem> = Vec::new();
    for failure in failures.into_iter().flatten() {
        let shared = matches!(
            failure.kind,
            FailureKind::SignedOut | FailureKind::Unreachable
        );
        let known = out
            .iter()
            .any(|p| p.message == failure.to_string() || (shared && p.code == failure.kind.word()));
        if known || failure.kind == FailureKind::Config {
            continue;
        }
        let hint = failure.hint.clone();
        out.push(problem(
            status,
            Severity::Warn,
            failure.kind.word(),
            failure.to_string(),
            hint,
        ));
    }
    out
}
