//! Random keys, events and sizes: nothing panics, and production is not run without its phrase.

use jiff::SignedDuration;
use portcullis::app::consent::{ConsentAnswer, ConsentAsk};
use portcullis::app::effect::{Effect, RequestId};
use portcullis::app::event::{Event, LogAnswer, RunEvent, Terminal as At};
use portcullis::app::input::{Code, Key};
use portcullis::app::place::Place;
use portcullis::domain::act::Act as _;
use portcullis::domain::approval::Standing;
use portcullis::domain::environment::Tier;
use portcullis::domain::failure::{Failure, FailureKind};
use portcullis::domain::operation::Risk;
use proptest::prelude::*;

use crate::stage::{Fate, ME, Stage};
use crate::world;

const MIA: &str = "mia@example.com";

#[derive(Clone, Debug)]
enum Act {
    Key(Key),
    Type(&'static str),
    Draw,
    Answer,
    Lose,
    Wait(i64),
    Resize(u16, u16),
    Paste(String),
    Focus(bool),
    Stray(u64, u8),
    /// Somebody else asks, agrees or declines.
    Other(u8),
}

fn key() -> impl Strategy<Value = Key> {
    let named = [
        "enter",
        "esc",
        "tab",
        "backtab",
        "up",
        "down",
        "pageup",
        "pagedown",
        "home",
        "end",
        "ctrl-x",
        "ctrl-r",
        "left",
        "backspace",
        "ctrl-w",
        "ctrl-g",
        "ctrl-d",
        "ctrl-t",
    ];
    prop_oneof![
        4 => prop::sample::select("uraxylmsedjkqnpfwcEDX/:?1234gGvtUo[]mmLLSRRBb".chars().collect::<Vec<_>>()).prop_map(Key::char),
        3 => prop::sample::select(named.to_vec()).prop_map(|name| Key::parse(name).expect("a test")),
        1 => any::<char>().prop_map(|c| Key::plain(Code::Char(c))),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => key().prop_map(Act::Key),
        2 => prop::sample::select(vec!["prod 007_gateway_audit_logs", "prod", "OPS-1 because", "y", "agree prod 007_gateway_audit_logs", "break glass prod 007_gateway_audit_logs", "env:prod kind:refused since:2d"]).prop_map(Act::Type),
        6 => Just(Act::Draw),
        6 => Just(Act::Answer),
        1 => Just(Act::Lose),
        3 => prop::sample::select(vec![1, 40, 300, 1_000, 61_000, 400_000]).prop_map(Act::Wait),
        1 => (1u16..140, 1u16..50).prop_map(|(w, h)| Act::Resize(w, h)),
        1 => prop_oneof![Just("prod 007_gateway_audit_logs".to_owned()), any::<String>()].prop_map(Act::Paste),
        1 => any::<bool>().prop_map(Act::Focus),
        1 => (0u64..60, 0u8..8).prop_map(|(id, kind)| Act::Stray(id, kind)),
        1 => (0u8..4).prop_map(Act::Other),
    ]
}

/// What was typed into the gate that is on the screen, since it was drawn.
#[derive(Default)]
struct Typed {
    serial: u64,
    text: String,
}

impl Typed {
    fn key(&mut self, stage: &Stage, key: Key) {
        let Some(gate) = stage.model.gate() else {
            return;
        };
        if self.serial != gate.serial {
            self.serial = gate.serial;
            self.text.clear();
        }
        if let Some(c) = key
            .typed()
            .filter(|_| gate.drawn_at.is_some() && stage.model.place() == Place::GateText)
        {
            self.text.push(c);
        }
    }

    /// Whether every letter of the phrase was typed at the gate, in order.
    fn holds(&self, phrase: &str) -> bool {
        let mut rest = self.text.chars();
        phrase.chars().all(|c| rest.any(|typed| typed == c))
    }
}

fn play(stage: &mut Stage, typed: &mut Typed, act: Act) {
    match act {
        Act::Key(key) => {
            typed.key(stage, key);
            stage.key(key);
        }
        Act::Type(text) => {
            for c in text.chars() {
                typed.key(stage, Key::char(c));
                stage.key(Key::char(c));
            }
        }
        Act::Draw => stage.draw(),
        Act::Answer => {
            if let Some(effect) = stage.waiting.pop_front() {
                for event in stage.reply(effect) {
                    stage.happens(event);
                }
            }
        }
        Act::Lose => {
            stage.waiting.pop_back();
        }
        Act::Wait(millis) => stage.wait(SignedDuration::from_millis(millis)),
        Act::Resize(width, height) => stage.resize(width, height),
        Act::Paste(text) => stage.happens(Event::Terminal(At::Paste(text))),
        Act::Focus(focused) => stage.happens(Event::Terminal(At::Focus(focused))),
        Act::Other(0) => {
            let params = std::collections::BTreeMap::new();
            let plan = stage
                .world
                .prepare("prod", "upgrade", &params, stage.now)
                .plan;
            let asked = stage.book.request(stage.now, &plan, MIA, "OPS-7");
            asked.expect("a test");
        }
        Act::Other(kind) => {
            let newest = stage.book.newest_request();
            if let Some(request) = newest {
                let said = stage.book.word(stage.now, &request, MIA, kind < 3, None);
                said.expect("a test");
            }
        }
        Act::Stray(id, kind) => {
            let event = stray(stage, RequestId(id), kind);
            stage.happens(event);
        }
    }
}

/// What went out is what somebody typed at a gate that was on the screen.
fn holds(stage: &Stage, typed: &Typed, effect: &Effect) -> Result<(), TestCaseError> {
    match effect {
        Effect::Execute { run, .. } if run.act.tier == Tier::Production => {
            let glass = run.answer.breaks_glass;
            let demand = match run.gate.glass() {
                Some(broken) if glass => broken,
                _ => run.gate.demand(),
            };
            let phrase = &demand.phrase;
            // Only what changes nothing may run without one.
            prop_assert_eq!(phrase.is_empty(), run.act.risk == Risk::Read);
            if run.act.risk == Risk::Read {
                return Ok(());
            }
            prop_assert_eq!(run.answer.typed.as_deref(), Some(phrase.as_str()));
            prop_assert!(run.answer.armed && run.answer.reason.is_some());
            prop_assert!(typed.holds(phrase), "typed at the gate: {}", typed.text);
            let consents = stage.book.consents(&run.act.digest(), ME);
            let granted = matches!(
                run.gate.standing(&consents, stage.now),
                Standing::Granted { .. }
            );
            prop_assert!(run.gate.terms().approvals == 0 || glass || granted);
        }
        Effect::Consent {
            ask: ConsentAsk::Word {
                request, agrees, ..
            },
            ..
        } => {
            let (asked, _) = stage.book.asked(request);
            let phrase = "agree prod 007_gateway_audit_logs";
            prop_assert!(!agrees || (typed.holds(phrase) && asked.author != ME));
        }
        Effect::Consent {
            ask: ConsentAsk::Others { reason, .. },
            ..
        } => prop_assert!(!reason.is_empty()),
        _ => {}
    }
    Ok(())
}

fn stray(stage: &Stage, id: RequestId, kind: u8) -> Event {
    let failure = Failure::new(FailureKind::Unreachable, "no answer", "");
    match kind {
        0 => Event::Planned {
            id,
            answer: Err(failure),
        },
        1 => Event::Run {
            id,
            event: RunEvent::Lost(failure),
        },
        2 => Event::Cancelled {
            id,
            answer: Err(failure),
        },
        3 => Event::Log {
            id,
            answer: LogAnswer::Lines(vec![world::line(stage.now, "ERROR late \u{1b}[1m日本")]),
        },
        5 => Event::Armed {
            id,
            answer: Ok(Some(stage.now + SignedDuration::from_mins(5))),
        },
        6 => Event::Consent {
            id,
            answer: Ok(ConsentAnswer::Recorded),
        },
        4 => Event::Identity {
            id,
            answer: Err(failure),
        },
        _ => Event::Planned {
            id,
            answer: Ok(Box::new(stage.world.prepare(
                "prod",
                "upgrade",
                &std::collections::BTreeMap::new(),
                stage.now,
            ))),
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_production_needs_its_phrase(
        acts in prop::collection::vec(act(), 1..220), waits in any::<bool>(), others in any::<bool>(),
    ) {
        let mut stage = Stage::dark(80, 24);
        stage.world.nothing_blocks();
        stage.fate = if waits { Fate::Waits } else { Fate::Applies };
        if others {
            let policies = &mut stage.world.policies.tiers;
            policies.get_mut(&Tier::Production).expect("a test").approvals = 1;
            stage.model.setup.policies = stage.world.policies.clone();
        }
        stage.open();
        let mut typed = Typed::default();
        for act in acts {
            let before = stage.asked.len();
            play(&mut stage, &mut typed, act);
            for effect in &stage.asked[before..] {
                holds(&stage, &typed, effect)?;
            }
        }
        stage.draw();
    }
}
