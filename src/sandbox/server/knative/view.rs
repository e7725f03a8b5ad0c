//! Jobs, executions and tasks in the Knative form of Cloud Run Admin v1, which gcloud speaks.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::{run::log_uri, wire::Message};
use crate::sandbox::world::model::{
    Condition, ConditionState, EnvSource, EnvVar, Execution, ExecutionReason, Job, Phase, Project,
    Task, Template,
};

const API_VERSION: &str = "run.googleapis.com/v1";

/// Writes the resources of one project; v1 always writes enums by name.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) project: &'a Project,
}

/// What the `metadata` of a resource is made of.
struct Meta<'a> {
    collection: &'a str,
    id: &'a str,
    uid: &'a str,
    generation: i64,
    version: &'a str,
    created_at: Timestamp,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
}

impl View<'_> {
    /// A job.
    pub(super) fn job(self, job: &Job, latest: Option<&Execution>) -> Value {
        let ready = json!([{
            "type": "Ready", "status": "True", "lastTransitionTime": job.updated_at.to_string(),
        }]);
        let status = Message::new()
            .put("observedGeneration", job.generation)
            .put("conditions", ready)
            .put("executionCount", job.execution_count)
            .put("latestCreatedExecution", latest.map(reference))
            .done();
        let mut annotations = job.annotations.clone();
        annotations.insert("run.googleapis.com/creator".to_owned(), job.creator.clone());
        annotations.insert(
            "run.googleapis.com/lastModifier".to_owned(),
            job.last_modifier.clone(),
        );
        let template = Message::new()
            .put(
                "metadata",
                json!({ "annotations": template_annotations(&job.template) }),
            )
            .put("spec", execution_spec(&job.template, &job.template.image))
            .done();
        let meta = Meta {
            collection: "jobs",
            id: &job.id,
            uid: &job.uid,
            generation: job.generation,
            version: &job.etag,
            created_at: job.created_at,
            labels: job.labels.clone(),
            annotations,
        };
        self.resource("Job", meta, &json!({ "template": template }), &status)
    }

    /// An execution.
    pub(super) fn execution(self, execution: &Execution) -> Value {
        let counts = execution.counts;
        let status = Message::new()
            .put("observedGeneration", execution.observed_generation)
            .put("conditions", conditions(&execution.conditions))
            .time("startTime", execution.started_at)
            .time("completionTime", execution.completed_at)
            .put("runningCount", counts.running)
            .put("succeededCount", counts.succeeded)
            .put("failedCount", counts.failed)
            .put("cancelledCount", counts.cancelled)
            .put("retriedCount", counts.retried)
            .put("logUri", log_uri(self.project, execution))
            .done();
        let mut labels = execution.labels.clone();
        labels.insert("run.googleapis.com/job".to_owned(), execution.job.clone());
        let mut annotations = execution.annotations.clone();
        annotations.insert(
            "run.googleapis.com/creator".to_owned(),
            execution.creator.clone(),
        );
        annotations.extend(template_annotations(&execution.template));
        let meta = Meta {
            collection: "executions",
            id: &execution.id,
            uid: &execution.uid,
            generation: execution.generation,
            version: &execution.etag,
            created_at: execution.created_at,
            labels,
            annotations,
        };
        self.resource(
            "Execution",
            meta,
            &execution_spec(&execution.template, &execution.template.image_by_digest()),
            &status,
        )
    }

    /// A task.
    pub(super) fn task(self, execution: &Execution, task: &Task) -> Value {
        let result = task.last_ended_attempt().map(|attempt| {
            Message::new()
                .put("exitCode", attempt.exit_code)
                .put("termSignal", attempt.term_signal)
                // gcloud reads `status.message` without asking whether there is a status.
                .always(
                    "status",
                    attempt.error.as_ref().map_or_else(
                        || json!({}),
                        |error| json!({ "code": error.code.number(), "message": error.message }),
                    ),
                )
                .done()
        });
        let status = Message::new()
            .put("observedGeneration", execution.observed_generation)
            .put("conditions", conditions(&task.conditions))
            .time("startTime", task.started_at)
            .time("completionTime", task.completed_at)
            .put("index", task.index)
            .put("retried", task.retried())
            .put("lastAttemptResult", result)
            .put("logUri", log_uri(self.project, execution))
            .done();
        let meta = Meta {
            collection: "tasks",
            id: &task.id,
            uid: &task.uid,
            generation: execution.generation,
            version: &task.etag,
            created_at: task.created_at,
            labels: task_labels(execution, task),
            annotations: BTreeMap::new(),
        };
        self.resource(
            "Task",
            meta,
            &task_spec(&execution.template, &execution.template.image_by_digest()),
            &status,
        )
    }

    fn resource(self, kind: &str, meta: Meta<'_>, spec: &Value, status: &Value) -> Value {
        let mut labels = meta.labels;
        labels.insert(
            "cloud.googleapis.com/location".to_owned(),
            self.project.region.clone(),
        );
        let number = self.project.number;
        let link = format!(
            "/apis/{API_VERSION}/namespaces/{number}/{}/{}",
            meta.collection, meta.id
        );
        let metadata = Message::new()
            .put("name", meta.id)
            .put("namespace", number.to_string())
            .put("selfLink", link)
            .put("uid", meta.uid)
            .put("resourceVersion", meta.version)
            .put("generation", meta.generation)
            .time("creationTimestamp", meta.created_at)
            .labels("labels", &labels)
            .labels("annotations", &meta.annotations)
            .done();
        json!({
            "apiVersion": API_VERSION, "kind": kind,
            "metadata": metadata, "spec": spec, "status": status,
        })
    }
}

/// The labels of a task; gcloud takes its state from one of them.
pub(super) fn task_labels(execution: &Execution, task: &Task) -> BTreeMap<String, String> {
    let completed = task
        .conditions
        .iter()
        .find(|condition| condition.kind == "Completed");
    let state = match completed.map(|condition| (condition.state, condition.reason)) {
        Some((ConditionState::Succeeded, _)) => "Succeeded",
        Some((ConditionState::Failed, Some(ExecutionReason::Cancelled))) => "Cancelled",
        Some((ConditionState::Failed, _)) => "Failed",
        _ if task.started_at.is_some() => "Running",
        _ => "Pending",
    };
    let mut labels = execution.labels.clone();
    for (key, value) in [
        ("job", &execution.job),
        ("execution", &execution.id),
        ("runningState", &state.to_owned()),
    ] {
        labels.insert(format!("run.googleapis.com/{key}"), value.clone());
    }
    labels
}

/// A list of resources; `token` goes on where this page ends.
pub(super) fn list(kind: &str, items: &[Value], token: Option<&str>) -> Value {
    let metadata = Message::new().put("continue", token).done();
    json!({ "apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "items": items })
}

fn reference(execution: &Execution) -> Value {
    let status = match execution.phase() {
        Phase::Succeeded => "EXECUTION_SUCCEEDED",
        Phase::Failed => "EXECUTION_FAILED",
        Phase::Running => "EXECUTION_RUNNING",
        Phase::Pending => "EXECUTION_PENDING",
        Phase::Cancelled => "EXECUTION_CANCELLED",
    };
    Message::new()
        .put("name", execution.id.as_str())
        .time("creationTimestamp", execution.created_at)
        .time("completionTimestamp", execution.completed_at)
        .put("completionStatus", status)
        .done()
}

fn template_annotations(template: &Template) -> BTreeMap<String, String> {
    let mut found = BTreeMap::from([(
        "run.googleapis.com/execution-environment".to_owned(),
        "gen2".to_owned(),
    )]);
    if !template.cloud_sql_instances.is_empty() {
        found.insert(
            "run.googleapis.com/cloudsql-instances".to_owned(),
            template.cloud_sql_instances.join(","),
        );
    }
    if let Some(vpc) = &template.vpc {
        let egress = if vpc.all_traffic {
            "all-traffic"
        } else {
            "private-ranges-only"
        };
        found.insert(
            "run.googleapis.com/vpc-access-egress".to_owned(),
            egress.to_owned(),
        );
        if let Some(connector) = &vpc.connector {
            found.insert(
                "run.googleapis.com/vpc-access-connector".to_owned(),
                connector.clone(),
            );
        }
    }
    found
}

fn execution_spec(template: &Template, image: &str) -> Value {
    Message::new()
        .put("parallelism", template.parallelism)
        .put("taskCount", template.task_count)
        .put("template", json!({ "spec": task_spec(template, image) }))
        .done()
}

fn task_spec(template: &Template, image: &str) -> Value {
    let limits = json!({ "limits": { "cpu": template.cpu, "memory": template.memory } });
    let container = Message::new()
        .put("image", image)
        .put("command", json!(template.command))
        .put("args", json!(template.args))
        .put("env", template.env.iter().map(env_var).collect::<Vec<_>>())
        .put("resources", limits)
        .done();
    Message::new()
        .put("containers", json!([container]))
        .always("maxRetries", template.max_retries)
        .put("timeoutSeconds", template.timeout.as_secs().to_string())
        .put("serviceAccountName", template.service_account.as_str())
        .done()
}

fn env_var(variable: &EnvVar) -> Value {
    match &variable.source {
        EnvSource::Value(value) => json!({ "name": variable.name, "value": value }),
        EnvSource::Secret { secret, version } => json!({
            "name": variable.name,
            "valueFrom": { "secretKeyRef": { "name": secret, "key": version } },
        }),
    }
}

fn conditions(conditions: &[Condition]) -> Value {
    conditions.iter().map(condition).collect()
}

fn condition(condition: &Condition) -> Value {
    let status = match condition.state {
        ConditionState::Succeeded => "True",
        ConditionState::Failed => "False",
        ConditionState::Pending | ConditionState::Reconciling => "Unknown",
    };
    Message::new()
        .put("type", condition.kind.as_str())
        .put("status", status)
        .put("reason", condition.reason.map(reason))
        .put("message", condition.message.as_str())
        .time("lastTransitionTime", condition.changed_at)
        .done()
}

fn reason(reason: ExecutionReason) -> &'static str {
    match reason {
        ExecutionReason::JobStatusServicePollingError => "JobStatusServicePollingError",
        ExecutionReason::NonZeroExitCode => "NonZeroExitCode",
        ExecutionReason::Cancelled => "Cancelled",
        ExecutionReason::Cancelling => "Cancelling",
        ExecutionReason::Deleted => "Deleted",
        ExecutionReason::DelayedStartPending => "DelayedStartPending",
    }
}
