//! One gated migration that is proven, and what must not be believed.

use crate::support::{Finished, Sandbox};
use serde_json::Value;

/// What one environment looks like in `status`.
#[track_caller]
fn status_of(sandbox: &Sandbox, environment: &str) -> Value {
    let status = sandbox.run(&["status", environment]).expect_code(0).json();
    let environments = status["environments"]
        .as_array()
        .expect("environments")
        .clone();
    let found = environments
        .into_iter()
        .find(|each| each["name"] == environment);
    found.unwrap_or_else(|| panic!("no {environment} in {status}"))
}

/// How many executions an environment's job has had.
#[track_caller]
fn executions_of(sandbox: &Sandbox, environment: &str) -> Vec<Value> {
    let list = sandbox
        .run(&["executions", "list", "-e", environment])
        .expect_code(0)
        .json();
    list["executions"].as_array().expect("executions").clone()
}

fn upgrade_prod(sandbox: &Sandbox) -> Finished {
    let arguments = [
        "run",
        "upgrade",
        "-e",
        "prod",
        "--confirm",
        "prod",
        "--reason",
        "OPS-1 monthly upgrade",
    ];
    sandbox.run(&arguments)
}

fn enable_prods_secret(sandbox: &Sandbox) {
    let arguments = [
        "secrets",
        "enable",
        "prod-plant-database-url",
        "3",
        "-e",
        "prod",
    ];
    let gate = [
        "--confirm",
        "prod",
        "--reason",
        "OPS-1 needed by the upgrade",
    ];
    sandbox
        .run(&[&arguments[..], &gate[..]].concat())
        .expect_code(0);
}

#[track_caller]
fn assert_applied(run: &Value, status: &Value) {
    assert_eq!(run["outcome"], "applied", "{run}");
    assert_ne!(run["before"], run["after"], "{run}");
    assert_eq!(status["migrations"]["state"], "at_head", "{status}");
    assert_eq!(status["migrations"]["current"], run["after"], "{status}");
    assert_eq!(status["migrations"]["pending"], 0, "{status}");
}

fn upgrades_uat(sandbox: &Sandbox) {
    let before = status_of(sandbox, "uat");
    assert_eq!(before["migrations"]["state"], "behind", "{before}");
    let run = sandbox
        .run(&["run", "upgrade", "-e", "uat", "--yes"])
        .expect_code(0)
        .json();
    assert_applied(&run, &status_of(sandbox, "uat"));
    assert!(
        run["execution"]
            .as_str()
            .is_some_and(|name| !name.is_empty()),
        "{run}"
    );

    let again = sandbox
        .run(&["run", "upgrade", "-e", "uat", "--yes"])
        .expect_code(0)
        .json();
    assert_eq!(again["outcome"], "unchanged", "{again}");
}

fn upgrades_prod_once_its_secret_is_enabled(sandbox: &Sandbox) {
    let before = executions_of(sandbox, "prod");
    upgrade_prod(sandbox).expect_code(9);
    assert_eq!(
        executions_of(sandbox, "prod"),
        before,
        "a blocked run was sent"
    );

    let plan = sandbox.run(&["plan", "upgrade", "-e", "prod"]);
    let findings = plan.json()["preflight"].clone();
    let findings = findings.as_array().expect("preflight");
    let blocks: Vec<_> = findings
        .iter()
        .filter(|finding| finding["severity"] == "block")
        .collect();
    assert!(!blocks.is_empty(), "{findings:?}");
    assert!(
        blocks
            .iter()
            .any(|block| block.to_string().contains("secret")),
        "{blocks:?}"
    );
    assert!(blocks.iter().all(|block| {
        block["remedy"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    }));

    enable_prods_secret(sandbox);
    let run = upgrade_prod(sandbox).expect_code(0).json();
    assert_applied(&run, &status_of(sandbox, "prod"));
    sandbox.run(&["ledger", "verify"]).expect_code(0);
}

#[test]
fn uat_is_upgraded_and_read_back() {
    upgrades_uat(&Sandbox::start());
}

#[test]
fn prod_is_upgraded_once_its_secret_is_enabled() {
    upgrades_prod_once_its_secret_is_enabled(&Sandbox::start());
}

#[test]
fn the_embedded_backend_does_the_same() {
    let sandbox = Sandbox::start_embedded();
    upgrades_uat(&sandbox);
    upgrades_prod_once_its_secret_is_enabled(&sandbox);
}

#[test]
fn a_gate_that_is_not_met_sends_nothing() {
    let sandbox = Sandbox::start();
    enable_prods_secret(&sandbox);
    let before = executions_of(&sandbox, "prod");
    let run = ["run", "upgrade", "-e", "prod"];
    let reason = ["--reason", "OPS-1 monthly upgrade"];
    let unmet: [&[&str]; 5] = [
        &[],
        &["--yes"],
        &["--confirm", "uat"],
        &["--confirm", "PROD"],
        &["--confirm", "prod "],
    ];
    for confirm in unmet {
        sandbox
            .run(&[&run[..], confirm, &reason[..]].concat())
            .expect_code(8);
    }
    sandbox
        .run(&[&run[..], &["--confirm", "prod"]].concat())
        .expect_code(8);
    sandbox
        .run(&[&run[..], &["--confirm", "prod", "--reason", "  "]].concat())
        .expect_code(8);
    sandbox.run(&["run", "upgrade", "-e", "uat"]).expect_code(8);
    assert_eq!(
        executions_of(&sandbox, "prod"),
        before,
        "an ungated run was sent"
    );

    let ledger = sandbox.run(&["ledger", "list"]).expect_code(0).json();
    let entries = ledger["entries"].as_array().expect("entries");
    let refused = entries
        .iter()
        .filter(|entry| entry["outcome"] == "refused")
        .count();
    assert!(
        refused >= unmet.len(),
        "refusals are recorded too: {ledger}"
    );
}

#[test]
fn success_without_a_change_is_a_failure() {
    let sandbox = Sandbox::start();
    let run = sandbox
        .run(&["run", "pretend", "-e", "uat", "--yes"])
        .expect_code(10)
        .json();
    assert_eq!(run["outcome"], "failed", "{run}");
    assert_eq!(run["before"], run["after"], "{run}");
    let last = executions_of(&sandbox, "uat")[0].clone();
    assert_eq!(last["state"], "succeeded", "Cloud Run believed it: {last}");
}

#[test]
fn a_failed_run_names_its_cause_with_the_line_that_shows_it() {
    let sandbox = Sandbox::start();
    let run = sandbox
        .run(&["run", "upgrade", "-e", "demo"])
        .expect_code(10)
        .json();
    let cause = &run["causes"][0];
    assert_eq!(cause["id"], "KC-31", "tables made by hand: {run}");
    let line = cause["line"].as_str().expect("a line");
    assert!(line.contains("already exists"), "{run}");
}

#[test]
fn a_cancelled_run_is_unknown_until_it_is_read_back() {
    let sandbox = Sandbox::start();
    let before = status_of(&sandbox, "uat")["migrations"]["current"].clone();
    let arguments = ["run", "slow", "-e", "uat", "--yes", "--no-wait"];
    let started = sandbox.run(&arguments).expect_code(0).json();
    assert_eq!(started["outcome"], "unknown", "{started}");
    let execution = started["execution"]
        .as_str()
        .expect("an execution")
        .to_owned();
    sandbox
        .run(&["run", "upgrade", "-e", "uat", "--yes"])
        .expect_code(12);

    let arguments = ["executions", "cancel", &execution, "-e", "uat", "--yes"];
    let cancelled = sandbox.run(&arguments).expect_code(0).json();
    assert_eq!(cancelled["state"], "cancelled", "{cancelled}");
    assert_eq!(
        cancelled["outcome"], "failed",
        "settled by the read-back: {cancelled}"
    );
    let status = status_of(&sandbox, "uat");
    assert_eq!(status["migrations"]["current"], before, "{status}");
    assert_eq!(status["last_execution"]["state"], "cancelled", "{status}");
    sandbox
        .run(&["run", "upgrade", "-e", "uat", "--yes"])
        .expect_code(0);
}
