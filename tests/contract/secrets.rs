//! Secrets and their versions; no payload is ever asked for.

use crate::cloud::{Cloud, approve, environment};
use portcullis::domain::act::{SecretChange, SecretVerb};
use portcullis::domain::failure::FailureKind;
use portcullis::domain::secret::{SecretVersion, VersionState};

const PROJECT: &str = "waooaw-oauth";
const SECRET: &str = "prod-plant-database-url";

fn change(version: &SecretVersion, verb: SecretVerb) -> SecretChange {
    let prod = environment("prod");
    SecretChange {
        environment: prod.name,
        tier: prod.tier,
        project: PROJECT.to_owned(),
        secret: SECRET.to_owned(),
        version: version.version,
        etag: version.etag.clone(),
        verb,
    }
}

#[tokio::test]
async fn latest_is_the_newest_version_also_when_it_is_disabled() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    let versions = google.secrets.versions(PROJECT, SECRET).await.unwrap();
    assert!(versions.versions.len() > 1);
    assert!(versions.versions.is_sorted_by(|a, b| a.version > b.version));
    assert_eq!(versions.latest().unwrap().state, VersionState::Disabled);
    assert!(versions.newest_enabled().is_some());
    let names: Vec<_> = google
        .secrets
        .list(PROJECT)
        .await
        .unwrap()
        .into_iter()
        .map(|s| s.name)
        .collect();
    assert!(
        names.contains(&SECRET.to_owned()) && names.is_sorted(),
        "{names:?}"
    );
    assert!(cloud.requests(":access").is_empty());
}

#[tokio::test]
async fn a_version_is_enabled_disabled_and_destroyed() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    let latest = async || {
        let versions = google.secrets.versions(PROJECT, SECRET).await.unwrap();
        versions.latest().unwrap().clone()
    };
    for (verb, state) in [
        (SecretVerb::Enable, VersionState::Enabled),
        (SecretVerb::Disable, VersionState::Disabled),
        (SecretVerb::Destroy, VersionState::Destroyed),
    ] {
        let changed = google
            .secrets
            .change(approve(change(&latest().await, verb)))
            .await
            .unwrap();
        assert_eq!((changed.state, latest().await.state), (state, state));
    }
    assert!(latest().await.destroyed_at.is_some());
}

#[tokio::test]
async fn an_old_etag_is_stale_and_changes_nothing() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    let mut version = google
        .secrets
        .versions(PROJECT, SECRET)
        .await
        .unwrap()
        .latest()
        .unwrap()
        .clone();
    version.etag = "\"0000\"".to_owned();
    let failure = google
        .secrets
        .change(approve(change(&version, SecretVerb::Enable)))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Stale, "{failure}");
    let now = google.secrets.versions(PROJECT, SECRET).await.unwrap();
    assert_eq!(now.latest().unwrap().state, VersionState::Disabled);
}

#[tokio::test]
async fn a_missing_right_is_named_with_the_grant_to_ask_for() {
    let cloud = Cloud::detached().await;
    cloud.deny("secretmanager.versions.list");
    let failure = cloud
        .google()
        .secrets
        .versions(PROJECT, SECRET)
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied);
    assert!(
        failure.summary.contains("secretmanager.versions.list"),
        "{failure}"
    );
    assert!(
        failure.hint.contains("roles/secretmanager.viewer"),
        "{}",
        failure.hint
    );
}

#[tokio::test]
async fn a_secret_that_does_not_exist_is_not_found() {
    let cloud = Cloud::detached().await;
    let failure = cloud
        .google()
        .secrets
        .versions(PROJECT, "nowhere")
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.summary.contains("nowhere"));
}
