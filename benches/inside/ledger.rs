//! A ledger of a hundred thousand entries: appending, asking, checking; each beside a floor.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput};
use portcullis::adapters::store::DatabaseLedger;
use portcullis::domain::digest::Digest;
use portcullis::domain::ledger::{Entry, EntryKind, Filter, Record, Unless, chain};
use portcullis::ports::ledger::Ledger as _;
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::runtime::Runtime;

const ENTRIES: u64 = 100_000;

fn record(number: u64) -> Record {
    let kinds = [EntryKind::Intended, EntryKind::Started, EntryKind::Settled];
    let environment = if number.is_multiple_of(7) {
        "prod"
    } else {
        "uat"
    };
    Record {
        actor: format!("ines{}@example.com", number % 5),
        run_id: format!("01JDXW{:020}", number / 3),
        kind: kinds[usize::try_from(number % 3).expect("a small number")],
        environment: environment.into(),
        operation: "upgrade".to_owned(),
        plan: Digest::of(&(number / 3)),
        execution: Some(format!("plant-db-migrations-prod-{:05}", number / 3)),
        outcome: None,
        reason: Some(format!("OPS-{number} the migration of the evening")),
        detail: Some("x".repeat(150)),
    }
}

async fn raw(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    options.connect().await.expect("a file")
}

/// Writes a chain in one transaction; the ledger itself would sync a hundred thousand times.
async fn fill(folder: &Path) -> DatabaseLedger {
    let ledger = DatabaseLedger::in_folder(folder);
    let first = ledger.append(record(0)).await.expect("an entry");
    let mut connection = raw(&folder.join("ledger.db")).await;
    let mut transaction = connection.begin().await.expect("a transaction");
    let mut previous = first.hash.clone();
    for number in 1..ENTRIES {
        let entry = chain(number + 1, first.at, record(number), previous);
        insert(&mut transaction, &entry).await;
        previous = entry.hash;
    }
    transaction.commit().await.expect("a commit");
    ledger
}

async fn insert(connection: &mut SqliteConnection, entry: &Entry) {
    sqlx::query(
        "INSERT INTO entries (seq, at, run_id, kind, environment, record, previous, hash) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(i64::try_from(entry.seq).expect("a small number"))
    .bind(entry.at.to_string())
    .bind(&entry.record.run_id)
    .bind(entry.record.kind.word())
    .bind(entry.record.environment.as_str())
    .bind(serde_json::to_string(&entry.record).expect("JSON"))
    .bind(entry.previous.as_str())
    .bind(entry.hash.as_str())
    .execute(connection)
    .await
    .expect("an entry");
}

pub(crate) fn ledger(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    // Where the work is, not in memory: a sync must reach a disk.
    let folder = tempfile::tempdir_in("target").expect("a folder");
    let ledger = runtime.block_on(fill(folder.path()));
    asking(criterion, &runtime, &ledger);
    checking(criterion, &runtime, &ledger);
    appending(criterion, &runtime, &ledger, folder.path());
}

fn asking(criterion: &mut Criterion, runtime: &Runtime, ledger: &DatabaseLedger) {
    let mut group = criterion.benchmark_group("ledger of 100,000 entries");
    group.sample_size(20);
    let text = |text: &str| Filter {
        text: Some(text.to_owned()),
        ..Filter::default()
    };
    let of_kinds = |kinds: &[EntryKind]| Filter {
        environment: Some("prod".into()),
        kinds: kinds.to_vec(),
        ..Filter::default()
    };
    for (name, filter) in [
        ("newest page", Filter::default()),
        (
            "page of an environment and a kind",
            of_kinds(&[EntryKind::Settled]),
        ),
        (
            "page of what is not there",
            of_kinds(&[EntryKind::Left, EntryKind::Refused]),
        ),
        ("page of a text that is there once", text("ops-77 ")),
        ("page of a text that is not there", text("nowhere")),
    ] {
        group.bench_function(name, |bencher| {
            let page = || async { ledger.page(&filter, None, 100).await.expect("a page") };
            bencher.iter(|| runtime.block_on(page()));
        });
    }
    group.bench_function("open runs", |bencher| {
        bencher.iter(|| runtime.block_on(ledger.open_runs()).expect("open runs"));
    });
    group.finish();
}

fn checking(criterion: &mut Criterion, runtime: &Runtime, ledger: &DatabaseLedger) {
    let all = runtime.block_on(ledger.all()).expect("all entries");
    let texts: Vec<_> = all
        .iter()
        .map(|e| serde_json::to_vec(&(e.seq, e.at, &e.record, &e.previous)).expect("JSON"))
        .collect();
    let mut group = criterion.benchmark_group("check of 100,000 entries");
    group.sample_size(10);
    group.throughput(Throughput::Elements(ENTRIES));
    group.bench_function("floor: SHA-256 of the same bytes", |bencher| {
        bencher.iter(|| {
            for text in &texts {
                black_box(Sha256::digest(text));
            }
        });
    });
    group.bench_function("verify", |bencher| {
        bencher.iter(|| {
            let found = runtime.block_on(ledger.soundness()).expect("a check");
            assert!(found.is_sound(), "{found:?}");
        });
    });
    group.finish();
}

fn appending(criterion: &mut Criterion, runtime: &Runtime, ledger: &DatabaseLedger, folder: &Path) {
    let mut floor = runtime.block_on(async {
        let mut floor = raw(&folder.join("floor.db")).await;
        let sql = "CREATE TABLE entries (seq INTEGER PRIMARY KEY, record TEXT NOT NULL)";
        sqlx::raw_sql(sql)
            .execute(&mut floor)
            .await
            .expect("a table");
        floor
    });
    let text = serde_json::to_string(&record(1)).expect("JSON");
    let mut group = criterion.benchmark_group("append to 100,000 entries, durable");
    group.sample_size(50);
    group.bench_function("floor: one insert", |bencher| {
        bencher.iter(|| {
            let insert = sqlx::query("INSERT INTO entries (record) VALUES (?)").bind(&text);
            runtime.block_on(insert.execute(&mut floor)).expect("a row");
        });
    });
    let mut number = ENTRIES;
    group.bench_function("append", |bencher| {
        bencher.iter(|| {
            number += 3;
            let mut record = record(number);
            record.kind = EntryKind::Refused;
            runtime.block_on(ledger.append(record)).expect("an entry")
        });
    });
    group.bench_function("append unless a run is open", |bencher| {
        bencher.iter(|| {
            number += 3;
            let mut record = record(number);
            record.kind = EntryKind::Refused;
            let unless = Unless::Open("demo".into());
            let append = ledger.append_unless(record, unless);
            runtime.block_on(append).expect("an answer")
        });
    });
    group.finish();
}
