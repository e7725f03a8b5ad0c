//! The checks of a job's definition: what it would do again, twice, too briefly, or to a network that it does not reach.

use jiff::SignedDuration;

use crate::domain::environment::Environment;
use crate::domain::job::{Egress, Job};
use crate::domain::plan::Plan;
use crate::domain::preflight::{Finding, Severity};

use super::facts::Facts;
use super::plan::durations;

/// Runs them.
pub(super) fn check(environment: &Environment, plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let job = &facts.job;
    let mut findings = vec![
        retries(environment, job),
        tasks(environment, job),
        parallelism(environment, job),
        timeout(environment, plan, facts),
        image(environment, plan, job),
    ];
    findings.extend(egress(environment, facts));
    findings
}

/// The command that changes a job's definition.
fn update(environment: &Environment, flags: &str) -> String {
    let Environment {
        job,
        region,
        project,
        ..
    } = environment;
    format!("gcloud run jobs update {job} {flags} --region {region} --project {project}")
}

fn retries(environment: &Environment, job: &Job) -> Finding {
    match job.max_retries {
        0 => Finding::pass("retries", "a failed migration is not tried again"),
        n => Finding::found(
            "retries",
            Severity::Block,
            format!("the job retries {n} times: a failed migration would run again"),
            update(environment, "--max-retries 0"),
        ),
    }
}

fn tasks(environment: &Environment, job: &Job) -> Finding {
    match job.task_count {
        0 | 1 => Finding::pass("tasks", "one task"),
        n => Finding::found(
            "tasks",
            Severity::Block,
            format!("the job has {n} tasks: the migration would run {n} times"),
            update(environment, "--tasks 1 --parallelism 1"),
        ),
    }
}

/// With one task nothing runs beside it; the number waits for somebody to raise the tasks.
fn parallelism(environment: &Environment, job: &Job) -> Finding {
    match job.parallelism {
        0 | 1 => Finding::pass("parallelism", "one task at a time"),
        n => Finding::found(
            "parallelism",
            Severity::Warn,
            format!("the job may run {n} tasks at the same time, should it ever have them"),
            update(environment, "--parallelism 1"),
        ),
    }
}

fn timeout(environment: &Environment, plan: &Plan, facts: &Facts) -> Finding {
    let limit = facts.job.timeout;
    let seconds = limit.as_secs();
    let executions = facts.executions.as_deref().unwrap_or_default();
    let known = durations(executions, &plan.args);
    let Some(longest) = known.last().copied() else {
        let message = format!("the time limit is {seconds} s; no such run is known");
        return Finding::pass("timeout", message);
    };
    let runs = match known.len() {
        1 => "the one such run".to_owned(),
        many => format!("the longest of {many} such runs"),
    };
    let message = format!(
        "the time limit is {seconds} s, and {runs} took {} s",
        longest.as_secs()
    );
    if limit > SignedDuration::ZERO && longest + longest / 2 >= limit {
        let enough = format!("--task-timeout {}s", longest.as_secs() * 3);
        let remedy = update(environment, &enough);
        return Finding::found("timeout", Severity::Warn, message, remedy);
    }
    Finding::pass("timeout", message)
}

fn image(environment: &Environment, plan: &Plan, job: &Job) -> Finding {
    match (&plan.image_digest, job.image_digest()) {
        (Some(digest), Some(_)) => Finding::pass("image", format!("the image is {digest}")),
        (Some(digest), None) => Finding::pass(
            "image",
            format!("the image is named by a tag, which was {digest} when a run last used it"),
        ),
        (None, _) => {
            let image = &job.image;
            Finding::found(
                "image",
                Severity::Warn,
                "the image is named by a tag whose digest is not known",
                format!(
                    "gcloud artifacts docker images describe {image} \
                     --format='value(image_summary.fully_qualified_digest)', then {}",
                    update(environment, "--image IMAGE@sha256:…")
                ),
            )
        }
    }
}

fn egress(environment: &Environment, facts: &Facts) -> Option<Finding> {
    let instance = facts.instance.as_ref()?.as_ref().ok()?;
    if !instance.is_private_only() {
        return None;
    }
    let traffic = match &facts.job.egress {
        Egress::None => {
            return Some(Finding::found(
                "egress",
                Severity::Block,
                format!(
                    "{} has a private address only, and the job has no way into its network",
                    instance.name
                ),
                update(
                    environment,
                    "--network NETWORK --subnet SUBNET --vpc-egress private-ranges-only",
                ),
            ));
        }
        Egress::Connector { traffic, .. } | Egress::Direct { traffic, .. } => traffic.word(),
    };
    let by = match &facts.job.egress {
        Egress::Connector { .. } => "reaches the network through a connector",
        _ => "has an interface in the network",
    };
    Some(Finding::pass("egress", format!("{by}, {traffic}")))
}
