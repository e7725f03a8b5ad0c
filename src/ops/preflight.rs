//! Preflight: the checks on a plan, each `pass`, `warn` or `block` with a remedy.

use jiff::{SignedDuration, Timestamp};

use crate::domain::database::InstanceState;
use crate::domain::execution::ExecutionName;
use crate::domain::failure::FailureKind;
use crate::domain::job::Egress;
use crate::domain::migration::MigrationState;
use crate::domain::operation::Risk;
use crate::domain::plan::{Plan, PlannedSecret};
use crate::domain::policy::Policies;
use crate::domain::preflight::{Finding, Severity, fit};
use crate::domain::secret::VersionState;

use super::directory_check::{self, ResolvedBy};
use super::execute::busy;
use super::facts::{Facts, SecretReference};
use super::plan::Request;
use super::policy_checks;

/// Runs all checks and fits them to the tier and the config.
pub(super) fn check(
    request: &Request,
    (plan, by): (&Plan, &ResolvedBy),
    facts: &Facts,
    policies: &Policies,
    now: Timestamp,
) -> Vec<Finding> {
    let mut findings = vec![
        retries(facts),
        tasks(facts),
        timeout(plan, facts),
        image(plan),
        active(facts),
        earlier(facts),
    ];
    findings.extend(
        facts
            .secrets
            .iter()
            .zip(&plan.secrets)
            .map(|(r, p)| secret(r, p)),
    );
    findings.extend(instance(facts));
    findings.extend(egress(facts));
    findings.extend(database(request, plan, facts));
    findings.extend(directory_check::check(plan, &facts.directory, by));
    if plan.risk != Risk::Read {
        let policy = policies.of(plan.risk.gated_as(plan.tier));
        findings.extend(policy_checks::check(request, plan, facts, &policy, now));
    }
    findings
        .into_iter()
        .filter_map(|f| fit(f, plan.tier, policies))
        .collect()
}

fn retries(facts: &Facts) -> Finding {
    match facts.job.max_retries {
        0 => Finding::pass("retries", "a failed migration is not tried again"),
        n => Finding::found(
            "retries",
            Severity::Block,
            format!("the job retries {n} times: a failed migration would run again"),
            format!("gcloud run jobs update {} --max-retries 0", facts.job.name),
        ),
    }
}

fn tasks(facts: &Facts) -> Finding {
    match (facts.job.task_count, facts.job.parallelism) {
        (0 | 1, _) => Finding::pass("tasks", "one task"),
        (n, _) => Finding::found(
            "tasks",
            Severity::Block,
            format!("the job has {n} tasks: the migration would run {n} times"),
            format!(
                "gcloud run jobs update {} --tasks 1 --parallelism 1",
                facts.job.name
            ),
        ),
    }
}

fn timeout(plan: &Plan, facts: &Facts) -> Finding {
    let limit = facts.job.timeout;
    match plan.usual {
        Some(usual) if usual + usual / 2 >= limit && limit > SignedDuration::ZERO => {
            Finding::found(
                "timeout",
                Severity::Warn,
                format!(
                    "the time limit is {} s, and such a run takes {} s",
                    limit.as_secs(),
                    usual.as_secs()
                ),
                format!(
                    "gcloud run jobs update {} --task-timeout {}s",
                    facts.job.name,
                    usual.as_secs() * 3
                ),
            )
        }
        _ => Finding::pass(
            "timeout",
            format!("the time limit is {} s", limit.as_secs()),
        ),
    }
}

fn image(plan: &Plan) -> Finding {
    match &plan.image_digest {
        Some(digest) => Finding::pass("image", format!("the image is {digest}")),
        None => Finding::found(
            "image",
            Severity::Warn,
            "the image is named by a tag whose digest is not known",
            "deploy the job with the image's digest",
        ),
    }
}

fn secret(reference: &SecretReference, planned: &PlannedSecret) -> Finding {
    let name = &reference.secret;
    if let Err(failure) = &reference.versions {
        return Finding::found(
            "secret-unreadable",
            Severity::Warn,
            failure.to_string(),
            failure.hint.clone(),
        );
    }
    match (planned.version, planned.state) {
        (Some(version), VersionState::Enabled) => {
            Finding::pass("secret", format!("{name} is {version}, enabled"))
        }
        (Some(version), state) => Finding::found(
            "secret-disabled",
            Severity::Block,
            format!(
                "`{}` of {name} is {version}, {}: the run would not start",
                reference.reference,
                state.word()
            ),
            format!("enable {version}, or add a version"),
        ),
        (None, _) => Finding::found(
            "secret-missing",
            Severity::Block,
            format!(
                "{name} has no version `{}`: the run would not start",
                reference.reference
            ),
            format!("add a version to {name}"),
        ),
    }
}

fn instance(facts: &Facts) -> Option<Finding> {
    Some(match facts.instance.as_ref()? {
        Ok(instance) if instance.state == InstanceState::Runnable => {
            Finding::pass("instance", format!("{} is running", instance.name))
        }
        Ok(instance) => Finding::found(
            "instance-stopped",
            Severity::Block,
            format!("{} is {}", instance.name, instance.state.word()),
            "start the instance, or wait for its maintenance to end",
        ),
        Err(failure) => Finding::found(
            "instance-unreadable",
            Severity::Warn,
            failure.to_string(),
            failure.hint.clone(),
        ),
    })
}

fn egress(facts: &Facts) -> Option<Finding> {
    let instance = facts.instance.as_ref()?.as_ref().ok()?;
    if !instance.is_private_only() {
        return None;
    }
    Some(match &facts.job.egress {
        Egress::None => Finding::found(
            "egress",
            Severity::Block,
            format!(
                "{} has a private address only, and the job has no way into its network",
                instance.name
            ),
            "give the job a VPC connector or direct VPC egress",
        ),
        Egress::Connector { .. } => {
            Finding::pass("egress", "reaches the network through a connector")
        }
        Egress::Direct { .. } => Finding::pass("egress", "has an interface in the network"),
    })
}

fn active(facts: &Facts) -> Finding {
    let executions = match &facts.executions {
        Ok(executions) => executions,
        Err(failure) => {
            return Finding::found(
                "run-active",
                Severity::Block,
                format!("whether another run is active is not known: {failure}"),
                failure.hint.clone(),
            );
        }
    };
    match executions.iter().find(|e| !e.is_over() && e.may_move()) {
        None => Finding::pass("run-active", "no other run is active"),
        Some(other) => Finding::found(
            "run-active",
            Severity::Block,
            format!(
                "{} is {}, started by {}",
                other.name,
                other.state.word(),
                other.creator
            ),
            format!(
                "`portcullis executions attach {0}` follows it, `portcullis executions cancel {0}` ends it",
                other.name
            ),
        ),
    }
}

/// An earlier run whose outcome is not known blocks as an active one does.
fn earlier(facts: &Facts) -> Finding {
    let settled = |entry: &&crate::domain::ledger::Entry| {
        let name = entry.record.execution.as_deref().map(ExecutionName::new);
        let executions = facts.executions.as_deref().unwrap_or_default();
        name.is_some_and(|name| executions.iter().any(|e| e.name == name && !e.is_over()))
    };
    // A run that is still active is already said by the check above.
    match facts.open_runs.iter().find(|entry| !settled(entry)) {
        None => Finding::pass("run-unknown", "no earlier run is open"),
        Some(entry) => {
            let failure = busy(entry);
            Finding::found(
                "run-unknown",
                Severity::Block,
                failure.summary,
                failure.hint,
            )
        }
    }
}

fn database(request: &Request, plan: &Plan, facts: &Facts) -> Vec<Finding> {
    if request.operation.risk == Risk::Read {
        return Vec::new();
    }
    match &facts.reading {
        Err(failure) => {
            let severity = if failure.kind == FailureKind::NotFound {
                Severity::Warn
            } else {
                Severity::Block
            };
            vec![Finding::found(
                "revision-unknown",
                severity,
                format!("where the database stands is not known: {failure}"),
                failure.hint.clone(),
            )]
        }
        Ok(reading) if reading.is_unversioned() && !plan.pending.is_empty() => {
            vec![Finding::found(
                "unversioned",
                Severity::Block,
                format!(
                    "{} tables but no alembic_version: an upgrade would run from the base",
                    reading.table_count().unwrap_or(0)
                ),
                format!(
                    "record where it stands first; {} is not what an upgrade handles",
                    MigrationState::Unversioned.word()
                ),
            )]
        }
        Ok(reading) => vec![Finding::pass(
            "revision",
            format!("read from the database by {}", reading.probe.word()),
        )],
    }
}
