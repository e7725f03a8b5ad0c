//! A sandbox leaves nothing behind, and finds its state again.

use crate::support::Sandbox;
use serde_json::Value;
use std::path::Path;

/// The processes of this machine whose command line names a folder.
fn processes_naming(folder: &Path) -> Vec<String> {
    let folder = folder.to_string_lossy().into_owned();
    let entries = std::fs::read_dir("/proc").expect("a /proc to look into");
    entries
        .flatten()
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(&folder))
        .collect()
}

fn executions_of(sandbox: &Sandbox) -> Vec<Value> {
    let list = sandbox
        .run(&["executions", "list", "-e", "uat"])
        .expect_code(0)
        .json();
    list["executions"].as_array().expect("executions").clone()
}

#[test]
fn nothing_is_left_running_when_it_ends() {
    let mut sandbox = Sandbox::start();
    let state = sandbox.state();
    sandbox.run(&["status"]).expect_code(0);
    assert!(!processes_naming(&state).is_empty());
    sandbox.stop();
    assert_eq!(processes_naming(&state), Vec::<String>::new());
}

#[test]
fn a_state_folder_is_taken_up_again_also_after_a_crash() {
    let mut sandbox = Sandbox::start();
    sandbox
        .run(&["run", "upgrade", "-e", "uat", "--yes"])
        .expect_code(0);
    let before = executions_of(&sandbox);
    sandbox.crash();
    sandbox.start_again();
    // What changed in the last moment may be lost, so that an end is known as a failure; a run never is.
    let after = executions_of(&sandbox);
    let names = |list: &[Value]| {
        list.iter()
            .map(|each| each["name"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&before), names(&after));
    assert!(
        after.iter().all(|each| each["completed_at"].is_string()),
        "{after:#?}"
    );
    let status = sandbox.run(&["status", "uat"]).expect_code(0).json();
    assert_eq!(
        status["environments"][0]["migrations"]["state"], "at_head",
        "{status}"
    );
    let state = sandbox.state();
    sandbox.stop();
    assert_eq!(processes_naming(&state), Vec::<String>::new());
}
