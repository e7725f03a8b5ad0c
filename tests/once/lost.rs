//! Answers that are lost while the program lives.

use crate::road::{At, Request};
use crate::scene::Scene;
use serde_json::Value;

const UPGRADE: [&str; 5] = ["run", "upgrade", "-e", "uat", "--yes"];

#[test]
fn a_lost_answer_is_looked_for_and_never_sent_again() {
    let scene = Scene::new();
    scene.road.hold(At::TheWayBack, Request::is_run);
    let mut console = scene.start(&UPGRADE);
    scene.road.caught(|| console.has_ended()).expect("a run");
    scene.road.lose();
    let (code, out, err) = console.end();
    assert_eq!(code, Some(0), "{out}{err}");
    let report: Value = serde_json::from_str(&out).expect("a document");
    assert_eq!(report["outcome"], "applied");
    let run_id = report["run_id"].as_str().expect("a run id");
    assert_eq!(
        scene.story(run_id),
        ["intended", "lost", "started", "settled"]
    );
    assert_eq!(scene.road.runs(), 1);
    assert_eq!(scene.carriers("uat", run_id), 1);
    scene.assert_sound();
}

#[test]
fn what_is_not_found_stays_open_and_keeps_the_next_one_waiting() {
    let scene = Scene::new();
    scene.road.hold(At::TheWayThere, Request::is_run);
    let mut console = scene.start(&UPGRADE);
    scene.road.caught(|| console.has_ended()).expect("a run");
    scene.road.lose();
    let (code, out, err) = console.end();
    assert_eq!(code, Some(11), "{out}{err}");
    let run_id = scene.intents("upgrade").pop().expect("an intent");
    assert_eq!(scene.story(&run_id), ["intended", "lost", "unsettled"]);
    assert_eq!(scene.road.runs(), 1);
    scene.run(&UPGRADE).expect_code(12);
    assert_eq!(scene.carriers("uat", &run_id), 0);
    // Looking is no claim, and is kept waiting by none.
    scene.run(&["run", "current", "-e", "uat"]).expect_code(0);
    scene.assert_sound();
}
