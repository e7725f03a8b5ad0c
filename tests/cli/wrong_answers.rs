//! What the world answers wrong: not found, forbidden, unreachable, nonsense, not signed in.

use crate::support::program::Home;
use crate::support::sandbox::config_for;
use crate::support::{Finished, Sandbox};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpListener;

/// The error document, which must have all its parts.
#[track_caller]
fn error_of(finished: &Finished) -> Value {
    let document: Value = serde_json::from_str(&finished.stderr)
        .unwrap_or_else(|error| panic!("no JSON error: {error}\n{finished:#?}"));
    for part in ["kind", "message", "hint"] {
        let text = document["error"][part].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "no `{part}` in {document}");
    }
    document["error"].clone()
}

fn run_in(home: &Home, config: &str, token: Option<&str>, arguments: &[&str]) -> Finished {
    home.write("portcullis.toml", config);
    let mut command = home.portcullis(arguments);
    command.args(["--format", "json"]);
    if let Some(token) = token {
        command.env("CLOUDSDK_AUTH_ACCESS_TOKEN", token);
    }
    Finished::of(&mut command)
}

/// A server that says the same to everybody; it ends with the test process.
fn server_that_says(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut stream = stream;
                // One read is enough to be polite: what was asked does not matter.
                let _ = stream.read(&mut [0; 4096]);
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
                    answer.len()
                );
            });
        }
    });
    format!("http://{address}")
}

#[test]
fn a_job_that_does_not_exist_is_not_found() {
    let sandbox = Sandbox::start();
    let arguments = ["executions", "list", "-e", "demo"];
    sandbox.run(&arguments).expect_code(0);
    let config = sandbox
        .config()
        .replace("plant-db-migrations-demo", "no-such-job");
    let finished = run_in(sandbox.home(), &config, Some("sandbox"), &arguments).expect_code(6);
    let error = error_of(&finished);
    assert!(
        error["message"].to_string().contains("no-such-job"),
        "{error}"
    );
}

#[test]
fn a_project_without_permission_is_denied() {
    let sandbox = Sandbox::start();
    let config = sandbox
        .config()
        .replace("waooaw-oauth", "somebody-elses-project");
    let arguments = ["executions", "list", "-e", "demo"];
    let finished = run_in(sandbox.home(), &config, Some("sandbox"), &arguments).expect_code(5);
    error_of(&finished);
}

#[test]
fn a_status_that_could_read_nothing_says_why_with_its_code() {
    let sandbox = Sandbox::start();
    let config = sandbox
        .config()
        .replace("waooaw-oauth", "somebody-elses-project");
    let finished = run_in(sandbox.home(), &config, Some("sandbox"), &["status"]).expect_code(5);
    let environments = finished.json()["environments"].clone();
    let environments = environments
        .as_array()
        .expect("environments are present all the same");
    assert_eq!(environments.len(), 3);
    for environment in environments {
        let problems = environment["problems"].as_array().expect("problems");
        assert!(!problems.is_empty(), "{environment}");
    }
}

#[test]
fn an_endpoint_that_answers_html_is_nonsense_not_success() {
    let url = server_that_says("<html><body>Sign in to the hotel's network</body></html>");
    let home = Home::new();
    let config = config_for(&url, "waooaw-oauth");
    let arguments = ["executions", "list", "-e", "demo"];
    let finished = run_in(&home, &config, Some("sandbox"), &arguments).expect_code(7);
    let error = error_of(&finished);
    assert!(
        !error["message"].to_string().contains("hotel"),
        "remote text in the summary: {error}"
    );
}

#[test]
fn a_refused_connection_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let home = Home::new();
    let config = config_for(&url, "waooaw-oauth");
    let arguments = ["executions", "list", "-e", "demo"];
    let finished = run_in(&home, &config, Some("sandbox"), &arguments).expect_code(7);
    error_of(&finished);
}

#[test]
fn nobody_signed_in_is_said_as_such() {
    let url = server_that_says("nobody should ask");
    let home = Home::new();
    let config = config_for(&url, "waooaw-oauth");
    let arguments = ["executions", "list", "-e", "demo"];
    let finished = run_in(&home, &config, None, &arguments).expect_code(4);
    let error = error_of(&finished);
    assert!(
        error["hint"].to_string().contains("gcloud auth"),
        "no remedy in {error}"
    );
}

#[test]
fn a_plain_http_endpoint_off_this_machine_is_refused() {
    let home = Home::new();
    let config = config_for("http://192.0.2.1:80", "waooaw-oauth");
    let finished = run_in(&home, &config, Some("sandbox"), &["status"]).expect_code(3);
    let error = error_of(&finished);
    assert!(
        error["message"].to_string().contains("google.endpoints"),
        "{error}"
    );
}
