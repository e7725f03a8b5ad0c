//! Arming: recorded first, for a limited time, visible everywhere, over with the console.

use jiff::SignedDuration;
use portcullis::app::effect::Effect;
use portcullis::app::input::Key;
use portcullis::domain::failure::{Failure, FailureKind};
use portcullis::domain::ledger::EntryKind;

use crate::stage::Stage;

fn kinds(stage: &Stage) -> Vec<EntryKind> {
    stage.book.entries.iter().map(|e| e.record.kind).collect()
}

#[test]
fn what_is_armed_is_in_the_title_of_every_screen_and_ticks() {
    let mut stage = Stage::new(80, 24);
    stage.hides("ARMED");
    stage.press("a");
    stage.shows("ARMED prod 5:00");
    assert_eq!(kinds(&stage), [EntryKind::Armed]);
    for keys in [
        "m", "esc", "L", "esc", "u", "esc", "c", "esc", "?", "esc", "s E", "esc esc",
    ] {
        stage.press(keys);
        stage.shows("ARMED prod 4:");
    }
    let wakes = stage.model.wakes_at(stage.now).expect("it ticks");
    assert_eq!(
        wakes.duration_since(stage.now),
        SignedDuration::from_secs(1)
    );
    stage.press("a");
    stage.hides("ARMED");
    assert_eq!(kinds(&stage), [EntryKind::Armed, EntryKind::Disarmed]);
    let wakes = stage.model.wakes_at(stage.now).expect("ages change");
    assert!(wakes.duration_since(stage.now) > SignedDuration::from_secs(1));
}

#[test]
fn what_cannot_be_recorded_is_not_armed() {
    let mut stage = Stage::new(80, 24);
    stage.book.broken = Some(Failure::new(
        FailureKind::Ledger,
        "the ledger could not be written",
        "check the space",
    ));
    stage.press("a");
    stage.shows("prod is not armed");
    stage.shows("check the space");
    assert!(stage.model.armed.is_empty());
}

#[test]
fn until_it_is_recorded_it_is_not_armed() {
    let mut stage = Stage::new(80, 24);
    stage.press("s E");
    stage.wait(SignedDuration::from_secs(1));
    stage.key(Key::char('a'));
    stage.draw();
    stage.shows("arming prod: it is being recorded");
    stage.key(Key::char('a'));
    stage.draw();
    stage.shows("that is being recorded");
    assert!(stage.model.armed.is_empty());
    stage.settle();
    assert_eq!(stage.model.armed.len(), 1);
    assert_eq!(kinds(&stage), [EntryKind::Armed]);
}

#[test]
fn a_gate_closes_before_ones_eyes_when_the_time_is_over() {
    let mut stage = Stage::dark(80, 24);
    stage.world.nothing_blocks();
    stage.open();
    stage.press("u a");
    stage.type_text("OPS-412 audit logs");
    stage.press("tab");
    stage.type_text("prod 007_gateway_audit_logs");
    stage.wait(SignedDuration::from_mins(5));
    stage.press("ctrl-x");
    assert_eq!(stage.executed(), 0);
    stage.shows("prod is read-only.");
    stage.shows("the time it was armed for is over");
    stage.press("a");
    stage.shows("OPS-412 audit logs");
    stage.shows("the phrase is missing");
}

#[test]
fn arming_ends_with_the_console_and_that_is_recorded() {
    let mut stage = Stage::new(80, 24);
    stage.press("a q");
    assert_eq!(kinds(&stage), [EntryKind::Armed, EntryKind::Disarmed]);
    let asked = &stage.asked;
    let at = |is: fn(&Effect) -> bool| asked.iter().rposition(is);
    let disarmed = at(|e| matches!(e, Effect::Arm { arm: false, .. }));
    assert!(disarmed < at(|e| matches!(e, Effect::Quit)));
}

#[test]
fn a_gate_that_was_covered_is_looked_at_again_before_a_key_passes_it() {
    let mut stage = Stage::new(80, 24);
    stage.press("/ d e m o enter u");
    for cover in ["L", "?", ":"] {
        stage.press(cover);
        stage.wait(SignedDuration::from_secs(5));
        // All in one burst, before the gate is on the screen again.
        stage.key(Key::parse("esc").unwrap());
        stage.wait(SignedDuration::from_secs(1));
        stage.key(Key::char('x'));
        stage.settle();
        assert_eq!(stage.executed(), 0, "after {cover}");
        stage.shows("too soon");
    }
    stage.press("x");
    assert_eq!(stage.executed(), 1);
}
