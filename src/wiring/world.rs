//! The real world behind the ports.

use std::sync::Arc;

use secrecy::SecretString;

use portcullis::adapters::google::{Deadlines, Endpoints, GoogleSettings, GoogleWorld};
use portcullis::adapters::migrations::DiskMigrations;
use portcullis::adapters::store::{FileSnapshots, SqliteLedger};
use portcullis::adapters::system::SystemClock;
use portcullis::domain::failure::Failure;
use portcullis::ports::World;

use super::Surroundings;

/// Puts the adapters together; connects nothing yet.
pub(super) fn open(
    surroundings: &Surroundings,
    token: Option<SecretString>,
) -> Result<World, Failure> {
    let Surroundings {
        settings,
        variables,
        state,
    } = surroundings;
    let google = GoogleWorld::connect(GoogleSettings {
        endpoints: Endpoints::resolve(&settings.endpoints, variables)?,
        variables: variables.clone(),
        token: token.map(Arc::new),
        deadlines: Deadlines::default(),
    });
    Ok(World {
        jobs: google.jobs,
        secrets: google.secrets,
        databases: google.databases,
        logs: google.logs,
        identity: google.identity,
        migrations: Arc::new(DiskMigrations::at(settings.migrations.clone())),
        ledger: Arc::new(SqliteLedger::in_folder(state)),
        snapshots: Arc::new(FileSnapshots::of(&settings.environments, state)),
        clock: Arc::new(SystemClock),
    })
}
