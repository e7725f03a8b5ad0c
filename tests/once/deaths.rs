//! Kill -9 at every point, and the next start.

use crate::road::{At, Request};
use crate::scene::{Scene, until};
use serde_json::json;

const UPGRADE: [&str; 5] = ["run", "upgrade", "-e", "uat", "--yes"];
const HEAD: &str = "at_head";

/// Kills the console when a request is held, and gives the run's id, if it has come that far.
fn die(
    scene: &Scene,
    at: At,
    matches: impl Fn(&Request) -> bool + Send + 'static,
) -> Option<String> {
    scene.road.hold(at, matches);
    let mut console = scene.start(&UPGRADE);
    let caught = scene.road.caught(|| console.has_ended());
    assert!(caught.is_some(), "it ended before: {:?}", console.end());
    console.kill();
    scene.intents("upgrade").pop()
}

#[track_caller]
fn assert_at_head(scene: &Scene) {
    let status = scene.run(&["status", "uat"]).expect_code(0).json();
    let state = &status["environments"][0]["migrations"]["state"];
    assert_eq!(state, HEAD, "{status}");
}

#[test]
fn before_the_intent_nothing_was_and_nothing_is_left() {
    let scene = Scene::new();
    let before = scene.executions("uat");
    // The facts are read again after the gate; this is the second look at the job.
    let road = scene.road.seen().len();
    let looks = std::sync::atomic::AtomicUsize::new(0);
    let run_id = die(&scene, At::TheWayBack, move |request| {
        let is_job =
            request.method == "GET" && request.path.ends_with("/jobs/plant-db-migrations-uat");
        request.number > road
            && is_job
            && looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 1
    });
    assert_eq!(run_id, None);
    assert_eq!(scene.executions("uat"), before);
    scene.run(&UPGRADE).expect_code(0);
    assert_at_head(&scene);
    scene.assert_sound();
}

#[test]
fn what_was_not_sent_blocks_and_when_it_arrives_late_is_found() {
    let scene = Scene::new();
    let run_id = die(&scene, At::TheWayThere, Request::is_run).expect("an intent");
    assert_eq!(scene.story(&run_id), ["intended"]);
    assert_eq!(scene.carriers("uat", &run_id), 0);

    // It may still arrive, so nobody else runs, and it is not ruled out.
    let refused = scene.run(&UPGRADE).expect_code(12);
    for part in [&run_id, "upgrade", "uat", "ledger settle"] {
        assert!(
            refused.stderr.contains(part),
            "{part} in {}",
            refused.stderr
        );
    }
    assert_eq!(scene.carriers("uat", &run_id), 0);

    scene.road.pass_on();
    until("the late request arrives", || {
        (scene.carriers("uat", &run_id) == 1).then_some(())
    });
    assert_eq!(scene.settled(&run_id), "applied");
    assert_eq!(scene.carriers("uat", &run_id), 1);
    let again = scene.run(&UPGRADE).expect_code(0).json();
    assert_eq!(again["outcome"], "unchanged");
    assert_at_head(&scene);
    scene.assert_sound();
}

fn after_the_send(scene: &Scene) {
    let run_id = die(scene, At::TheWayBack, Request::is_run).expect("an intent");
    assert_eq!(scene.story(&run_id), ["intended"]);
    assert_eq!(scene.settled(&run_id), "applied");
    assert_eq!(scene.carriers("uat", &run_id), 1);
    let last = scene.last(&run_id);
    assert!(last["execution"].is_string(), "{last}");
    scene.run(&UPGRADE).expect_code(0);
    assert_eq!(scene.carriers("uat", &run_id), 1);
    assert_at_head(scene);
    scene.assert_sound();
}

#[test]
fn after_the_send_its_execution_is_found_and_read_back() {
    after_the_send(&Scene::new());
}

#[test]
fn the_same_with_real_alembic_on_real_postgresql() {
    after_the_send(&Scene::on_postgres());
}

#[test]
fn while_it_runs_another_console_is_told_who_and_can_follow() {
    let scene = Scene::new();
    let watches =
        |request: &Request| request.path.contains("/executions/") && request.method == "GET";
    let run_id = die(&scene, At::TheWayBack, watches).expect("an intent");
    let last = scene.last(&run_id);
    assert_eq!(last["kind"], "started");
    let name = last["execution"].as_str().expect("a name").to_owned();

    let attached = scene.run(&["executions", "attach", &name]).expect_code(0);
    let document = attached.json();
    assert_eq!(document["outcome"], "applied", "{document}");
    assert_eq!(document["ours"], json!(true));
    assert_eq!(document["run_id"], json!(run_id));
    assert_eq!(document["after"], scene.rows("uat"));
    assert_eq!(scene.story(&run_id), ["intended", "started", "settled"]);
    assert_eq!(scene.carriers("uat", &run_id), 1);

    // Attached to again it says the same, and writes nothing.
    let again = scene.run(&["executions", "attach", &name]).expect_code(0);
    assert_eq!(again.json()["outcome"], "applied");
    assert_eq!(scene.story(&run_id).len(), 3);
    scene.assert_sound();
}

/// Dies at every request from the send on, each time on its way back.
#[test]
fn at_every_step_from_the_send_on_the_outcome_is_the_databases() {
    const GATE: [&str; 4] = ["--confirm", "uat", "--reason", "OPS-1 a test of deaths"];
    let scene = Scene::new();
    let targets = ["006_trial_tables", "007_gateway_audit_logs"];
    let mut deaths = 0;
    for step in 0.. {
        let target = targets[step % 2];
        let to = format!("target={target}");
        let arguments = [&["run", "stamp", "-e", "uat", "--set", &to], &GATE[..]].concat();
        let known = scene.road.runs();
        let after = std::sync::Mutex::new(None);
        scene.road.hold(At::TheWayBack, move |request| {
            let mut after = after.lock().expect("no panic");
            if after.is_none() && request.is_run() {
                *after = Some(request.number);
            }
            after.is_some_and(|sent| request.number >= sent + step)
        });
        let mut console = scene.start(&arguments);
        let Some(request) = scene.road.caught(|| console.has_ended()) else {
            let (code, out, err) = console.end();
            assert_eq!(code, Some(0), "{out}{err}");
            break;
        };
        console.kill();
        scene.road.lose();
        deaths += 1;
        let run_id = scene.intents("stamp").pop().expect("an intent");
        let outcome = scene.settled(&run_id);
        assert_eq!(outcome, "applied", "step {step}, {request:?}");
        assert_eq!(scene.carriers("uat", &run_id), 1, "step {step}");
        assert_eq!(scene.rows("uat"), json!([target]), "step {step}");
        assert_eq!(scene.road.runs(), known + 1, "step {step}");
    }
    assert!(deaths > 3, "only {deaths}");
    scene.assert_sound();
}
