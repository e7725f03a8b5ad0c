//! Cloud Run Jobs, their executions and tasks.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::refusal::Status;

/// Where a variable of a container comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EnvSource {
    /// A literal value.
    Value(String),
    /// A secret, resolved when an attempt starts.
    Secret {
        /// The id of the secret.
        secret: String,
        /// `latest`, a number or an alias.
        version: String,
    },
}

/// One variable of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Where its value comes from.
    pub source: EnvSource,
}

/// How a task reaches the VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcAccess {
    /// The full name of a Serverless VPC connector.
    pub connector: Option<String>,
    /// The network, for Direct VPC egress.
    pub network: Option<String>,
    /// The subnetwork, for Direct VPC egress.
    pub subnetwork: Option<String>,
    /// Whether all traffic goes through it, or only to private addresses.
    pub all_traffic: bool,
}

/// What an execution runs: the template of a job, or with overrides applied that of an execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The image as written by whoever deployed, with a tag.
    pub image: String,
    /// The digest that the tag stood for at that time, `sha256:…`.
    pub image_digest: String,
    /// Replaces the entry point of the image.
    pub command: Vec<String>,
    /// The arguments.
    pub args: Vec<String>,
    /// The variables.
    pub env: Vec<EnvVar>,
    /// Such as `1000m`.
    pub cpu: String,
    /// Such as `512Mi`.
    pub memory: String,
    /// How often a failed task is tried again.
    pub max_retries: u32,
    /// Tasks of one execution.
    pub task_count: u32,
    /// Tasks at the same time.
    pub parallelism: u32,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// Whom the task runs as.
    pub service_account: String,
    /// How it reaches the VPC.
    pub vpc: Option<VpcAccess>,
    /// Mounted under `/cloudsql`, each `P:R:I`.
    pub cloud_sql_instances: Vec<String>,
}

impl Template {
    /// The repository of the image, without tag, with the digest.
    pub fn image_by_digest(&self) -> String {
        let slash = self.image.rfind('/').map_or(0, |at| at + 1);
        let repository = self.image[slash..]
            .find([':', '@'])
            .map_or(self.image.as_str(), |at| &self.image[..slash + at]);
        format!("{repository}@{}", self.image_digest)
    }
}

/// A Cloud Run Job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The last part of its name.
    pub id: String,
    /// The environment that it belongs to; the sandbox's own knowledge, not on the wire.
    pub environment: String,
    /// A UUID.
    pub uid: String,
    /// Counts changes.
    pub generation: i64,
    /// Changes with every change.
    pub etag: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Who made it.
    pub creator: String,
    /// Who changed it last.
    pub last_modifier: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// What it runs.
    pub template: Template,
    /// Executions ever made.
    pub execution_count: u32,
    /// The id of the newest execution.
    pub latest_execution: Option<String>,
}

/// What `jobs.run` may replace.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Overrides {
    /// New arguments; empty means no change.
    pub args: Vec<String>,
    /// Whether to take the arguments away.
    pub clear_args: bool,
    /// Variables to add or replace.
    pub env: Vec<EnvVar>,
    /// New number of tasks.
    pub task_count: Option<u32>,
    /// New timeout of an attempt.
    pub timeout: Option<Duration>,
}

/// What `jobs.run` is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunRequest {
    /// The etag that the caller saw; empty or absent means that it does not care.
    pub etag: Option<String>,
    /// Check, but do not run.
    pub validate_only: bool,
    /// What to replace.
    pub overrides: Overrides,
}

/// The state of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConditionState {
    /// Not begun.
    Pending,
    /// Under way.
    Reconciling,
    /// Ended badly.
    Failed,
    /// Ended well.
    Succeeded,
}

/// Why an execution is in its condition: `ExecutionReason` of Cloud Run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExecutionReason {
    /// The status service could not be asked.
    JobStatusServicePollingError,
    /// A container ended with another code than 0.
    NonZeroExitCode,
    /// Somebody cancelled it.
    Cancelled,
    /// Somebody is cancelling it.
    Cancelling,
    /// Somebody deleted it.
    Deleted,
    /// It waits for room.
    DelayedStartPending,
}

/// One condition of an execution or a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Such as `Completed`, `ResourcesAvailable`, `Started`, `ContainerReady`, `Retry`.
    pub kind: String,
    /// Its state.
    pub state: ConditionState,
    /// In words.
    pub message: String,
    /// Why, when that is known.
    pub reason: Option<ExecutionReason>,
    /// When it changed last.
    pub changed_at: Timestamp,
}

/// How many tasks of an execution are where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Running now.
    pub running: u32,
    /// Ended well.
    pub succeeded: u32,
    /// Ended badly.
    pub failed: u32,
    /// Cancelled.
    pub cancelled: u32,
    /// Tried more than once.
    pub retried: u32,
}

/// Where an execution is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Not begun.
    Pending,
    /// Running.
    Running,
    /// Ended well.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Ended because somebody asked for it.
    Cancelled,
}

/// One run of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// The last part of its name, such as `plant-db-migrations-uat-x7k2p`.
    pub id: String,
    /// The id of its job.
    pub job: String,
    /// A UUID.
    pub uid: String,
    /// Counts changes of the wish; 2 after a cancel.
    pub generation: i64,
    /// The generation that the platform has acted on.
    pub observed_generation: i64,
    /// Changes with every change.
    pub etag: String,
    /// Who started it.
    pub creator: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When its first task began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// What it runs, overrides applied.
    pub template: Template,
    /// How many tasks are where.
    pub counts: Counts,
    /// Conditions; `Completed` decides.
    pub conditions: Vec<Condition>,
    /// Whether the platform is still working on it.
    pub reconciling: bool,
    /// Whether somebody asked for its end.
    pub cancel_requested: bool,
    /// Its tasks, by index.
    pub tasks: Vec<Task>,
}

impl Execution {
    /// The condition that decides.
    pub fn completed(&self) -> Option<&Condition> {
        self.conditions
            .iter()
            .find(|condition| condition.kind == "Completed")
    }

    /// Where it is, in one word.
    pub fn phase(&self) -> Phase {
        let Some(completed) = self.completed() else {
            return Phase::Pending;
        };
        match (completed.state, completed.reason) {
            (ConditionState::Succeeded, _) => Phase::Succeeded,
            (ConditionState::Failed, Some(ExecutionReason::Cancelled)) => Phase::Cancelled,
            (ConditionState::Failed, _) => Phase::Failed,
            _ if self.started_at.is_some() => Phase::Running,
            _ => Phase::Pending,
        }
    }

    /// Whether it has ended, well or badly.
    pub fn is_over(&self) -> bool {
        self.completed_at.is_some()
    }
}

/// One container of an execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The last part of its name, such as `plant-db-migrations-uat-x7k2p-task0`.
    pub id: String,
    /// A UUID.
    pub uid: String,
    /// Its place in the execution.
    pub index: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its first attempt began.
    pub started_at: Option<Timestamp>,
    /// When its last attempt ended.
    pub completed_at: Option<Timestamp>,
    /// Changes with every change.
    pub etag: String,
    /// Conditions; `Completed` decides.
    pub conditions: Vec<Condition>,
    /// Tries, oldest first.
    pub attempts: Vec<Attempt>,
}

impl Task {
    /// How often it was tried again.
    pub fn retried(&self) -> u32 {
        u32::try_from(self.attempts.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// The last attempt that has ended.
    pub fn last_ended_attempt(&self) -> Option<&Attempt> {
        self.attempts
            .iter()
            .rev()
            .find(|attempt| attempt.completed_at.is_some())
    }
}

/// One try of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// 0, 1, 2, …
    pub number: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// The exit code, when it ended by itself.
    pub exit_code: Option<i32>,
    /// The signal that ended it, when one did.
    pub term_signal: Option<i32>,
    /// How it went, when it did not go well.
    pub error: Option<Status>,
    /// The process, so that a stray one can be found after a crash.
    pub process: Option<ProcessMark>,
}

/// A process that cannot be mistaken for another one with the same number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessMark {
    /// The process id, which is also the id of its group.
    pub pid: i32,
    /// When the kernel says that it began, in its own unit.
    pub started: u64,
}
