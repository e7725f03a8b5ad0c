//! Who is signed in, by which credential, and what happens when nobody is.

use std::path::Path;
use std::time::Duration;

use crate::cloud::{Cloud, environment};
use portcullis::adapters::google::{GoogleSettings, GoogleWorld};
use portcullis::adapters::variables::Variables;
use portcullis::domain::failure::FailureKind;

fn with(cloud: &Cloud, variables: &[(&str, &Path)]) -> GoogleWorld {
    let pairs = variables
        .iter()
        .map(|(name, path)| (*name, path.to_str().unwrap()));
    GoogleWorld::connect(GoogleSettings {
        token: None,
        variables: Variables::new(pairs),
        ..cloud.settings("", "")
    })
}

fn write_adc(cloud: &Cloud, folder: &Path, refresh_token: &str) {
    let json = serde_json::json!({
        "type": "authorized_user", "client_id": "id", "client_secret": "secret",
        "refresh_token": refresh_token, "token_uri": format!("{}/token", cloud.url),
    });
    std::fs::write(
        folder.join("application_default_credentials.json"),
        json.to_string(),
    )
    .unwrap();
}

#[tokio::test]
async fn a_static_token_is_enough() {
    let cloud = Cloud::detached().await;
    let google = GoogleWorld::connect(cloud.settings("", "user:ines@example.com"));
    let identity = google.identity.identity().await.unwrap();
    assert_eq!(identity.email.as_deref(), Some("ines@example.com"));
    assert!(!identity.credential.contains("user:"));
}

#[tokio::test]
async fn a_token_that_nobody_renews_tells_when_it_ends() {
    let cloud = Cloud::detached().await;
    let google = GoogleWorld::connect(GoogleSettings {
        token: None,
        variables: Variables::new([("CLOUDSDK_AUTH_ACCESS_TOKEN", "user:ines@example.com")]),
        ..cloud.settings("", "")
    });
    let identity = google.identity.identity().await.unwrap();
    assert_eq!(identity.email.as_deref(), Some("ines@example.com"));
    assert!(identity.expires_at > Some(jiff::Timestamp::now()));
    assert_eq!(
        cloud.google().identity.identity().await.unwrap().expires_at,
        None
    );
}

#[tokio::test]
async fn a_token_file_is_followed() {
    let cloud = Cloud::detached().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let google = with(&cloud, &[("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", &file)]);
    assert_eq!(
        google.identity.identity().await.unwrap_err().kind,
        FailureKind::SignedOut
    );
    std::fs::write(&file, "user:a@example.com").unwrap();
    assert_eq!(
        google.identity.identity().await.unwrap().email.as_deref(),
        Some("a@example.com")
    );
    std::fs::write(&file, "user:second@example.com").unwrap();
    assert_eq!(
        google.identity.identity().await.unwrap().email.as_deref(),
        Some("second@example.com")
    );
    google.jobs.job(&environment("prod")).await.unwrap();
}

#[tokio::test]
async fn application_default_credentials_are_found_where_gcloud_puts_them() {
    let cloud = Cloud::detached().await;
    let folder = tempfile::tempdir().unwrap();
    write_adc(&cloud, folder.path(), "user:ines@example.com");
    let google = with(&cloud, &[("CLOUDSDK_CONFIG", folder.path())]);
    google.jobs.job(&environment("prod")).await.unwrap();
    assert_eq!(
        google.identity.identity().await.unwrap().email.as_deref(),
        Some("ines@example.com")
    );
}

#[tokio::test]
async fn a_withdrawn_sign_in_says_so_and_a_new_one_is_used_at_once() {
    let cloud = Cloud::detached().await;
    let folder = tempfile::tempdir().unwrap();
    write_adc(&cloud, folder.path(), "expired");
    let google = with(&cloud, &[("CLOUDSDK_CONFIG", folder.path())]);
    for _ in 0..2 {
        let failure = google.jobs.job(&environment("prod")).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::SignedOut, "{failure}");
        assert_eq!(failure.hint, "gcloud auth application-default login");
    }
    assert_eq!(
        google.identity.identity().await.unwrap_err().kind,
        FailureKind::SignedOut
    );
    write_adc(&cloud, folder.path(), "user:ines@example.com");
    google.jobs.job(&environment("prod")).await.unwrap();
}

#[tokio::test]
async fn without_a_sign_in_the_answer_comes_at_once() {
    let cloud = Cloud::detached().await;
    let folder = tempfile::tempdir().unwrap();
    let google = with(&cloud, &[("HOME", folder.path())]);
    let asked = tokio::time::timeout(Duration::from_secs(10), async {
        let job = google.jobs.job(&environment("prod")).await;
        (
            job.unwrap_err(),
            google.identity.identity().await.unwrap_err(),
        )
    });
    let (job, identity) = asked.await.expect("an answer in time");
    assert_eq!(job, identity);
    assert_eq!(job.kind, FailureKind::SignedOut);
    assert_eq!(job.hint, "gcloud auth application-default login");
    assert!(cloud.requests("").is_empty());
}
