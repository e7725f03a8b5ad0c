//! The traits that the world must satisfy. Every method that changes something
//! takes an [`Approved`](crate::domain::gate::Approved) act by value.

pub mod clock;
pub mod databases;
pub mod identity;
pub mod jobs;
pub mod keys;
pub mod ledger;
pub mod logs;
pub mod migrations;
pub mod permissions;
pub mod secrets;
pub mod snapshots;

use std::sync::Arc;

/// Everything of the outside world that the use cases need.
#[derive(Clone)]
pub struct World {
    /// Cloud Run Jobs.
    pub jobs: Arc<dyn jobs::Jobs>,
    /// Secret Manager.
    pub secrets: Arc<dyn secrets::Secrets>,
    /// Cloud SQL and the probes.
    pub databases: Arc<dyn databases::Databases>,
    /// Cloud Logging.
    pub logs: Arc<dyn logs::Logs>,
    /// Who is signed in.
    pub identity: Arc<dyn identity::Identities>,
    /// What the caller may do, and who has which role.
    pub permissions: Arc<dyn permissions::Permissions>,
    /// The migration directory.
    pub migrations: Arc<dyn migrations::Migrations>,
    /// The record.
    pub ledger: Arc<dyn ledger::Ledger>,
    /// Which record that is.
    pub ledgers: Arc<dyn ledger::Ledgers>,
    /// What Portcullis keeps for itself.
    pub keys: Arc<dyn keys::Keys>,
    /// What was last seen.
    pub snapshots: Arc<dyn snapshots::Snapshots>,
    /// The time, and waiting.
    pub clock: Arc<dyn clock::Clock>,
}
