//! Executions that somebody started elsewhere become entries, once each.

use crate::scene::Scene;
use std::io::{Read, Write};
use std::net::TcpStream;

/// Starts an execution as another tool would: without a marker.
fn run_elsewhere(scene: &Scene, args: &str) {
    let address = scene.sandbox.url().trim_start_matches("http://").to_owned();
    let path = "/v2/projects/waooaw-oauth/locations/asia-south1/jobs/plant-db-migrations-uat:run";
    let body = format!("{{\"overrides\":{{\"containerOverrides\":[{{\"args\":{args}}}]}}}}");
    let mut stream = TcpStream::connect(&address).expect("the sandbox");
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer sandbox\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

fn seen(scene: &Scene) -> Vec<serde_json::Value> {
    let mut entries = scene.entries();
    entries.retain(|entry| entry["kind"] == "seen");
    entries
}

#[test]
fn a_run_from_elsewhere_is_recorded_once_and_only_into_a_ledger_that_is() {
    let scene = Scene::new();
    run_elsewhere(&scene, r#"["database/seed_data.py"]"#);
    scene.executions("uat");
    assert_eq!(scene.entries(), Vec::<serde_json::Value>::new());

    // The first entry begins the ledger; what was before is none of its business.
    scene.run(&["run", "current", "-e", "demo"]).expect_code(0);
    scene.executions("uat");
    assert_eq!(seen(&scene).len(), 0);

    run_elsewhere(&scene, r#"["-m","alembic","upgrade","+1"]"#);
    run_elsewhere(&scene, r#"["-m","alembic","current"]"#);
    for _ in 0..2 {
        scene.executions("uat");
    }
    let entries = seen(&scene);
    assert_eq!(entries.len(), 1, "{entries:#?}");
    assert_eq!(entries[0]["operation"], "upgrade");
    assert_eq!(entries[0]["environment"], "uat");
    assert!(entries[0]["execution"].is_string());

    // Runs of ours are none from elsewhere.
    scene.run(&["run", "current", "-e", "uat"]).expect_code(0);
    scene.executions("uat");
    assert_eq!(seen(&scene).len(), 1);
    scene.assert_sound();
}
