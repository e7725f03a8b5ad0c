use google_cloud_gax::error::rpc::Code;
use google_cloud_secretmanager_v1::{
    client::SecretManagerService,
    model::{SecretPayload, secret_version::State},
};

use super::{Sandbox, client, run::code};

const PROJECT: &str = "projects/waooaw-oauth";
const PROD: &str = "projects/waooaw-oauth/secrets/prod-plant-database-url";
const UAT: &str = "projects/waooaw-oauth/secrets/uat-plant-database-url";

#[tokio::test]
async fn secrets_and_versions_are_listed_and_filtered() {
    let sandbox = Sandbox::start().await;
    let secrets = client!(SecretManagerService, &sandbox.url);
    let all = secrets
        .list_secrets()
        .set_parent(PROJECT)
        .send()
        .await
        .expect("secrets");
    assert_eq!(
        usize::try_from(all.total_size),
        Ok(sandbox.world.secrets().len())
    );
    let some = secrets
        .list_secrets()
        .set_parent(PROJECT)
        .set_filter("name:prod-plant-database");
    let some = some.send().await.expect("secrets").secrets;
    assert_eq!(some.len(), 1);
    assert!(some[0].name.ends_with("/secrets/prod-plant-database-url"));
    let versions = secrets
        .list_secret_versions()
        .set_parent(PROD)
        .send()
        .await
        .expect("versions");
    let states: Vec<State> = versions.versions.iter().map(|v| v.state.clone()).collect();
    assert_eq!(states, [State::Disabled, State::Enabled, State::Destroyed]);
    let enabled = secrets
        .list_secret_versions()
        .set_parent(PROD)
        .set_filter("state:ENABLED");
    assert_eq!(enabled.send().await.expect("versions").versions.len(), 1);
    let bad = secrets
        .list_secrets()
        .set_parent(PROJECT)
        .set_filter("name:(")
        .send()
        .await;
    assert_eq!(code(&bad.expect_err("bad")), Code::InvalidArgument);
}

#[tokio::test]
async fn latest_is_the_newest_even_when_it_is_disabled() {
    let sandbox = Sandbox::start().await;
    let secrets = client!(SecretManagerService, &sandbox.url);
    let latest = format!("{PROD}/versions/latest");
    let version = secrets
        .get_secret_version()
        .set_name(&latest)
        .send()
        .await
        .expect("there");
    assert_eq!(version.state, State::Disabled);
    let refused = secrets
        .access_secret_version()
        .set_name(&latest)
        .send()
        .await;
    let refused = refused.expect_err("disabled");
    assert_eq!(code(&refused), Code::FailedPrecondition);
    assert!(
        refused
            .status()
            .expect("a status")
            .message
            .contains("is in DISABLED state")
    );
    let stale = secrets
        .enable_secret_version()
        .set_name(&version.name)
        .set_etag("\"old\"");
    assert_eq!(code(&stale.send().await.expect_err("stale")), Code::Aborted);
    let enable = secrets
        .enable_secret_version()
        .set_name(&version.name)
        .set_etag(version.etag);
    assert_eq!(enable.send().await.expect("enabled").state, State::Enabled);
    let payload = secrets
        .access_secret_version()
        .set_name(&latest)
        .send()
        .await
        .expect("open");
    assert_eq!(payload.name, version.name);
    let payload = payload.payload.expect("a payload");
    assert_eq!(
        payload.data_crc32c,
        Some(i64::from(crc32c::crc32c(&payload.data)))
    );
}

#[tokio::test]
async fn a_version_is_added_with_its_checksum_and_destroyed_for_good() {
    let sandbox = Sandbox::start().await;
    let secrets = client!(SecretManagerService, &sandbox.url);
    let payload = |sum: i64| {
        SecretPayload::new()
            .set_data("postgresql://new")
            .set_data_crc32c(sum)
    };
    let wrong = secrets
        .add_secret_version()
        .set_parent(UAT)
        .set_payload(payload(1))
        .send()
        .await;
    assert_eq!(code(&wrong.expect_err("wrong sum")), Code::InvalidArgument);
    let sum = i64::from(crc32c::crc32c(b"postgresql://new"));
    let added = secrets
        .add_secret_version()
        .set_parent(UAT)
        .set_payload(payload(sum))
        .send()
        .await;
    let added = added.expect("added");
    assert!(added.client_specified_payload_checksum && added.name.ends_with("/versions/3"));
    secrets
        .disable_secret_version()
        .set_name(&added.name)
        .send()
        .await
        .expect("disabled");
    let gone = secrets
        .destroy_secret_version()
        .set_name(&added.name)
        .send()
        .await
        .expect("gone");
    assert!(gone.state == State::Destroyed && gone.destroy_time.is_some());
    let back = secrets
        .enable_secret_version()
        .set_name(&added.name)
        .send()
        .await;
    assert_eq!(code(&back.expect_err("for good")), Code::FailedPrecondition);
    let access = secrets
        .access_secret_version()
        .set_name(&added.name)
        .send()
        .await;
    assert!(format!("{:?}", access.expect_err("gone")).contains("DESTROYED"));
    let missing = secrets
        .get_secret_version()
        .set_name(format!("{UAT}/versions/99"))
        .send()
        .await;
    assert_eq!(code(&missing.expect_err("missing")), Code::NotFound);
}
