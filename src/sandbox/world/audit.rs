//! The admin activity log: who changed what. Google writes it always; reads and runs are not in it by default.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde_json::json;

use super::{
    World,
    model::{LogEntry, LogPayload, MonitoredResource, Severity},
    state::State,
};

/// One act of an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act<'a> {
    /// The address of whoever did it.
    pub who: &'a str,
    /// Such as `secretmanager.googleapis.com`.
    pub service: &'a str,
    /// Such as `google.cloud.secretmanager.v1.SecretManagerService.DisableSecretVersion`.
    pub method: &'a str,
    /// The full name of what was changed.
    pub resource: &'a str,
}

impl World {
    /// Writes an act into the admin activity log.
    pub fn record_act(&self, act: &Act<'_>) {
        let now = self.now();
        let entry = entry(&mut self.state(), act, now);
        self.append_entry(entry);
    }
}

/// An act as the log holds it.
pub(super) fn entry(state: &mut State, act: &Act<'_>, at: Timestamp) -> LogEntry {
    let project = &state.project.id;
    let labels = [
        ("method", act.method),
        ("project_id", project),
        ("service", act.service),
    ];
    let labels = labels.map(|(key, value)| (key.to_owned(), value.to_owned()));
    LogEntry {
        timestamp: at,
        received_at: at,
        insert_id: format!("{:016x}", state.dice.roll()),
        severity: Severity::Notice,
        log_name: format!("projects/{project}/logs/cloudaudit.googleapis.com%2Factivity").into(),
        resource: Arc::new(MonitoredResource {
            kind: "audited_resource".to_owned(),
            labels: labels.into(),
        }),
        labels: Arc::new(BTreeMap::new()),
        payload: LogPayload::Proto(json!({
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "serviceName": act.service,
            "methodName": act.method,
            "resourceName": act.resource,
            "authenticationInfo": { "principalEmail": act.who },
        })),
    }
}

/// The entries of acts that lie in the past, for a world that is being made.
pub(super) fn past(state: &mut State, act: &Act<'_>, at: Timestamp) {
    let entry = entry(state, act, at);
    state.log.push(Arc::new(entry));
}
