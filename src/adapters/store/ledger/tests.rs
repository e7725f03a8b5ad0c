//! What only the inside shows; `tests/ledger` holds the rest, for both databases.

use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::domain::digest::Digest;
use crate::domain::failure::FailureKind;
use crate::domain::ledger::EntryKind;

fn record(run_id: &str, detail: usize) -> Record {
    Record {
        actor: "ines@example.com".into(),
        run_id: run_id.into(),
        kind: EntryKind::Intended,
        environment: "prod".into(),
        operation: "upgrade".into(),
        plan: Digest::of_bytes(b"plan"),
        execution: None,
        outcome: None,
        reason: None,
        detail: Some("x".repeat(detail)),
    }
}

#[tokio::test]
async fn only_the_owner_may_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let ledger = DatabaseLedger::in_folder(&state);
    ledger.append(record("a", 0)).await.unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&state), 0o700);
    for file in std::fs::read_dir(&state).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

/// Lets no file of a ledger grow beyond what it has now and a little more.
async fn fill_up(ledger: &DatabaseLedger, spare: i64) {
    let Pool::Sqlite(pool) = ledger.pool().await.unwrap() else {
        panic!("a file")
    };
    let mut all = [pool.acquire().await.unwrap(), pool.acquire().await.unwrap()];
    for connection in &mut all {
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
            .fetch_one(&mut **connection)
            .await
            .unwrap();
        let limit = format!("PRAGMA max_page_count = {}", pages + spare);
        sqlx::raw_sql(sqlx::AssertSqlSafe(limit))
            .execute(&mut **connection)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = DatabaseLedger::in_folder(folder.path());
    ledger.append(record("a", 0)).await.unwrap();
    for spare in [0, 1, 3, 10] {
        fill_up(&ledger, spare).await;
        let before = ledger.all().await.unwrap();
        let failure = ledger.append(record("b", 1 << 20)).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Ledger);
        assert!(failure.hint.contains("space"), "{failure:?}");
        assert_eq!(ledger.all().await.unwrap(), before);
        assert!(ledger.soundness().await.unwrap().is_sound());
    }
    fill_up(&ledger, 10_000).await;
    assert_eq!(ledger.append(record("b", 1 << 20)).await.unwrap().seq, 2);
}
