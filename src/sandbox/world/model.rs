//! The things of the world, as plain data.

pub mod log;
pub mod operation;
pub mod project;
pub mod run;
pub mod secret;
pub mod sql;

pub use log::{LogEntry, LogPayload, MonitoredResource, Severity};
pub use operation::{Operation, OperationKind};
pub use project::Project;
pub use run::{
    Attempt, Condition, ConditionState, Counts, EnvSource, EnvVar, Execution, ExecutionReason, Job,
    Overrides, Phase, RunRequest, Task, Template, VpcAccess,
};
pub use secret::{Payload, Replication, Secret, SecretVersion, VersionState};
pub use sql::{BackupRun, SqlAnswer, SqlColumn, SqlInstance, SqlInstanceState, SqlOperation};
