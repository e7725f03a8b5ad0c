//! Secrets and their versions as Secret Manager v1 writes them; never a payload.

use serde_json::{Value, json};

use super::super::wire::{Choice, EnumStyle, Message};
use crate::sandbox::world::model::{Project, Replication, Secret, SecretVersion, VersionState};

/// Writes the secrets of one project, in one enum style.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) project: &'a Project,
    pub(super) enums: EnumStyle,
}

impl View<'_> {
    /// The full name of a secret; Google writes the project's number.
    pub(super) fn secret_name(self, secret: &str) -> String {
        format!("projects/{}/secrets/{secret}", self.project.number)
    }

    /// The full name of a version.
    pub(super) fn version_name(self, secret: &str, number: u64) -> String {
        format!("{}/versions/{number}", self.secret_name(secret))
    }

    /// A secret.
    pub(super) fn secret(self, secret: &Secret) -> Value {
        let aliases: Value = secret
            .aliases
            .iter()
            .map(|(alias, to)| (alias.clone(), json!(to.to_string())))
            .collect();
        Message::new()
            .put("name", self.secret_name(&secret.id))
            .put("replication", replication(&secret.replication))
            .time("createTime", secret.created_at)
            .labels("labels", &secret.labels)
            .put("etag", secret.etag.as_str())
            .put("versionAliases", aliases)
            .labels("annotations", &secret.annotations)
            .done()
    }

    /// A version.
    pub(super) fn version(self, secret: &Secret, version: &SecretVersion) -> Value {
        Message::new()
            .put("name", self.version_name(&secret.id, version.number))
            .time("createTime", version.created_at)
            .time("destroyTime", version.destroyed_at)
            .put("state", self.enums.value(state(version.state)))
            .put("replicationStatus", replication(&secret.replication))
            .put("etag", version.etag.as_str())
            .put("clientSpecifiedPayloadChecksum", version.checksum_given)
            .done()
    }
}

fn state(state: VersionState) -> Choice {
    match state {
        VersionState::Enabled => ("ENABLED", 1),
        VersionState::Disabled => ("DISABLED", 2),
        VersionState::Destroyed => ("DESTROYED", 3),
    }
}

/// The policy and its status have the same shape.
fn replication(replication: &Replication) -> Value {
    match replication {
        Replication::Automatic => json!({ "automatic": {} }),
        Replication::UserManaged(regions) => {
            let replicas: Vec<Value> = regions
                .iter()
                .map(|region| json!({ "location": region }))
                .collect();
            json!({ "userManaged": { "replicas": replicas } })
        }
    }
}
