//! Google's own clients for Python, and `gcloud` where it is installed, against the sandbox.

use crate::support::program::python;
use crate::support::{Finished, Sandbox};
use std::path::Path;
use std::process::Command;

fn script(sandbox: &Sandbox, name: &str) -> Finished {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/sandbox")
        .join(name);
    let mut command = sandbox.home().command(python());
    Finished::of(command.arg(script).arg(sandbox.url()))
}

#[test]
fn google_cloud_run_and_secret_manager() {
    let sandbox = Sandbox::start();
    let finished = script(&sandbox, "cloud_clients.py").expect_code(0);
    assert!(finished.stdout.ends_with("all done\n"), "{finished:#?}");
}

#[test]
fn google_api_python_client() {
    let sandbox = Sandbox::start();
    let finished = script(&sandbox, "discovery_client.py").expect_code(0);
    assert!(finished.stdout.ends_with("all done\n"), "{finished:#?}");
}

/// `gcloud` in the sandbox's home, with its regional host names sent to the sandbox as to a proxy.
fn gcloud(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let url = format!("{}/", sandbox.url());
    let port = sandbox.url().rsplit(':').next().expect("a port").to_owned();
    let mut command = sandbox.home().command("gcloud");
    command.env_remove("NO_PROXY").args(arguments);
    for service in ["RUN", "SECRETMANAGER", "SQL", "LOGGING"] {
        command.env(format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{service}"), &url);
    }
    command
        .env("CLOUDSDK_AUTH_ACCESS_TOKEN", "sandbox")
        .env("CLOUDSDK_CORE_PROJECT", "waooaw-oauth")
        .env("CLOUDSDK_CORE_DISABLE_PROMPTS", "1")
        .env("CLOUDSDK_CORE_DISABLE_USAGE_REPORTING", "1")
        .env("CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK", "1")
        .env("CLOUDSDK_PROXY_TYPE", "http_no_tunnel")
        .env("CLOUDSDK_PROXY_ADDRESS", "127.0.0.1")
        .env("CLOUDSDK_PROXY_PORT", port);
    command
}

fn has_gcloud() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join("gcloud").exists())
}

#[test]
fn gcloud_where_it_is_installed() {
    if !has_gcloud() {
        // The capability says "where present"; the same requests are replayed by the server's own tests.
        return;
    }
    let sandbox = Sandbox::start();
    let run = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        Finished::of(&mut gcloud(&sandbox, &words))
            .expect_code(0)
            .stdout
    };
    let job = "plant-db-migrations-demo --region=asia-south1";
    let name = "--format=value(metadata.name)";

    let jobs = run(&format!("run jobs list --region=asia-south1 {name}"));
    assert!(jobs.contains("plant-db-migrations-prod"), "{jobs}");
    run(&format!("run jobs describe {job}"));
    let list = format!("run jobs executions list --job={job} {name}");
    let before = run(&list);
    run(&format!(
        "run jobs execute {job} --wait --args=python,-m,alembic,history"
    ));
    let after = run(&list);
    let new = after.lines().find(|line| !before.contains(line));
    let execution = new.unwrap_or_else(|| panic!("no new execution in {after}"));

    let filter = format!("labels.\"run.googleapis.com/execution_name\"=\"{execution}\"");
    let log = run(&format!(
        "logging read {filter} --format=value(textPayload)"
    ));
    assert!(!log.trim().is_empty(), "no log of {execution}");

    let versions = run("secrets versions list prod-plant-database-url --format=value(name,state)");
    assert!(versions.to_lowercase().contains("disabled"), "{versions}");
    let payload = run("secrets versions access latest --secret=demo-plant-database-url");
    assert!(payload.contains("://"), "no database URL");
}
