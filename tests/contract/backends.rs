//! Who else is in a database: sessions of a real PostgreSQL, through both probes that have one.

use std::path::PathBuf;

use async_trait::async_trait;
use portcullis::adapters::google::GoogleWorld;
use portcullis::domain::backend::{Backend, Belongs, Window, application_name};
use portcullis::domain::environment::{Environment, ProbeKind};
use portcullis::domain::failure::FailureKind;
use portcullis::domain::review::LockMode;
use portcullis::ports::jobs::DATABASE_NAME_VARIABLE;
use portcullis::sandbox::world::model::{Payload, SqlAnswer, SqlColumn};
use portcullis::sandbox::world::{self, Refusal};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Row as _};

use crate::cloud::{Answers, Cloud, environment};
use crate::server::Server;

const TABLES: &str = "CREATE TABLE audit_logs (id int);
CREATE TABLE \"Odd Name\" (id int);
GRANT ALL ON ALL TABLES IN SCHEMA public TO reader";

const ROLES: &str = "CREATE DATABASE plant;
CREATE ROLE reader LOGIN PASSWORD 'canary-4f1b';
CREATE ROLE stranger LOGIN PASSWORD 'canary-4f1b'";

/// The databases of a server as the Data API answers for them.
struct Live {
    socket: PathBuf,
    port: u16,
}

#[async_trait]
impl world::Databases for Live {
    async fn execute(
        &self,
        _environment: &str,
        database: &str,
        sql: &str,
        _limit: usize,
    ) -> Result<SqlAnswer, Refusal> {
        let mut session = connect(&self.socket, self.port, database, "data-api").await;
        let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut session)
            .await
            .unwrap();
        let cells = |row: &sqlx::postgres::PgRow| {
            let cell = |at| row.try_get_unchecked::<Option<String>, _>(at).unwrap();
            (0..row.len()).map(cell).collect()
        };
        let column = |at: usize| SqlColumn {
            name: format!("column{at}"),
            kind: "text".to_owned(),
        };
        Ok(SqlAnswer {
            columns: (0..11).map(column).collect(),
            rows: rows.iter().map(cells).collect(),
            ..SqlAnswer::default()
        })
    }

    fn label(&self) -> String {
        "a real server".to_owned()
    }

    fn ready(&self) -> bool {
        true
    }
}

async fn connect(socket: &std::path::Path, port: u16, database: &str, name: &str) -> PgConnection {
    PgConnectOptions::new_without_pgpass()
        .socket(socket)
        .port(port)
        .username("postgres")
        .database(database)
        .application_name(name)
        .connect()
        .await
        .unwrap()
}

/// A server with a database, and a cloud whose secret and whose Data API lead to it.
struct Site {
    server: Server,
    // The adapters are of no use without it.
    _cloud: Cloud,
    google: GoogleWorld,
    environment: Environment,
}

impl Site {
    async fn start(role: &str) -> Self {
        let server = Server::start().await;
        server.sql("postgres", ROLES).await;
        server.sql("plant", TABLES).await;
        let cloud = Cloud::attached(Live {
            socket: server.socket().to_owned(),
            port: server.port,
        })
        .await;
        let environment = environment("uat");
        let url = format!(
            "postgresql://{role}:canary-4f1b@127.0.0.1:{}/plant",
            server.port
        );
        let secret = environment.secret.as_deref().unwrap();
        cloud
            .world
            .add_secret_version(secret, Payload::new(url), None)
            .unwrap();
        Self {
            google: cloud.google(),
            server,
            _cloud: cloud,
            environment,
        }
    }

    async fn session(&self, name: &str) -> PgConnection {
        connect(self.server.socket(), self.server.port, "plant", name).await
    }

    async fn backends(&self, probe: ProbeKind) -> Vec<Backend> {
        let found = self.google.databases.backends(&self.environment, probe);
        found.await.unwrap()
    }
}

async fn run(session: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
        .execute(session)
        .await
        .unwrap();
}

async fn pid(session: &mut PgConnection) -> i64 {
    let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(session)
        .await
        .unwrap();
    i64::from(pid)
}

#[track_caller]
fn of(backends: &[Backend], pid: i64) -> &Backend {
    backends.iter().find(|found| found.pid == pid).unwrap()
}

#[expect(
    clippy::too_many_lines,
    reason = "one story of four sessions, told once for both probes"
)]
#[tokio::test(flavor = "multi_thread")]
async fn both_probes_see_who_holds_what_and_who_waits_for_whom() {
    let site = Site::start("reader").await;
    site.server
        .sql("postgres", "GRANT pg_read_all_stats TO reader")
        .await;
    let mut reporting = site.session("reporting").await;
    run(
        &mut reporting,
        "BEGIN; SELECT 'hunter2', * FROM audit_logs; LOCK TABLE \"Odd Name\" IN SHARE MODE",
    )
    .await;
    let mut waiting = site.session("portcullis-01J").await;
    let (holder, waiter) = (pid(&mut reporting).await, pid(&mut waiting).await);
    let mut look = site.session("look").await;
    let waits = tokio::spawn(async move {
        let sql = "BEGIN; ALTER TABLE audit_logs ADD COLUMN note text DEFAULT 'hunter2'";
        // The server ends it when the test is over.
        let _ = sqlx::raw_sql(sql).execute(&mut waiting).await;
    });
    let question = "SELECT count(*) FROM pg_locks WHERE pid = $1 AND NOT granted";
    loop {
        let asked = sqlx::query_scalar(question).bind(i32::try_from(waiter).unwrap());
        let waiting: i64 = asked.fetch_one(&mut look).await.unwrap();
        if waiting > 0 {
            break;
        }
        tokio::task::yield_now().await;
    }

    let mut seen = Vec::new();
    for probe in [ProbeKind::DataApi, ProbeKind::Direct] {
        let found = site.backends(probe).await;
        let all = format!("{found:?}{}", serde_json::to_string(&found).unwrap());
        assert!(!all.contains("hunter2"), "{all}");
        let holder = of(&found, holder);
        assert_eq!(holder.application.raw(), "reporting");
        assert_eq!(holder.state.raw(), "idle in transaction");
        let holds: Vec<_> = holder.holds.iter().map(ToString::to_string).collect();
        let expected = [
            "public.\"Odd Name\" (SHARE)",
            "public.audit_logs (ACCESS SHARE)",
        ];
        assert_eq!(holds, expected);
        assert!(holder.readable && holder.blocked_by.is_empty() && holder.is_busy());
        let age = holder.transaction_age().unwrap();
        assert!(age.as_secs() < 60 && holder.connected_at <= holder.transaction_at);

        let waiter = of(&found, waiter);
        assert_eq!(waiter.blocked_by, [holder.pid]);
        assert_eq!(waiter.wait.raw(), "Lock: relation");
        assert!(
            waiter
                .statement
                .raw()
                .contains("ADD COLUMN note text DEFAULT ?")
        );
        seen.push((holder.clone(), waiter.clone()));
    }
    let [(one, _), (other, _)] = seen.as_slice() else {
        panic!("two probes")
    };
    let same_time = Backend {
        seen_at: one.seen_at,
        ..other.clone()
    };
    assert_eq!(one, &same_time, "both probes tell the same");
    waits.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_see_others_knows_their_locks_and_says_so() {
    let site = Site::start("reader").await;
    let mut other = site.session("reporting").await;
    run(&mut other, "BEGIN; LOCK TABLE audit_logs").await;
    let found = site.backends(ProbeKind::Direct).await;
    let hidden = of(&found, pid(&mut other).await);
    assert!(!hidden.readable && hidden.is_busy());
    assert_eq!(
        (hidden.transaction_age(), hidden.connected_at),
        (None, None)
    );
    assert!(hidden.statement.is_empty() && hidden.state.is_empty());
    assert_eq!(hidden.holds[0].mode, LockMode::AccessExclusive);
}

#[tokio::test(flavor = "multi_thread")]
async fn modes_are_those_of_pg_locks_and_conflict_as_they_do() {
    let site = Site::start("reader").await;
    let (mut one, mut other) = (site.session("one").await, site.session("other").await);
    let pid = pid(&mut one).await;
    for mode in LockMode::ALL {
        let sql = format!("BEGIN; LOCK TABLE audit_logs IN {mode} MODE");
        run(&mut one, &sql).await;
        let found = site.backends(ProbeKind::DataApi).await;
        assert_eq!(of(&found, pid).holds[0].mode, mode);
        for second in LockMode::ALL {
            let sql = format!("BEGIN; LOCK TABLE audit_logs IN {second} MODE NOWAIT");
            let got = sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
                .execute(&mut other)
                .await;
            assert_eq!(mode.conflicts_with(second), got.is_err(), "{mode} {second}");
            run(&mut other, "ROLLBACK").await;
        }
        run(&mut one, "ROLLBACK").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_found_by_its_name_and_ourselves_and_workers_are_left_out() {
    let site = Site::start("reader").await;
    let mut run_of_ours = site.session(&application_name("01J")).await;
    let found = site.backends(ProbeKind::DataApi).await;
    assert_eq!(found.len(), 1, "{found:?}");
    let backend = of(&found, pid(&mut run_of_ours).await);
    let window = Window {
        from: backend.seen_at,
        until: None,
    };
    assert_eq!(backend.belongs_to("01J", window), Belongs::Certain);
    assert_eq!(backend.belongs_to("01K", window), Belongs::No);
}

/// What the drivers themselves make of the variable that a run is given.
const DRIVERS: &str = "
import asyncio, sys, asyncpg, psycopg
name = 'SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()'
with psycopg.connect(sys.argv[1]) as session:
    print('psycopg', session.execute(name).fetchone()[0])
async def ask():
    session = await asyncpg.connect(sys.argv[1])
    print('asyncpg', await session.fetchval(name))
    await session.close()
asyncio.run(ask())
";

#[tokio::test(flavor = "multi_thread")]
async fn libpq_passes_the_name_of_a_run_on_and_asyncpg_does_not() {
    let server = Server::start().await;
    server.sql("postgres", ROLES).await;
    let port = server.port;
    let url = format!("postgresql://reader:canary-4f1b@127.0.0.1:{port}/plant");
    let prepared = concat!(env!("CARGO_MANIFEST_DIR"), "/.venv/bin/python");
    let python = std::env::var_os("PORTCULLIS_TEST_PYTHON").unwrap_or_else(|| prepared.into());
    let output = std::process::Command::new(python)
        .args(["-c", DRIVERS, &url])
        .env(DATABASE_NAME_VARIABLE, application_name("01J"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(told, "psycopg portcullis-01J\nasyncpg \n", "{output:?}");
}

#[tokio::test]
async fn a_probe_without_a_session_says_so() {
    let cloud = Cloud::attached(Answers::default()).await;
    for probe in [ProbeKind::Logs, ProbeKind::Job] {
        let databases = cloud.google().databases;
        let failure = databases
            .backends(&environment("uat"), probe)
            .await
            .unwrap_err();
        assert_eq!(failure.kind, FailureKind::Config);
        assert!(!failure.hint.is_empty());
    }
}
