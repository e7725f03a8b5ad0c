//! The second person, broken glass and what is owed: what passes, what does not, and what is seen.

use jiff::SignedDuration;
use portcullis::app::consent::ConsentAsk;
use portcullis::app::effect::Effect;
use portcullis::app::event::{Earlier, Event, Terminal as At};
use portcullis::app::input::Key;
use portcullis::domain::environment::Tier;
use portcullis::domain::outcome::Outcome;

use crate::stage::{ME, Stage};
use crate::world::{START, ago};

const MIA: &str = "mia@example.com";
const REASON: &str = "OPS-412 audit logs for the gateway";

/// Production asks for one other person.
fn asking() -> Stage {
    let mut stage = Stage::dark(80, 24);
    stage.world.nothing_blocks();
    let policies = &mut stage.world.policies.tiers;
    policies
        .get_mut(&Tier::Production)
        .expect("a test")
        .approvals = 1;
    stage.model.setup.policies = stage.world.policies.clone();
    stage.open();
    stage
}

/// Others were asked, at the gate.
fn asked() -> Stage {
    let mut stage = asking();
    stage.press("u");
    stage.type_text(REASON);
    stage.press("ctrl-x");
    stage
}

fn words(stage: &Stage) -> Vec<&ConsentAsk> {
    let asks = stage.asked.iter().filter_map(|effect| match effect {
        Effect::Consent { ask, .. } => Some(ask),
        _ => None,
    });
    asks.filter(|ask| !matches!(ask, ConsentAsk::Desk | ConsentAsk::Standing { .. }))
        .collect()
}

/// Somebody else answers the newest request.
fn answers(stage: &mut Stage, who: &str, agrees: bool) {
    let request = stage
        .book
        .entries
        .last()
        .expect("a test")
        .record
        .run_id
        .clone();
    let at = stage.now;
    let reason = (!agrees).then(|| "not tonight".to_owned());
    stage
        .book
        .word(at, &request, who, agrees, reason)
        .expect("a test");
    stage.wait(SignedDuration::from_secs(6));
    stage.settle();
}

#[test]
fn others_are_asked_with_a_reason_and_the_gate_waits_for_them() {
    let mut stage = asking();
    stage.press("u");
    stage.shows("1 other person must agree; nobody was asked yet");
    stage.press("ctrl-x");
    assert!(words(&stage).is_empty(), "not without a reason");
    stage.type_text(REASON);
    stage.shows("ctrl-x asks others to agree to this plan");
    stage.press("ctrl-x");
    assert!(matches!(
        words(&stage).as_slice(),
        [ConsentAsk::Others { .. }]
    ));
    stage.shows("waits for 1 of 1, until");
    stage.shows("asked by ravi@example.com");
    stage.press("x ctrl-x y a");
    assert_eq!(stage.executed(), 0);
}

#[test]
fn once_others_agreed_the_gate_asks_for_all_that_it_asks_for_otherwise() {
    let mut stage = asked();
    answers(&mut stage, MIA, true);
    stage.shows("✓ mia@example.com agreed; that holds until");
    stage.shows("prod is read-only");
    stage.press("a");
    stage.shows(REASON);
    stage.press("tab");
    stage.type_text("prod 007_gateway_audit_logs");
    stage.press("ctrl-x");
    assert_eq!(stage.executed(), 1);
}

#[test]
fn ones_own_word_a_refusal_and_an_old_word_do_not_open_it() {
    let mut stage = asked();
    answers(&mut stage, ME, true);
    stage.shows("waits for 1 of 1");
    answers(&mut stage, MIA, false);
    stage.shows("✗ declined by mia@example.com: not tonight");
    stage.shows("ctrl-x asks others");
    let mut stage = asked();
    answers(&mut stage, MIA, true);
    stage.press("a");
    stage.press("tab");
    stage.type_text("prod 007_gateway_audit_logs");
    // What was agreed is too old before the key is pressed.
    stage.wait(SignedDuration::from_mins(40));
    stage.press("ctrl-x");
    assert_eq!(stage.executed(), 0);
    stage.shows("✗ expired at");
}

#[test]
fn glass_is_offered_where_it_helps_and_is_loud() {
    let mut stage = Stage::dark(80, 24);
    stage.world.nothing_blocks();
    stage.open();
    stage.press("u");
    stage.hides("glass");
    let mut stage = asking();
    stage.press("u");
    stage.shows("ctrl-g breaks the glass");
    stage.press("ctrl-g");
    stage.shows("‼ BREAKING GLASS: without the word of 1 other person");
    stage.press("a");
    stage.type_text(REASON);
    stage.press("tab");
    stage.type_text("prod 007_gateway_audit_logs");
    stage.press("ctrl-x");
    assert_eq!(stage.executed(), 0, "another phrase than otherwise");
    stage.press("ctrl-u");
    stage.type_text("break glass prod 007_gateway_audit_logs");
    stage.shows("breaks the glass and runs upgrade on prod");
    stage.press("ctrl-x");
    assert_eq!(stage.executed(), 1);
    let broke = stage
        .asked
        .iter()
        .any(|effect| matches!(effect, Effect::Execute { run, .. } if run.answer.breaks_glass));
    assert!(broke);
}

#[test]
fn a_phrase_for_broken_glass_counts_for_nothing_once_the_glass_is_whole() {
    let mut stage = asking();
    stage.press("u ctrl-g a");
    stage.type_text(REASON);
    stage.press("tab");
    stage.type_text("break glass prod 007_gateway_audit_logs");
    stage.press("ctrl-g");
    stage.hides("BREAKING");
    stage.press("ctrl-x");
    assert_eq!(stage.executed(), 0);
    stage.press("ctrl-g ctrl-x");
    assert_eq!(stage.executed(), 0, "it is typed again");
}

/// Somebody else asks for what this console would plan, too.
fn somebody_asks() -> Stage {
    let mut stage = asking();
    let params = std::collections::BTreeMap::new();
    let plan = stage
        .world
        .prepare("prod", "upgrade", &params, stage.now)
        .plan;
    stage
        .book
        .request(stage.now, &plan, MIA, "OPS-7 \u{1b}[31maudit 日本")
        .expect("a test");
    stage.press("ctrl-r");
    stage
}

#[test]
fn a_request_of_somebody_else_is_seen_compared_and_agreed_to_by_typing() {
    let mut stage = somebody_asks();
    stage.shows("1 request waits for you: upgrade on prod, by mia, <1m ago");
    stage.press("R");
    stage.shows("OPS-7 audit 日本");
    stage.press("enter");
    stage.shows("asked by  mia@example.com");
    stage.shows("the same in every part");
    stage.shows("agree prod 007_gateway_audit_logs");
    stage.press("ctrl-x enter");
    stage.happens(Event::Terminal(At::Paste(
        "agree prod 007_gateway_audit_logs".into(),
    )));
    stage.press("ctrl-x");
    assert!(
        words(&stage)
            .iter()
            .all(|ask| matches!(ask, ConsentAsk::Look { .. }))
    );
    while !matches!(
        stage.model.gate().unwrap().field,
        portcullis::app::gate::Field::Phrase
    ) {
        stage.press("tab");
    }
    stage.type_text("agree prod 007_gateway_audit_logs");
    stage.press("ctrl-x");
    stage.shows("agreed: the request of mia@example.com on prod");
    assert!(matches!(
        words(&stage).last(),
        Some(ConsentAsk::Word { agrees: true, .. })
    ));
    stage.press("esc");
    stage.settle();
    stage.hides("waits for you");
}

#[test]
fn what_differs_here_is_said_and_a_request_is_declined_with_a_reason() {
    let mut stage = somebody_asks();
    stage.world.site_mut("prod").at = 6;
    stage.press("R enter");
    stage.shows("✗ the database was 005_rls_policies, is now 006_trial_tables");
    stage.press("ctrl-d");
    stage.shows("a reason is required");
    stage.type_text("the database moved");
    stage.press("ctrl-d");
    stage.shows("declined: the request of mia@example.com");
    assert!(matches!(
        words(&stage).last(),
        Some(ConsentAsk::Word { agrees: false, .. })
    ));
}

#[test]
fn keys_typed_ahead_and_held_keys_decide_nothing_about_a_request() {
    let mut stage = somebody_asks();
    stage.press("R");
    stage.wait(SignedDuration::from_secs(1));
    stage.key(Key::parse("enter").unwrap());
    while let Some(effect) = stage.waiting.pop_front() {
        for event in stage.reply(effect) {
            stage.happens(event);
        }
    }
    for c in "because agree prod 007_gateway_audit_logs".chars() {
        stage.key(Key::char(c));
    }
    for key in ["ctrl-d", "ctrl-x", "ctrl-d"] {
        stage.key(Key::parse(key).unwrap());
    }
    stage.settle();
    for _ in 0..40 {
        stage.now = stage
            .now
            .checked_add(SignedDuration::from_millis(30))
            .unwrap();
        stage.key(Key::parse("ctrl-d").unwrap());
        stage.key(Key::parse("ctrl-x").unwrap());
        stage.settle();
    }
    assert!(
        words(&stage)
            .iter()
            .all(|ask| matches!(ask, ConsentAsk::Look { .. }))
    );
}

#[test]
fn ones_own_request_can_only_be_taken_back() {
    let mut stage = asked();
    stage.press("esc R");
    stage.shows("· others");
    stage.press("enter");
    stage.shows("whoever asks cannot agree to it");
    stage.shows("takes it back");
    stage.type_text("asked too early");
    stage.press("ctrl-x");
    assert!(
        !words(&stage)
            .iter()
            .any(|ask| matches!(ask, ConsentAsk::Word { .. }))
    );
    stage.press("ctrl-d");
    assert!(matches!(
        words(&stage).last(),
        Some(ConsentAsk::Word { agrees: false, .. })
    ));
}

#[test]
fn what_an_earlier_start_left_open_is_told_until_it_was_looked_at() {
    let mut stage = Stage::dark(80, 24);
    let run = |run_id: &str, outcome| Earlier {
        run_id: run_id.into(),
        environment: "prod".into(),
        operation: "upgrade".into(),
        actor: ME.into(),
        begun_at: ago(START, 60 * 20),
        execution: None,
        outcome,
        closed: outcome == Outcome::Applied,
        why: "read back just now".into(),
    };
    stage.left_open = vec![
        run("01JHQX3V9K2M8Z4W7T5R6P1N0D", Outcome::Applied),
        run("01JHQX3V9K2M8Z4W7T5R6P1N0E", Outcome::Unknown),
    ];
    stage.open();
    stage.shows("✓ run …6P1N0D of upgrade on prod, yesterday 05:00 UTC: APPLIED");
    stage.shows("? run …6P1N0E");
    stage.press("j j j j enter");
    stage.shows("story");
    stage.press("esc");
    stage.hides("6P1N0D");
    stage.shows("6P1N0E");
}
