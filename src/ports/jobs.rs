//! Cloud Run Jobs and their executions.

use async_trait::async_trait;

use crate::domain::act::Cancellation;
use crate::domain::environment::Environment;
use crate::domain::execution::{Execution, ExecutionName, ExecutionPage, Task};
use crate::domain::failure::Failure;
use crate::domain::gate::Approved;
use crate::domain::job::Job;
use crate::domain::plan::Plan;

/// Name of the environment variable that carries the run id into an execution.
pub const RUN_ID_VARIABLE: &str = "PORTCULLIS_RUN_ID";

/// Name of the environment variable by which libpq tells the database who connects; a run names
/// itself by [`application_name`](crate::domain::backend::application_name).
pub const DATABASE_NAME_VARIABLE: &str = "PGAPPNAME";

/// Why a run was not confirmed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The server refused it: it did not start.
    #[error(transparent)]
    NotStarted(#[from] Failure),
    /// The answer was lost: it may have started.
    #[error("the answer was lost: {0}")]
    Lost(Failure),
}

/// Cloud Run Jobs.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// The job of an environment.
    async fn job(&self, environment: &Environment) -> Result<Job, Failure>;

    /// Executions of the environment's job, the newest first.
    async fn executions(
        &self,
        environment: &Environment,
        size: u32,
        page: Option<&str>,
    ) -> Result<ExecutionPage, Failure>;

    /// One execution by its short name.
    async fn execution(
        &self,
        environment: &Environment,
        name: &ExecutionName,
    ) -> Result<Execution, Failure>;

    /// The tasks of an execution.
    async fn tasks(
        &self,
        environment: &Environment,
        name: &ExecutionName,
    ) -> Result<Vec<Task>, Failure>;

    /// Sends a run **once**, never again by itself, with the plan's `etag` and
    /// arguments, and the run id in [`RUN_ID_VARIABLE`] and [`DATABASE_NAME_VARIABLE`].
    async fn run(&self, plan: Approved<Plan>, run_id: &str) -> Result<Execution, RunError>;

    /// Asks for cancellation; does not wait for the end.
    async fn cancel(&self, cancellation: Approved<Cancellation>) -> Result<(), Failure>;
}
