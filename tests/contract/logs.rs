//! The log of one execution.

use crate::cloud::{Cloud, environment};
use portcullis::domain::execution::Execution;
use portcullis::domain::failure::FailureKind;
use portcullis::domain::logs::LogQuery;

fn query(execution: &Execution) -> LogQuery {
    let prod = environment("prod");
    LogQuery {
        project: prod.project,
        region: prod.region,
        job: prod.job,
        execution: execution.name.as_str().to_owned(),
        since: Some(execution.created_at),
        page: None,
    }
}

#[tokio::test]
async fn the_log_of_an_execution_is_its_own_and_in_order() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    let page = google
        .jobs
        .executions(&environment("prod"), 1000, None)
        .await
        .unwrap();
    let mut lines = 0;
    for execution in &page.executions {
        let log = google.logs.read(&query(execution)).await.unwrap();
        assert!(log.lines.is_sorted_by_key(|line| line.at));
        assert!(log.lines.iter().all(|line| line.at >= execution.created_at));
        let ids: std::collections::BTreeSet<_> = log
            .lines
            .iter()
            .map(|line| (line.at, line.insert_id.clone()))
            .collect();
        assert_eq!(
            ids.len(),
            log.lines.len(),
            "a line can be told from every other"
        );
        lines += log.lines.len();
    }
    assert!(lines > 0);
    let mut other = query(&page.executions[0]);
    other.execution = "somebody-elses".to_owned();
    assert!(google.logs.read(&other).await.unwrap().lines.is_empty());
}

#[tokio::test]
async fn the_quota_of_the_log_is_a_passing_failure() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    let page = google
        .jobs
        .executions(&environment("prod"), 1, None)
        .await
        .unwrap();
    cloud.trouble("entries", portcullis::sandbox::world::FaultKind::Exhausted);
    let failure = google
        .logs
        .read(&query(&page.executions[0]))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(
        failure.kind.is_passing() && failure.summary.contains("quota"),
        "{failure}"
    );
}
