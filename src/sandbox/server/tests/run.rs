use google_cloud_gax::{error::rpc::Code, paginator::ItemPaginator};
use google_cloud_run_v2::{
    client::{Executions, Jobs, Tasks},
    model::{
        Condition, EnvVar, Execution,
        condition::{Reasons, State},
        execution_reference::CompletionStatus,
        run_job_request::{Overrides, overrides::ContainerOverride},
    },
};

use super::{JOB, Sandbox, client};
use crate::sandbox::world::Denial;

const LOCATION: &str = "projects/waooaw-oauth/locations/asia-south1";

#[tokio::test]
async fn jobs_are_listed_in_pages_and_read() {
    let sandbox = Sandbox::start().await;
    let jobs = client!(Jobs, &sandbox.url);
    let mut items = jobs
        .list_jobs()
        .set_parent(LOCATION)
        .set_page_size(1)
        .by_item();
    let mut names = Vec::new();
    while let Some(job) = items.next().await {
        names.push(job.expect("a job").name);
    }
    assert_eq!(names.len(), sandbox.world.jobs().len());
    let job = jobs.get_job().set_name(JOB).send().await.expect("the job");
    let template = job
        .template
        .expect("a template")
        .template
        .expect("a task template");
    assert_eq!(template.max_retries(), Some(&0));
    assert_eq!(template.timeout.expect("a timeout").seconds(), 600);
    let env = &template.containers[0].env;
    let secret = env
        .iter()
        .find_map(|v| v.value_source()?.secret_key_ref.as_ref())
        .expect("a secret");
    assert_eq!(
        (secret.secret.as_str(), secret.version.as_str()),
        ("uat-plant-database-url", "latest")
    );
    let ready = job.terminal_condition.expect("a condition");
    assert_eq!(
        (ready.r#type.as_str(), ready.state),
        ("Ready", State::ConditionSucceeded)
    );
    let latest = job.latest_created_execution.expect("an execution");
    assert_ne!(latest.completion_status, CompletionStatus::Unspecified);
}

fn overrides() -> Overrides {
    let container = ContainerOverride::new()
        .set_args(["upgrade", "head"])
        .set_env([EnvVar::new().set_name("RUN").set_value("7")]);
    Overrides::new()
        .set_container_overrides([container])
        .set_task_count(1)
        .set_timeout(google_cloud_wkt::Duration::clamp(900, 0))
}

/// The execution that an operation's metadata holds.
fn subject(metadata: Option<&google_cloud_wkt::Any>) -> Execution {
    metadata.expect("metadata").to_msg().expect("an execution")
}

fn completed(execution: &Execution) -> &Condition {
    execution
        .conditions
        .iter()
        .find(|c| c.r#type == "Completed")
        .expect("Completed")
}

#[tokio::test]
async fn a_run_with_overrides_is_followed_to_its_end() {
    let sandbox = Sandbox::start().await;
    let jobs = client!(Jobs, &sandbox.url);
    let etag = jobs
        .get_job()
        .set_name(JOB)
        .send()
        .await
        .expect("the job")
        .etag;
    let run = jobs
        .run_job()
        .set_name(JOB)
        .set_etag(etag)
        .set_overrides(overrides());
    let operation = run.send().await.expect("started");
    let executions = client!(Executions, &sandbox.url);
    let get = executions
        .get_execution()
        .set_name(subject(operation.metadata.as_ref()).name);
    let execution = get.send().await.expect("there");
    assert_eq!(completed(&execution).state, State::ConditionSucceeded);
    assert_eq!(
        (execution.succeeded_count, execution.creator.as_str()),
        (1, "ravi@example.com")
    );
    let container = &execution.template.as_ref().expect("a template").containers[0];
    assert_eq!(container.args, ["upgrade", "head"]);
    assert!(container.image.contains("@sha256:"));
    assert!(container.env.iter().any(|v| v.name == "RUN"));
    let tasks = client!(Tasks, &sandbox.url);
    let tasks = tasks
        .list_tasks()
        .set_parent(&execution.name)
        .send()
        .await
        .expect("tasks")
        .tasks;
    assert_eq!((tasks.len(), tasks[0].retried), (1, 0));
    let done = jobs
        .get_operation()
        .set_name(&operation.name)
        .send()
        .await
        .expect("the operation");
    assert!(done.done && done.response().is_some());
}

#[tokio::test]
async fn a_stale_etag_aborts_and_validation_starts_nothing() {
    let sandbox = Sandbox::start().await;
    let jobs = client!(Jobs, &sandbox.url);
    let before = sandbox.world.executions(None).len();
    let stale = jobs
        .run_job()
        .set_name(JOB)
        .set_etag("\"old\"")
        .send()
        .await
        .expect_err("stale");
    assert_eq!(
        (stale.http_status_code(), code(&stale)),
        (Some(409), Code::Aborted)
    );
    let check = jobs
        .run_job()
        .set_name(JOB)
        .set_validate_only(true)
        .send()
        .await
        .expect("valid");
    assert!(check.done);
    assert_eq!(sandbox.world.executions(None).len(), before);
    let missing = jobs
        .get_job()
        .set_name(format!("{JOB}-x"))
        .send()
        .await
        .expect_err("missing");
    assert_eq!(code(&missing), Code::NotFound);
}

#[tokio::test]
async fn a_running_execution_is_cancelled_once() {
    let sandbox = Sandbox::with_hands().await;
    let jobs = client!(Jobs, &sandbox.url);
    let executions = client!(Executions, &sandbox.url);
    let operation = jobs.run_job().set_name(JOB).send().await.expect("started");
    let name = subject(operation.metadata.as_ref()).name;
    let get = || executions.get_execution().set_name(&name).send();
    let delete = || executions.delete_execution().set_name(&name).send();
    let cancel = || executions.cancel_execution().set_name(&name).send();
    let now = get().await.expect("there");
    assert_eq!((now.running_count, now.completion_time), (1, None));
    assert_eq!(
        code(&delete().await.expect_err("it runs")),
        Code::FailedPrecondition
    );
    cancel().await.expect("cancelled");
    let now = get().await.expect("there");
    let completed = completed(&now);
    assert_eq!(completed.state, State::ConditionFailed);
    let reason = completed.reasons.as_ref().expect("a reason");
    assert!(
        matches!(reason, Reasons::ExecutionReason(reason) if reason.name() == Some("CANCELLED"))
    );
    assert_eq!(
        code(&cancel().await.expect_err("over")),
        Code::FailedPrecondition
    );
    delete().await.expect("deleted");
    assert_eq!(code(&get().await.expect_err("gone")), Code::NotFound);
}

#[tokio::test]
async fn executions_come_newest_first_of_one_job_or_of_all() {
    let sandbox = Sandbox::start().await;
    let executions = client!(Executions, &sandbox.url);
    let mut items = executions
        .list_executions()
        .set_parent(JOB)
        .set_page_size(7)
        .by_item();
    let mut times = Vec::new();
    while let Some(item) = items.next().await {
        let item = item.expect("an execution");
        assert_eq!(item.job, "plant-db-migrations-uat");
        times.push(item.create_time.expect("a time").seconds());
    }
    assert_eq!(
        times.len(),
        sandbox
            .world
            .executions(Some("plant-db-migrations-uat"))
            .len()
    );
    assert!(times.len() > 7 && times.is_sorted_by(|a, b| a >= b));
    let all = executions
        .list_executions()
        .set_parent(format!("{LOCATION}/jobs/-"));
    assert!(all.send().await.expect("all").executions.len() > times.len().min(99));
}

#[tokio::test]
async fn a_permission_that_is_taken_away_is_named() {
    let sandbox = Sandbox::start().await;
    let permission = "run.jobs.run".to_owned();
    sandbox.world.deny(Denial {
        email: None,
        permission,
        resource: "-uat".to_owned(),
    });
    let jobs = client!(Jobs, &sandbox.url);
    let denied = jobs
        .run_job()
        .set_name(JOB)
        .send()
        .await
        .expect_err("denied");
    assert_eq!(code(&denied), Code::PermissionDenied);
    assert!(format!("{denied:?}").contains("IAM_PERMISSION_DENIED"));
    let elsewhere = jobs
        .list_jobs()
        .set_parent("projects/other/locations/asia-south1")
        .send()
        .await;
    assert_eq!(
        code(&elsewhere.expect_err("denied")),
        Code::PermissionDenied
    );
    let asked = ["run.jobs.run", "run.jobs.get"];
    let granted = jobs
        .test_iam_permissions()
        .set_resource(JOB)
        .set_permissions(asked)
        .send()
        .await;
    assert_eq!(granted.expect("an answer").permissions, ["run.jobs.get"]);
}

#[tokio::test]
async fn tokens_are_checked_and_a_lost_answer_is_no_answer() {
    let sandbox = Sandbox::start().await;
    let jobs = client!(Jobs, &sandbox.url, "expired-yesterday");
    let refused = jobs
        .get_job()
        .set_name(JOB)
        .send()
        .await
        .expect_err("expired");
    assert_eq!(code(&refused), Code::Unauthenticated);
    let before = sandbox.world.executions(None).len();
    let jobs = client!(Jobs, sandbox.troubled("drop"));
    let lost = jobs.run_job().set_name(JOB).send().await.expect_err("lost");
    assert!(
        lost.is_io() && lost.http_status_code().is_none(),
        "{lost:?}"
    );
    assert_eq!(
        sandbox.world.executions(None).len(),
        before + 1,
        "it was carried out"
    );
    let jobs = client!(Jobs, sandbox.troubled("exhausted"));
    let limited = jobs
        .get_job()
        .set_name(JOB)
        .send()
        .await
        .expect_err("limited");
    assert_eq!(code(&limited), Code::ResourceExhausted);
    assert!(format!("{limited:?}").contains("RetryInfo"));
    let jobs = client!(Jobs, sandbox.troubled("html"));
    let html = jobs
        .get_job()
        .set_name(JOB)
        .send()
        .await
        .expect_err("a page");
    assert_eq!(
        (html.http_status_code(), html.status().is_none()),
        (Some(502), true)
    );
}

pub(super) fn code(error: &google_cloud_gax::error::Error) -> Code {
    error
        .status()
        .unwrap_or_else(|| panic!("no status: {error:?}"))
        .code
}

#[tokio::test]
async fn a_patch_changes_the_job_and_its_etag() {
    let sandbox = Sandbox::start().await;
    let jobs = client!(Jobs, &sandbox.url);
    let before = jobs.get_job().set_name(JOB).send().await.expect("the job");
    let mut changed = before.clone();
    let template = changed
        .template
        .as_mut()
        .and_then(|template| template.template.as_mut());
    let template = template.expect("a template");
    *template = template.clone().set_max_retries(3);
    let operation = jobs
        .update_job()
        .set_job(changed)
        .send()
        .await
        .expect("changed");
    assert!(operation.done);
    let after = jobs.get_job().set_name(JOB).send().await.expect("the job");
    assert_ne!(after.etag, before.etag);
    let template = after
        .template
        .and_then(|template| template.template)
        .expect("a template");
    assert_eq!(template.max_retries(), Some(&3));
    let stale = jobs
        .update_job()
        .set_job(before)
        .send()
        .await
        .expect_err("stale");
    assert_eq!(code(&stale), Code::Aborted);
}
