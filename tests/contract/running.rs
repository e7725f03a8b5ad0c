//! Sending a run: once, with its marker, and never believed to be refused when it may have started.

use crate::cloud::{Answers, Cloud, approve, environment, hasty, plan};
use portcullis::adapters::google::{Endpoints, GoogleWorld};
use portcullis::domain::act::Cancellation;
use portcullis::domain::execution::ExecutionState;
use portcullis::domain::failure::FailureKind;
use portcullis::ports::jobs::RunError;
use portcullis::sandbox::world::FaultKind;
use portcullis::sandbox::world::model::SqlAnswer;

const RUN: &str = ":run";

fn idle() -> Answers {
    Answers::of(SqlAnswer::default())
}

#[tokio::test]
async fn a_run_carries_its_arguments_and_its_marker() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    let uat = environment("uat");
    let etag = google.jobs.job(&uat).await.unwrap().etag;
    let started = google
        .jobs
        .run(approve(plan(&uat, &etag)), "01RUN")
        .await
        .unwrap();
    assert_eq!(started.run_id.as_deref(), Some("01RUN"));
    let read = google.jobs.execution(&uat, &started.name).await.unwrap();
    assert_eq!(read.run_id.as_deref(), Some("01RUN"));
    let args: Vec<_> = read.args.iter().map(|arg| arg.raw().to_owned()).collect();
    assert_eq!(args, plan(&uat, "").args);
    assert_eq!(cloud.requests(RUN).len(), 1);
    let newest = google.jobs.executions(&uat, 1, None).await.unwrap();
    assert_eq!(newest.executions[0].name, started.name);
}

#[tokio::test]
async fn a_definition_that_changed_is_stale_and_nothing_starts() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    let uat = environment("uat");
    let before = google.jobs.executions(&uat, 1000, None).await.unwrap();
    let error = google
        .jobs
        .run(approve(plan(&uat, "an old one")), "r")
        .await
        .unwrap_err();
    assert!(
        matches!(&error, RunError::NotStarted(f) if f.kind == FailureKind::Stale),
        "{error:?}"
    );
    assert_eq!(
        google.jobs.executions(&uat, 1000, None).await.unwrap(),
        before
    );
}

#[tokio::test]
async fn a_refusal_is_no_loss() {
    let cloud = Cloud::detached().await;
    cloud.deny("run.jobs.run*");
    let uat = environment("uat");
    let google = cloud.google();
    let etag = google.jobs.job(&uat).await.unwrap().etag;
    let error = google
        .jobs
        .run(approve(plan(&uat, &etag)), "r")
        .await
        .unwrap_err();
    let RunError::NotStarted(failure) = error else {
        panic!("{error:?}")
    };
    assert_eq!(failure.kind, FailureKind::Denied);
    assert!(failure.summary.contains("run.jobs.run"), "{failure}");
    assert!(
        failure.hint.contains("add-iam-policy-binding"),
        "{}",
        failure.hint
    );
}

/// Sends a run into a trouble and returns what became of it, with the number of POSTs.
async fn into(trouble: FaultKind) -> (RunError, usize, bool) {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    let uat = environment("uat");
    let etag = google.jobs.job(&uat).await.unwrap().etag;
    let before = google
        .jobs
        .executions(&uat, 1000, None)
        .await
        .unwrap()
        .executions
        .len();
    // Where nothing will ever answer, only the deadline ends it.
    let mut settings = cloud.settings("", "sandbox");
    if trouble == FaultKind::Hang {
        settings.deadlines = hasty();
    }
    cloud.trouble(RUN, trouble);
    let error = GoogleWorld::connect(settings)
        .jobs
        .run(approve(plan(&uat, &etag)), "01LOST")
        .await
        .unwrap_err();
    let after = google
        .jobs
        .executions(&uat, 1000, None)
        .await
        .unwrap()
        .executions;
    let found = after
        .iter()
        .any(|execution| execution.run_id.as_deref() == Some("01LOST"));
    assert_eq!(found, after.len() > before);
    (error, cloud.requests(RUN).len(), found)
}

#[tokio::test]
async fn a_lost_answer_is_lost_is_sent_once_and_can_be_found() {
    let (error, posts, found) = into(FaultKind::Drop).await;
    assert!(matches!(error, RunError::Lost(_)), "{error:?}");
    assert_eq!((posts, found), (1, true));
}

#[tokio::test]
async fn a_gateway_that_fails_proves_nothing_and_is_asked_once() {
    for trouble in [FaultKind::Unavailable, FaultKind::Html, FaultKind::Hang] {
        let (error, posts, _) = into(trouble.clone()).await;
        let RunError::Lost(failure) = error else {
            panic!("{trouble:?}: {error:?}")
        };
        assert_eq!(failure.kind, FailureKind::Unreachable);
        assert_eq!(posts, 1, "{trouble:?}");
    }
}

#[tokio::test]
async fn a_clear_no_is_no_loss() {
    for (trouble, kind) in [
        (FaultKind::Forbidden, FailureKind::Denied),
        (FaultKind::SignedOut, FailureKind::SignedOut),
        (FaultKind::Exhausted, FailureKind::Unreachable),
    ] {
        let (error, posts, found) = into(trouble).await;
        let RunError::NotStarted(failure) = error else {
            panic!("{error:?}")
        };
        assert_eq!((failure.kind, posts, found), (kind, 1, false));
    }
}

#[tokio::test]
async fn a_refused_connection_sent_nothing() {
    let cloud = Cloud::detached().await;
    let mut settings = cloud.settings("", "sandbox");
    settings.endpoints = Endpoints::all_at(&closed_port()).unwrap();
    let google = GoogleWorld::connect(settings);
    let error = google
        .jobs
        .run(approve(plan(&environment("uat"), "e")), "r")
        .await
        .unwrap_err();
    assert!(
        matches!(&error, RunError::NotStarted(f) if f.kind == FailureKind::Unreachable),
        "{error:?}"
    );
}

/// A port on which nothing listens.
pub(crate) fn closed_port() -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_cancelled_execution_is_not_a_failed_one() {
    let cloud = Cloud::attached(idle()).await;
    let google = cloud.google();
    let uat = environment("uat");
    let etag = google.jobs.job(&uat).await.unwrap().etag;
    let started = google
        .jobs
        .run(approve(plan(&uat, &etag)), "r")
        .await
        .unwrap();
    assert!(!started.state.is_over());
    let cancellation = Cancellation {
        environment: uat.name.clone(),
        tier: uat.tier,
        job: uat.job_resource(),
        execution: started.name.clone(),
    };
    google
        .jobs
        .cancel(approve(cancellation.clone()))
        .await
        .unwrap();
    let now = google.jobs.execution(&uat, &started.name).await.unwrap();
    assert!(
        now.cancelling || now.state == ExecutionState::Cancelled,
        "{now:?}"
    );
    assert_ne!(now.state, ExecutionState::Failed);
}

#[tokio::test]
async fn what_is_over_cannot_be_cancelled() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    let uat = environment("uat");
    let page = google.jobs.executions(&uat, 1000, None).await.unwrap();
    let over = page
        .executions
        .into_iter()
        .find(|found| found.state.is_over())
        .unwrap();
    let cancellation = Cancellation {
        environment: uat.name.clone(),
        tier: uat.tier,
        job: uat.job_resource(),
        execution: over.name,
    };
    let failure = google.jobs.cancel(approve(cancellation)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Stale, "{failure}");
}
