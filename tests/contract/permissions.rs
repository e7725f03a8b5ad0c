//! Permissions and policies, through each service's own official client.

use portcullis::domain::failure::FailureKind;
use portcullis::domain::permission::{READER, Reads, Resource, reads_secret};
use portcullis::sandbox::world::{Denial, FaultKind};

use crate::cloud::{Cloud, environment};

const ACCOUNT: &str = "plant-migrations-uat@waooaw-oauth.iam.gserviceaccount.com";

fn secret() -> Resource {
    Resource::secret("waooaw-oauth", "uat-plant-database-url")
}

fn project() -> Resource {
    Resource::project("waooaw-oauth")
}

#[tokio::test]
async fn what_is_held_is_asked_of_the_service_that_owns_the_resource() {
    let cloud = Cloud::detached().await;
    cloud.deny("run.jobs.runWithOverrides");
    cloud.deny("secretmanager.versions.destroy");
    cloud.deny("cloudsql.backupRuns.create");
    let google = cloud.google();
    let job = Resource::job(&environment("uat"));
    for (resource, asked, held) in [
        (
            job,
            ["run.jobs.run", "run.jobs.runWithOverrides"],
            "run.jobs.run",
        ),
        (
            secret(),
            [
                "secretmanager.versions.enable",
                "secretmanager.versions.destroy",
            ],
            "secretmanager.versions.enable",
        ),
        (
            project(),
            ["cloudsql.backupRuns.create", "cloudsql.instances.get"],
            "cloudsql.instances.get",
        ),
    ] {
        let answer = google.permissions.held(&resource, &asked).await.unwrap();
        assert_eq!(answer, [held], "{resource:?}");
    }
    assert_eq!(cloud.requests(":testIamPermissions").len(), 3);
}

#[tokio::test]
async fn nothing_held_is_an_answer() {
    let cloud = Cloud::detached().await;
    cloud.deny("*");
    let google = cloud.google();
    let held = google.permissions.held(&project(), &["run.jobs.run"]).await;
    assert_eq!(held.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn the_policies_tell_whether_the_jobs_account_reads_its_secret() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    let on_project = google.permissions.policy(&project()).await.unwrap();
    assert_eq!(on_project.inherits, Some(false));
    let judge = async || {
        let on_secret = google.permissions.policy(&secret()).await.unwrap();
        reads_secret(ACCOUNT, Ok(&on_secret), Ok(&on_project))
    };
    assert_eq!(judge().await, Reads::Yes(READER.to_owned()));
    cloud.world.deny(Denial {
        email: Some(ACCOUNT.to_owned()),
        permission: "secretmanager.versions.access".to_owned(),
        resource: "uat-plant".to_owned(),
    });
    assert_eq!(judge().await, Reads::No);
}

#[tokio::test]
async fn a_policy_that_may_not_be_read_is_a_denial_with_a_remedy() {
    let cloud = Cloud::detached().await;
    cloud.deny("secretmanager.secrets.getIamPolicy");
    let failure = cloud
        .google()
        .permissions
        .policy(&secret())
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied);
    assert!(
        failure
            .summary
            .contains("secretmanager.secrets.getIamPolicy"),
        "{failure}"
    );
    assert!(
        failure.hint.contains("roles/iam.securityReviewer"),
        "{}",
        failure.hint
    );
}

#[tokio::test]
async fn a_project_that_may_not_be_looked_at_may_inherit_anything() {
    let cloud = Cloud::detached().await;
    cloud.deny("resourcemanager.projects.get");
    let policy = cloud.google().permissions.policy(&project()).await.unwrap();
    assert_eq!(policy.inherits, None);
    assert!(!policy.bindings.is_empty());
}

#[tokio::test]
async fn a_web_page_is_no_answer() {
    let cloud = Cloud::detached().await;
    cloud.trouble(":testIamPermissions", FaultKind::Html);
    let job = Resource::job(&environment("uat"));
    let google = cloud.google();
    let failure = google
        .permissions
        .held(&job, &["run.jobs.run"])
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
}
