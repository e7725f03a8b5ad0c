//! What a filter lets through is what `Filter::admits` says, whichever database finds it.

use jiff::Timestamp;
use portcullis::domain::digest::Digest;
use portcullis::domain::ledger::{Entry, EntryKind, Filter, Record};
use portcullis::ports::ledger::Ledger as _;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::places::{Place, Places};

const ENTRIES: usize = 120;
const FILTERS: usize = 400;

#[tokio::test]
async fn sqlite_finds_what_a_filter_lets_through() {
    compare(&Places::files().next()).await;
}

#[tokio::test]
async fn postgresql_finds_what_a_filter_lets_through() {
    compare(&Places::schemas().await.next()).await;
}

async fn compare(place: &Place<'_>) {
    let mut random = TestRunner::default();
    let mut draw = |strategy: &BoxedStrategy<Record>| {
        let tree = strategy.new_tree(&mut random).unwrap();
        tree.current()
    };
    let ledger = place.open();
    let records = records();
    for _ in 0..ENTRIES {
        ledger.append(draw(&records)).await.unwrap();
    }
    let all = ledger.all().await.unwrap();
    let filters = filters(&all);
    let mut random = TestRunner::default();
    let mut found = 0;
    for _ in 0..FILTERS {
        let drawn = (&filters, 1_u32..40).new_tree(&mut random).unwrap();
        let (filter, limit) = drawn.current();
        let admitted = all.iter().rev().filter(|entry| filter.admits(entry));
        let expected: Vec<_> = admitted.cloned().collect();
        found += expected.len();
        assert_eq!(pages(&ledger, &filter, limit).await, expected, "{filter:?}");
    }
    assert!(found > FILTERS, "the filters hardly find anything: {found}");
}

async fn pages(
    ledger: &portcullis::adapters::store::DatabaseLedger,
    filter: &Filter,
    limit: u32,
) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    loop {
        let before = all.last().map(|entry| entry.seq);
        let page = ledger.page(filter, before, limit).await.unwrap();
        all.extend(page.iter().cloned());
        if page.len() < limit as usize {
            return all;
        }
    }
}

/// Letters that fold in several ways, and signs that mean something to SQL or JSON.
fn words() -> BoxedStrategy<String> {
    "[aAkKiIsSäÄßẞİıςΣ\u{212a}\u{1f}\u{1}%_'\"\\\\\n€𝒳]{0,4}".boxed()
}

fn records() -> BoxedStrategy<Record> {
    let kinds = prop::sample::select(&EntryKind::ALL[..]);
    let reason = prop::option::of(prop_oneof![words(), Just("nul \0 K".to_owned())]);
    let texts = (words(), words(), words(), reason, prop::option::of(words()));
    (texts, kinds, 0_u8..3, 0_u8..4)
        .prop_map(
            |((actor, run_id, operation, reason, execution), kind, place, plan)| Record {
                actor,
                run_id,
                kind,
                environment: ["prod", "uat", "démo"][usize::from(place)].into(),
                operation,
                plan: Digest::of_bytes(&[plan]),
                execution,
                outcome: None,
                reason,
                detail: Some("kaki".to_owned()),
            },
        )
        .boxed()
}

/// Filters of what is there, and of what is not.
fn filters(all: &[Entry]) -> BoxedStrategy<Filter> {
    let entry = prop::sample::select(all.to_vec());
    let kinds = prop::sample::subsequence(EntryKind::ALL.to_vec(), 0..5);
    let text = prop_oneof![3 => Just(None), 2 => words().prop_map(Some)];
    (entry, any::<[bool; 6]>(), kinds, text, 0..66_usize, words())
        .prop_map(|(entry, which, kinds, text, digits, actor)| {
            let record = &entry.record;
            let moved = |nanoseconds: i128| {
                let moment = entry.at.as_nanosecond() + nanoseconds;
                Timestamp::from_nanosecond(moment).unwrap()
            };
            let plan = record.plan.as_str().get(..digits);
            let steps = i128::try_from(digits).unwrap();
            Filter {
                environment: which[0].then(|| record.environment.clone()),
                kinds: if which[1] { kinds } else { Vec::new() },
                run_id: which[2].then(|| record.run_id.clone()),
                plan: which[3].then(|| plan.unwrap_or("zz").to_owned()),
                actor: (which[4] && digits % 3 == 0).then(|| actor.clone()),
                text,
                since: (which[5] && digits % 2 == 0).then(|| moved(steps % 3 - 1)),
                until: (which[5] && digits % 3 != 0).then(|| moved(steps % 5 * 100_000)),
            }
        })
        .boxed()
}
