//! What the config says, with every default filled in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::environment::{Environment, EnvironmentName};
use super::failure::{Failure, FailureKind};
use super::operation::Operation;
use super::policy::Policies;

/// The name of the ledger that a team shares, where nobody gave it one.
pub const TEAM_LEDGER: &str = "team";

/// Whether a shared ledger may be called so: its name becomes part of others.
pub fn is_ledger_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (1..=40).contains(&name.len()) && name.chars().all(is_plain)
}

/// The whole configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Default Google Cloud project.
    pub project: String,
    /// Default region.
    pub region: String,
    /// Folder with `alembic.ini`, or of revision files; absolute.
    pub migrations: Option<PathBuf>,
    /// Name of the ledger that a team shares, if it is to be written instead of this machine's own.
    pub shared_ledger: Option<String>,
    /// Endpoints by service (`run`, `secretmanager`, `sql`, `logging`, …).
    pub endpoints: BTreeMap<String, String>,
    /// Environments in the order of the file.
    pub environments: Vec<Environment>,
    /// Operations by name, the built-in ones included.
    pub operations: BTreeMap<String, Operation>,
    /// Policies by tier.
    pub policies: Policies,
}

impl Settings {
    /// An environment by name.
    pub fn environment(&self, name: &str) -> Result<&Environment, Failure> {
        self.environments
            .iter()
            .find(|e| e.name.as_str() == name)
            .ok_or_else(|| {
                Failure::new(
                    FailureKind::NotFound,
                    format!("there is no environment `{name}` in the config"),
                    known(
                        "environments",
                        self.environments.iter().map(|e| e.name.as_str()),
                    ),
                )
            })
    }

    /// An operation by name.
    pub fn operation(&self, name: &str) -> Result<&Operation, Failure> {
        self.operations.get(name).ok_or_else(|| {
            Failure::new(
                FailureKind::NotFound,
                format!("there is no operation `{name}`"),
                known("operations", self.operations.keys().map(String::as_str)),
            )
        })
    }

    /// The environments that use a secret.
    pub fn users_of_secret(&self, secret: &str) -> Vec<&EnvironmentName> {
        let uses = |e: &&Environment| e.secret.as_deref() == Some(secret);
        self.environments
            .iter()
            .filter(uses)
            .map(|e| &e.name)
            .collect()
    }
}

fn known<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() {
        return format!("The config has no {what}.");
    }
    format!("The config has these {what}: {}.", names.join(", "))
}
