//! Environments and how dangerous they are.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The name of an environment, as in the config.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnvironmentName(String);

impl EnvironmentName {
    /// Wraps a name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EnvironmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&super::text::clean(&self.0))
    }
}

impl<T: Into<String>> From<T> for EnvironmentName {
    fn from(name: T) -> Self {
        Self(name.into())
    }
}

/// How dangerous an environment is; gates hang on this, never on a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Anybody may break it.
    Development,
    /// Breaking it costs a colleague an hour.
    Staging,
    /// Breaking it is an incident.
    Production,
}

impl Tier {
    /// All tiers, the least dangerous first.
    pub const ALL: [Self; 3] = [Self::Development, Self::Staging, Self::Production];

    /// The word for it, as in config and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }

    /// The next more dangerous tier; production stays production.
    #[must_use]
    pub fn higher(self) -> Self {
        match self {
            Self::Development => Self::Staging,
            Self::Staging | Self::Production => Self::Production,
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// One way to learn the revision that a database is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeKind {
    /// Cloud SQL `executeSql`.
    DataApi,
    /// The log lines of the last successful runs.
    Logs,
    /// `alembic current` as an execution, after asking.
    Job,
    /// A connection to PostgreSQL from here.
    Direct,
}

impl ProbeKind {
    /// All probes.
    pub const ALL: [Self; 4] = [Self::DataApi, Self::Logs, Self::Job, Self::Direct];

    /// The word for it, as in config and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::DataApi => "data-api",
            Self::Logs => "logs",
            Self::Job => "job",
            Self::Direct => "direct",
        }
    }
}

/// A place of the database as seen from this machine: a proxy, a tunnel, a socket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Direct {
    /// Name or address.
    pub host: Option<String>,
    /// Port.
    pub port: Option<u16>,
    /// Folder with a socket, or with a folder for each instance.
    pub socket: Option<PathBuf>,
}

/// One deployment target: what the config says of it, with the defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Its name.
    pub name: EnvironmentName,
    /// How dangerous it is.
    pub tier: Tier,
    /// Google Cloud project id.
    pub project: String,
    /// Region of the job and of the instance.
    pub region: String,
    /// Cloud Run Job that migrates.
    pub job: String,
    /// Cloud SQL instance; `None` when the config names none.
    pub sql_instance: Option<String>,
    /// Database within the instance.
    pub database: Option<String>,
    /// Secret that holds the database URL.
    pub secret: Option<String>,
    /// Cloud Run services that use the database.
    pub services: Vec<String>,
    /// Probes in the order to try.
    pub probes: Vec<ProbeKind>,
    /// Where the `direct` probe finds the database, when that is not where its URL says.
    #[serde(default)]
    pub direct: Option<Direct>,
    /// Free labels.
    pub labels: BTreeMap<String, String>,
}

impl Environment {
    /// Full resource name of the job, as Google spells it.
    pub fn job_resource(&self) -> String {
        format!(
            "projects/{}/locations/{}/jobs/{}",
            self.project, self.region, self.job
        )
    }
}
