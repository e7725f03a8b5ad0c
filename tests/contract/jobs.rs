//! Jobs, executions and tasks as they are read.

use crate::cloud::{Cloud, environment};
use portcullis::domain::execution::{ExecutionName, ExecutionState};
use portcullis::domain::failure::FailureKind;
use portcullis::domain::job::{Egress, EnvValue};

#[tokio::test]
async fn a_job_is_read_with_all_that_a_migration_depends_on() {
    let cloud = Cloud::detached().await;
    let job = cloud.google().jobs.job(&environment("prod")).await.unwrap();
    assert_eq!(job.name, "plant-db-migrations-prod");
    assert!(!job.etag.is_empty());
    assert_eq!((job.max_retries, job.task_count), (0, 1));
    assert!(
        matches!(job.egress, Egress::Connector { .. } | Egress::Direct { .. }),
        "{:?}",
        job.egress
    );
    assert_eq!(
        job.cloud_sql_instances,
        ["waooaw-oauth:asia-south1:plant-sql-prod"]
    );
    let url = job
        .env
        .iter()
        .find(|binding| binding.name == "DATABASE_URL")
        .unwrap();
    let expected = EnvValue::Secret {
        secret: "prod-plant-database-url".to_owned(),
        version: "latest".to_owned(),
    };
    assert_eq!(url.value, expected);
    assert_eq!(
        cloud
            .google()
            .jobs
            .job(&environment("demo"))
            .await
            .unwrap()
            .max_retries,
        3
    );
}

#[tokio::test]
async fn executions_come_newest_first_and_in_pages() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    let prod = environment("prod");
    let all = google.jobs.executions(&prod, 1000, None).await.unwrap();
    assert!(all.executions.len() > 3 && all.next.is_none());
    assert!(
        all.executions
            .is_sorted_by(|a, b| a.created_at >= b.created_at)
    );
    let mut paged = Vec::new();
    let mut page = google.jobs.executions(&prod, 2, None).await.unwrap();
    loop {
        assert!(page.executions.len() <= 2);
        paged.append(&mut page.executions);
        let Some(next) = page.next else { break };
        page = google.jobs.executions(&prod, 2, Some(&next)).await.unwrap();
    }
    assert_eq!(paged, all.executions);
}

#[tokio::test]
async fn one_execution_and_its_tasks_are_read_by_name() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    let prod = environment("prod");
    let listed = google
        .jobs
        .executions(&prod, 1000, None)
        .await
        .unwrap()
        .executions;
    for execution in &listed {
        let one = google.jobs.execution(&prod, &execution.name).await.unwrap();
        assert_eq!(&one, execution);
        assert_eq!(one.job, prod.job);
        assert_eq!(one.state.is_over(), one.completed_at.is_some(), "{one:?}");
    }
    let failed = listed
        .iter()
        .find(|found| found.state == ExecutionState::Failed && !found.timed_out);
    let tasks = google
        .jobs
        .tasks(&prod, &failed.unwrap().name)
        .await
        .unwrap();
    assert_eq!(tasks[0].index, 0);
    assert!(
        tasks[0].exit_code.is_some_and(|code| code != 0),
        "{tasks:?}"
    );
}

#[tokio::test]
async fn what_does_not_exist_is_not_found_and_says_where_to_look() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    let mut lost = environment("prod");
    lost.job = "no-such-job".to_owned();
    let failure = google.jobs.job(&lost).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.summary.contains("no-such-job"), "{failure}");
    assert!(
        failure.hint.contains("gcloud run jobs list"),
        "{}",
        failure.hint
    );
    let name = ExecutionName::new("no-such-execution");
    let failure = google
        .jobs
        .execution(&environment("prod"), &name)
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn a_name_that_cannot_be_one_never_reaches_the_wire() {
    let cloud = Cloud::detached().await;
    let mut odd = environment("prod");
    odd.job = "a/b".to_owned();
    let failure = cloud.google().jobs.job(&odd).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Config);
    assert!(cloud.requests("").is_empty());
}

#[tokio::test]
async fn every_request_is_counted_and_signed_with_our_name() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    google.jobs.job(&environment("prod")).await.unwrap();
    google.secrets.list("waooaw-oauth").await.unwrap();
    let seen = cloud.requests("");
    assert_eq!(google.traffic.total(), seen.len() as u64);
    assert!(
        seen.iter()
            .all(|request| request.agent.starts_with("portcullis/")),
        "{seen:?}"
    );
}
