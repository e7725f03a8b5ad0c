use google_cloud_gax::{error::rpc::Code, paginator::ItemPaginator};
use google_cloud_logging_v2::{client::LoggingServiceV2, model::log_entry::Payload};

use super::{Sandbox, client, run::code};
use crate::sandbox::world::logs::{Line, Stream};

const PROJECT: &str = "projects/waooaw-oauth";
const EXECUTION: &str = "plant-db-migrations-uat-zzzzz";
const FILTER: &str = r#"resource.type="cloud_run_job" AND labels."run.googleapis.com/execution_name"="plant-db-migrations-uat-zzzzz" AND resource.labels.location="asia-south1""#;

fn line(stream: Stream) -> Line<'static> {
    Line {
        execution: EXECUTION,
        task: 0,
        attempt: 0,
        stream,
    }
}

async fn sandbox() -> Sandbox {
    let sandbox = Sandbox::start().await;
    let lines = (0..25).map(|n| format!("line {n:02}")).collect();
    sandbox.world.append_lines(&line(Stream::Stdout), lines);
    let error = vec!["Container called exit(1).".to_owned()];
    sandbox.world.append_lines(&line(Stream::System), error);
    sandbox
}

async fn texts(logging: &LoggingServiceV2, filter: &str, order: &str) -> Vec<String> {
    let list = logging
        .list_log_entries()
        .set_resource_names([PROJECT])
        .set_filter(filter);
    let mut items = list.set_order_by(order).set_page_size(10).by_item();
    let mut found = Vec::new();
    while let Some(entry) = items.next().await {
        match entry.expect("an entry").payload {
            Some(Payload::TextPayload(text)) => found.push(text),
            other => panic!("no text: {other:?}"),
        }
    }
    found
}

#[tokio::test]
async fn the_log_of_one_execution_comes_in_order_and_in_pages() {
    let sandbox = sandbox().await;
    let logging = client!(LoggingServiceV2, &sandbox.url);
    let oldest_first = texts(&logging, FILTER, "timestamp asc").await;
    assert_eq!(oldest_first.len(), 26);
    assert!(oldest_first[..25].is_sorted());
    let mut newest_first = texts(&logging, FILTER, "timestamp desc").await;
    newest_first.reverse();
    assert_eq!(newest_first, oldest_first);
    let errors = texts(&logging, &format!("{FILTER} severity>=ERROR"), "").await;
    assert_eq!(errors, ["Container called exit(1)."]);
    let later = texts(
        &logging,
        &format!("{FILTER} timestamp>\"2999-01-01T00:00:00Z\""),
        "",
    )
    .await;
    assert!(later.is_empty());
}

#[tokio::test]
async fn new_entries_do_not_shift_a_page() {
    let sandbox = sandbox().await;
    let logging = client!(LoggingServiceV2, &sandbox.url);
    let ask = || {
        let list = logging
            .list_log_entries()
            .set_resource_names([PROJECT])
            .set_filter(FILTER);
        list.set_order_by("timestamp desc").set_page_size(2)
    };
    let first = ask().send().await.expect("a page");
    sandbox
        .world
        .append_lines(&line(Stream::Stdout), vec!["late".to_owned()]);
    let second = ask()
        .set_page_token(first.next_page_token)
        .send()
        .await
        .expect("a page");
    let text = second.entries[0].text_payload().expect("a text");
    assert_eq!(text, "line 23");
}

#[tokio::test]
async fn a_bad_question_is_refused_with_its_place() {
    let sandbox = Sandbox::start().await;
    let logging = client!(LoggingServiceV2, &sandbox.url);
    let ask = || logging.list_log_entries().set_resource_names([PROJECT]);
    let bad = ask()
        .set_filter("severity>=")
        .send()
        .await
        .expect_err("bad");
    assert_eq!(code(&bad), Code::InvalidArgument);
    assert!(
        bad.status()
            .expect("a status")
            .message
            .contains("line 1, column 11")
    );
    assert!(ask().set_order_by("severity").send().await.is_err());
    assert!(ask().set_page_token("nonsense").send().await.is_err());
    assert!(logging.list_log_entries().send().await.is_err());
    let other = logging
        .list_log_entries()
        .set_resource_names(["projects/other"])
        .send()
        .await;
    assert_eq!(code(&other.expect_err("denied")), Code::PermissionDenied);
}
