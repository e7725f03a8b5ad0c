//! Cloud SQL instances, and probes that read a database.

use async_trait::async_trait;

use crate::domain::backend::Backend;
use crate::domain::database::{Instance, Reading};
use crate::domain::environment::{Environment, ProbeKind};
use crate::domain::failure::Failure;

/// Cloud SQL instances and the databases in them.
#[async_trait]
pub trait Databases: Send + Sync {
    /// The instance of an environment, with its last backup.
    async fn instance(&self, environment: &Environment) -> Result<Instance, Failure>;
    /// Reads `alembic_version` in a **new session** by one probe.
    async fn read(&self, environment: &Environment, probe: ProbeKind) -> Result<Reading, Failure>;
    /// Who else is in the database now, by a probe that has a session with it (`data-api`,
    /// `direct`): what they hold, what they wait for, whom they keep waiting.
    async fn backends(
        &self,
        environment: &Environment,
        probe: ProbeKind,
    ) -> Result<Vec<Backend>, Failure>;
}
