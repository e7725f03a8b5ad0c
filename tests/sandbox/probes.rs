//! What the probes make of real runs, and what happens when they contradict each other.

use crate::support::{Finished, Sandbox};
use serde_json::Value;

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
