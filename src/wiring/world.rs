//! The real world behind the ports.

use std::sync::Arc;

use secrecy::SecretString;

use portcullis::adapters::google::{Deadlines, Endpoints, GoogleSettings};
use portcullis::adapters::keys::KeySettings;
use portcullis::adapters::{self, RealWorld};
use portcullis::domain::failure::Failure;

use super::Surroundings;

/// Where keys may be kept. Whoever brings a token of its own is the sandbox, which holds nothing
/// that is worth a place in a keyring.
pub(super) fn keys(surroundings: &Surroundings, keyring: bool) -> KeySettings {
    KeySettings {
        state: surroundings.state.clone(),
        variables: surroundings.variables.clone(),
        keyring,
        ask: surroundings.ask.clone(),
    }
}

/// Puts the adapters together; connects nothing yet.
pub(super) fn open(
    surroundings: &Surroundings,
    token: Option<SecretString>,
) -> Result<RealWorld, Failure> {
    let Surroundings {
        settings,
        variables,
        state,
        ..
    } = surroundings;
    let is_sandbox = token.is_some();
    Ok(adapters::world(adapters::Settings {
        google: GoogleSettings {
            endpoints: Endpoints::resolve(&settings.endpoints, variables)?,
            variables: variables.clone(),
            token: token.map(Arc::new),
            deadlines: Deadlines::default(),
        },
        state: state.clone(),
        shared_ledger: settings.shared_ledger.clone(),
        keys: keys(surroundings, !is_sandbox),
        migrations: settings.migrations.clone(),
        environments: settings.environments.clone(),
    }))
}
