//! Walks through the screens: what is seen, in words.

use jiff::SignedDuration;
use portcullis::app::Msg;
use portcullis::app::command::Command;
use portcullis::app::effect::{Effect, Part};
use portcullis::app::event::{Event, LogAnswer, RunEvent, Terminal as At};
use portcullis::app::model::Setup;
use portcullis::domain::backend::Backend;
use portcullis::domain::execution::ExecutionState;
use portcullis::domain::failure::{Failure, FailureKind};
use portcullis::domain::fleet::Fleet;
use portcullis::tui::theme::{Colours, Theme};

use crate::stage::{Fate, Stage};
use crate::world::{self, START};

#[test]
fn the_fleet_shows_every_environment_worst_first() {
    let stage = Stage::new(80, 24);
    let text = stage.text();
    let row = |word: &str| text.lines().position(|l| l.contains(word)).unwrap();
    assert!(row("PRODUCTION") < row("staging"), "{text}");
    for word in [
        "◆ PRODUCTION",
        "◇ staging",
        "○ development",
        "005_rls_policies",
        "v3 disabled",
        "no version table",
    ] {
        stage.shows(word);
    }
    stage.shows("the next run will not start");
    stage.shows("→ enable v3, or make a new version");
    stage.shows("[s] secrets");
}

#[test]
fn the_first_frame_comes_before_any_answer_from_what_was_last_seen() {
    let seen = Stage::new(80, 24);
    let snapshot = seen.asked.iter().rev().find_map(|effect| match effect {
        Effect::SaveSnapshot(fleet) => Some(fleet.clone()),
        _ => None,
    });
    let setup = Setup {
        snapshot: Some(*snapshot.expect("a round of answers is kept")),
        ..seen.model.setup.clone()
    };
    let mut next = Stage::started_with(setup, seen.world.clone());
    next.now = START.checked_add(SignedDuration::from_hours(3)).unwrap();
    next.draw();
    next.shows("v3 disabled");
    next.shows("STALE: oldest data 3h old");
    next.shows("from the last time");
    assert!(next.asked.is_empty());
}

#[test]
fn without_a_snapshot_the_first_frame_is_honest() {
    let mut stage = Stage::dark(80, 24);
    stage.draw();
    stage.shows("◆ PRODUCTION");
    stage.shows("nothing is known yet");
    stage.hides("running");
}

#[test]
fn rows_keep_their_place_while_data_arrives() {
    let mut stage = Stage::dark(80, 24);
    stage.draw();
    stage.happens(Event::Terminal(At::Opened));
    stage.press("j");
    let order = stage.model.order.clone();
    stage.wait(SignedDuration::from_mins(3));
    stage.settle();
    assert_eq!(stage.model.order, order);
}

#[test]
fn one_broken_part_leaves_the_rest_working_and_says_what_to_do() {
    let mut stage = Stage::dark(80, 24);
    let denied = Failure::new(
        FailureKind::Denied,
        "reading the secret was denied",
        "ask for roles/secretmanager.viewer",
    );
    stage.world.site_mut("uat").broken = vec![(Part::Secret, denied)];
    stage.world.identity = Err(Failure::new(
        FailureKind::SignedOut,
        "the sign-in has expired",
        "gcloud auth login",
    ));
    stage.open();
    stage.shows("✗ denied");
    stage.shows("003_remaining");
    stage.shows("signed out");
    stage.shows("gcloud auth login");
    stage.shows("partly");
}

#[test]
fn a_failed_read_keeps_the_old_value() {
    let mut stage = Stage::new(80, 24);
    let gone = Failure::new(FailureKind::Unreachable, "no answer", "check the network");
    stage.world.site_mut("prod").broken = vec![(Part::Reading, gone)];
    stage.press("ctrl-r");
    stage.shows("005_rls_policies");
    stage.shows("partly");
}

#[test]
fn nothing_is_asked_twice_and_nothing_when_nobody_looks() {
    let mut stage = Stage::dark(80, 24);
    stage.happens(Event::Terminal(At::Opened));
    let asked = stage.asked.len();
    stage.send(Msg::Command(Command::Refresh));
    assert_eq!(stage.asked.len(), asked, "everything is on its way already");
    stage.settle();
    stage.wait(SignedDuration::from_mins(31));
    stage.settle();
    let asked = stage.asked.len();
    stage.wait(SignedDuration::from_mins(10));
    stage.settle();
    assert_eq!(stage.asked.len(), asked, "nobody looks");
    stage.shows("paused");
    stage.press("j");
    assert!(stage.asked.len() > asked);
}

#[test]
fn an_idle_fleet_of_three_stays_under_twenty_requests_a_minute() {
    let mut stage = Stage::new(80, 24);
    let before = reads(&stage);
    for _ in 0..600 {
        stage.wait(SignedDuration::from_secs(1));
        stage.settle();
    }
    let per_minute = (reads(&stage) - before) / 10;
    assert!(per_minute < 20, "{per_minute} requests a minute");
}

fn reads(stage: &Stage) -> usize {
    stage
        .asked
        .iter()
        .filter(|e| matches!(e, Effect::Read { .. }))
        .count()
}

#[test]
fn nothing_on_the_screen_moves_by_itself_within_a_quarter_of_a_minute() {
    let mut stage = Stage::new(80, 24);
    stage.wait(SignedDuration::from_secs(10));
    stage.settle();
    let before = stage.text();
    for _ in 0..14 {
        stage.wait(SignedDuration::from_secs(1));
        stage.draw();
    }
    assert_eq!(stage.text(), before);
}

#[test]
fn the_tabs_show_their_lists() {
    let mut stage = Stage::new(80, 24);
    stage.press("m");
    stage.shows("○ pending 2");
    stage.shows("◆ here");
    stage.shows("Row level security for tenants");
    stage.press("tab");
    stage.shows("← latest");
    stage.press("tab");
    stage.shows("✓ succeeded");
    stage.press("esc /");
    stage.type_text("staging");
    stage.press("enter");
    stage.hides("PRODUCTION");
    stage.press("esc");
    stage.shows("PRODUCTION");
}

#[test]
fn a_revision_can_be_upgraded_to_from_its_row() {
    let mut stage = Stage::new(80, 24);
    stage.press("m j U");
    stage.shows("005_rls_policies → 006_trial_tables");
}

#[test]
fn parameters_are_checked_before_anything_is_planned() {
    let mut stage = Stage::new(80, 24);
    stage.press("r");
    stage.shows("downgrade");
    stage.press("j j enter enter");
    stage.shows("needs");
    stage.type_text("--sql");
    stage.press("enter");
    stage.shows("is not a revision");
    assert!(
        !stage
            .asked
            .iter()
            .any(|e| matches!(e, Effect::MakePlan { .. }))
    );
}

#[test]
fn a_live_run_shows_its_revisions_and_goes_on_when_it_is_left() {
    let mut stage = Stage::new(80, 24);
    stage.fate = Fate::Waits;
    stage.press("/ u a t enter u x y");
    let id = stage.model.runs[0].id;
    let line = world::line(
        stage.now,
        "INFO  [alembic] Running upgrade 003 -> 004_indexes, Indexes",
    );
    stage.happens(Event::Run {
        id,
        event: RunEvent::Lines(vec![line]),
    });
    stage.wait(SignedDuration::from_secs(9));
    stage.draw();
    stage.shows("● running");
    stage.shows("● 004_indexes 9.0s");
    stage.shows("usual 38s");
    stage.press("esc");
    stage.shows("● now");
    stage.press("q");
    stage.shows("a run goes on");
    assert!(!stage.asked.contains(&Effect::Quit));
    stage.press("q");
    assert!(stage.asked.contains(&Effect::Quit));
}

#[test]
fn answers_that_nobody_waits_for_are_dropped() {
    let mut stage = Stage::new(80, 24);
    stage.send(Msg::Command(Command::Upgrade));
    let Some(Effect::MakePlan { id, .. }) = stage.waiting.pop_back() else {
        panic!("a plan is asked for");
    };
    stage.send(Msg::Command(Command::Back));
    assert!(stage.asked.contains(&Effect::Abandon { id }));
    let prepared = stage.world.prepare(
        "prod",
        "upgrade",
        &std::collections::BTreeMap::new(),
        stage.now,
    );
    stage.happens(Event::Planned {
        id,
        answer: Ok(Box::new(prepared)),
    });
    stage.settle();
    assert!(stage.model.gate().is_none());
}

#[test]
fn a_log_is_searched_and_its_first_error_found() {
    let mut stage = Stage::new(80, 24);
    stage.send(Msg::Command(Command::ShowLog));
    let Some(Effect::ReadLog { id, .. }) = stage.waiting.pop_back() else {
        panic!("a log is asked for");
    };
    let mut lines: Vec<_> = (0..300)
        .map(|n| world::line(stage.now, &format!("line {n}")))
        .collect();
    lines[200] = world::line(stage.now, "ERROR: lock timeout \u{1b}[31m日本語");
    stage.happens(Event::Log {
        id,
        answer: LogAnswer::Lines(lines),
    });
    stage.happens(Event::Log {
        id,
        answer: LogAnswer::End,
    });
    stage.settle();
    stage.shows("line 0");
    stage.press("e");
    stage.shows("ERROR: lock timeout 日本語");
    stage.press("/");
    stage.type_text("line 7");
    stage.press("enter n");
    stage.shows("line 70");
    stage.press("w G");
    stage.shows("line 299");
}

#[test]
fn somebody_elses_run_can_be_followed() {
    let mut stage = Stage::dark(80, 24);
    let running = world::execution(
        "plant-db-migrations-prod-live",
        START,
        0,
        ExecutionState::Running,
    );
    stage.world.site_mut("prod").executions.insert(0, running);
    stage.open();
    stage.press("e enter");
    assert!(
        stage
            .asked
            .iter()
            .any(|e| matches!(e, Effect::Follow { .. }))
    );
    stage.shows("esc stops watching");
    stage.press("esc");
    assert!(
        stage
            .asked
            .iter()
            .any(|e| matches!(e, Effect::Abandon { .. }))
    );
    assert!(stage.model.runs.is_empty());
}

#[test]
fn the_help_and_the_palette_come_from_the_same_table() {
    let mut stage = Stage::new(80, 40);
    stage.press("?");
    stage.shows("Plan an upgrade to the head");
    stage.press("esc :");
    stage.type_text("upgrade");
    stage.press("enter");
    stage.shows("plan ");
    stage.press("esc :");
    stage.type_text("approve");
    stage.shows("no command is called that");
}

#[test]
fn a_command_that_cannot_be_given_says_why() {
    let mut stage = Stage::new(80, 24);
    stage.press("s j D");
    stage.hides("why");
    stage.press("esc esc s E esc j E");
    stage.shows("this version is enabled already");
}

#[test]
fn hostile_text_does_not_touch_the_screen() {
    let mut stage = Stage::dark(80, 24);
    let mut bad = world::execution("x", START, 4, ExecutionState::Failed);
    bad.creator = "\u{1b}[2J\u{202e}evil\u{7}".into();
    bad.args = vec!["\u{1b}]0;owned\u{7}a\u{0}b".into()];
    stage.world.site_mut("prod").executions.insert(0, bad);
    stage.open();
    stage.press("e");
    let text = stage.text();
    assert!(
        text.chars().all(|c| c == '\n' || !c.is_control()),
        "{text:?}"
    );
    assert!(!text.contains('\u{202e}'));
    stage.shows("evil");
}

#[test]
fn everything_is_understood_without_colour() {
    for (name, keys) in [("fleet", ""), ("gate", "u"), ("secrets", "s")] {
        let mut plain = Stage::new(100, 30);
        plain.theme = Theme::named("dark", Colours::None).unwrap();
        plain.press(keys);
        let mut coloured = Stage::new(100, 30);
        coloured.theme = Theme::named("light", Colours::True).unwrap();
        coloured.press(keys);
        assert_eq!(plain.text(), coloured.text(), "{name}");
        assert!(plain.text().contains("PRODUCTION"), "{name}");
    }
}

#[test]
fn an_empty_config_is_said() {
    let mut world = world::World::of_the_origin(START);
    world.sites.clear();
    let mut stage = Stage::with(world, 80, 24);
    stage.open();
    stage.shows("The config names no environment");
    stage.press("enter u r a l j k / x esc m");
    assert_eq!(Fleet::default().environments.len(), 0);
}

#[test]
fn every_size_is_drawn_whole() {
    for (width, height) in [(1, 1), (2, 2), (20, 5), (79, 23), (300, 100), (500, 200)] {
        let mut stage = Stage::new(width, height);
        for keys in [
            "",
            "enter",
            "m",
            "s",
            "e",
            "l",
            "esc esc r j enter",
            "esc esc u",
            "?",
            "esc : u",
        ] {
            stage.press(keys);
        }
        stage.press("esc esc esc esc");
        let text = stage.text();
        assert!(
            width < 20 || text.contains("prod"),
            "{width}x{height}\n{text}"
        );
    }
}

#[test]
fn a_cancelled_run_tells_what_is_still_at_work_in_the_database() {
    let mut stage = Stage::new(80, 24);
    stage.fate = Fate::Waits;
    stage.press("/ u a t enter u x y c");
    stage.press("x y");
    stage.shows("cancellation was asked for: waiting for the end");
    let backend = Backend {
        pid: 4_117,
        user: "migrator".into(),
        application: "".into(),
        readable: true,
        state: "active".into(),
        wait: "".into(),
        statement: "CREATE INDEX \u{1b}[31mix ON audit_logs (tenant_id)".into(),
        connected_at: None,
        transaction_at: Some(world::ago(stage.now, 3)),
        seen_at: stage.now,
        holds: Vec::new(),
        blocked_by: Vec::new(),
    };
    let run = &stage.model.runs[0];
    let execution = run.execution.as_ref().expect("it started").name.clone();
    stage.happens(Event::Alive {
        execution,
        backends: vec![backend],
    });
    stage.draw();
    stage.shows("still at work in the database");
    stage.shows("pid 4117");
    stage.shows("since 3m ago: CREATE INDEX ix ON audit_logs");
    stage.shows("pg_terminate_backend");
}
