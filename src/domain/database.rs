//! Cloud SQL instances and what a probe found in a database.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::environment::ProbeKind;
use super::revision::RevisionId;
use super::sql_operation::SqlOperation;

/// Maintenance that begins within this time is worth a word: it cuts every connection.
const SOON: SignedDuration = SignedDuration::from_hours(24);

/// State of a Cloud SQL instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceState {
    /// It serves.
    Runnable,
    /// Stopped by its owner.
    Stopped,
    /// Under maintenance.
    Maintenance,
    /// Being made.
    PendingCreate,
    /// Suspended by Google or failed.
    Failed,
    /// A state that is not known here.
    Unknown,
}

impl InstanceState {
    /// The word for it, as in JSON and on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Runnable => "running",
            Self::Stopped => "stopped",
            Self::Maintenance => "maintenance",
            Self::PendingCreate => "pending",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent setting of Cloud SQL"
)]
/// A Cloud SQL instance, as far as a migration depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Short name.
    pub name: String,
    /// Whether it serves.
    pub state: InstanceState,
    /// `POSTGRES_15` and the like.
    pub version: String,
    /// Whether it has a public address.
    pub public_address: bool,
    /// Whether it has an address in a VPC.
    pub private_address: bool,
    /// Whether clients must use TLS or a client certificate.
    pub ssl_required: bool,
    /// Whether it is protected against deletion.
    pub deletion_protection: bool,
    /// Whether daily backups are on.
    pub backups_enabled: bool,
    /// Whether a point in time can be recovered.
    pub point_in_time_recovery: bool,
    /// Whether the Data API may run SQL; `None` when the server does not say.
    pub data_api: Option<bool>,
    /// When its last good backup ended.
    pub last_backup_at: Option<Timestamp>,
    /// When Google will work on it.
    #[serde(default)]
    pub maintenance_at: Option<Timestamp>,
    /// What is being done to it now; `None` when that could not be asked.
    #[serde(default)]
    pub operations: Option<Vec<SqlOperation>>,
}

impl Instance {
    /// Whether only the VPC reaches it.
    pub fn is_private_only(&self) -> bool {
        self.private_address && !self.public_address
    }

    /// How long it is until Google works on it, when that is soon.
    pub fn maintenance_within(&self, now: Timestamp) -> Option<SignedDuration> {
        let left = self.maintenance_at?.duration_since(now);
        (SignedDuration::ZERO..SOON).contains(&left).then_some(left)
    }
}

/// What one probe found out about a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// How it was found out.
    pub probe: ProbeKind,
    /// When.
    pub at: Timestamp,
    /// The rows of `alembic_version`; `None` when the table does not exist.
    pub current: Option<Vec<RevisionId>>,
    /// The tables beside it; `None` when the probe cannot see them, or when rows of
    /// `alembic_version` made the question needless.
    pub tables: Option<Vec<Table>>,
}

impl Reading {
    /// How many other tables there are.
    pub fn table_count(&self) -> Option<u32> {
        let tables = self.tables.as_ref()?;
        Some(u32::try_from(tables.len()).unwrap_or(u32::MAX))
    }

    /// What was found, in words.
    pub fn told(&self) -> String {
        match self.current.as_deref() {
            None => "found no alembic_version".to_owned(),
            Some([]) => "found no revision".to_owned(),
            Some(rows) => {
                let rows: Vec<_> = rows.iter().map(ToString::to_string).collect();
                format!("said {}", rows.join(", "))
            }
        }
    }

    /// Whether there are tables that no `alembic_version` accounts for.
    pub fn is_unversioned(&self) -> bool {
        self.current.is_none() && self.table_count().is_some_and(|count| count > 0)
    }
}

/// A table that somebody made in a database; the server's own and those of extensions are none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Table {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its columns, in their order.
    pub columns: Vec<String>,
}

impl Table {
    /// A table.
    pub fn new(schema: &str, name: &str, columns: &[&str]) -> Self {
        Self {
            schema: schema.to_owned(),
            name: name.to_owned(),
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        }
    }
}
