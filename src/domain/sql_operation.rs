//! What Cloud SQL does to an instance, and the backups that it makes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::act::Act;
use super::digest::Digest;
use super::environment::{EnvironmentName, Tier};
use super::operation::Risk;
use super::text::RemoteText;

/// What an operation does to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SqlWork {
    /// A backup is made.
    Backup,
    /// A backup is put back.
    Restore,
    /// Google works on it.
    Maintenance,
    /// Its standby takes over.
    Failover,
    /// It is started again.
    Restart,
    /// Its settings change, which may start it again.
    Update,
    /// Another one.
    Other,
}

impl SqlWork {
    /// What is going on, for a person.
    pub fn words(self) -> &'static str {
        match self {
            Self::Backup => "a backup is made",
            Self::Restore => "a backup is put back",
            Self::Maintenance => "maintenance is under way",
            Self::Failover => "a failover is under way",
            Self::Restart => "it is started again",
            Self::Update => "its settings are changed",
            Self::Other => "an operation is under way",
        }
    }
}

/// One operation of Cloud SQL on an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlOperation {
    /// Its name.
    pub name: String,
    /// What it does.
    pub work: SqlWork,
    /// Who asked for it.
    pub user: RemoteText,
    /// When it began, or was asked for.
    pub since: Option<Timestamp>,
    /// Whether it is over.
    pub done: bool,
    /// The backup that it makes.
    pub backup: Option<i64>,
}

/// How far a backup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupState {
    /// It waits, or is being made.
    Running,
    /// It can be restored.
    Successful,
    /// It cannot.
    Failed,
    /// A state that is not known here.
    Unknown,
}

/// One backup of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupRun {
    /// Its number.
    pub id: i64,
    /// How far it is.
    pub state: BackupState,
    /// What its maker said of it.
    pub description: RemoteText,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl BackupRun {
    /// Whether it is the one that this run has asked for.
    pub fn is_of(&self, run_id: &str) -> bool {
        self.description.raw() == description(run_id)
    }
}

/// The description of the backup that a run asks for: by it a backup is found whose answer was lost.
pub fn description(run_id: &str) -> String {
    format!("portcullis {run_id}")
}

/// A backup that a run takes before it starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Environment whose instance it is.
    pub environment: EnvironmentName,
    /// How dangerous that environment is.
    pub tier: Tier,
    /// Google Cloud project of the instance.
    pub project: String,
    /// The instance, by its short name.
    pub instance: String,
    /// The run.
    pub run_id: String,
}

impl Act for Backup {
    fn digest(&self) -> Digest {
        Digest::of(self)
    }

    fn environment(&self) -> &EnvironmentName {
        &self.environment
    }

    fn tier(&self) -> Tier {
        self.tier
    }

    fn risk(&self) -> Risk {
        Risk::Change
    }

    fn verb(&self) -> &'static str {
        "backup"
    }

    fn target(&self) -> Option<String> {
        None
    }
}
