use super::*;
use crate::adapters::store::private;
use crate::domain::digest::Digest;
use crate::domain::environment::EnvironmentName;
use crate::domain::failure::FailureKind;
use crate::domain::ledger::{EntryKind, verify};
use crate::domain::outcome::Outcome;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use std::os::unix::fs::PermissionsExt as _;

fn record(run_id: &str, kind: EntryKind) -> Record {
    Record {
        actor: "ines@example.com".into(),
        run_id: run_id.into(),
        kind,
        environment: EnvironmentName::new("prod"),
        operation: "upgrade".into(),
        plan: Digest::of_bytes(b"plan"),
        execution: None,
        outcome: (kind == EntryKind::Settled).then_some(Outcome::Applied),
        reason: Some("OPS-1 „naïve“".into()),
        detail: None,
    }
}

fn ledger() -> (tempfile::TempDir, DatabaseLedger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = DatabaseLedger::in_folder(&folder.path().join("state"));
    (folder, ledger)
}

async fn raw(ledger: &DatabaseLedger, sql: &'static str) -> Result<(), sqlx::Error> {
    let Pool::Sqlite(pool) = ledger.pool().await.unwrap() else {
        panic!("a file")
    };
    sqlx::raw_sql(sql).execute(&pool).await.map(|_| ())
}

#[tokio::test]
async fn entries_are_chained_and_read_back_as_they_were() {
    let (_folder, ledger) = ledger();
    let first = ledger
        .append(record("a", EntryKind::Intended))
        .await
        .unwrap();
    let second = ledger
        .append(record("a", EntryKind::Settled))
        .await
        .unwrap();
    let all = ledger.all().await.unwrap();
    assert_eq!(all, [first, second.clone()]);
    assert_eq!(verify(&all), Ok(2));
    assert_eq!(
        ledger.page(&Filter::default(), None, 1).await.unwrap(),
        [second]
    );
}

#[tokio::test]
async fn looking_at_a_record_that_was_never_begun_does_not_begin_it() {
    let (folder, ledger) = ledger();
    assert_eq!(ledger.all().await, Ok(vec![]));
    assert_eq!(ledger.open_runs().await, Ok(vec![]));
    assert!(!folder.path().join("state").exists());
}

#[tokio::test]
async fn open_runs_are_those_whose_last_entry_is_not_final() {
    let (_folder, ledger) = ledger();
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
    assert_eq!(
        runs,
        [
            ("started", EntryKind::Started),
            ("lost", EntryKind::Lost),
            ("intended", EntryKind::Intended),
        ]
    );
}

#[tokio::test]
async fn two_that_want_one_environment_do_not_both_get_it() {
    let (folder, first) = ledger();
    let second = DatabaseLedger::in_folder(&folder.path().join("state"));
    let unless = || Unless::Open(EnvironmentName::new("prod"));
    let won = first
        .append_unless(record("a", EntryKind::Intended), unless())
        .await
        .unwrap();
    let Appended::Written(won) = won else {
        panic!("nothing stood in its way")
    };
    let held = second
        .append_unless(record("b", EntryKind::Intended), unless())
        .await
        .unwrap();
    assert_eq!(held, Appended::Held(won));
    first.append(record("a", EntryKind::Settled)).await.unwrap();
    let again = second
        .append_unless(record("b", EntryKind::Intended), unless())
        .await
        .unwrap();
    assert!(matches!(again, Appended::Written(_)));
}

#[tokio::test]
async fn nothing_can_be_changed_deleted_replaced_or_left_out() {
    let (_folder, ledger) = ledger();
    ledger
        .append(record("a", EntryKind::Intended))
        .await
        .unwrap();
    let before = ledger.all().await.unwrap();
    for sql in [
        "UPDATE entries SET record = '{}'",
        "DELETE FROM entries",
        "REPLACE INTO entries (seq, at, run_id, kind, environment, record, previous, hash) SELECT seq, at, run_id, kind, environment, record, previous, hash FROM entries",
        "INSERT INTO entries (seq, at, run_id, kind, environment, record, previous, hash) SELECT seq + 2, at, run_id, kind, environment, record, previous, hash FROM entries",
    ] {
        let error = raw(&ledger, sql).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{sql}: {error}");
    }
    assert_eq!(ledger.all().await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_ledgers_on_one_file_keep_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    let writers = (0..4).map(|writer| {
        let ledger = DatabaseLedger::in_folder(folder.path());
        tokio::spawn(async move {
            for _ in 0..5 {
                let run = format!("run {writer}");
                ledger
                    .append(record(&run, EntryKind::Intended))
                    .await
                    .unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let all = DatabaseLedger::in_folder(folder.path())
        .all()
        .await
        .unwrap();
    assert_eq!(verify(&all), Ok(20));
}

#[tokio::test]
async fn only_the_owner_may_read_it() {
    let (folder, ledger) = ledger();
    ledger
        .append(record("a", EntryKind::Intended))
        .await
        .unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let state = folder.path().join("state");
    assert_eq!(mode(&state), 0o700);
    for file in std::fs::read_dir(&state).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn a_newer_format_is_refused_with_a_remedy() {
    let (folder, ledger) = ledger();
    ledger
        .append(record("a", EntryKind::Intended))
        .await
        .unwrap();
    raw(&ledger, "PRAGMA user_version = 99").await.unwrap();
    let later = DatabaseLedger::in_folder(&folder.path().join("state"));
    let failure = later
        .append(record("b", EntryKind::Intended))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Ledger);
    assert!(failure.summary.contains("newer version"), "{failure}");
    assert!(failure.hint.contains("--state-dir"));
}

#[tokio::test]
async fn the_database_of_another_program_is_left_alone() {
    let (folder, ledger) = ledger();
    let state = folder.path().join("state");
    private::folder(&state).unwrap();
    let options = SqliteConnectOptions::new()
        .filename(state.join("ledger.db"))
        .create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    sqlx::raw_sql("CREATE TABLE theirs (a)")
        .execute(&pool)
        .await
        .unwrap();
    let failure = ledger
        .append(record("a", EntryKind::Intended))
        .await
        .unwrap_err();
    assert!(failure.summary.contains("another program"), "{failure}");
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_a_ledger_failure() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let ledger = DatabaseLedger::in_folder(&file);
    let failure = ledger
        .append(record("a", EntryKind::Intended))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Ledger);
    assert!(!failure.hint.is_empty());
}

#[tokio::test]
async fn a_damaged_entry_stops_the_chain_instead_of_continuing_it() {
    let (_folder, ledger) = ledger();
    ledger
        .append(record("a", EntryKind::Intended))
        .await
        .unwrap();
    raw(
        &ledger,
        "DROP TRIGGER entries_are_not_changed; UPDATE entries SET hash = 'x'",
    )
    .await
    .unwrap();
    let failure = ledger
        .append(record("b", EntryKind::Intended))
        .await
        .unwrap_err();
    assert!(failure.summary.contains("entry 1"), "{failure}");
}
