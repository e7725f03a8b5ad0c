//! Gates: what passes them, and what does not.

use jiff::SignedDuration;
use portcullis::app::effect::Effect;
use portcullis::app::event::{Event, Terminal as At};
use portcullis::app::input::Key;

use crate::stage::{Fate, Stage};

const REASON: &str = "OPS-412 audit logs for the gateway";
const PHRASE: &str = "prod 007_gateway_audit_logs";

/// The console in front of the gate of an upgrade of production that nothing blocks.
fn at_the_gate() -> Stage {
    let mut stage = Stage::dark(80, 24);
    stage.world.nothing_blocks();
    stage.open();
    stage.press("u");
    stage
}

fn armed() -> Stage {
    let mut stage = at_the_gate();
    stage.press("a");
    stage
}

#[test]
fn production_is_passed_by_arming_a_reason_and_the_whole_phrase() {
    let mut stage = armed();
    stage.type_text(REASON);
    stage.press("tab");
    stage.type_text(PHRASE);
    stage.shows("runs upgrade on prod");
    stage.press("ctrl-x");
    assert_eq!(stage.executed(), 1);
    stage.shows("✓ APPLIED");
    stage.shows("007_gateway_audit_logs, read back just now by data-api");
    stage.shows("005_rls_policies → 007_gateway_audit_logs");
}

#[test]
fn production_is_read_only_until_it_is_armed_and_then_for_five_minutes() {
    let mut stage = at_the_gate();
    stage.shows("prod is read-only");
    stage.press("x ctrl-x y enter");
    stage.type_text(REASON);
    assert_eq!(stage.executed(), 0);
    let mut stage = armed();
    stage.shows("armed 5:00");
    stage.wait(SignedDuration::from_secs(301));
    stage.draw();
    stage.shows("prod is read-only");
    stage.press("ctrl-x x");
    assert_eq!(stage.executed(), 0);
}

#[test]
fn enter_and_y_never_approve_production() {
    let mut stage = armed();
    stage.type_text(REASON);
    stage.press("tab");
    stage.type_text(PHRASE);
    stage.press("enter enter y enter");
    assert_eq!(stage.executed(), 0);
}

#[test]
fn the_name_alone_or_a_wrong_phrase_does_not_pass() {
    for typed in [
        "prod",
        "prod 006_trial_tables",
        "PROD 007_gateway_audit_logs",
        "",
    ] {
        let mut stage = armed();
        stage.type_text(REASON);
        stage.press("tab");
        stage.type_text(typed);
        stage.press("ctrl-x");
        assert_eq!(stage.executed(), 0, "{typed}");
    }
}

#[test]
fn a_reason_is_required_and_a_dot_is_none() {
    for reason in ["", ".", " .. "] {
        let mut stage = armed();
        stage.type_text(reason);
        stage.press("tab");
        stage.type_text(PHRASE);
        stage.press("ctrl-x");
        assert_eq!(stage.executed(), 0, "{reason}");
        stage.shows("a reason is required");
    }
}

#[test]
fn pasting_the_phrase_does_not_count() {
    let mut stage = armed();
    stage.type_text(REASON);
    stage.press("tab");
    stage.happens(Event::Terminal(At::Paste(PHRASE.into())));
    stage.draw();
    stage.shows("pasting does not count here");
    stage.press("ctrl-x");
    assert_eq!(stage.executed(), 0);
}

#[test]
fn keys_typed_ahead_cannot_answer_a_gate() {
    let mut stage = Stage::dark(80, 24);
    stage.world.nothing_blocks();
    stage.open();
    stage.press("a");
    // Everything arrives in one burst, before a frame shows the gate.
    stage.key(Key::char('u'));
    while let Some(effect) = stage.waiting.pop_front() {
        for event in stage.reply(effect) {
            stage.happens(event);
        }
    }
    for c in REASON.chars() {
        stage.key(Key::char(c));
    }
    stage.key(Key::parse("tab").unwrap());
    for c in PHRASE.chars() {
        stage.key(Key::char(c));
    }
    stage.key(Key::parse("ctrl-x").unwrap());
    stage.settle();
    assert_eq!(stage.executed(), 0);
    stage.hides(REASON);
}

#[test]
fn a_key_that_is_held_down_does_not_pass_a_gate_of_one_key() {
    let mut stage = Stage::new(80, 24);
    stage.press("/ d e m o enter u");
    stage.shows("runs upgrade on demo (development)");
    // The operator leans on the key: repeats every 30 ms, frames in between.
    for _ in 0..40 {
        stage.now = stage
            .now
            .checked_add(SignedDuration::from_millis(30))
            .unwrap();
        stage.key(Key::char('x'));
        stage.settle();
    }
    assert_eq!(stage.executed(), 0);
    stage.wait(SignedDuration::from_secs(2));
    stage.press("x");
    assert_eq!(stage.executed(), 1);
}

#[test]
fn staging_asks_once_more_with_another_key() {
    let mut stage = Stage::new(80, 24);
    stage.press("/ u a t enter u x");
    assert_eq!(stage.executed(), 0);
    stage.shows("upgrade on uat (staging)?");
    stage.press("x x");
    assert_eq!(stage.executed(), 0);
    stage.press("y");
    assert_eq!(stage.executed(), 1);
}

#[test]
fn a_blocked_plan_says_why_and_no_answer_opens_it() {
    let mut stage = Stage::new(80, 24);
    stage.press("u");
    stage.shows("✗ blocked by preflight");
    stage.shows("enable v3, or make a new version");
    stage.press("a x ctrl-x y");
    assert_eq!(stage.executed(), 0);
    assert!(
        stage
            .asked
            .iter()
            .any(|e| matches!(e, Effect::RecordLeft(_)))
    );
}

#[test]
fn a_gate_that_is_too_small_to_be_seen_cannot_be_answered() {
    let mut stage = Stage::new(80, 24);
    stage.press("/ d e m o enter");
    stage.resize(20, 4);
    stage.press("u x x x");
    assert_eq!(stage.executed(), 0);
    stage.resize(80, 24);
    stage.press("x");
    assert_eq!(stage.executed(), 1);
}

#[test]
fn leaving_a_gate_is_recorded_and_sends_nothing() {
    let mut stage = Stage::new(80, 24);
    stage.press("u esc");
    let left = stage
        .asked
        .iter()
        .filter(|e| matches!(e, Effect::RecordLeft(_)))
        .count();
    assert_eq!((left, stage.executed()), (1, 0));
    stage.shows("PROBLEMS");
}

#[test]
fn what_moved_since_the_plan_is_said_at_the_gate() {
    let mut stage = armed();
    stage.world.site_mut("prod").at = 6;
    stage.wait(SignedDuration::from_mins(4));
    stage.settle();
    stage.shows("closed: the database was 005_rls_policies, is now 006_trial_tables");
    stage.hides("type  ");
    stage.press("ctrl-x x");
    assert_eq!(stage.executed(), 0);
    stage.press("p");
    stage.shows("006_trial_tables → 007_gateway_audit_logs");
}

#[test]
fn a_disabled_secret_is_enabled_through_a_gate_and_the_problem_goes() {
    let mut stage = Stage::new(80, 24);
    stage.press("s E a");
    stage.shows("runs that ask for it start again");
    stage.type_text("OPS-9 rotated by mistake");
    stage.press("tab");
    stage.type_text("prod");
    stage.press("ctrl-x");
    stage.shows("v3 is enabled now");
    stage.press("esc");
    stage.hides("the next run will not start");
}

#[test]
fn success_that_is_not_in_the_database_is_failed() {
    let mut stage = armed();
    stage.fate = Fate::Lies;
    stage.type_text(REASON);
    stage.press("tab");
    stage.type_text(PHRASE);
    stage.press("ctrl-x");
    stage.shows("✗ FAILED");
    stage.shows("nothing: still 005_rls_policies");
    stage.hides("APPLIED");
}

#[test]
fn a_backup_as_the_first_step_is_another_plan_and_its_phrase_is_typed_anew() {
    let mut stage = armed();
    stage.type_text(REASON);
    stage.press("tab");
    stage.type_text(PHRASE);
    stage.press("ctrl-t");
    stage.shows("first     take a backup of plant-sql-prod");
    stage.shows(REASON);
    stage.press("ctrl-x");
    assert_eq!(stage.executed(), 0);
    stage.press("tab");
    stage.type_text(PHRASE);
    stage.press("ctrl-x");
    assert_eq!(stage.executed(), 1);
}
