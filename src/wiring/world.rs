//! The real world behind the ports.

use std::sync::Arc;

use secrecy::SecretString;

use portcullis::adapters::google::{Deadlines, Endpoints, GoogleSettings};
use portcullis::adapters::{self, RealWorld};
use portcullis::domain::failure::Failure;

use super::Surroundings;

/// Puts the adapters together; connects nothing yet.
pub(super) fn open(
    surroundings: &Surroundings,
    token: Option<SecretString>,
) -> Result<RealWorld, Failure> {
    let Surroundings {
        settings,
        variables,
        state,
    } = surroundings;
    Ok(adapters::world(adapters::Settings {
        google: GoogleSettings {
            endpoints: Endpoints::resolve(&settings.endpoints, variables)?,
            variables: variables.clone(),
            token: token.map(Arc::new),
            deadlines: Deadlines::default(),
        },
        state: state.clone(),
        migrations: settings.migrations.clone(),
        environments: settings.environments.clone(),
    }))
}
