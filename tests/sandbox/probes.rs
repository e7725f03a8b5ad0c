//! What the probes make of real runs, and what happens when they contradict each other.

use crate::support::{Finished, Sandbox};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};

/// The program on this sandbox, with these probes for uat.
fn with_probes(sandbox: &Sandbox, probes: &str, arguments: &[&str]) -> Finished {
    let config = sandbox.config().replace(
        "[environments.uat]\n",
        &format!("[environments.uat]\nprobes = {probes}\n"),
    );
    let config = sandbox.home().write("probes.toml", &config);
    let mut command = sandbox.home().portcullis(arguments);
    command
        .env("CLOUDSDK_AUTH_ACCESS_TOKEN", "sandbox")
        .arg("--config")
        .arg(config)
        .args(["--format", "json"]);
    Finished::of(&mut command)
}

#[track_caller]
fn migrations(sandbox: &Sandbox, probes: &str) -> Value {
    let status = with_probes(sandbox, probes, &["status", "uat"]).expect_code(0);
    status.json()["environments"][0].clone()
}

#[test]
fn the_job_probe_tells_what_the_last_look_saw_and_never_looks_by_itself() {
    let sandbox = Sandbox::start();
    let before = migrations(&sandbox, "[\"job\"]");
    assert_eq!(before["migrations"]["state"], "unknown", "{before}");
    let problems = before["problems"].to_string();
    assert!(
        problems.contains("portcullis run current -e uat"),
        "{problems}"
    );
    sandbox
        .run(&["run", "current", "-e", "uat", "--yes"])
        .expect_code(0);
    let status = migrations(&sandbox, "[\"job\"]");
    let told = status["migrations"].clone();
    let read = migrations(&sandbox, "[\"data-api\"]")["migrations"].clone();
    assert_eq!(told["source"], "job", "{told}");
    assert_eq!(told["current"], read["current"], "{told} {read}");
    let completed = &status["last_execution"]["completed_at"];
    assert_eq!(&told["observed_at"], completed, "{status}");
}

/// Runs SQL on uat's database behind everybody's back.
fn by_hand(sandbox: &Sandbox, sql: &str) {
    let address = sandbox.url().trim_start_matches("http://");
    let body = json!({"sqlStatement": sql, "database": "plant", "autoIamAuthn": true}).to_string();
    let head = format!(
        "POST /v1/projects/waooaw-oauth/instances/plant-sql-uat/executeSql HTTP/1.1\r\nHost: {address}\r\n\
         Authorization: Bearer sandbox\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    let mut server = std::net::TcpStream::connect(address).expect("a running sandbox");
    server
        .write_all(format!("{head}{body}").as_bytes())
        .expect("a listening sandbox");
    let mut answer = String::new();
    server.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_database_that_was_moved_by_hand_is_a_disagreement_and_a_run_is_none() {
    let sandbox = Sandbox::start();
    sandbox
        .run(&["run", "upgrade", "-e", "uat", "--yes"])
        .expect_code(0);
    let probes = "[\"data-api\", \"logs\", \"job\"]";
    let status = migrations(&sandbox, probes);
    assert_eq!(status["migrations"]["disagreement"], false, "{status}");
    let readings = &status["migrations"]["readings"];
    assert_eq!(readings[0]["probe"], "data-api", "{readings}");
    assert_eq!(readings[0]["current"], readings[1]["current"], "{readings}");
    assert_eq!(readings[2]["failure"]["kind"], "not_found", "{readings}");

    by_hand(
        &sandbox,
        "UPDATE alembic_version SET version_num = '011_approval_requests'",
    );
    let status = migrations(&sandbox, probes);
    assert_eq!(status["migrations"]["disagreement"], true, "{status}");
    assert_eq!(status["migrations"]["source"], "data-api", "{status}");
    let problems = status["problems"].as_array().expect("problems");
    let found = problems.iter().find(|p| p["code"] == "probes-disagree");
    let message = found.expect("a problem")["message"].to_string();
    assert!(
        message.contains("without the job after that run"),
        "{message}"
    );
    let readings = &status["migrations"]["readings"];
    assert_eq!(
        readings[0]["current"][0], "011_approval_requests",
        "{readings}"
    );
    assert_eq!(readings[1]["current"][0], "012_hired_agents", "{readings}");
}

#[test]
fn no_password_is_told_when_the_direct_probe_fails() {
    let sandbox = Sandbox::start_with(&[("PORTCULLIS_SANDBOX_BACKEND", "embedded")]);
    for direct in [
        "host = \"127.0.0.1\"\nport = 1",
        "socket = \"/nowhere\"",
        "port = 7",
    ] {
        let config = format!(
            "{}\n[environments.uat.direct]\n{direct}\n",
            sandbox.config().replace(
                "[environments.uat]\n",
                "[environments.uat]\nprobes = [\"direct\", \"data-api\"]\n",
            )
        );
        let config = sandbox.home().write("direct.toml", &config);
        for arguments in [&["status"][..], &["run", "upgrade", "-e", "uat"]] {
            let mut command = sandbox.home().portcullis(arguments);
            command
                .env("CLOUDSDK_AUTH_ACCESS_TOKEN", "sandbox")
                .arg("--config")
                .arg(&config);
            let finished = Finished::of(&mut command);
            let told = format!("{}{}", finished.stdout, finished.stderr);
            assert!(!told.contains("only-a-sandbox"), "{told}");
        }
    }
    assert!(!holds(&sandbox.home().path("state"), b"only-a-sandbox"));
}

/// Whether any file below a folder holds these bytes.
fn holds(folder: &std::path::Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| {
            let path = entry.path();
            let text = std::fs::read(&path).unwrap_or_default();
            holds(&path, bytes) || text.windows(bytes.len()).any(|part| part == bytes)
        })
}
