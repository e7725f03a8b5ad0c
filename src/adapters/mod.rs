//! The real world behind the ports: Google Cloud, the stores, the system.
#![expect(
    clippy::disallowed_methods,
    reason = "this is a layer with side effects: files, the network, the clock"
)]

mod checkout;
mod database;
mod files;
pub mod gcloud;
mod git;
pub mod google;
pub mod keys;
pub mod ledgers;
mod migrations;
pub mod proxies;
pub mod store;
pub mod system;
pub mod variables;

use std::path::PathBuf;
use std::sync::Arc;

pub use migrations::DiskMigrations;

use crate::domain::environment::Environment;
use crate::ports::World;
use google::{GoogleSettings, GoogleWorld, Traffic};
use keys::{KeySettings, SystemKeys};
use ledgers::ChosenLedger;
use store::FileSnapshots;
use system::SystemClock;

/// What the real world needs to know.
#[derive(Clone)]
pub struct Settings {
    /// Google Cloud.
    pub google: GoogleSettings,
    /// Where the ledger and the snapshots are kept.
    pub state: PathBuf,
    /// The migration directory, if the config names one.
    pub migrations: Option<PathBuf>,
    /// The name of the shared ledger, if the config expects one.
    pub shared_ledger: Option<String>,
    /// Where keys may be kept.
    pub keys: KeySettings,
    /// The environments, for which one snapshot is kept.
    pub environments: Vec<Environment>,
}

/// The real world, and how many requests were sent to it.
pub struct RealWorld {
    /// The ports.
    pub world: World,
    /// Requests sent so far.
    pub traffic: Arc<Traffic>,
}

/// Puts the real world together. Nothing is asked, opened or read yet.
pub fn world(settings: Settings) -> RealWorld {
    let google = GoogleWorld::connect(settings.google);
    let keys = Arc::new(SystemKeys::new(settings.keys));
    let ledger = Arc::new(ChosenLedger::new(
        settings.state.clone(),
        settings.shared_ledger,
        Arc::clone(&keys),
    ));
    let world = World {
        jobs: google.jobs,
        secrets: google.secrets,
        databases: google.databases,
        logs: google.logs,
        identity: google.identity,
        permissions: google.permissions,
        migrations: Arc::new(DiskMigrations::at(settings.migrations)),
        ledger: Arc::clone(&ledger) as _,
        ledgers: ledger,
        keys,
        snapshots: Arc::new(FileSnapshots::of(&settings.environments, &settings.state)),
        clock: Arc::new(SystemClock),
    };
    RealWorld {
        world,
        traffic: google.traffic,
    }
}
