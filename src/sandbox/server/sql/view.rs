//! Instances, operations, backups and answers as Cloud SQL Admin writes them.

use serde_json::{Value, json};

use super::super::wire::{Choice, EnumStyle, Message, duration};
use crate::sandbox::world::model::{BackupRun, Project, SqlAnswer, SqlInstance, SqlOperation};

const STATES: [Choice; 5] = [
    ("RUNNABLE", 1),
    ("SUSPENDED", 2),
    ("PENDING_CREATE", 4),
    ("MAINTENANCE", 5),
    ("FAILED", 6),
];
const ACTIVATION: [Choice; 3] = [("ALWAYS", 1), ("NEVER", 2), ("ON_DEMAND", 3)];
const AVAILABILITY: [Choice; 2] = [("ZONAL", 1), ("REGIONAL", 2)];
const SSL_MODES: [Choice; 3] = [
    ("ALLOW_UNENCRYPTED_AND_ENCRYPTED", 1),
    ("ENCRYPTED_ONLY", 2),
    ("TRUSTED_CLIENT_CERTIFICATE_REQUIRED", 3),
];
const OPERATION_STATES: [Choice; 3] = [("PENDING", 1), ("RUNNING", 2), ("DONE", 3)];
const BACKUP_STATES: [Choice; 4] = [
    ("ENQUEUED", 1),
    ("RUNNING", 3),
    ("FAILED", 4),
    ("SUCCESSFUL", 5),
];
const BACKUP_KINDS: [Choice; 2] = [("AUTOMATED", 1), ("ON_DEMAND", 2)];
const OPERATION_KINDS: [Choice; 9] = [
    ("CREATE", 3),
    ("UPDATE", 4),
    ("DELETE", 5),
    ("RESTART", 6),
    ("BACKUP_VOLUME", 9),
    ("RESTORE_VOLUME", 11),
    ("CREATE_USER", 19),
    ("CREATE_DATABASE", 22),
    ("FAILOVER", 25),
];
const VERSIONS: [Choice; 7] = [
    ("POSTGRES_12", 19),
    ("POSTGRES_13", 23),
    ("POSTGRES_14", 110),
    ("POSTGRES_15", 172),
    ("POSTGRES_16", 272),
    ("POSTGRES_17", 408),
    ("POSTGRES_18", 557),
];

/// Writes the instances of one project, in one enum style.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) project: &'a Project,
    pub(super) enums: EnumStyle,
}

impl View<'_> {
    fn link(self, rest: &str) -> String {
        format!(
            "https://sqladmin.googleapis.com/sql/v1beta4/projects/{}/{rest}",
            self.project.id
        )
    }

    /// An instance.
    pub(super) fn instance(self, instance: &SqlInstance) -> Value {
        let Project {
            id, number, region, ..
        } = self.project;
        let name = instance.name.as_str();
        let address = json!({
            "type": self.enums.value(("PRIVATE", 3)),
            "ipAddress": instance.private_ip,
        });
        Message::new()
            .put("kind", "sql#instance")
            .put("state", self.enums.named(&STATES, instance.state.name()))
            .put(
                "databaseVersion",
                self.enums.named(&VERSIONS, &instance.database_version),
            )
            .put("settings", self.settings(instance))
            .put("etag", instance.etag.as_str())
            .put("ipAddresses", json!([address]))
            .put("instanceType", self.enums.value(("CLOUD_SQL_INSTANCE", 1)))
            .put("project", id.as_str())
            .put("backendType", self.enums.value(("SECOND_GEN", 2)))
            .put("selfLink", self.link(&format!("instances/{name}")))
            .put("connectionName", format!("{id}:{region}:{name}"))
            .put("name", name)
            .put("region", region.as_str())
            .put("gceZone", format!("{region}-a"))
            .put(
                "serviceAccountEmailAddress",
                format!("p{number}-sql@gcp-sa-cloud-sql.iam.gserviceaccount.com"),
            )
            .put(
                "databaseInstalledVersion",
                instance.database_version.as_str(),
            )
            .time("createTime", instance.created_at)
            .put(
                "scheduledMaintenance",
                instance
                    .maintenance_at
                    .map(|at| json!({ "startTime": at.to_string(), "canReschedule": true })),
            )
            .put(
                "sqlNetworkArchitecture",
                self.enums.value(("NEW_NETWORK_ARCHITECTURE", 1)),
            )
            .done()
    }

    fn settings(self, instance: &SqlInstance) -> Value {
        let data_api = if instance.data_api_access {
            ("ALLOW_DATA_API", 2)
        } else {
            ("DISALLOW_DATA_API", 1)
        };
        let ip = Message::new()
            .always("ipv4Enabled", instance.ipv4_enabled)
            .put("privateNetwork", instance.private_network.as_str())
            .put(
                "requireSsl",
                instance.ssl_mode == "TRUSTED_CLIENT_CERTIFICATE_REQUIRED",
            )
            .put("sslMode", self.enums.named(&SSL_MODES, &instance.ssl_mode))
            .done();
        Message::new()
            .put("kind", "sql#settings")
            .long("settingsVersion", instance.settings_version)
            .put("tier", instance.tier.as_str())
            .labels("userLabels", &instance.labels)
            .put(
                "availabilityType",
                self.enums.named(&AVAILABILITY, &instance.availability),
            )
            .put("pricingPlan", self.enums.value(("PER_USE", 2)))
            .put(
                "activationPolicy",
                self.enums.named(&ACTIVATION, &instance.activation_policy),
            )
            .put("ipConfiguration", ip)
            .put("dataDiskType", self.enums.value(("PD_SSD", 1)))
            .put("backupConfiguration", self.backup_configuration(instance))
            .long("dataDiskSizeGb", instance.disk_gib)
            .always("deletionProtectionEnabled", instance.deletion_protection)
            .put("edition", self.enums.value(("ENTERPRISE", 2)))
            .put("dataApiAccess", self.enums.value(data_api))
            .done()
    }

    fn backup_configuration(self, instance: &SqlInstance) -> Value {
        Message::new()
            .put("kind", "sql#backupConfiguration")
            .put("startTime", instance.backup_start.as_str())
            .always("enabled", instance.backup_enabled)
            .always(
                "pointInTimeRecoveryEnabled",
                instance.point_in_time_recovery,
            )
            .put(
                "transactionLogRetentionDays",
                instance.transaction_log_retention_days,
            )
            .put(
                "backupRetentionSettings",
                json!({
                    "retentionUnit": self.enums.value(("COUNT", 1)),
                    "retainedBackups": instance.retained_backups,
                }),
            )
            .done()
    }

    /// An operation.
    pub(super) fn operation(self, operation: &SqlOperation) -> Value {
        let backup = operation
            .backup
            .map(|id| json!({ "kind": "sql#backupContext", "backupId": id.to_string() }));
        let over = operation.ended_at.is_some();
        let error = operation.error.as_ref().filter(|_| over).map(|error| {
            json!({ "kind": "sql#operationErrors", "errors": [{
                "kind": "sql#operationError", "code": error.code.name(), "message": error.message,
            }] })
        });
        Message::new()
            .put("kind", "sql#operation")
            .put(
                "targetLink",
                self.link(&format!("instances/{}", operation.instance)),
            )
            .put(
                "status",
                self.enums.named(&OPERATION_STATES, &operation.status),
            )
            .put("user", operation.user.as_str())
            .time("insertTime", operation.inserted_at)
            .time("startTime", operation.started_at)
            .time("endTime", operation.ended_at)
            .put("error", error)
            .put(
                "operationType",
                self.enums.named(&OPERATION_KINDS, &operation.kind),
            )
            .put("backupContext", backup)
            .put("name", operation.id.as_str())
            .put("targetId", operation.instance.as_str())
            .put(
                "selfLink",
                self.link(&format!("operations/{}", operation.id)),
            )
            .put("targetProject", self.project.id.as_str())
            .done()
    }

    /// A backup.
    pub(super) fn backup(self, backup: &BackupRun) -> Value {
        Message::new()
            .put("kind", "sql#backupRun")
            .put("status", self.enums.named(&BACKUP_STATES, &backup.status))
            .time("enqueuedTime", backup.enqueued_at)
            .long("id", backup.id)
            .time("startTime", backup.started_at)
            .time("endTime", backup.ended_at)
            .put("type", self.enums.named(&BACKUP_KINDS, &backup.kind))
            .put("description", backup.description.as_str())
            .time("windowStartTime", backup.enqueued_at)
            .put("instance", backup.instance.as_str())
            .put(
                "selfLink",
                self.link(&format!(
                    "instances/{}/backupRuns/{}",
                    backup.instance, backup.id
                )),
            )
            .put("location", backup.location.as_str())
            .put("backupKind", self.enums.value(("SNAPSHOT", 1)))
            .done()
    }
}

/// What the Data API answers; the database's own error stands inside.
pub(super) fn answer(answer: &SqlAnswer) -> Value {
    let columns: Vec<Value> = answer
        .columns
        .iter()
        .map(|c| json!({ "name": c.name, "type": c.kind }))
        .collect();
    let rows: Vec<Value> = answer.rows.iter().map(|row| row_value(row)).collect();
    let status = answer
        .error
        .as_ref()
        .map(|error| json!({ "code": error.code.number(), "message": error.message }));
    let result = Message::new()
        .put("columns", columns)
        .put("rows", rows)
        .put("partialResult", answer.partial)
        .put("message", affected(answer))
        .put("status", status.clone())
        .done();
    Message::new()
        .put(
            "metadata",
            json!({ "sqlStatementExecutionTime": duration(answer.took) }),
        )
        .put("results", json!([result]))
        .put("status", status)
        .done()
}

fn affected(answer: &SqlAnswer) -> String {
    if answer.columns.is_empty() && answer.error.is_none() {
        format!("Statement executed. {} row(s) affected.", answer.affected)
    } else {
        String::new()
    }
}

fn row_value(row: &[Option<String>]) -> Value {
    let cell = |cell: &Option<String>| match cell {
        Some(text) => json!({ "value": text }),
        None => json!({ "nullValue": true }),
    };
    json!({ "values": row.iter().map(cell).collect::<Vec<_>>() })
}
