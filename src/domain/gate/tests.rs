//! What opens a gate, and what does not.

use proptest::prelude::*;

use super::*;
use crate::domain::environment::Tier;
use crate::domain::plan::Plan;
use crate::domain::plan::tests::plan;

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
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
    }
}

#[test]
fn production_opens_for_the_phrase_and_a_reason_when_armed() {
    assert_eq!(production().check(&good()), Ok(()));
    assert_eq!(production().demand().phrase, "prod 007");
}

#[test]
fn production_stays_closed_when_one_thing_is_missing() {
    let gate = production();
    let closed = |answer: Answer| gate.check(&answer).unwrap_err();
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
    assert_eq!(gate.check(&good()), Ok(()));
    let without = Answer {
        reason: Some("because it is late".into()),
        ..good()
    };
    assert!(matches!(gate.check(&without), Err(Refusal::NoTicket(_))));
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
    assert!(matches!(gate.check(&good()), Err(Refusal::Blocked(_))));
}

#[test]
fn staging_takes_a_key_and_development_nothing() {
    let at = |tier, environment: &str| Plan {
        tier,
        environment: environment.into(),
        ..plan()
    };
    let staging = Gate::before(&at(Tier::Staging, "uat"), &Policies::default(), &[]);
    assert!(staging.check(&Answer::default()).is_err());
    assert!(
        staging
            .check(&Answer {
                key: true,
                ..Answer::default()
            })
            .is_ok()
    );
    let development = Gate::before(&at(Tier::Development, "demo"), &Policies::default(), &[]);
    assert!(development.check(&Answer::default()).is_ok());
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
        gate.check(&Answer {
            key: true,
            ..Answer::default()
        })
        .is_err()
    );
}

#[test]
fn reading_needs_no_gate_even_in_production() {
    let current = Plan {
        risk: Risk::Read,
        ..plan()
    };
    assert!(
        Gate::before(&current, &Policies::default(), &[])
            .check(&Answer::default())
            .is_ok()
    );
}

#[test]
fn an_approval_goes_stale() {
    let approved = production().pass(plan(), good(), now()).unwrap();
    let late = now() + APPROVAL_LASTS + SignedDuration::from_secs(1);
    assert_eq!(approved.redeem(late).unwrap_err(), Refusal::Expired);
    let approved = production().pass(plan(), good(), now()).unwrap();
    assert_eq!(approved.redeem(now()).unwrap(), plan());
}

proptest! {
    #[test]
    fn nothing_but_the_name_or_the_phrase_opens_production(typed in ".*", key in any::<bool>()) {
        prop_assume!(typed != "prod" && typed != "prod 007");
        let answer = Answer { typed: Some(typed), key, ..good() };
        prop_assert!(production().pass(plan(), answer, now()).is_err());
    }
}
