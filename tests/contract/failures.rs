//! What a network, a proxy or a permission can do, as seen through the ports.

use std::time::Duration;

use crate::cloud::{Cloud, environment, hasty};
use crate::running::closed_port;
use portcullis::adapters::google::{Endpoints, GoogleSettings, GoogleWorld};
use portcullis::domain::failure::{Failure, FailureKind};
use portcullis::sandbox::world::FaultKind;

/// Longer than any deadline of the tests, and shorter than the minute that the clients wait by themselves.
const GIVEN_UP: Duration = Duration::from_secs(30);

/// Reads one thing of each service.
async fn ask_all(google: &GoogleWorld) -> Vec<Failure> {
    let prod = environment("prod");
    let (job, executions, secret, instance) = futures::join!(
        google.jobs.job(&prod),
        google.jobs.executions(&prod, 5, None),
        google
            .secrets
            .versions("waooaw-oauth", "prod-plant-database-url"),
        google.databases.instance(&prod),
    );
    [job.err(), executions.err(), secret.err(), instance.err()]
        .into_iter()
        .flatten()
        .collect()
}

fn all_are(failures: &[Failure], kind: FailureKind) {
    assert_eq!(failures.len(), 4, "{failures:?}");
    for failure in failures {
        assert_eq!(failure.kind, kind, "{failure:?}");
        assert!(!failure.hint.is_empty(), "{failure:?}");
    }
}

#[tokio::test]
async fn html_is_not_repeated() {
    let cloud = Cloud::detached().await;
    let failures = ask_all(&cloud.google_behind("html")).await;
    all_are(&failures, FailureKind::Unreachable);
    for failure in failures {
        assert!(
            !failure.summary.contains('<') && !failure.summary.contains("nginx"),
            "{failure}"
        );
        assert!(failure.summary.contains("502"), "{failure}");
    }
}

#[tokio::test]
async fn a_denied_read_names_the_permission() {
    let cloud = Cloud::detached().await;
    for permission in ["run.*", "secretmanager.*", "cloudsql.*"] {
        cloud.deny(permission);
    }
    let failures = ask_all(&cloud.google()).await;
    all_are(&failures, FailureKind::Denied);
    assert!(
        failures[0].summary.contains("run.jobs.get"),
        "{}",
        failures[0]
    );
}

#[tokio::test]
async fn an_expired_sign_in_says_how_to_sign_in() {
    let cloud = Cloud::detached().await;
    let google = GoogleWorld::connect(cloud.settings("", "expired"));
    all_are(&ask_all(&google).await, FailureKind::SignedOut);
    let failure = google.identity.identity().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::SignedOut);
}

#[tokio::test]
async fn a_service_that_is_down_for_a_moment_is_asked_again() {
    let cloud = Cloud::detached().await;
    cloud.trouble("secrets", FaultKind::Unavailable);
    let google = cloud.google();
    let failures = ask_all(&google).await;
    assert_eq!(
        failures.len(),
        1,
        "the other services still answer: {failures:?}"
    );
    assert_eq!(failures[0].kind, FailureKind::Unreachable);
    assert_eq!(cloud.requests("/versions").len(), 3);
    cloud.world.faults().clear();
    assert!(ask_all(&google).await.is_empty());
}

#[tokio::test]
async fn a_network_that_hangs_is_given_up_in_time() {
    let cloud = Cloud::detached().await;
    let google = GoogleWorld::connect(GoogleSettings {
        deadlines: hasty(),
        ..cloud.settings("/faults/hang", "sandbox")
    });
    let failures = tokio::time::timeout(GIVEN_UP, ask_all(&google)).await;
    all_are(
        &failures.expect("an answer in time"),
        FailureKind::Unreachable,
    );
}

#[tokio::test]
async fn nobody_at_the_other_end_is_given_up_in_time() {
    let cloud = Cloud::detached().await;
    let mut settings = cloud.settings("", "sandbox");
    settings.endpoints = Endpoints::all_at(&closed_port()).unwrap();
    let google = GoogleWorld::connect(settings);
    let failures = tokio::time::timeout(GIVEN_UP, ask_all(&google)).await;
    all_are(
        &failures.expect("an answer in time"),
        FailureKind::Unreachable,
    );
}
