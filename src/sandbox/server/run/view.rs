//! Jobs, executions, tasks and operations as Cloud Run Admin v2 writes them.

use serde_json::{Value, json};

use super::{
    super::wire::{Choice, EnumStyle, Message, duration},
    typed,
};
use crate::sandbox::world::model::{
    Condition, ConditionState, EnvSource, EnvVar, Execution, ExecutionReason, Job, Operation,
    Phase, Project, Task, Template, VpcAccess,
};

const GENERATION_2: Choice = ("EXECUTION_ENVIRONMENT_GEN2", 2);
const GENERALLY_AVAILABLE: Choice = ("GA", 4);

/// Writes the resources of one project, in one enum style.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) project: &'a Project,
    pub(super) enums: EnumStyle,
}

impl View<'_> {
    /// The full name of a job.
    pub(super) fn job_name(self, job: &str) -> String {
        format!("{}/jobs/{job}", self.project.location())
    }

    /// The full name of an execution.
    pub(super) fn execution_name(self, execution: &Execution) -> String {
        format!(
            "{}/executions/{}",
            self.job_name(&execution.job),
            execution.id
        )
    }

    /// A job; its newest execution is given when it is still there.
    pub(super) fn job(self, job: &Job, latest: Option<&Execution>) -> Value {
        let ready = Condition {
            kind: "Ready".to_owned(),
            state: ConditionState::Succeeded,
            message: String::new(),
            reason: None,
            changed_at: job.updated_at,
        };
        Message::new()
            .put("name", self.job_name(&job.id))
            .put("uid", job.uid.as_str())
            .long("generation", job.generation)
            .labels("labels", &job.labels)
            .labels("annotations", &job.annotations)
            .time("createTime", job.created_at)
            .time("updateTime", job.updated_at)
            .put("creator", job.creator.as_str())
            .put("lastModifier", job.last_modifier.as_str())
            .put("client", "terraform")
            .put("launchStage", self.enums.value(GENERALLY_AVAILABLE))
            .put("template", self.execution_template(&job.template))
            .long("observedGeneration", job.generation)
            .put("terminalCondition", self.condition(&ready))
            .put("executionCount", job.execution_count)
            .put(
                "latestCreatedExecution",
                latest.map(|latest| self.reference(latest)),
            )
            .put("etag", job.etag.as_str())
            .done()
    }

    fn reference(self, execution: &Execution) -> Value {
        let status = match execution.phase() {
            Phase::Succeeded => ("EXECUTION_SUCCEEDED", 1),
            Phase::Failed => ("EXECUTION_FAILED", 2),
            Phase::Running => ("EXECUTION_RUNNING", 3),
            Phase::Pending => ("EXECUTION_PENDING", 4),
            Phase::Cancelled => ("EXECUTION_CANCELLED", 5),
        };
        Message::new()
            // Google gives the short name here.
            .put("name", execution.id.as_str())
            .time("createTime", execution.created_at)
            .time("completionTime", execution.completed_at)
            .put("completionStatus", self.enums.value(status))
            .done()
    }

    /// An execution.
    pub(super) fn execution(self, execution: &Execution) -> Value {
        let template = &execution.template;
        let counts = execution.counts;
        Message::new()
            .put("name", self.execution_name(execution))
            .put("uid", execution.uid.as_str())
            .put("creator", execution.creator.as_str())
            .long("generation", execution.generation)
            .labels("labels", &execution.labels)
            .labels("annotations", &execution.annotations)
            .time("createTime", execution.created_at)
            .time("startTime", execution.started_at)
            .time("completionTime", execution.completed_at)
            .time("updateTime", execution.updated_at)
            .put("launchStage", self.enums.value(GENERALLY_AVAILABLE))
            .put("job", execution.job.as_str())
            .put("parallelism", template.parallelism)
            .put("taskCount", template.task_count)
            .put(
                "template",
                self.task_template(template, &template.image_by_digest()),
            )
            .put("reconciling", execution.reconciling)
            .put("conditions", self.conditions(&execution.conditions))
            .long("observedGeneration", execution.observed_generation)
            .put("runningCount", counts.running)
            .put("succeededCount", counts.succeeded)
            .put("failedCount", counts.failed)
            .put("cancelledCount", counts.cancelled)
            .put("retriedCount", counts.retried)
            .put("logUri", log_uri(self.project, execution))
            .put("etag", execution.etag.as_str())
            .done()
    }

    /// A task of an execution.
    pub(super) fn task(self, execution: &Execution, task: &Task) -> Value {
        let template = &execution.template;
        Message::new()
            .put(
                "name",
                format!("{}/tasks/{}", self.execution_name(execution), task.id),
            )
            .put("uid", task.uid.as_str())
            .long("generation", execution.generation)
            .labels("labels", &execution.labels)
            .time("createTime", task.created_at)
            .time("scheduledTime", task.created_at)
            .time("startTime", task.started_at)
            .time("completionTime", task.completed_at)
            .time(
                "updateTime",
                task.completed_at
                    .or(task.started_at)
                    .unwrap_or(task.created_at),
            )
            .put("job", execution.job.as_str())
            .put("execution", execution.id.as_str())
            .put(
                "containers",
                json!([container(template, &template.image_by_digest())]),
            )
            .put("volumes", volumes(template))
            .put("maxRetries", template.max_retries)
            .put("timeout", duration(template.timeout))
            .put("serviceAccount", template.service_account.as_str())
            .put("executionEnvironment", self.enums.value(GENERATION_2))
            .put("reconciling", task.completed_at.is_none())
            .put("conditions", self.conditions(&task.conditions))
            .long("observedGeneration", execution.observed_generation)
            .put("index", task.index)
            .put("retried", task.retried())
            .put("lastAttemptResult", attempt_result(task))
            .put("vpcAccess", self.vpc(template.vpc.as_ref()))
            .put("logUri", log_uri(self.project, execution))
            .put("etag", task.etag.as_str())
            .done()
    }

    /// An operation; its metadata is the execution, and so is its response.
    pub(super) fn operation(self, operation: &Operation, execution: Option<&Execution>) -> Value {
        let subject = execution.map(|execution| typed("Execution", self.execution(execution)));
        let response = subject
            .clone()
            .filter(|_| operation.done && operation.error.is_none());
        let error = operation
            .error
            .as_ref()
            .map(|error| json!({ "code": error.code.number(), "message": error.message }));
        Message::new()
            .put(
                "name",
                format!("{}/operations/{}", self.project.location(), operation.id),
            )
            .put("metadata", subject)
            .put("done", operation.done)
            .put("error", error)
            .put("response", response)
            .done()
    }

    fn execution_template(self, template: &Template) -> Value {
        Message::new()
            .put("parallelism", template.parallelism)
            .put("taskCount", template.task_count)
            .put("template", self.task_template(template, &template.image))
            .done()
    }

    fn task_template(self, template: &Template, image: &str) -> Value {
        Message::new()
            .put("containers", json!([container(template, image)]))
            .put("volumes", volumes(template))
            // A member of a oneof is present also when it is 0.
            .always("maxRetries", template.max_retries)
            .put("timeout", duration(template.timeout))
            .put("serviceAccount", template.service_account.as_str())
            .put("executionEnvironment", self.enums.value(GENERATION_2))
            .put("vpcAccess", self.vpc(template.vpc.as_ref()))
            .done()
    }

    fn vpc(self, vpc: Option<&VpcAccess>) -> Value {
        let Some(vpc) = vpc else { return Value::Null };
        let egress = if vpc.all_traffic {
            ("ALL_TRAFFIC", 1)
        } else {
            ("PRIVATE_RANGES_ONLY", 2)
        };
        let interface = Message::new()
            .put("network", vpc.network.as_deref())
            .put("subnetwork", vpc.subnetwork.as_deref())
            .done();
        let interfaces = if vpc.network.is_some() {
            json!([interface])
        } else {
            json!([])
        };
        Message::new()
            .put("connector", vpc.connector.as_deref())
            .put("egress", self.enums.value(egress))
            .put("networkInterfaces", interfaces)
            .done()
    }

    fn conditions(self, conditions: &[Condition]) -> Value {
        conditions
            .iter()
            .map(|condition| self.condition(condition))
            .collect()
    }

    fn condition(self, condition: &Condition) -> Value {
        let state = match condition.state {
            ConditionState::Pending => ("CONDITION_PENDING", 1),
            ConditionState::Reconciling => ("CONDITION_RECONCILING", 2),
            ConditionState::Failed => ("CONDITION_FAILED", 3),
            ConditionState::Succeeded => ("CONDITION_SUCCEEDED", 4),
        };
        Message::new()
            .put("type", condition.kind.as_str())
            .put("state", self.enums.value(state))
            .put("message", condition.message.as_str())
            .time("lastTransitionTime", condition.changed_at)
            .put(
                "executionReason",
                condition
                    .reason
                    .map(|reason| self.enums.value(choice(reason))),
            )
            .done()
    }
}

fn choice(reason: ExecutionReason) -> Choice {
    match reason {
        ExecutionReason::JobStatusServicePollingError => ("JOB_STATUS_SERVICE_POLLING_ERROR", 1),
        ExecutionReason::NonZeroExitCode => ("NON_ZERO_EXIT_CODE", 2),
        ExecutionReason::Cancelled => ("CANCELLED", 3),
        ExecutionReason::Cancelling => ("CANCELLING", 4),
        ExecutionReason::Deleted => ("DELETED", 5),
        ExecutionReason::DelayedStartPending => ("DELAYED_START_PENDING", 6),
    }
}

/// A job names its image as it was deployed, an execution names what the tag stood for.
fn container(template: &Template, image: &str) -> Value {
    let mounts = if template.cloud_sql_instances.is_empty() {
        json!([])
    } else {
        json!([{ "name": "cloudsql", "mountPath": "/cloudsql" }])
    };
    Message::new()
        .put("image", image)
        .put("command", json!(template.command))
        .put("args", json!(template.args))
        .put("env", template.env.iter().map(env_var).collect::<Vec<_>>())
        .put(
            "resources",
            json!({ "limits": { "cpu": template.cpu, "memory": template.memory } }),
        )
        .put("volumeMounts", mounts)
        .done()
}

fn env_var(variable: &EnvVar) -> Value {
    match &variable.source {
        EnvSource::Value(value) => json!({ "name": variable.name, "value": value }),
        EnvSource::Secret { secret, version } => json!({
            "name": variable.name,
            "valueSource": { "secretKeyRef": { "secret": secret, "version": version } },
        }),
    }
}

fn volumes(template: &Template) -> Value {
    if template.cloud_sql_instances.is_empty() {
        return json!([]);
    }
    json!([{ "name": "cloudsql", "cloudSqlInstance": { "instances": template.cloud_sql_instances } }])
}

fn attempt_result(task: &Task) -> Value {
    let Some(attempt) = task.last_ended_attempt() else {
        return Value::Null;
    };
    let status = match &attempt.error {
        Some(error) => json!({ "code": error.code.number(), "message": error.message }),
        None => Value::Null,
    };
    Message::new()
        .put("status", status)
        .put("exitCode", attempt.exit_code)
        .put("termSignal", attempt.term_signal)
        .done()
}

/// The page of Google's console that shows the log of the execution.
pub(in crate::sandbox::server) fn log_uri(project: &Project, execution: &Execution) -> String {
    format!(
        "https://console.cloud.google.com/logs/viewer?project={}&advancedFilter=resource.type%3D%22cloud_run_job%22%0A\
         resource.labels.job_name%3D%22{}%22%0Aresource.labels.location%3D%22{}%22%0A\
         labels.%22run.googleapis.com/execution_name%22%3D%22{}%22",
        project.id, execution.job, project.region, execution.id
    )
}
