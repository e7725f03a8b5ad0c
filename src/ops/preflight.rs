//! Preflight: the checks on a plan, each `pass`, `warn` or `block` with a remedy.

use jiff::Timestamp;

use crate::domain::database::InstanceState;
use crate::domain::environment::Environment;
use crate::domain::execution::ExecutionName;
use crate::domain::operation::Risk;
use crate::domain::plan::{Plan, PlannedSecret};
use crate::domain::policy::Policies;
use crate::domain::preflight::{Finding, Severity, fit};
use crate::domain::secret::VersionState;

use super::database_checks;
use super::directory_check::{self, ResolvedBy};
use super::execute::{busy, only_looks};
use super::facts::{Facts, SecretReference};
use super::instance_checks;
use super::plan::Request;
use super::policy_checks;
use super::{job_checks, permission_checks};

/// Runs all checks and fits them to the tier and the config.
pub(super) fn check(
    request: &Request,
    (plan, by): (&Plan, &ResolvedBy),
    facts: &Facts,
    policies: &Policies,
    now: Timestamp,
) -> Vec<Finding> {
    let environment = &request.environment;
    let mut findings = vec![active(plan, facts), earlier(plan, facts)];
    findings.extend(job_checks::check(environment, plan, facts));
    findings.extend(permission_checks::check(environment, plan, facts, now));
    findings.extend(
        facts
            .secrets
            .iter()
            .zip(&plan.secrets)
            .map(|(r, p)| secret(environment, r, p)),
    );
    findings.extend(instance(facts));
    findings.extend(instance_checks::check(facts, now));
    findings.extend(database_checks::check(plan, facts));
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

fn secret(
    environment: &Environment,
    reference: &SecretReference,
    planned: &PlannedSecret,
) -> Finding {
    let name = &reference.secret;
    let project = &environment.project;
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
            let by = &reference.reference;
            Finding::pass("secret", format!("`{by}` of {name} is {version}, enabled"))
        }
        (Some(version), state) => Finding::found(
            "secret-disabled",
            Severity::Block,
            format!(
                "`{}` of {name} is {version}, {}: the run would not start",
                reference.reference,
                state.word()
            ),
            format!(
                "portcullis secrets enable {name} {} -e {}, or gcloud secrets versions add {name} --project {project} --data-file=-",
                version.0, environment.name
            ),
        ),
        (None, _) => Finding::found(
            "secret-missing",
            Severity::Block,
            format!(
                "{name} has no version `{}`: the run would not start",
                reference.reference
            ),
            format!("gcloud secrets versions add {name} --project {project} --data-file=-"),
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
            format!(
                "gcloud sql instances patch {} --activation-policy ALWAYS, or wait for its maintenance to end",
                instance.name
            ),
        ),
        Err(failure) => Finding::found(
            "instance-unreadable",
            Severity::Warn,
            failure.to_string(),
            failure.hint.clone(),
        ),
    })
}

/// Whoever only looks is in nobody's way: what is under way is said, and keeps none of them waiting.
fn in_the_way(plan: &Plan) -> Severity {
    if only_looks(plan) {
        Severity::Warn
    } else {
        Severity::Block
    }
}

fn active(plan: &Plan, facts: &Facts) -> Finding {
    let executions = match &facts.executions {
        Ok(executions) => executions,
        Err(failure) => {
            return Finding::found(
                "run-active",
                in_the_way(plan),
                format!("whether another run is active is not known: {failure}"),
                failure.hint.clone(),
            );
        }
    };
    match executions.iter().find(|e| !e.is_over() && e.may_move()) {
        None => Finding::pass("run-active", "no other run is active"),
        Some(other) => Finding::found(
            "run-active",
            in_the_way(plan),
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
fn earlier(plan: &Plan, facts: &Facts) -> Finding {
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
                in_the_way(plan),
                failure.summary,
                failure.hint,
            )
        }
    }
}

#[cfg(test)]
mod tests;
