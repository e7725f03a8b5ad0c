//! Secret Manager through the official client; no payload is ever read here (see `payload`).

use std::sync::Arc;

use async_trait::async_trait;
use google_cloud_gax::options::RequestOptionsBuilder as _;
use google_cloud_gax::paginator::ItemPaginator as _;
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_secretmanager_v1::model;
use google_cloud_secretmanager_v1::model::secret_version::State;
use jiff::Timestamp;

use super::clients::Clients;
use super::failure::{self, Asked};
use super::jobs::redeem;
use super::wire::{short, time};
use crate::domain::act::{SecretChange, SecretVerb};
use crate::domain::failure::Failure;
use crate::domain::gate::Approved;
use crate::domain::secret::{Secret, SecretVersion, SecretVersions, VersionNumber, VersionState};
use crate::ports::secrets::Secrets;

/// Secret Manager.
pub(super) struct SecretManager {
    clients: Arc<Clients>,
}

/// The most entries on a page.
const PAGE: i32 = 250;

impl SecretManager {
    pub(super) fn new(clients: Arc<Clients>) -> Self {
        Self { clients }
    }

    async fn send(
        &self,
        asked: &Asked,
        change: SecretChange,
    ) -> Result<model::SecretVersion, Failure> {
        let client = self.clients.secrets().await?;
        let deadline = self.clients.deadlines().send;
        let name = format!(
            "projects/{}/secrets/{}/versions/{}",
            change.project, change.secret, change.version.0
        );
        macro_rules! send {
            ($call:ident) => {{
                let call = client
                    .$call()
                    .set_name(name)
                    .set_etag(change.etag)
                    .with_retry_policy(NeverRetry)
                    .with_attempt_timeout(deadline)
                    .send();
                self.clients.ask(asked, call).await
            }};
        }
        match change.verb {
            SecretVerb::Enable => send!(enable_secret_version),
            SecretVerb::Disable => send!(disable_secret_version),
            SecretVerb::Destroy => send!(destroy_secret_version),
        }
    }
}

#[async_trait]
impl Secrets for SecretManager {
    async fn list(&self, project: &str) -> Result<Vec<Secret>, Failure> {
        let asked = asked(
            project,
            format!("listing the secrets of {project}"),
            "secretmanager.secrets.list",
        );
        let client = self.clients.secrets().await?;
        let mut items = client
            .list_secrets()
            .set_parent(format!("projects/{project}"))
            .set_page_size(PAGE)
            .by_item();
        let all = async {
            let mut secrets = Vec::new();
            while let Some(item) = items.next().await {
                secrets.push(secret(item?));
            }
            Ok(secrets)
        };
        let mut secrets = self.clients.ask(&asked, all).await?;
        secrets.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(secrets)
    }

    async fn versions(&self, project: &str, secret: &str) -> Result<SecretVersions, Failure> {
        let asked = asked(
            project,
            format!("reading secret {secret}"),
            "secretmanager.versions.list",
        );
        let client = self.clients.secrets().await?;
        let mut items = client
            .list_secret_versions()
            .set_parent(format!("projects/{project}/secrets/{secret}"))
            .set_page_size(PAGE)
            .by_item();
        let all = async {
            let mut versions = Vec::new();
            while let Some(item) = items.next().await {
                versions.extend(version(&item?));
            }
            Ok(versions)
        };
        let mut versions = self.clients.ask(&asked, all).await?;
        versions.sort_by_key(|version| std::cmp::Reverse(version.version));
        Ok(SecretVersions {
            secret: secret.to_owned(),
            versions,
        })
    }

    async fn change(&self, change: Approved<SecretChange>) -> Result<SecretVersion, Failure> {
        let change = redeem(change)?;
        let permission = match change.verb {
            SecretVerb::Enable => "secretmanager.versions.enable",
            SecretVerb::Disable => "secretmanager.versions.disable",
            SecretVerb::Destroy => "secretmanager.versions.destroy",
        };
        let doing = format!(
            "{} of {} {}",
            change.verb.word(),
            change.secret,
            change.version
        );
        let mut asked = asked(&change.project, doing, permission);
        asked.role = "roles/secretmanager.secretVersionManager";
        let wire = self.send(&asked, change).await?;
        version(&wire).ok_or_else(|| failure::nonsense(&asked.doing, "names no version"))
    }
}

fn asked(project: &str, doing: String, permission: &'static str) -> Asked {
    Asked {
        doing,
        permission,
        role: "roles/secretmanager.viewer",
        project: project.to_owned(),
        api: "secretmanager.googleapis.com",
        missing: format!(
            "check project and secret in the config; gcloud secrets list --project {project}"
        ),
    }
}

fn secret(wire: model::Secret) -> Secret {
    Secret {
        name: short(&wire.name).to_owned(),
        created_at: time(wire.create_time.as_ref()),
        labels: wire.labels.into_iter().collect(),
    }
}

/// A version; `None` when its name does not end in a number.
fn version(wire: &model::SecretVersion) -> Option<SecretVersion> {
    Some(SecretVersion {
        version: VersionNumber(short(&wire.name).parse().ok()?),
        state: match wire.state {
            State::Enabled => VersionState::Enabled,
            State::Disabled => VersionState::Disabled,
            State::Destroyed => VersionState::Destroyed,
            _ => VersionState::Unknown,
        },
        created_at: time(wire.create_time.as_ref()).unwrap_or(Timestamp::UNIX_EPOCH),
        destroyed_at: time(wire.destroy_time.as_ref()),
        etag: wire.etag.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_state_that_is_not_known_is_not_enabled() {
        let read = |state: serde_json::Value| {
            let wire = json!({"name": "projects/1/secrets/s/versions/7", "state": state});
            version(&serde_json::from_value(wire).unwrap()).unwrap()
        };
        assert_eq!(read(json!("ENABLED")).state, VersionState::Enabled);
        assert_eq!(read(json!(2)).state, VersionState::Disabled);
        assert_eq!(read(json!("DESTROYED")).state, VersionState::Destroyed);
        assert_eq!(read(json!("ASLEEP")).state, VersionState::Unknown);
        assert_eq!(read(json!("ENABLED")).version, VersionNumber(7));
    }
}
