//! What opens a gate, and what does not.

use proptest::prelude::*;

use super::*;
use crate::domain::act::{Cancellation, SecretChange, SecretVerb};
use crate::domain::approval::tests::{Says, ledger};
use crate::domain::environment::Tier;
use crate::domain::plan::Plan;
use crate::domain::plan::tests::plan;

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

/// Looks whether a gate opens when nobody else was asked.
fn check(gate: &Gate, answer: &Answer) -> Result<(), Refusal> {
    gate.check(answer, &unasked(gate), now())
}

fn unasked(gate: &Gate) -> Consents {
    Consents::unasked(&gate.digest, "ravi@example.com")
}

fn production() -> Gate {
    Gate::before(&plan(), &Policies::default(), &[])
}

fn good() -> Answer {
    Answer {
        typed: Some("prod 007".to_owned()),
        key: false,
        reason: Some("OPS-1 audit logs".to_owned()),
        armed: true,
        breaks_glass: false,
    }
}

#[test]
fn production_opens_for_the_phrase_and_a_reason_when_armed() {
    assert_eq!(check(&production(), &good()), Ok(()));
    assert_eq!(production().demand().phrase, "prod 007");
}

#[test]
fn production_stays_closed_when_one_thing_is_missing() {
    let gate = production();
    let closed = |answer: Answer| check(&gate, &answer).unwrap_err();
    assert!(matches!(
        closed(Answer {
            armed: false,
            ..good()
        }),
        Refusal::NotArmed(_)
    ));
    assert!(matches!(
        closed(Answer {
            typed: None,
            key: true,
            ..good()
        }),
        Refusal::NotConfirmed(_)
    ));
    assert!(matches!(
        closed(Answer {
            typed: Some("uat".into()),
            ..good()
        }),
        Refusal::Mistyped(_)
    ));
    assert!(matches!(
        closed(Answer {
            reason: Some(".".into()),
            ..good()
        }),
        Refusal::NoReason
    ));
    assert!(matches!(
        closed(Answer {
            reason: None,
            ..good()
        }),
        Refusal::NoReason
    ));
}

#[test]
fn a_ticket_pattern_must_be_held() {
    let mut policies = Policies::default();
    policies.tiers.get_mut(&Tier::Production).unwrap().ticket = Some("^[A-Z]+-[0-9]+".to_owned());
    let gate = Gate::before(&plan(), &policies, &[]);
    assert_eq!(check(&gate, &good()), Ok(()));
    let without = Answer {
        reason: Some("because it is late".into()),
        ..good()
    };
    assert!(matches!(check(&gate, &without), Err(Refusal::NoTicket(_))));
}

#[test]
fn a_blocking_finding_cannot_be_confirmed_away() {
    let finding = Finding::found(
        "secret-disabled",
        Severity::Block,
        "v3 is disabled",
        "enable it",
    );
    let gate = Gate::before(&plan(), &Policies::default(), &[finding]);
    assert!(matches!(check(&gate, &good()), Err(Refusal::Blocked(_))));
}

#[test]
fn staging_takes_a_key_and_development_nothing() {
    let at = |tier, environment: &str| Plan {
        tier,
        environment: environment.into(),
        ..plan()
    };
    let staging = Gate::before(&at(Tier::Staging, "uat"), &Policies::default(), &[]);
    assert!(check(&staging, &Answer::default()).is_err());
    assert!(
        check(
            &staging,
            &Answer {
                key: true,
                ..Answer::default()
            }
        )
        .is_ok()
    );
    let development = Gate::before(&at(Tier::Development, "demo"), &Policies::default(), &[]);
    assert!(check(&development, &Answer::default()).is_ok());
}

#[test]
fn what_may_destroy_stands_one_tier_higher() {
    let stamp = Plan {
        tier: Tier::Staging,
        environment: "uat".into(),
        risk: Risk::Destructive,
        ..plan()
    };
    let gate = Gate::before(&stamp, &Policies::default(), &[]);
    assert_eq!(gate.demand().confirm, Confirm::TypeTarget);
    assert!(
        check(
            &gate,
            &Answer {
                key: true,
                ..Answer::default()
            }
        )
        .is_err()
    );
}

#[test]
fn a_verb_stands_where_its_risk_is_whatever_the_config_calls_it() {
    let declared = |risk: Risk, args: &[&str]| Plan {
        tier: Tier::Staging,
        environment: "uat".into(),
        risk,
        args: args.iter().map(ToString::to_string).collect(),
        ..plan()
    };
    let confirm = |plan: &Plan| {
        Gate::before(plan, &Policies::default(), &[])
            .demand()
            .confirm
    };
    for risk in [Risk::Read, Risk::Change, Risk::Destructive] {
        for args in [
            &["alembic", "stamp", "head"][..],
            &["alembic", "stamp", "--purge", "head"],
            &["alembic", "downgrade", "-1"],
            &["sh", "-c", "alembic stamp head"],
        ] {
            assert_eq!(
                confirm(&declared(risk, args)),
                Confirm::TypeTarget,
                "{args:?}"
            );
        }
    }
    let upgrade = ["alembic", "upgrade", "head"];
    assert_eq!(confirm(&declared(Risk::Read, &upgrade)), Confirm::Key);
    assert_eq!(confirm(&declared(Risk::Change, &upgrade)), Confirm::Key);
    assert_eq!(
        confirm(&declared(Risk::Destructive, &upgrade)),
        Confirm::TypeTarget
    );
}

#[test]
fn reading_needs_no_gate_even_in_production() {
    let current = Plan {
        args: ["python", "-m", "alembic", "current"]
            .map(String::from)
            .to_vec(),
        risk: Risk::Read,
        ..plan()
    };
    assert!(
        check(
            &Gate::before(&current, &Policies::default(), &[]),
            &Answer::default()
        )
        .is_ok()
    );
}

#[test]
fn an_approval_goes_stale() {
    let approved = production()
        .pass(plan(), good(), &unasked(&production()), now())
        .unwrap();
    let late = now() + APPROVAL_LASTS + SignedDuration::from_secs(1);
    assert_eq!(approved.redeem(late).unwrap_err(), Refusal::Expired);
    let approved = production()
        .pass(plan(), good(), &unasked(&production()), now())
        .unwrap();
    assert_eq!(approved.redeem(now()).unwrap(), plan());
}

proptest! {
    #[test]
    fn nothing_but_the_name_or_the_phrase_opens_production(typed in ".*", key in any::<bool>()) {
        prop_assume!(typed != "prod" && typed != "prod 007");
        let answer = Answer { typed: Some(typed), key, ..good() };
        prop_assert!(production().pass(plan(), answer, &unasked(&production()), now()).is_err());
    }
}

/// Production that asks for other people, and for nobody breaking the glass unless it says so.
fn policies(approvals: u32, break_glass: bool) -> Policies {
    let mut policies = Policies::default();
    let production = policies.tiers.get_mut(&Tier::Production).unwrap();
    production.approvals = approvals;
    production.break_glass = break_glass;
    policies
}

fn consents(says: &[(&str, Says)], who: &str) -> Consents {
    Consents::read(&ledger(&plan(), says), &plan().digest(), who)
}

const ASKED: (&str, Says) = ("ravi@example.com", Says::Asks);
const AGREED: (&str, Says) = ("mia@example.com", Says::Agrees);

#[test]
fn a_second_person_opens_what_one_alone_cannot() {
    let gate = Gate::before(&plan(), &policies(1, true), &[]);
    let opens = |says: &[_]| gate.check(&good(), &consents(says, "ravi@example.com"), now());
    assert_eq!(opens(&[]), Err(Refusal::NotAsked(1)));
    assert_eq!(opens(&[ASKED]), Err(Refusal::NeedsApproval(1)));
    assert_eq!(opens(&[ASKED, AGREED]), Ok(()));
    let declined = [ASKED, AGREED, ("sven@example.com", Says::Declines)];
    assert!(matches!(opens(&declined), Err(Refusal::Declined { .. })));
    let used = [ASKED, AGREED, ("ravi@example.com", Says::Acts)];
    assert!(matches!(opens(&used), Err(Refusal::Used { .. })));
}

#[test]
fn consents_of_another_act_open_nothing() {
    let gate = Gate::before(&plan(), &policies(1, true), &[]);
    let other = Plan {
        etag: "2".to_owned(),
        ..plan()
    };
    let elsewhere = Consents::read(
        &ledger(&other, &[ASKED, AGREED]),
        &other.digest(),
        "ravi@example.com",
    );
    assert_eq!(
        gate.check(&good(), &elsewhere, now()),
        Err(Refusal::AnotherAct)
    );
}

#[test]
fn a_gate_passes_the_act_that_it_was_made_for_and_no_other() {
    let other = Plan {
        to: vec!["666".into()],
        ..plan()
    };
    let consents = Consents::unasked(&other.digest(), "ravi@example.com");
    let passed = production().pass(other, good(), &consents, now());
    assert_eq!(passed.unwrap_err(), Refusal::AnotherAct);
}

#[test]
fn a_dot_and_a_held_key_are_no_reasons() {
    for nothing in [
        ".", "...", "aaaaaa", "--- ---", "11111", "  ", "no", "aa aa",
    ] {
        let answer = Answer {
            reason: Some(nothing.to_owned()),
            ..good()
        };
        assert_eq!(
            check(&production(), &answer),
            Err(Refusal::NoReason),
            "{nothing}"
        );
    }
    for reason in ["asdf", "OPS-412", "nachts um drei", "再索引する"] {
        let answer = Answer {
            reason: Some(reason.to_owned()),
            ..good()
        };
        assert_eq!(check(&production(), &answer), Ok(()), "{reason}");
    }
}

fn frozen() -> Vec<Finding> {
    ["freeze", "backup", "promotion"]
        .map(|code| Finding::found(code, Severity::Block, "message", "remedy"))
        .to_vec()
}

fn broken_glass() -> Answer {
    Answer {
        typed: Some("break glass prod 007".to_owned()),
        breaks_glass: true,
        ..good()
    }
}

#[test]
fn broken_glass_overrides_the_others_and_the_policy_and_says_what() {
    let gate = Gate::before(&plan(), &policies(2, true), &frozen());
    assert!(matches!(check(&gate, &good()), Err(Refusal::Blocked(_))));
    let passed = gate.pass(plan(), broken_glass(), &unasked(&gate), now());
    let overridden = Overridden {
        approvals: 2,
        without_them: true,
        checks: vec!["freeze".into(), "backup".into(), "promotion".into()],
    };
    assert_eq!(passed.unwrap().overrode(), Some(&overridden));
}

#[test]
fn broken_glass_asks_for_its_own_phrase_and_always_for_a_reason() {
    let gate = Gate::before(&plan(), &policies(1, true), &[]);
    assert_eq!(gate.glass().unwrap().phrase, "break glass prod 007");
    let closed = |answer: Answer| check(&gate, &answer).unwrap_err();
    assert!(matches!(
        closed(Answer {
            typed: Some("prod 007".into()),
            ..broken_glass()
        }),
        Refusal::Mistyped(_)
    ));
    assert_eq!(
        closed(Answer {
            reason: Some(".".into()),
            ..broken_glass()
        }),
        Refusal::NoReason
    );
    assert!(matches!(
        closed(Answer {
            armed: false,
            ..broken_glass()
        }),
        Refusal::NotArmed(_)
    ));
    // Headless, the environment's name confirms; the flag has said the rest.
    let headless = Answer {
        typed: Some("prod".into()),
        ..broken_glass()
    };
    assert_eq!(check(&gate, &headless), Ok(()));
    // The louder phrase without the glass is nothing.
    let quiet = Answer {
        breaks_glass: false,
        ..broken_glass()
    };
    assert!(matches!(closed(quiet), Refusal::Mistyped(_)));
}

#[test]
fn broken_glass_does_not_override_what_cannot_work_or_protects_data() {
    let policy: std::collections::BTreeSet<_> = POLICY.iter().copied().collect();
    for code in crate::domain::preflight::CODES {
        let finding = Finding::found(code, Severity::Block, "message", "remedy");
        let gate = Gate::before(&plan(), &policies(1, true), &[finding]);
        let opens = check(&gate, &broken_glass()).is_ok();
        assert_eq!(opens, policy.contains(code), "{code}");
    }
    for code in [
        "secret-missing",
        "run-active",
        "run-unknown",
        "revision-unknown",
    ] {
        assert!(!policy.contains(code), "{code}");
    }
}

#[test]
fn glass_is_broken_only_where_there_is_some_and_for_something_and_by_somebody() {
    let without = Gate::before(&plan(), &policies(1, false), &frozen());
    assert_eq!(check(&without, &broken_glass()), Err(Refusal::NoGlass));
    assert_eq!(without.glass(), None);
    let nothing = Gate::before(&plan(), &policies(0, true), &[]);
    assert_eq!(
        check(&nothing, &broken_glass()),
        Err(Refusal::NothingToBreak)
    );
    assert_eq!(nothing.glass(), None);
    let gate = Gate::before(&plan(), &policies(1, true), &[]);
    let granted = consents(&[ASKED, AGREED], "ravi@example.com");
    let unneeded = gate.check(&broken_glass(), &granted, now());
    assert_eq!(unneeded, Err(Refusal::NothingToBreak));
    let nobody = Consents::unasked(&plan().digest(), "unknown");
    assert_eq!(
        gate.check(&broken_glass(), &nobody, now()),
        Err(Refusal::NobodyBreaks)
    );
}

#[test]
fn stopping_waits_for_nobody_and_a_secret_does() {
    let stop = Cancellation {
        environment: "prod".into(),
        tier: Tier::Production,
        job: "projects/p/locations/l/jobs/j".to_owned(),
        execution: crate::domain::execution::ExecutionName::new("j-1"),
    };
    let gate = Gate::before(&stop, &policies(2, true), &[]);
    assert_eq!(gate.demand().approvals, 0);
    let disable = SecretChange {
        environment: "prod".into(),
        tier: Tier::Production,
        project: "p".to_owned(),
        secret: "url".to_owned(),
        version: crate::domain::secret::VersionNumber(2),
        etag: "1".to_owned(),
        verb: SecretVerb::Disable,
    };
    let gate = Gate::before(&disable, &policies(2, true), &[]);
    assert_eq!(gate.demand().approvals, 2);
}
