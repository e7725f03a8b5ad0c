//! Reading the payload of a secret: only for the `direct` probe, whose place in the config is the consent.

use google_cloud_secretmanager_v1::model::SecretPayload;
use secrecy::SecretString;

use super::clients::Clients;
use super::failure::{self, Asked};
use super::wire::short;
use crate::domain::failure::{Failure, FailureKind};

/// A payload and the number of the version that it is of. It has no `Debug`.
pub(super) struct Payload {
    pub(super) version: String,
    pub(super) text: SecretString,
}

/// Reads one version; `version` is a number, an alias or `latest`.
pub(super) async fn access(
    clients: &Clients,
    (project, secret, version): (&str, &str, &str),
) -> Result<Payload, Failure> {
    let asked = Asked {
        doing: format!("reading version {version} of secret {secret} for the direct probe"),
        permission: "secretmanager.versions.access",
        role: "roles/secretmanager.secretAccessor",
        project: project.to_owned(),
        api: "secretmanager.googleapis.com",
        missing: format!(
            "check project and secret in the config; gcloud secrets versions list {secret} --project {project}"
        ),
    };
    let client = clients.secrets().await?;
    let call = client
        .access_secret_version()
        .set_name(format!(
            "projects/{project}/secrets/{secret}/versions/{version}"
        ))
        .send();
    let answer = clients.ask(&asked, call).await?;
    let payload = answer
        .payload
        .ok_or_else(|| failure::nonsense(&asked.doing, "has no payload"))?;
    if !is_intact(&payload) {
        return Err(failure::nonsense(&asked.doing, "does not fit its checksum"));
    }
    let text = std::str::from_utf8(&payload.data).map_err(|_| {
        Failure::new(
            FailureKind::Config,
            format!("version {version} of secret {secret} is no text"),
            "the direct probe needs a database URL in it",
        )
    })?;
    Ok(Payload {
        version: short(&answer.name).to_owned(),
        text: SecretString::from(text),
    })
}

/// Whether the data are what was stored; without a checksum nobody can tell.
fn is_intact(payload: &SecretPayload) -> bool {
    payload
        .data_crc32c
        .is_none_or(|sum| sum == i64::from(crc32c::crc32c(&payload.data)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_that_was_damaged_is_noticed() {
        let sum = i64::from(crc32c::crc32c(b"url"));
        let payload = |data: &'static str, sum: Option<i64>| {
            SecretPayload::new()
                .set_data(data)
                .set_or_clear_data_crc32c(sum)
        };
        assert!(is_intact(&payload("url", Some(sum))));
        assert!(is_intact(&payload("url", None)));
        assert!(!is_intact(&payload("url2", Some(sum))));
        assert!(!is_intact(&payload("url", Some(-1))));
    }
}
