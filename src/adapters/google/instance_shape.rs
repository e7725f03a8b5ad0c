//! Cloud SQL instances and backups, from the wire.

use google_cloud_sql_v1::model;
use google_cloud_sql_v1::model::database_instance::SqlInstanceState;
use google_cloud_sql_v1::model::ip_configuration::SslMode;
use google_cloud_sql_v1::model::operation::SqlOperationStatus;
use google_cloud_sql_v1::model::settings::{DataApiAccess, SqlActivationPolicy};
use jiff::Timestamp;

use super::wire::time;
use crate::domain::database::{Instance, InstanceState};
use crate::domain::sql_operation::{BackupRun, BackupState, SqlOperation, SqlWork};

/// An instance as we know it, still without its backups.
pub(super) fn instance(wire: &model::DatabaseInstance) -> Instance {
    let settings = wire.settings.clone().unwrap_or_default();
    let network = settings.ip_configuration.clone().unwrap_or_default();
    let backups = settings.backup_configuration.clone().unwrap_or_default();
    let has = |kind| {
        wire.ip_addresses
            .iter()
            .any(|address| address.r#type == kind)
    };
    Instance {
        name: wire.name.clone(),
        state: state(&wire.state, &settings.activation_policy),
        version: wire.database_version.name().unwrap_or("unknown").to_owned(),
        public_address: network.ipv4_enabled.unwrap_or(false)
            || has(model::SqlIpAddressType::Primary),
        private_address: !network.private_network.is_empty()
            || network
                .psc_config
                .as_ref()
                .is_some_and(|psc| psc.psc_enabled == Some(true))
            || has(model::SqlIpAddressType::Private),
        ssl_required: network.require_ssl.unwrap_or(false)
            || matches!(
                network.ssl_mode,
                SslMode::EncryptedOnly | SslMode::TrustedClientCertificateRequired
            ),
        deletion_protection: settings.deletion_protection_enabled.unwrap_or(false),
        backups_enabled: backups.enabled.unwrap_or(false),
        point_in_time_recovery: backups.point_in_time_recovery_enabled.unwrap_or(false),
        data_api: settings.data_api_access.as_ref().and_then(data_api),
        last_backup_at: None,
        maintenance_at: wire
            .scheduled_maintenance
            .as_ref()
            .and_then(|planned| time(planned.start_time.as_ref())),
        operations: None,
    }
}

/// An operation as we know it.
pub(super) fn operation(wire: &model::Operation) -> SqlOperation {
    SqlOperation {
        name: wire.name.clone(),
        work: work(wire.operation_type.name().unwrap_or_default()),
        user: wire.user.as_str().into(),
        since: time(wire.start_time.as_ref()).or_else(|| time(wire.insert_time.as_ref())),
        done: wire.status == SqlOperationStatus::Done,
        backup: wire
            .backup_context
            .as_ref()
            .map(|context| context.backup_id),
    }
}

fn work(kind: &str) -> SqlWork {
    match kind {
        "BACKUP_VOLUME" | "BACKUP" | "SNAPSHOT" | "ADVANCED_BACKUP" | "ENHANCED_BACKUP" => {
            SqlWork::Backup
        }
        "RESTORE_VOLUME" => SqlWork::Restore,
        "MAINTENANCE" | "CLUSTER_MAINTENANCE" | "SELF_SERVICE_MAINTENANCE" => SqlWork::Maintenance,
        "FAILOVER" | "SWITCHOVER" | "SWITCHOVER_TO_REPLICA" => SqlWork::Failover,
        "RESTART" | "AUTO_RESTART" => SqlWork::Restart,
        "UPDATE" | "MAJOR_VERSION_UPGRADE" => SqlWork::Update,
        _ => SqlWork::Other,
    }
}

/// A backup as we know it.
pub(super) fn backup(wire: &model::BackupRun) -> BackupRun {
    use model::SqlBackupRunStatus as Status;
    BackupRun {
        id: wire.id,
        state: match wire.status {
            Status::Enqueued | Status::Running | Status::Overdue => BackupState::Running,
            Status::Successful => BackupState::Successful,
            Status::Failed | Status::Skipped => BackupState::Failed,
            _ => BackupState::Unknown,
        },
        description: wire.description.as_str().into(),
        ended_at: time(wire.end_time.as_ref()),
    }
}

/// When the last good backup ended.
pub(super) fn last_backup(runs: &[BackupRun]) -> Option<Timestamp> {
    runs.iter()
        .filter(|run| run.state == BackupState::Successful)
        .filter_map(|run| run.ended_at)
        .max()
}

/// A stopped instance is still runnable on the wire; its activation policy tells.
fn state(wire: &SqlInstanceState, policy: &SqlActivationPolicy) -> InstanceState {
    match wire {
        SqlInstanceState::Runnable if *policy == SqlActivationPolicy::Never => {
            InstanceState::Stopped
        }
        SqlInstanceState::Runnable => InstanceState::Runnable,
        SqlInstanceState::PendingCreate => InstanceState::PendingCreate,
        SqlInstanceState::Maintenance => InstanceState::Maintenance,
        SqlInstanceState::Suspended | SqlInstanceState::Failed => InstanceState::Failed,
        _ => InstanceState::Unknown,
    }
}

fn data_api(wire: &DataApiAccess) -> Option<bool> {
    match wire {
        DataApiAccess::AllowDataApi => Some(true),
        DataApiAccess::DisallowDataApi => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(wire: Value) -> Instance {
        instance(&serde_json::from_value(wire).unwrap())
    }

    #[test]
    fn a_private_instance_is_private_only() {
        let found = read(json!({
            "name": "plant-sql-prod", "state": "RUNNABLE", "databaseVersion": "POSTGRES_15",
            "ipAddresses": [{"type": "PRIVATE", "ipAddress": "10.0.0.3"}],
            "settings": {
                "activationPolicy": "ALWAYS", "dataApiAccess": "ALLOW_DATA_API",
                "deletionProtectionEnabled": true,
                "ipConfiguration": {"ipv4Enabled": false, "privateNetwork": "n", "sslMode": "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"},
                "backupConfiguration": {"enabled": true, "pointInTimeRecoveryEnabled": true},
            },
        }));
        assert!(found.is_private_only() && found.ssl_required && found.backups_enabled);
        assert_eq!(
            (found.state, found.version.as_str()),
            (InstanceState::Runnable, "POSTGRES_15")
        );
        assert_eq!(found.data_api, Some(true));
    }

    #[test]
    fn a_stopped_instance_is_told_by_its_policy() {
        let stopped = read(json!({"state": "RUNNABLE", "settings": {"activationPolicy": "NEVER"}}));
        assert_eq!(stopped.state, InstanceState::Stopped);
        assert_eq!(
            read(json!({"state": "DREAMING"})).state,
            InstanceState::Unknown
        );
        assert_eq!(read(json!({"state": "RUNNABLE"})).data_api, None);
    }

    #[test]
    fn only_a_good_backup_counts() {
        let runs: Vec<model::BackupRun> = serde_json::from_value(json!([
            {"status": "FAILED", "endTime": "2026-11-03T00:00:00Z"},
            {"status": "SUCCESSFUL", "endTime": "2026-11-02T00:00:00Z"},
            {"status": "SUCCESSFUL", "endTime": "2026-11-01T00:00:00Z"},
            {"status": "RUNNING"},
        ]))
        .unwrap();
        let runs: Vec<_> = runs.iter().map(backup).collect();
        assert_eq!(
            last_backup(&runs),
            Some("2026-11-02T00:00:00Z".parse().unwrap())
        );
        assert_eq!(last_backup(&[]), None);
    }
}
