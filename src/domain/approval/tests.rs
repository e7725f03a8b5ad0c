//! Who agreed to what, against a second, slower way to tell.

use proptest::prelude::*;

use super::*;
use crate::domain::act::Act as _;
use crate::domain::ledger::{Record, chain, genesis};
use crate::domain::plan::tests::plan;

/// What somebody writes into the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    Asks,
    Agrees,
    Declines,
    Acts,
}

/// A ledger in which people say something about a plan, all at the same time.
pub(crate) fn ledger(plan: &Plan, says: &[(&str, Says)]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (who, what) in says {
        let seq = entries.len() as u64 + 1;
        let record = record(plan, who, *what, "request-1", Timestamp::UNIX_EPOCH);
        entries.push(chain(seq, Timestamp::UNIX_EPOCH, record, genesis()));
    }
    entries
}

fn record(plan: &Plan, who: &str, what: Says, request: &str, at: Timestamp) -> Record {
    let (kind, run_id) = match what {
        Says::Asks => (EntryKind::Requested, request),
        Says::Agrees => (EntryKind::Approved, request),
        Says::Declines => (EntryKind::Declined, request),
        Says::Acts => (EntryKind::Intended, "run"),
    };
    let asked = Asked {
        plan: plan.clone(),
        expires_at: later(at, SignedDuration::from_mins(60)),
    };
    Record {
        actor: who.to_owned(),
        run_id: run_id.to_owned(),
        kind,
        environment: plan.environment.clone(),
        operation: plan.operation.clone(),
        plan: plan.digest(),
        execution: None,
        outcome: None,
        reason: Some("OPS-1 audit logs".to_owned()),
        detail: (what == Says::Asks).then(|| serde_json::to_string(&asked).unwrap()),
    }
}

fn terms(approvals: u32) -> Terms {
    Terms {
        approvals,
        expires: SignedDuration::from_mins(60),
        lasts: SignedDuration::from_mins(30),
    }
}

fn minute(minutes: i64) -> Timestamp {
    Timestamp::from_second(minutes * 60).unwrap()
}

const RAVI: &str = "ravi@example.com";
const MIA: &str = "mia@example.com";
const SVEN: &str = "sven@example.com";
const PEOPLE: [&str; 6] = [
    RAVI,
    MIA,
    SVEN,
    "Mia@Example.com",
    "unknown",
    "deploy@p.iam.gserviceaccount.com",
];

/// Something that happened: when, who, what, in which request, about which of two plans.
type Happening = (i64, &'static str, Says, usize, usize);

fn plans() -> [Plan; 2] {
    let other = Plan {
        etag: "2".to_owned(),
        ..plan()
    };
    [plan(), other]
}

fn written(happenings: &[Happening]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (at, who, what, request, about) in happenings {
        let request = format!("request-{request}");
        let record = record(&plans()[*about], who, *what, &request, minute(*at));
        let seq = entries.len() as u64 + 1;
        entries.push(chain(seq, minute(*at), record, genesis()));
    }
    entries
}

/// The second model: asks of every entry by itself whether it counts, and keeps no state.
fn granted(happenings: &[Happening], who: &str, approvals: usize, now: i64) -> bool {
    let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    let person = |name: &str| name.contains('@') && !name.contains("gserviceaccount");
    let about = |h: &&(usize, &Happening)| h.1.4 == 0;
    let all: Vec<_> = happenings.iter().enumerate().collect();
    let asked = all.iter().filter(about).rev();
    let Some((start, (opened, author, _, id, _))) = asked
        .filter(|(_, h)| h.2 == Says::Asks && h.1.contains('@'))
        .map(|(at, h)| (*at, **h))
        .next()
    else {
        return false;
    };
    let after: Vec<_> = all.iter().filter(about).filter(|h| h.0 > start).collect();
    if after.iter().any(|(_, h)| h.2 == Says::Acts)
        || after
            .iter()
            .any(|(_, h)| h.2 == Says::Declines && h.3 == id)
    {
        return false;
    }
    let counts = |h: &Happening| {
        h.2 == Says::Agrees
            && h.3 == id
            && h.0 < opened + 60
            && person(h.1)
            && !same(h.1, author)
            && !same(h.1, who)
    };
    let mut people: Vec<(String, i64)> = Vec::new();
    for (_, h) in after {
        if counts(h) && people.iter().all(|(known, _)| !same(known, h.1)) {
            people.push((h.1.to_owned(), h.0));
        }
    }
    people
        .get(approvals - 1)
        .is_some_and(|(_, last)| now < last + 30)
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let says = prop_oneof![
        3 => Just(Says::Asks), 6 => Just(Says::Agrees), 1 => Just(Says::Declines), 1 => Just(Says::Acts),
    ];
    let one = (0_i64..30, 0..PEOPLE.len(), says, 0_usize..2, 0_usize..5);
    prop::collection::vec(one, 0..14).prop_map(|list| {
        let mut at = 0;
        let put = |(wait, who, what, request, about): (i64, usize, Says, usize, usize)| {
            at += wait;
            (at, PEOPLE[who], what, request, about / 4)
        };
        list.into_iter().map(put).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_is_granted_is_what_a_second_model_grants(
        happenings in happenings(), who in 0..3_usize, approvals in 1_u32..3, wait in 0_i64..90,
    ) {
        let now = happenings.last().map_or(0, |h| h.0) + wait;
        let entries = written(&happenings);
        let consents = Consents::read(&entries, &plan().digest(), PEOPLE[who]);
        let standing = consents.standing(&terms(approvals), minute(now));
        let expected = granted(&happenings, PEOPLE[who], approvals as usize, now);
        prop_assert_eq!(matches!(standing, Standing::Granted { .. }), expected, "{:?}", standing);
    }

    #[test]
    fn the_order_in_which_entries_are_read_does_not_matter(happenings in happenings()) {
        let mut entries = written(&happenings);
        let forward = Consents::read(&entries, &plan().digest(), RAVI);
        entries.reverse();
        prop_assert_eq!(Consents::read(&entries, &plan().digest(), RAVI), forward);
    }

    #[test]
    fn nobody_alone_grants_anything(mut happenings in happenings(), wait in 0_i64..90) {
        for happening in &mut happenings {
            happening.1 = if happening.0 % 2 == 0 { MIA } else { "MIA@example.com" };
        }
        let now = happenings.last().map_or(0, |h| h.0) + wait;
        let consents = Consents::read(&written(&happenings), &plan().digest(), MIA);
        let standing = consents.standing(&terms(1), minute(now));
        let granted = matches!(standing, Standing::Granted { .. });
        prop_assert!(!granted, "{:?}", standing);
    }
}

fn standing(happenings: &[Happening], approvals: u32, now: i64) -> Standing {
    Consents::read(&written(happenings), &plan().digest(), RAVI)
        .standing(&terms(approvals), minute(now))
}

#[test]
fn the_clock_starts_at_the_last_approval_that_was_needed() {
    let agreed = [
        (0, RAVI, Says::Asks, 0, 0),
        (50, MIA, Says::Agrees, 0, 0),
        (55, SVEN, Says::Agrees, 0, 0),
    ];
    let until = |standing| match standing {
        Standing::Granted { until, .. } => until,
        other => panic!("{other:?}"),
    };
    assert_eq!(until(standing(&agreed, 2, 70)), minute(85));
    // The second word was not needed, so it makes the first no younger.
    assert_eq!(until(standing(&agreed, 1, 70)), minute(80));
    assert_eq!(
        standing(&agreed, 2, 85),
        Standing::Expired { at: minute(85) }
    );
}

#[test]
fn a_request_tells_who_is_missing_and_until_when() {
    let asked = [
        (0, RAVI, Says::Asks, 0, 0),
        (10, MIA, Says::Agrees, 0, 0),
        (11, MIA, Says::Agrees, 0, 0),
        (12, RAVI, Says::Agrees, 0, 0),
    ];
    let waiting = Standing::Waiting {
        by: RAVI.to_owned(),
        until: minute(60),
        missing: 1,
        agreed: vec![MIA.to_owned()],
    };
    assert_eq!(standing(&asked, 2, 59), waiting);
    assert_eq!(
        standing(&asked, 2, 60),
        Standing::Expired { at: minute(60) }
    );
    assert_eq!(standing(&[], 2, 0), Standing::NotAsked);
}

#[test]
fn a_request_never_waits_longer_than_the_policy_allows_now() {
    let entries = written(&[(0, RAVI, Says::Asks, 0, 0)]);
    let consents = Consents::read(&entries, &plan().digest(), RAVI);
    let short = Terms {
        expires: SignedDuration::from_mins(5),
        ..terms(1)
    };
    let expired = Standing::Expired { at: minute(5) };
    assert_eq!(consents.standing(&short, minute(5)), expired);
}

#[test]
fn a_clock_that_was_put_back_makes_nothing_young_again() {
    let lapsed = [
        (0, RAVI, Says::Asks, 0, 0),
        (10, MIA, Says::Agrees, 0, 0),
        (50, SVEN, Says::Agrees, 0, 0),
    ];
    assert_eq!(
        standing(&lapsed, 1, 20),
        Standing::Expired { at: minute(40) }
    );
}

#[test]
fn the_word_of_the_one_who_acts_does_not_count() {
    let by_mia = [(0, MIA, Says::Asks, 0, 0), (1, RAVI, Says::Agrees, 0, 0)];
    assert!(matches!(
        standing(&by_mia, 1, 2),
        Standing::Waiting { missing: 1, .. }
    ));
    let entries = written(&by_mia);
    let for_mia = Consents::read(&entries, &plan().digest(), MIA);
    assert!(matches!(
        for_mia.standing(&terms(1), minute(2)),
        Standing::Granted { .. }
    ));
}

#[test]
fn a_request_whose_plan_is_not_its_digest_is_not_shown_as_one() {
    let mut entries = written(&[(0, RAVI, Says::Asks, 0, 0)]);
    assert_eq!(asked(&entries[0]).unwrap().plan, plan());
    let other = serde_json::to_string(&Asked {
        plan: plans()[1].clone(),
        expires_at: minute(60),
    });
    entries[0].record.detail = other.ok();
    assert_eq!(asked(&entries[0]), None);
    entries[0].record.detail = None;
    assert_eq!(
        Consents::read(&entries, &plan().digest(), RAVI).request(),
        None
    );
}

#[test]
fn of_each_act_the_newest_request_is_listed_the_newest_first() {
    let entries = written(&[
        (0, RAVI, Says::Asks, 0, 0),
        (1, RAVI, Says::Asks, 0, 1),
        (2, MIA, Says::Asks, 1, 0),
    ]);
    let listed: Vec<_> = requests(&entries)
        .into_iter()
        .map(|request| (request.author, request.plan))
        .collect();
    let [first, second] = plans().map(|plan| plan.digest());
    assert_eq!(listed, [(MIA.to_owned(), first), (RAVI.to_owned(), second)]);
}
