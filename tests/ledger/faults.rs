//! A SQLite file that is full, held, damaged, incomplete or old: it fails closed, and says what to do.

use portcullis::adapters::store::DatabaseLedger;
use portcullis::domain::failure::{Failure, FailureKind};
use portcullis::domain::ledger::{Entry, EntryKind, Filter, Head, SealState, chain, genesis};
use portcullis::ports::ledger::Ledger as _;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::places::{Place, Places, record};

const FILES: [&str; 3] = ["ledger.db", "ledger.db-wal", "ledger.db-shm"];

/// The schema of the first format, as it was released.
const FIRST_FORMAT: &str = "
CREATE TABLE entries (
    seq         INTEGER PRIMARY KEY,
    at          TEXT NOT NULL,
    run_id      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    environment TEXT NOT NULL,
    record      TEXT NOT NULL,
    previous    TEXT NOT NULL,
    hash        TEXT NOT NULL
) STRICT;
CREATE INDEX entries_by_run ON entries (run_id, seq);
CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_are_not_deleted BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_have_no_gaps BEFORE INSERT ON entries
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entries)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
PRAGMA application_id = 1349481076; PRAGMA user_version = 1;
";

#[track_caller]
fn is_told(failure: &Failure) {
    assert_eq!(failure.kind, FailureKind::Ledger, "{failure}");
    assert!(!failure.hint.is_empty(), "{failure}");
}

#[tokio::test]
async fn a_ledger_of_the_first_format_goes_on() {
    let places = Places::files();
    let place = places.next();
    std::fs::create_dir_all(place.folder()).unwrap();
    std::fs::write(place.folder().join("ledger.db"), "").unwrap();
    place.sql(FIRST_FORMAT).await.unwrap();
    let mut old: Vec<Entry> = Vec::new();
    for seq in 1..=3 {
        let previous = old.last().map_or_else(genesis, |e| e.hash.clone());
        let at = jiff::Timestamp::from_second(1_700_000_000).unwrap();
        let entry = chain(seq, at, record("a", EntryKind::Intended), previous);
        let sql = format!(
            "INSERT INTO entries VALUES ({seq}, '{at}', 'a', 'intended', 'prod', '{}', '{}', '{}')",
            serde_json::to_string(&entry.record)
                .unwrap()
                .replace('\'', "''"),
            entry.previous,
            entry.hash
        );
        place.sql(&sql).await.unwrap();
        old.push(entry);
    }
    let ledger = place.sealed(1);
    assert_eq!(ledger.all().await.unwrap(), old);
    ledger
        .append(record("a", EntryKind::Settled))
        .await
        .unwrap();
    let found = ledger.soundness().await.unwrap();
    assert!(found.is_sound(), "{found:?}");
    assert_eq!(found.seal, SealState::Sealed { seq: 4 });
    let filter = Filter {
        text: Some("ops-1 „NAÏVE".to_owned()),
        ..Filter::default()
    };
    assert_eq!(ledger.page(&filter, None, 9).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_place_where_nothing_can_be_made_is_told() {
    for folder in ["/proc/portcullis", "/dev/null/portcullis"] {
        let ledger = DatabaseLedger::in_folder(folder.as_ref());
        let failure = ledger
            .append(record("a", EntryKind::Intended))
            .await
            .unwrap_err();
        is_told(&failure);
    }
}

#[tokio::test]
async fn a_file_that_somebody_holds_for_too_long_is_told_and_nothing_is_half_written() {
    let places = Places::files();
    let place = places.next();
    let ledger = place.with_entries(2).await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(place.folder().join(FILES[0]));
    let mut other = options.connect().await.unwrap();
    let held = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let failure = ledger
        .append(record("b", EntryKind::Intended))
        .await
        .unwrap_err();
    is_told(&failure);
    assert!(failure.hint.contains("other processes"), "{failure:?}");
    // It can be read all the while, and written as soon as it is let go.
    assert_eq!(ledger.all().await.unwrap().len(), 2);
    held.rollback().await.unwrap();
    let entry = ledger
        .append(record("b", EntryKind::Intended))
        .await
        .unwrap();
    assert_eq!(entry.seq, 3);
}

/// What a ledger says after something was done to its files: nothing else than before, or a failure.
async fn no_silent_pass(place: &Place<'_>, before: &[Entry], what: &str) -> bool {
    let ledger = place.sealed(1);
    let soundness = ledger.soundness().await;
    let filters = [
        Filter::default(),
        Filter {
            environment: Some("prod".into()),
            ..Filter::default()
        },
        Filter {
            text: Some("ops".to_owned()),
            ..Filter::default()
        },
    ];
    let passes = match &soundness {
        Err(failure) => {
            is_told(failure);
            false
        }
        Ok(found) => found.is_sound(),
    };
    for filter in &filters {
        match ledger.page(filter, None, 500).await {
            Err(failure) => is_told(&failure),
            Ok(page) => {
                let is_same = page.iter().rev().eq(before);
                assert!(!passes || is_same, "{what}: {soundness:?}");
            }
        }
    }
    match ledger.open_runs().await {
        Err(failure) => is_told(&failure),
        Ok(open) => assert!(!passes || open.len() == 1, "{what}: {open:?}"),
    }
    match ledger.append(record("late", EntryKind::Refused)).await {
        Err(failure) => is_told(&failure),
        Ok(entry) => assert!(!passes || entry.seq == before.len() as u64 + 1, "{what}"),
    }
    passes
}

#[tokio::test]
async fn a_damaged_file_never_passes_for_another_one() {
    let places = Places::files();
    let whole = places.next();
    let before = {
        let ledger = whole.with_entries(61).await;
        ledger.all().await.unwrap()
    };
    whole.sql("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    let bytes = std::fs::read(whole.folder().join(FILES[0])).unwrap();
    let mut random = TestRunner::default();
    let mut passed = 0;
    for case in 0..200 {
        let damage = (
            any::<prop::sample::Index>(),
            1_u8..=255,
            1_usize..40,
            0_u8..10,
        );
        let (at, mask, length, how) = damage.new_tree(&mut random).unwrap().current();
        let mut damaged = bytes.clone();
        let at = at.index(bytes.len());
        if how == 0 {
            damaged.truncate(at);
        } else {
            let end = bytes.len().min(at + length);
            damaged[at..end].iter_mut().for_each(|byte| *byte ^= mask);
        }
        let place = places.next();
        std::fs::create_dir_all(place.folder()).unwrap();
        std::fs::write(place.folder().join(FILES[0]), damaged).unwrap();
        let what = format!("case {case}: {how} {length} bytes at {at} with {mask}");
        // An empty file is a ledger that was never begun: only what is remembered tells.
        if !(how == 0 && at == 0) && no_silent_pass(&place, &before, &what).await {
            passed += 1;
        }
    }
    println!("{passed} of 200 hit nothing that counts");
    assert!(passed < 100, "the damage hardly hits anything");
}

#[tokio::test]
async fn a_log_that_is_missing_or_damaged_is_no_other_ledger() {
    let places = Places::files();
    let whole = places.next();
    // Open all the while: the entries are in the log.
    let ledger = whole.with_entries(9).await;
    let before = ledger.all().await.unwrap();
    let last = before.last().unwrap();
    let files: Vec<_> = FILES
        .map(|file| std::fs::read(whole.folder().join(file)).unwrap())
        .into();
    assert!(files[1].len() > files[0].len(), "the log holds the entries");
    for lost in 0..30 {
        let place = places.next();
        std::fs::create_dir_all(place.folder()).unwrap();
        std::fs::write(place.folder().join(FILES[0]), &files[0]).unwrap();
        if lost > 0 {
            let log = &files[1][..files[1].len() * lost / 30];
            std::fs::write(place.folder().join(FILES[1]), log).unwrap();
        }
        let known = place.remembered(1, Head::from(last));
        match known.soundness().await {
            Err(failure) => is_told(&failure),
            Ok(found) => {
                assert!(found.broken.is_none(), "{lost}: {found:?}");
                assert!(!found.is_sound(), "{lost}: {found:?}");
            }
        }
        let failure = known.append(record("late", EntryKind::Intended)).await;
        is_told(&failure.unwrap_err());
    }
}
