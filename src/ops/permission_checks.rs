//! The checks of who may what: the caller the job, the job's account its secrets, and whether the sign-in lasts.

use jiff::{SignedDuration, Timestamp};

use crate::domain::age;
use crate::domain::environment::Environment;
use crate::domain::execution::{Execution, ExecutionState};
use crate::domain::failure::Failure;
use crate::domain::permission::{self, Deed, READER, Reads, Resource};
use crate::domain::plan::{Plan, Step};
use crate::domain::preflight::{Finding, Severity};

use super::facts::{Facts, SecretReference};
use super::plan::durations;

/// What following a run and reading the database back may take beside the run.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// Runs them.
pub(super) fn check(
    environment: &Environment,
    plan: &Plan,
    facts: &Facts,
    now: Timestamp,
) -> Vec<Finding> {
    let mut findings = vec![
        caller(facts, Deed::Run, &Resource::job(environment), &facts.held),
        sign_in(plan, facts, now),
    ];
    let backs_up = plan
        .steps
        .iter()
        .any(|step| matches!(step, Step::Backup { .. }));
    if let Some(held) = facts.held_on_project.as_ref().filter(|_| backs_up) {
        let project = Resource::project(&environment.project);
        findings.push(caller(facts, Deed::Backup, &project, held));
    }
    let secrets = facts.secrets.iter();
    findings.extend(secrets.map(|secret| readable(environment, facts, secret)));
    findings
}

fn caller(
    facts: &Facts,
    deed: Deed,
    resource: &Resource,
    held: &Result<Vec<String>, Failure>,
) -> Finding {
    let held = match held {
        Ok(held) => held,
        Err(failure) => {
            return Finding::found(
                "permission-unknown",
                Severity::Warn,
                format!("whether you may {} is not known: {failure}", deed.words()),
                failure.hint.clone(),
            );
        }
    };
    let gaps = permission::gaps(deed, held);
    let Some(first) = gaps.first() else {
        let message = format!("you may {} on {}", deed.words(), resource.words());
        return Finding::pass("permission", message);
    };
    let names: Vec<_> = gaps.iter().map(|gap| gap.permission).collect();
    let identity = facts.identity.as_ref().ok();
    let member = permission::member(identity.and_then(|who| who.email.as_deref()));
    Finding::found(
        "permission-missing",
        Severity::Block,
        format!(
            "you do not hold {} on {}",
            names.join(" and "),
            resource.words()
        ),
        resource.grant(&member, first.role),
    )
}

/// A sign-in without an end renews itself, or its end is not told.
fn sign_in(plan: &Plan, facts: &Facts, now: Timestamp) -> Finding {
    let ends = facts.identity.as_ref().ok().and_then(|who| who.expires_at);
    let Some(ends) = ends else {
        return Finding::pass("sign-in", "the sign-in renews itself, or tells no end");
    };
    let executions = facts.executions.as_deref().unwrap_or_default();
    let longest = durations(executions, &plan.args).last().copied();
    // Where no run tells how long it takes, it may take all the time that it is given.
    let expected = longest.unwrap_or(facts.job.timeout);
    let left = ends.duration_since(now).max(SignedDuration::ZERO);
    let message = format!(
        "the sign-in ends in {}, and such a run takes {}",
        age::short(left),
        age::short(expected)
    );
    let severity = if left < expected {
        Severity::Block
    } else if left < expected + MARGIN {
        Severity::Warn
    } else {
        return Finding::pass("sign-in", message);
    };
    Finding::found(
        "sign-in",
        severity,
        message,
        "export CLOUDSDK_AUTH_ACCESS_TOKEN=\"$(gcloud auth print-access-token)\"",
    )
}

fn readable(environment: &Environment, facts: &Facts, secret: &SecretReference) -> Finding {
    const CODE: &str = "secret-access";
    let account = &facts.job.service_account;
    let name = &secret.secret;
    let on_secret = secret.policy.as_ref().map_err(ToString::to_string);
    let on_project = facts.project_policy.as_ref().map_err(ToString::to_string);
    let reads = permission::reads_secret(account, on_secret, on_project);
    let remedy = || {
        let resource = Resource::secret(&environment.project, name);
        resource.grant(&permission::member(Some(account)), READER)
    };
    match reads {
        Reads::Yes(role) => Finding::pass(CODE, format!("{account} may read {name}, by {role}")),
        Reads::No => Finding::found(
            CODE,
            Severity::Block,
            format!("{account} may not read {name}: the run would not start"),
            remedy(),
        ),
        Reads::Unknown(why) => match proof(facts) {
            Some(run) => Finding::pass(
                CODE,
                format!(
                    "{} read {name}; whether it still may is not known: {why}",
                    run.name
                ),
            ),
            None => Finding::found(
                CODE,
                Severity::Warn,
                format!("whether {account} may read {name} is not known: {why}"),
                if account.is_empty() {
                    format!(
                        "gcloud run jobs update {} --service-account ACCOUNT --region {} --project {}",
                        environment.job, environment.region, environment.project
                    )
                } else {
                    remedy()
                },
            ),
        },
    }
}

/// A good run of the definition as it is now: its container started, so its secrets were read.
fn proof(facts: &Facts) -> Option<&Execution> {
    let updated = facts.job.updated_at?;
    let executions = facts.executions.as_deref().unwrap_or_default();
    executions
        .iter()
        .find(|e| e.state == ExecutionState::Succeeded && e.created_at > updated)
}
