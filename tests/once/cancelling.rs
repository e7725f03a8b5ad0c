//! Cancelling: waited for, read back, and settled when its console died.

use crate::road::At;
use crate::scene::{Scene, until};
use serde_json::Value;

const SLOW: [&str; 6] = ["run", "slow", "-e", "uat", "--yes", "--no-wait"];

/// Starts something to cancel; its run id and its name.
fn started(scene: &Scene) -> (String, String) {
    let report = scene.run(&SLOW).expect_code(0).json();
    let text = |key: &str| report[key].as_str().expect("text").to_owned();
    let name = text("execution");
    until("it runs", || {
        let show = scene.run(&["executions", "show", &name]).expect_code(0);
        (show.json()["state"] == "running").then_some(())
    });
    (text("run_id"), name)
}

#[test]
fn a_cancelled_run_is_waited_for_and_settled_by_the_read_back() {
    let scene = Scene::new();
    let (run_id, name) = started(&scene);
    let cancelled = scene.run(&["executions", "cancel", &name, "--yes"]);
    let document = cancelled.expect_code(0).json();
    assert_eq!(document["state"], "cancelled", "{document}");
    assert_eq!(document["outcome"], "failed", "{document}");
    assert_eq!(scene.story(&run_id), ["intended", "started", "settled"]);
    let cancel = scene.intents("cancel").pop().expect("an intent");
    let last = scene.last(&cancel);
    assert_eq!(
        (&last["kind"], &last["outcome"]),
        (&"settled".into(), &"applied".into())
    );
    scene.assert_sound();
}

#[test]
fn a_cancellation_whose_console_dies_is_settled_by_the_next_start() {
    let scene = Scene::new();
    let (run_id, name) = started(&scene);
    scene
        .road
        .hold(At::TheWayBack, |request| request.path.ends_with(":cancel"));
    let mut console = scene.start(&["executions", "cancel", &name, "--yes"]);
    scene
        .road
        .caught(|| console.has_ended())
        .expect("a cancellation");
    console.kill();
    let cancel = scene.intents("cancel").pop().expect("an intent");
    assert_eq!(scene.story(&cancel), ["intended"]);
    assert_eq!(scene.settled(&cancel), "applied");
    assert_eq!(scene.settled(&run_id), "failed");
    scene.assert_sound();
}

#[test]
fn a_cancellation_whose_answer_is_lost_is_looked_at_and_not_sent_again() {
    let scene = Scene::new();
    let (run_id, name) = started(&scene);
    scene
        .road
        .hold(At::TheWayBack, |request| request.path.ends_with(":cancel"));
    let mut console = scene.start(&["executions", "cancel", &name, "--yes"]);
    scene
        .road
        .caught(|| console.has_ended())
        .expect("a cancellation");
    scene.road.lose();
    let (code, out, err) = console.end();
    assert_eq!(code, Some(0), "{out}{err}");
    let document: Value = serde_json::from_str(&out).expect("a document");
    assert_eq!(document["state"], "cancelled");
    let asked = scene.road.seen();
    let asked = asked.iter().filter(|r| r.path.ends_with(":cancel"));
    assert_eq!(asked.count(), 1);
    assert_eq!(scene.settled(&run_id), "failed");
    scene.assert_sound();
}
