//! Cloud SQL instances, and probes that read a database.

use async_trait::async_trait;

use crate::domain::backend::Backend;
use crate::domain::database::{Instance, Reading};
use crate::domain::environment::{Environment, ProbeKind};
use crate::domain::failure::Failure;
use crate::domain::gate::Approved;
use crate::domain::sql_operation::{Backup, BackupRun, SqlOperation};

/// Cloud SQL instances and the databases in them.
#[async_trait]
pub trait Databases: Send + Sync {
    /// The instance of an environment, with its last backup and what is being done to it.
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

    /// The newest backups of an environment's instance, the newest first.
    async fn backups(&self, environment: &Environment) -> Result<Vec<BackupRun>, Failure>;

    /// Asks **once** for a backup, with the run id in its description; does not wait for its end.
    /// A passing failure is no proof that none is made: it is looked for among the backups.
    async fn start_backup(&self, backup: Approved<Backup>) -> Result<SqlOperation, Failure>;
}
