//! The ledger of a team: roles, TLS, addresses, and a server that goes away in the middle.

use portcullis::adapters::store::DatabaseLedger;
use portcullis::domain::failure::{Failure, FailureKind};
use portcullis::domain::ledger::{EntryKind, verify};
use portcullis::ports::ledger::Ledger as _;
use rustix::process::{Pid, Signal, kill_process};

use crate::places::{Places, address, record};
use crate::server::{Server, free_port};

/// As `docs/ledger.md` has it.
const GRANTS: &str = "CREATE ROLE stranger LOGIN PASSWORD 'word';\n\
     GRANT USAGE ON SCHEMA portcullis TO stranger;\n\
     GRANT SELECT ON ALL TABLES IN SCHEMA portcullis TO stranger;\n\
     GRANT INSERT ON portcullis.entries TO stranger;\n\
     GRANT INSERT, UPDATE ON portcullis.seals TO stranger";

async fn refused(address: String) -> Failure {
    let ledger = DatabaseLedger::shared(address.into());
    let answer = ledger.append(record("a", EntryKind::Intended)).await;
    let failure = answer.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Ledger, "{failure}");
    assert!(!failure.hint.is_empty(), "{failure}");
    let told = format!("{failure:?}");
    assert!(
        !told.contains("hunter2") && !told.contains("nobody-s-name"),
        "{told}"
    );
    failure
}

#[tokio::test]
async fn a_role_that_may_only_add_is_enough() {
    let server = Server::start().await;
    let of = |user: &str| {
        let port = server.port;
        format!("postgresql://{user}:word@127.0.0.1:{port}/postgres?sslmode=require")
    };
    server
        .sql("postgres", "CREATE ROLE reader LOGIN PASSWORD 'word'")
        .await;
    // Who may not make a schema does not begin the ledger, and reads that there is none.
    let failure = refused(of("reader")).await;
    assert!(failure.summary.contains("not readable"), "{failure}");
    let reader = DatabaseLedger::shared(of("reader").into());
    assert_eq!(reader.all().await, Ok(vec![]));
    let owner = address(&server, "portcullis");
    let owner = DatabaseLedger::shared(owner.into());
    owner
        .append(record("a", EntryKind::Intended))
        .await
        .unwrap();
    server.sql("postgres", GRANTS).await;
    let stranger = DatabaseLedger::shared(of("stranger").into());
    stranger
        .append(record("a", EntryKind::Settled))
        .await
        .unwrap();
    let found = stranger.soundness().await.unwrap();
    assert!(found.is_sound() && found.entries == 2, "{found:?}");
    assert!(reader.all().await.is_err());
    // It may not take the guards away either.
    let options: sqlx::postgres::PgConnectOptions = of("stranger").parse().unwrap();
    let mut session = sqlx::ConnectOptions::connect(&options).await.unwrap();
    for sql in [
        "DELETE FROM portcullis.entries",
        "ALTER TABLE portcullis.entries DISABLE TRIGGER ALL",
        "UPDATE portcullis.portcullis_ledger SET format = 9",
        "DELETE FROM portcullis.seals",
    ] {
        assert!(
            sqlx::raw_sql(sql).execute(&mut session).await.is_err(),
            "{sql}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_reached_is_a_ledger_failure_that_tells_no_secret() {
    let server = Server::start().await;
    server
        .sql("postgres", "CREATE ROLE tls_only LOGIN PASSWORD 'word'")
        .await;
    let port = server.port;
    let nothing = free_port();
    for address in [
        "hunter2".to_owned(),
        "postgresql://nobody-s-name:hunter2@/db".to_owned(),
        format!("postgresql://nobody-s-name:hunter2@127.0.0.1:{nothing}/postgres"),
        format!("postgresql://tls_only:hunter2@127.0.0.1:{port}/postgres"),
        format!("postgresql://tls_only:word@127.0.0.1:{port}/postgres?sslmode=disable&x=hunter2"),
        format!("postgresql://tls_only:word@127.0.0.1:{port}/postgres?sslmode=verify-full"),
        format!(
            "postgresql://postgres@/nobody-s-name?host={}&port={port}",
            server.socket().display()
        ),
    ] {
        refused(address).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_crashes_in_the_middle_loses_and_doubles_nothing() {
    let places = Places::schemas().await;
    let place = places.next();
    drop(place.with_entries(1).await);
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let ledger = place.sealed(1);
            tokio::spawn(async move {
                let (mut written, mut failed) = (Vec::new(), Vec::new());
                for number in 0..60 {
                    let run = format!("{writer}-{number}");
                    match ledger.append(record(&run, EntryKind::Intended)).await {
                        Ok(entry) => written.push(entry),
                        Err(failure) => failed.push((run, failure)),
                    }
                }
                (written, failed)
            })
        })
        .collect();
    crash_when_entries_come(places.server(), &place.schema()).await;
    let mut written = Vec::new();
    let mut failed = Vec::new();
    for writer in writers {
        let (ok, err) = writer.await.unwrap();
        written.extend(ok);
        failed.extend(err);
    }
    let all = all_of(&place.sealed(1)).await;
    assert_eq!(verify(&all), Ok(all.len() as u64));
    for entry in &written {
        assert_eq!(all.iter().filter(|found| *found == entry).count(), 1);
    }
    for (run, failure) in &failed {
        assert_eq!(failure.kind, FailureKind::Ledger, "{failure}");
        let is_there = all.iter().any(|found| found.record.run_id == *run);
        assert!(
            !is_there || failure.summary.contains("could not be asked"),
            "{run}: {failure}"
        );
    }
    println!("{} written, {} failed", written.len(), failed.len());
    assert!(written.len() > 60, "{failed:?}");
    let found = place.sealed(1).soundness().await.unwrap();
    assert!(found.is_sound(), "{found:?}");
}

/// Kills a session with `kill -9` three times, whereupon PostgreSQL ends all of them and recovers.
async fn crash_when_entries_come(server: &Server, schema: &str) {
    for goal in [10, 40, 80] {
        let pid = loop {
            if let Some(pid) = session_when(server, schema, goal).await {
                break pid;
            }
            tokio::task::yield_now().await;
        };
        // It may have ended by itself.
        let _ = kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL);
    }
}

/// A session that writes, once there are so many entries.
async fn session_when(server: &Server, schema: &str, goal: i64) -> Option<i32> {
    let options = sqlx::postgres::PgConnectOptions::new_without_pgpass()
        .socket(server.socket())
        .port(server.port)
        .username("postgres")
        .database("postgres");
    let mut session = sqlx::ConnectOptions::connect(&options).await.ok()?;
    let count = format!("SELECT count(*) FROM {schema}.entries");
    let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count))
        .fetch_one(&mut session)
        .await
        .ok()?;
    if count < goal {
        return None;
    }
    sqlx::query_scalar(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'portcullis' \
         AND state IN ('active', 'idle in transaction') LIMIT 1",
    )
    .fetch_optional(&mut session)
    .await
    .ok()?
}

/// All entries, as soon as the server answers again.
async fn all_of(ledger: &DatabaseLedger) -> Vec<portcullis::domain::ledger::Entry> {
    loop {
        if let Ok(all) = ledger.all().await {
            return all;
        }
        tokio::task::yield_now().await;
    }
}
