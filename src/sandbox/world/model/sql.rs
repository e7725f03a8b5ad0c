//! Cloud SQL: instances, their operations, their backups, and answers of the Data API.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::refusal::Status;

/// The state of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SqlInstanceState {
    /// Running, or stopped by its owner: see the activation policy.
    Runnable,
    /// Suspended, for example for billing.
    Suspended,
    /// Being worked on.
    Maintenance,
    /// Being made.
    PendingCreate,
    /// Broken.
    Failed,
}

impl SqlInstanceState {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Runnable => "RUNNABLE",
            Self::Suspended => "SUSPENDED",
            Self::Maintenance => "MAINTENANCE",
            Self::PendingCreate => "PENDING_CREATE",
            Self::Failed => "FAILED",
        }
    }
}

/// A Cloud SQL instance for PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlInstance {
    /// The name, such as `plant-sql-prod`.
    pub name: String,
    /// The environment whose databases it holds, such as `prod`.
    pub environment: String,
    /// Its state.
    pub state: SqlInstanceState,
    /// `ALWAYS`, or `NEVER` when somebody stopped it.
    pub activation_policy: String,
    /// Such as `POSTGRES_15`.
    pub database_version: String,
    /// Such as `db-custom-2-7680`.
    pub tier: String,
    /// `ZONAL` or `REGIONAL`.
    pub availability: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it has a public address; never, in this world.
    pub ipv4_enabled: bool,
    /// The network that its private address is in.
    pub private_network: String,
    /// The private address.
    pub private_ip: String,
    /// Such as `TRUSTED_CLIENT_CERTIFICATE_REQUIRED`.
    pub ssl_mode: String,
    /// Whether nightly backups are on.
    pub backup_enabled: bool,
    /// When they begin, `HH:MM` in UTC.
    pub backup_start: String,
    /// Whether a point in time may be restored.
    pub point_in_time_recovery: bool,
    /// Days for which that is possible.
    pub transaction_log_retention_days: u32,
    /// Backups kept.
    pub retained_backups: u32,
    /// Whether it may be deleted.
    pub deletion_protection: bool,
    /// Whether `executeSql` is allowed.
    pub data_api_access: bool,
    /// Disk size in GiB.
    pub disk_gib: u64,
    /// Counts changes of the settings.
    pub settings_version: u64,
    /// The user labels.
    pub labels: BTreeMap<String, String>,
    /// The databases on it.
    pub databases: Vec<String>,
    /// When Google will work on it.
    #[serde(default)]
    pub maintenance_at: Option<Timestamp>,
    /// Changes with every change.
    pub etag: String,
}

/// One operation on an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlOperation {
    /// A UUID.
    pub id: String,
    /// The instance.
    pub instance: String,
    /// Such as `BACKUP_VOLUME`, `UPDATE`, `CREATE`.
    pub kind: String,
    /// `PENDING`, `RUNNING` or `DONE`.
    pub status: String,
    /// Who asked for it.
    pub user: String,
    /// When it was asked for.
    pub inserted_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it will end, for one that goes on.
    #[serde(default)]
    pub due_at: Option<Timestamp>,
    /// The backup that it makes, for `BACKUP_VOLUME`.
    pub backup: Option<i64>,
    /// How it failed; of one that goes on, how it will.
    pub error: Option<Status>,
}

/// One backup of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupRun {
    /// Milliseconds since the epoch, as on the real thing.
    pub id: i64,
    /// The instance.
    pub instance: String,
    /// `AUTOMATED` or `ON_DEMAND`.
    pub kind: String,
    /// `ENQUEUED`, `RUNNING`, `SUCCESSFUL`, `FAILED`.
    pub status: String,
    /// When it was asked for.
    pub enqueued_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What its maker said.
    pub description: String,
    /// Where it is kept.
    pub location: String,
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlColumn {
    /// Its name.
    pub name: String,
    /// Its type, in PostgreSQL's words.
    pub kind: String,
}

/// What the Data API answers: columns and rows, or the database's own error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SqlAnswer {
    /// The columns of the last statement that gave any.
    pub columns: Vec<SqlColumn>,
    /// Its rows; `None` is SQL's NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// Whether rows were left out.
    pub partial: bool,
    /// Rows changed, for statements that give none.
    pub affected: u64,
    /// How long it took.
    pub took: Duration,
    /// The database's error, which comes inside of a successful answer.
    pub error: Option<Status>,
}
