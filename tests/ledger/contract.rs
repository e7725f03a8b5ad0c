//! What both databases keep.

use portcullis::domain::failure::FailureKind;
use portcullis::domain::ledger::{
    Appended, EntryKind, Filter, Head, SealState, Soundness, Unless, verify,
};
use portcullis::ports::ledger::Ledger as _;

use crate::places::{Place, Places, record};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_keeps_the_contract() {
    everything(&Places::files()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgresql_keeps_the_contract() {
    everything(&Places::schemas().await).await;
}

async fn everything(places: &Places) {
    looking_begins_nothing(&places.next()).await;
    entries_come_back_as_they_were(&places.next()).await;
    open_runs_are_those_whose_last_entry_leaves_them_open(&places.next()).await;
    an_entry_is_held_by_what_stands_in_its_way(&places.next()).await;
    of_eight_that_want_one_environment_one_gets_it(&places.next()).await;
    several_consoles_keep_one_chain(&places.next()).await;
    an_entry_that_is_too_large_leaves_nothing(&places.next()).await;
    nothing_is_changed_deleted_replaced_or_left_out(&places.next()).await;
    a_newer_format_is_refused(&places.next()).await;
    what_belongs_to_others_is_left_alone(&places.next()).await;
    seals_say_how_far_it_had_come(&places.next()).await;
}

async fn looking_begins_nothing(place: &Place<'_>) {
    let ledger = place.open();
    assert_eq!(ledger.all().await, Ok(vec![]));
    assert_eq!(ledger.open_runs().await, Ok(vec![]));
    assert_eq!(ledger.page(&Filter::default(), None, 5).await, Ok(vec![]));
    let empty = Soundness {
        entries: 0,
        broken: None,
        seal: SealState::Unsealed,
    };
    assert_eq!(ledger.soundness().await, Ok(empty));
    if place.is_file() {
        assert!(!place.folder().exists());
    } else {
        assert!(place.sql("SELECT * FROM entries").await.is_err());
    }
}

async fn entries_come_back_as_they_were(place: &Place<'_>) {
    let ledger = place.open();
    let intended = record("a", EntryKind::Intended);
    let first = ledger.append(intended.clone()).await.unwrap();
    assert_eq!(first.record, intended);
    let second = ledger
        .append(record("a", EntryKind::Settled))
        .await
        .unwrap();
    let all = place.open().all().await.unwrap();
    assert_eq!(all, [first.clone(), second.clone()]);
    assert_eq!(verify(&all), Ok(2));
    let page = |before| {
        let ledger = place.open();
        async move { ledger.page(&Filter::default(), before, 1).await.unwrap() }
    };
    assert_eq!(page(None).await, [second]);
    assert_eq!(page(Some(2)).await, [first]);
    assert_eq!(page(Some(1)).await, []);
    assert_eq!(page(Some(u64::MAX)).await.len(), 1);
}

async fn open_runs_are_those_whose_last_entry_leaves_them_open(place: &Place<'_>) {
    let ledger = place.open();
    for (run, kind) in [
        ("settled", EntryKind::Intended),
        ("settled", EntryKind::Started),
        ("settled", EntryKind::Settled),
        ("refused", EntryKind::Refused),
        ("started", EntryKind::Intended),
        ("lost", EntryKind::Intended),
        ("started", EntryKind::Started),
        ("lost", EntryKind::Lost),
        ("intended", EntryKind::Intended),
    ] {
        ledger.append(record(run, kind)).await.unwrap();
    }
    let open = ledger.open_runs().await.unwrap();
    let runs: Vec<_> = open
        .iter()
        .map(|e| (e.record.run_id.as_str(), e.record.kind))
        .collect();
    let expected = [
        ("started", EntryKind::Started),
        ("lost", EntryKind::Lost),
        ("intended", EntryKind::Intended),
    ];
    assert_eq!(runs, expected);
}

async fn an_entry_is_held_by_what_stands_in_its_way(place: &Place<'_>) {
    let (first, second) = (place.open(), place.open());
    let open = || Unless::Open("prod".into());
    let unless = |unless| second.append_unless(record("b", EntryKind::Intended), unless);
    let won = first
        .append(record("a", EntryKind::Intended))
        .await
        .unwrap();
    assert_eq!(unless(open()).await, Ok(Appended::Held(won.clone())));
    assert_eq!(
        unless(Unless::Known("a".to_owned())).await,
        Ok(Appended::Held(won))
    );
    let settled = first.append(record("a", EntryKind::Settled)).await.unwrap();
    let moved_on = |seq| Unless::MovedOn {
        run_id: "a".to_owned(),
        seq,
    };
    assert_eq!(unless(moved_on(1)).await, Ok(Appended::Held(settled)));
    let other = Unless::Open("uat".into());
    for unless_what in [open(), other, moved_on(2), Unless::Known("c".to_owned())] {
        let answer = second
            .append_unless(record("a", EntryKind::Settled), unless_what.clone())
            .await;
        let is_moved = matches!(unless_what, Unless::MovedOn { .. });
        let is_held = matches!(answer, Ok(Appended::Held(_)));
        // The third one finds what the first two have written.
        assert_eq!(is_held, is_moved, "{unless_what:?}: {answer:?}");
    }
}

async fn of_eight_that_want_one_environment_one_gets_it(place: &Place<'_>) {
    for round in 0..3 {
        let racers = (0..8).map(|racer| {
            let ledger = place.open();
            tokio::spawn(async move {
                let run = format!("{round} {racer}");
                let record = record(&run, EntryKind::Intended);
                let unless = Unless::Open("prod".into());
                ledger.append_unless(record, unless).await.unwrap()
            })
        });
        let mut won = Vec::new();
        let mut held = Vec::new();
        for racer in racers.collect::<Vec<_>>() {
            match racer.await.unwrap() {
                Appended::Written(entry) => won.push(entry),
                Appended::Held(entry) => held.push(entry),
            }
        }
        assert_eq!((won.len(), held.len()), (1, 7));
        assert!(held.iter().all(|entry| *entry == won[0]));
        let run = won[0].record.run_id.clone();
        let over = record(&run, EntryKind::Settled);
        place.open().append(over).await.unwrap();
    }
}

async fn several_consoles_keep_one_chain(place: &Place<'_>) {
    let writers = (0..4).map(|writer| {
        let ledger = place.sealed(writer);
        tokio::spawn(async move {
            for _ in 0..10 {
                let run = format!("run {writer}");
                let record = record(&run, EntryKind::Intended);
                ledger.append(record).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(verify(&place.open().all().await.unwrap()), Ok(40));
    let found = place.sealed(2).soundness().await.unwrap();
    assert!(found.is_sound() && found.entries == 40, "{found:?}");
}

async fn an_entry_that_is_too_large_leaves_nothing(place: &Place<'_>) {
    let ledger = place.with_entries(1).await;
    let mut large = record("large", EntryKind::Intended);
    large.detail = Some("x".repeat(5 << 20));
    let failure = ledger.append(large.clone()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Ledger);
    assert!(!failure.hint.is_empty());
    large.detail = Some("x".repeat(1 << 20));
    ledger.append(large).await.unwrap();
    assert_eq!(ledger.soundness().await.unwrap().entries, 2);
}

async fn nothing_is_changed_deleted_replaced_or_left_out(place: &Place<'_>) {
    const COPY: &str = "at, run_id, kind, environment, record, previous, hash";
    let ledger = place.with_entries(2).await;
    let before = ledger.all().await.unwrap();
    let insert = |seq: &str| {
        format!("INSERT INTO entries (seq, {COPY}) SELECT {seq}, {COPY} FROM entries WHERE seq = 2")
    };
    let mut refused = vec![
        "UPDATE entries SET record = '{}'".to_owned(),
        "DELETE FROM entries".to_owned(),
        insert("seq + 2"),
        insert("seq + 1"),
        insert("0"),
        insert("seq").replacen(
            "INSERT",
            if place.is_file() { "REPLACE" } else { "INSERT" },
            1,
        ),
    ];
    if !place.is_file() {
        refused.push("TRUNCATE entries".to_owned());
        refused.push("SET session_replication_role = replica; DELETE FROM entries".to_owned());
        // Also the next entry of the chain must have the hash of what it says.
        refused.push(format!(
            "INSERT INTO entries (seq, {COPY}) SELECT 3, at, run_id, kind, environment, record, \
             hash, previous FROM entries WHERE seq = 2"
        ));
    }
    for sql in refused {
        let error = place.sql(&sql).await.unwrap_err().to_string();
        let said = error.contains("append-only") || error.contains("hash_is_its_own");
        assert!(said, "{sql}: {error}");
    }
    assert_eq!(ledger.all().await.unwrap(), before);
}

async fn a_newer_format_is_refused(place: &Place<'_>) {
    let ledger = place.with_entries(1).await;
    let newer = if place.is_file() {
        "PRAGMA user_version = 99"
    } else {
        "UPDATE portcullis_ledger SET format = 99"
    };
    place.sql(newer).await.unwrap();
    let later = place.open();
    let failures = [
        later.append(record("b", EntryKind::Intended)).await.err(),
        later.all().await.err(),
        later.soundness().await.err(),
    ];
    for failure in failures.into_iter().flatten() {
        assert_eq!(failure.kind, FailureKind::Ledger);
        assert!(failure.summary.contains("newer version"), "{failure}");
        assert!(failure.hint.contains("newer Portcullis"), "{failure:?}");
    }
    drop(ledger);
}

async fn what_belongs_to_others_is_left_alone(place: &Place<'_>) {
    if place.is_file() {
        std::fs::create_dir_all(place.folder()).unwrap();
        std::fs::write(place.folder().join("ledger.db"), "").unwrap();
        place.sql("CREATE TABLE entries (a)").await.unwrap();
    } else {
        let schema = place.schema();
        let sql = format!("CREATE SCHEMA {schema}; CREATE TABLE entries (a int)");
        place.sql(&sql).await.unwrap();
    }
    let ledger = place.open();
    let record = record("a", EntryKind::Intended);
    let failure = ledger.append(record).await.unwrap_err();
    assert!(failure.summary.contains("another program"), "{failure}");
    assert!(ledger.all().await.is_err());
    place.sql("SELECT a FROM entries").await.unwrap();
}

async fn seals_say_how_far_it_had_come(place: &Place<'_>) {
    let ledger = place.with_entries(3).await;
    let sealed = ledger.soundness().await.unwrap();
    assert_eq!(sealed.seal, SealState::Sealed { seq: 3 });
    let without = place.open().soundness().await.unwrap();
    assert_eq!(without.seal, SealState::Unproven { seq: 3 });
    // A console without a key goes on, and what is sealed stays sealed.
    place
        .open()
        .append(record("b", EntryKind::Refused))
        .await
        .unwrap();
    let sealed = ledger.soundness().await.unwrap();
    assert_eq!(sealed.seal, SealState::Sealed { seq: 3 });
    assert_eq!(sealed.entries, 4);
    // An older copy of the whole ledger, seal and all, shows against what is remembered.
    let all = ledger.all().await.unwrap();
    let head = Head {
        seq: 9,
        hash: all[0].hash.clone(),
    };
    let older = place.remembered(1, head);
    let found = older.soundness().await.unwrap();
    assert_eq!(found.seal, SealState::Truncated { seq: 9, last: 4 });
    let failure = older
        .append(record("c", EntryKind::Intended))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Ledger);
    assert!(
        failure.summary.contains("sealed up to entry 9"),
        "{failure}"
    );
    assert_eq!(ledger.all().await.unwrap().len(), 4);
}
