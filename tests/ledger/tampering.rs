//! Whoever owns the database can change it past every guard; the check finds what was changed.

use portcullis::domain::ledger::{Broken, EntryKind, SealState, Soundness};
use portcullis::ports::ledger::Ledger as _;

use crate::places::{Place, Places, record};

/// Takes the guards away, as an owner can.
const DISARM_FILE: &str = "DROP TRIGGER entries_are_not_changed; DROP TRIGGER entries_are_not_deleted; \
     DROP TRIGGER entries_have_no_gaps; DROP TRIGGER entries_continue; \
     DROP TRIGGER entries_repeat_their_record; ";
const DISARM_SERVER: &str = "ALTER TABLE entries DISABLE TRIGGER ALL; \
     ALTER TABLE entries DROP CONSTRAINT columns_repeat_the_record; \
     ALTER TABLE entries DROP CONSTRAINT hash_is_its_own; ";

#[tokio::test]
async fn sqlite_finds_every_edit() {
    every_edit_is_found(&Places::files()).await;
}

#[tokio::test]
async fn postgresql_finds_every_edit() {
    every_edit_is_found(&Places::schemas().await).await;
}

/// Checks the ledger of five sealed entries after a statement.
async fn after(place: &Place<'_>, sql: &str) -> Soundness {
    drop(place.with_entries(5).await);
    let disarm = if place.is_file() {
        DISARM_FILE
    } else {
        DISARM_SERVER
    };
    place.sql(&format!("{disarm}{sql}")).await.unwrap();
    let found = place.sealed(1).soundness().await.unwrap();
    assert!(!found.is_sound(), "{sql}");
    // Nobody goes on where the end is not what it was.
    let goes_on = place
        .sealed(1)
        .append(record("x", EntryKind::Intended))
        .await;
    let is_end = found.seal.is_broken() || sql.contains("seq = 5");
    assert!(!is_end || goes_on.is_err(), "{sql}: {goes_on:?}");
    found
}

/// Where the chain is broken after this.
async fn broken(places: &Places, sql: &'static str) -> Broken {
    let found = after(&places.next(), sql).await;
    found
        .broken
        .clone()
        .unwrap_or_else(|| panic!("{sql}: {found:?}"))
}

async fn every_edit_is_found(places: &Places) {
    let broken = |sql: &'static str| broken(places, sql);
    // Each column, in the middle and at the end.
    for (sql, column) in [
        ("UPDATE entries SET run_id = 'z' WHERE seq = 3", "run_id"),
        ("UPDATE entries SET kind = 'settled' WHERE seq = 5", "kind"),
        (
            "UPDATE entries SET environment = 'uat' WHERE seq = 1",
            "environment",
        ),
    ] {
        let Broken::Column { column: found, .. } = broken(sql).await else {
            panic!("{sql}")
        };
        assert_eq!(found, column);
    }
    let zeros = "0".repeat(64);
    let hash = format!("UPDATE entries SET hash = '{zeros}' WHERE seq = 5");
    let previous = format!("UPDATE entries SET previous = '{zeros}' WHERE seq = 3");
    for (sql, seq) in [
        (
            "UPDATE entries SET at = '2026-01-01T00:00:00Z' WHERE seq = 2",
            2,
        ),
        ("UPDATE entries SET at = 'soon' WHERE seq = 2", 2),
        (
            "UPDATE entries SET record = replace(record, 'ines', 'rosa') WHERE seq = 4",
            4,
        ),
        (
            "UPDATE entries SET record = replace(record, '{', '{ ') WHERE seq = 5",
            5,
        ),
        (&*hash.leak(), 5),
    ] {
        assert_eq!(broken(sql).await, Broken::Edited(seq), "{sql}");
    }
    assert_eq!(broken(previous.leak()).await, Broken::Link(3));
    every_gap_is_found(places).await;
    seals(places).await;
    guards(places).await;
}

async fn every_gap_is_found(places: &Places) {
    let broken = |sql: &'static str| broken(places, sql);
    for (sql, expected, found) in [
        ("DELETE FROM entries WHERE seq = 2", 2, 3),
        ("DELETE FROM entries WHERE seq = 1", 1, 2),
        ("UPDATE entries SET seq = 9 WHERE seq = 5", 5, 9),
        (
            "UPDATE entries SET seq = -2 WHERE seq = 2; UPDATE entries SET seq = 0 WHERE seq = 3",
            1,
            4,
        ),
    ] {
        let (found_broken, expected) = (broken(sql).await, expected);
        let is_gap = matches!(found_broken, Broken::Gap { .. } | Broken::Link(_));
        assert!(is_gap, "{sql}: {found_broken:?} {expected} {found}");
    }
    let swap = "UPDATE entries SET seq = 100 WHERE seq = 2; \
         UPDATE entries SET seq = 2 WHERE seq = 3; UPDATE entries SET seq = 3 WHERE seq = 100";
    assert_eq!(broken(swap).await, Broken::Link(2));
}

async fn seals(places: &Places) {
    let seal = |sql: &'static str| async move { after(&places.next(), sql).await.seal };
    assert_eq!(
        seal("DELETE FROM entries WHERE seq > 3").await,
        SealState::Truncated { seq: 5, last: 3 }
    );
    assert_eq!(
        seal("DELETE FROM entries").await,
        SealState::Truncated { seq: 5, last: 0 }
    );
    // A seal that is moved to the new end is not the key's.
    assert_eq!(
        seal(
            "DELETE FROM entries WHERE seq = 5; UPDATE seals SET seq = 4, hash = \
              (SELECT hash FROM entries WHERE seq = 4)"
        )
        .await,
        SealState::Forged { seq: 4 }
    );
    for (sql, expected) in [
        (
            "UPDATE seals SET mac = replace(mac, substr(mac, 1, 1), 'x')",
            SealState::Forged { seq: 5 },
        ),
        (
            "UPDATE seals SET hash = 'z'",
            SealState::Rewritten { seq: 5 },
        ),
        ("UPDATE seals SET seq = 4", SealState::Rewritten { seq: 4 }),
        ("UPDATE seals SET seq = -4", SealState::Rewritten { seq: 0 }),
    ] {
        assert_eq!(seal(sql).await, expected, "{sql}");
    }
    // Without its key's name a seal proves nothing, and says so.
    let place = places.next();
    drop(place.with_entries(2).await);
    place
        .sql("UPDATE seals SET key_id = 'other'")
        .await
        .unwrap();
    let found = place.sealed(1).soundness().await.unwrap();
    assert_eq!(found.seal, SealState::Unproven { seq: 2 });
}

async fn guards(places: &Places) {
    let found = after(&places.next(), "SELECT 1").await;
    let Some(Broken::Store(why)) = &found.broken else {
        panic!("{found:?}")
    };
    assert!(why.contains("guard"), "{why}");
    assert_eq!(found.entries, 5);
}
