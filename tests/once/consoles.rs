//! Two consoles that try at the same time: one runs, the other is told who.

use crate::road::{At, Request};
use crate::scene::Scene;

const UPGRADE: [&str; 5] = ["run", "upgrade", "-e", "uat", "--yes"];

#[test]
fn the_second_is_told_who_since_when_and_how_to_follow() {
    let scene = Scene::new();
    scene.road.hold(At::TheWayBack, Request::is_run);
    let mut first = scene.start(&UPGRADE);
    scene.road.caught(|| first.has_ended()).expect("a run");
    let run_id = scene.intents("upgrade").pop().expect("an intent");

    let second = scene.run(&UPGRADE).expect_code(12);
    assert!(second.stderr.contains("attach"), "{}", second.stderr);
    assert_eq!(scene.intents("upgrade"), std::slice::from_ref(&run_id));

    scene.road.pass_on();
    let (code, out, err) = first.end();
    assert_eq!(code, Some(0), "{out}{err}");
    assert_eq!(scene.carriers("uat", &run_id), 1);
    scene.assert_sound();
}

#[test]
fn of_four_at_once_one_runs() {
    let scene = Scene::new();
    let before = scene.executions("uat").len();
    let consoles: Vec<_> = (0..4).map(|_| scene.start(&UPGRADE)).collect();
    let mut applied = 0;
    for console in consoles {
        let (code, out, err) = console.end();
        match code {
            Some(0) if out.contains("\"applied\"") => applied += 1,
            // Nothing was to be done any more; or the claim, or the changed fact, was in the way.
            Some(0) => assert!(out.contains("\"unchanged\""), "{out}{err}"),
            code => assert!(matches!(code, Some(8 | 12)), "{code:?} {out}{err}"),
        }
    }
    assert_eq!(applied, 1);
    assert_eq!(scene.executions("uat").len(), before + 1);
    scene.assert_sound();
}

#[test]
fn a_run_that_only_looks_keeps_no_other_waiting() {
    let scene = Scene::new();
    scene.road.hold(At::TheWayBack, Request::is_run);
    let look = ["run", "current", "-e", "uat"];
    let mut console = scene.start(&look);
    scene.road.caught(|| console.has_ended()).expect("a run");
    console.kill();
    let kinds: Vec<_> = scene.entries().iter().map(|e| e["kind"].clone()).collect();
    assert_eq!(kinds, ["looked"]);
    let settled = scene.run(&["ledger", "settle"]).expect_code(0).json();
    assert_eq!(settled["settled"], serde_json::json!([]));
    scene.run(&UPGRADE).expect_code(0);
    scene.assert_sound();
}
