//! Months of executions, made up the same way each time.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use super::{
    super::{
        audit::{self, Act},
        logs::{Heading, Line, Stream},
        model::{
            Condition, ConditionState, Counts, Execution, ExecutionReason, Job, LogPayload,
            Severity,
        },
        state::State,
    },
    past_task::task,
    resources::{days, hours},
    texts::{self, Tale},
};

const RAVI: &str = "ravi@example.com";
const MIA: &str = "mia@example.com";
const CI: &str = "ci@waooaw-oauth.iam.gserviceaccount.com";

/// One past execution: its age in hours, how long it took, who started it, how it went.
type Past = (i64, i64, &'static str, Tale);

const DEMO: &[Past] = &[
    (2, 4, RAVI, texts::ALREADY_EXISTS),
    (26, 3, RAVI, Tale::Seeded),
    (75, 4, MIA, texts::ALREADY_EXISTS),
    (120, 31, CI, texts::NO_ROUTE),
    (219, 6, RAVI, Tale::Seeded),
    (313, 2, CI, texts::TWO_HEADS),
    (405, 3, MIA, texts::GREENLET),
    (888, 14, RAVI, texts::SERVER_CLOSED),
    (889, 2, RAVI, texts::NO_MKDIR),
    (890, 2, RAVI, texts::MISSING_DIR),
    (912, 7, RAVI, Tale::Seeded),
];

const UAT: &[Past] = &[
    (
        216,
        162,
        MIA,
        Tale::Upgraded(&["006_trial_tables -> 007_gateway_audit_logs, audit logs of the gateway"]),
    ),
    (262, 148, CI, Tale::NothingToDo),
    (300, 171, CI, Tale::NothingToDo),
    (
        470,
        38,
        MIA,
        Tale::Upgraded(&["005_rls_policies -> 006_trial_tables, trials and their deliverables"]),
    ),
    (492, 600, MIA, Tale::TimedOut),
    (650, 9, CI, texts::OUT_OF_MEMORY),
    (904, 5, CI, texts::WRONG_PASSWORD),
    (1300, 41, MIA, Tale::Upgraded(FIRST_FIVE)),
];

const PROD: &[Past] = &[
    (
        72,
        36,
        RAVI,
        Tale::Upgraded(&["009_backfill_audit_logs -> 010_usage_events, usage events"]),
    ),
    (73, 11, RAVI, texts::LOCK_TIMEOUT),
    (240, 12, CI, Tale::Current("009_backfill_audit_logs")),
    (
        409,
        63,
        RAVI,
        Tale::Upgraded(&[
            "008_merge_trials_catalog -> 009_backfill_audit_logs, backfill of the audit logs",
        ]),
    ),
    (577, 0, CI, Tale::NoSecret),
    (
        746,
        39,
        RAVI,
        Tale::Upgraded(&[
            "005_rls_policies -> 006_trial_tables, trials and their deliverables",
            "006_trial_tables -> 007_gateway_audit_logs, audit logs of the gateway",
            "005_rls_policies -> 006_agent_catalog, catalogue of agent types",
            "006_agent_catalog -> 007_agent_state_index, index on the state of agents",
            "007_gateway_audit_logs, 007_agent_state_index -> 008_merge_trials_catalog, merge trials and catalogue",
        ]),
    ),
    (915, 19, MIA, Tale::Cancelled),
    (1180, 35, RAVI, Tale::Upgraded(FIRST_FIVE)),
];

const FIRST_FIVE: &[&str] = &[
    " -> 001_base_entity, base entity",
    "001_base_entity -> 002_skills_and_roles, skills and job roles",
    "002_skills_and_roles -> 003_remaining_entities, teams, agents, industries",
    "003_remaining_entities -> 004_agent_state, state of an agent",
    "004_agent_state -> 005_rls_policies, row level security",
];

pub(super) fn add(state: &mut State, now: Timestamp) {
    for job in state.jobs.clone() {
        let told = match job.environment.as_str() {
            "demo" => DEMO,
            "uat" => UAT,
            _ => PROD,
        };
        for past in quiet_weeks(state, told).iter().chain(told) {
            record(state, &job, *past, now);
        }
    }
    state
        .executions
        .sort_by_key(|execution| execution.created_at);
    for job in &mut state.jobs {
        let mut of_it = state
            .executions
            .iter()
            .filter(|execution| execution.job == job.id);
        job.execution_count = u32::try_from(of_it.clone().count()).unwrap_or(u32::MAX);
        job.latest_execution = of_it.next_back().map(|execution| execution.id.clone());
    }
    audit(state, now);
    state
        .log
        .sort_by(|a, b| (a.timestamp, &a.insert_id).cmp(&(b.timestamp, &b.insert_id)));
}

/// What happened before the story: a check every few days, with the odd failure.
fn quiet_weeks(state: &mut State, told: &[Past]) -> Vec<Past> {
    let oldest = told.iter().map(|past| past.0).max().unwrap_or(0);
    let mut age = 24 * 118;
    let mut quiet = Vec::new();
    while age > oldest + 24 {
        let tale = match state.dice.between(0, 11) {
            0 => texts::NO_ROUTE,
            1 => texts::WRONG_PASSWORD,
            2..=4 => Tale::Current(""),
            _ => Tale::Seeded,
        };
        let took = i64::try_from(state.dice.between(9, 44)).unwrap_or(20);
        quiet.push((age, took, CI, tale));
        age -= i64::try_from(state.dice.between(30, 150)).unwrap_or(90);
    }
    quiet
}

fn record(state: &mut State, job: &Job, (age, took, who, tale): Past, now: Timestamp) {
    // Nobody starts anything on the full hour.
    let drift =
        SignedDuration::from_secs(i64::try_from(state.dice.between(60, 3000)).unwrap_or(60));
    let created = now - hours(age) - drift;
    let started = created + SignedDuration::from_secs(9);
    let ended = started + SignedDuration::from_secs(took);
    let id = format!("{}-{}", job.id, state.dice.suffix());
    let retries = match tale {
        Tale::Failed(..) => job.template.max_retries,
        _ => 0,
    };
    let task = task(state, &id, tale, retries, (created, started, ended));
    let mut template = job.template.clone();
    template.args = tale.args();
    let failed = matches!(tale, Tale::Failed(..) | Tale::TimedOut | Tale::NoSecret);
    let execution = Execution {
        job: job.id.clone(),
        uid: state.dice.uuid(),
        generation: if tale == Tale::Cancelled { 2 } else { 1 },
        observed_generation: if tale == Tale::Cancelled { 2 } else { 1 },
        etag: state.dice.etag(),
        creator: who.to_owned(),
        created_at: created,
        started_at: (tale != Tale::NoSecret).then_some(started),
        completed_at: Some(ended),
        updated_at: ended,
        labels: job.labels.clone(),
        annotations: BTreeMap::new(),
        template,
        counts: Counts {
            running: 0,
            succeeded: u32::from(!failed && tale != Tale::Cancelled),
            failed: u32::from(failed),
            cancelled: u32::from(tale == Tale::Cancelled),
            retried: u32::from(retries > 0),
        },
        conditions: vec![
            completed(tale, job, &task.id, ended),
            condition(
                "ResourcesAvailable",
                ConditionState::Succeeded,
                "Provisioned imported containers.",
                None,
                started,
            ),
            condition(
                "Started",
                ConditionState::Succeeded,
                "Started deployed execution.",
                None,
                started,
            ),
        ],
        reconciling: false,
        cancel_requested: tale == Tale::Cancelled,
        tasks: vec![task],
        id: id.clone(),
    };
    tell(state, &execution, tale, (started, ended));
    state.executions.push(execution);
}

pub(super) fn condition(
    kind: &str,
    state: ConditionState,
    message: &str,
    reason: Option<ExecutionReason>,
    changed_at: Timestamp,
) -> Condition {
    Condition {
        kind: kind.to_owned(),
        state,
        message: message.to_owned(),
        reason,
        changed_at,
    }
}

fn completed(tale: Tale, job: &Job, task: &str, at: Timestamp) -> Condition {
    use ConditionState::{Failed, Succeeded};
    let say = |message: &str| format!("Task {task} failed with message: {message}");
    let (state, message, reason) = match tale {
        Tale::Failed(..) => (
            Failed,
            say("The container exited with an error."),
            Some(ExecutionReason::NonZeroExitCode),
        ),
        Tale::TimedOut => (Failed, say("The configured timeout was reached."), None),
        Tale::Cancelled => (
            Failed,
            "Execution was cancelled.".to_owned(),
            Some(ExecutionReason::Cancelled),
        ),
        Tale::NoSecret => (Failed, no_secret(job), None),
        _ => (
            Succeeded,
            "Execution completed successfully.".to_owned(),
            None,
        ),
    };
    condition("Completed", state, &message, reason, at)
}

fn no_secret(job: &Job) -> String {
    let secret = format!("{}-plant-database-url", job.environment);
    format!(
        "Could not fetch secret \"{secret}\" for environment variable \"DATABASE_URL\": Secret Version [projects/270293855600/secrets/{secret}/versions/1] is in DISABLED state."
    )
}

/// Writes the log of a past execution, its lines spread over its time.
fn tell(
    state: &mut State,
    execution: &Execution,
    tale: Tale,
    (started, ended): (Timestamp, Timestamp),
) {
    let attempts = execution.tasks[0].attempts.len().max(1);
    let mut lines = Vec::new();
    for attempt in 0..attempts {
        let attempt = u32::try_from(attempt).unwrap_or(0);
        lines.extend(
            tale.stderr()
                .into_iter()
                .map(|text| (attempt, Stream::Stderr, Severity::Default, text)),
        );
        lines.extend(
            tale.stdout()
                .into_iter()
                .map(|text| (attempt, Stream::Stdout, Severity::Default, text)),
        );
        let last_word = match tale {
            Tale::Failed(_, code) => Some((Severity::Warning, format!("Container called exit({code})."))),
            Tale::TimedOut => Some((Severity::Error, "Terminating task because it has reached the maximum timeout of 600 seconds. The configured timeout was reached.".to_owned())),
            Tale::NoSecret => Some((Severity::Error, execution.conditions[0].message.clone())),
            _ => None,
        };
        lines.extend(last_word.map(|(severity, text)| (attempt, Stream::System, severity, text)));
    }
    let span = ended.duration_since(started);
    let count = i32::try_from(lines.len().max(1)).unwrap_or(1);
    for (place, (attempt, stream, severity, text)) in (0..).zip(lines) {
        let line = Line {
            execution: &execution.id,
            task: 0,
            attempt,
            stream,
        };
        let heading = Heading::new(&state.project, &line);
        let entry = heading.entry(
            state,
            severity,
            LogPayload::Text(text),
            started + span * place / count,
        );
        state.log.push(Arc::new(entry));
    }
}

/// Who disabled production's newest secret version: the admin activity log is always on.
fn audit(state: &mut State, now: Timestamp) {
    let name = format!(
        "projects/{}/secrets/prod-plant-database-url",
        state.project.number
    );
    let steps = [
        (days(40), "AddSecretVersion", name.clone()),
        (hours(7), "AddSecretVersion", name.clone()),
        (
            hours(6),
            "DisableSecretVersion",
            format!("{name}/versions/3"),
        ),
    ];
    for (age, method, resource) in steps {
        let act = Act {
            who: CI,
            service: "secretmanager.googleapis.com",
            method: &format!("google.cloud.secretmanager.v1.SecretManagerService.{method}"),
            resource: &resource,
        };
        audit::past(state, &act, now - age);
    }
}
