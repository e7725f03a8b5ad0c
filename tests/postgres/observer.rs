//! Runs one statement in a transaction that is rolled back, and looks at what it did.

use std::collections::BTreeMap;

use portcullis::domain::review::LockMode;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use crate::server::Server;

const SCHEMA: &str = include_str!("schema.sql");
/// Tables, views and materialised views of the test's own schemas.
const TABLES: &str = "SELECT c.oid, c.oid::regclass::text AS name, pg_relation_filenode(c.oid) AS file, \
     coalesce(pg_stat_get_xact_tuples_returned(c.oid), 0) AS read, \
     (SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = c.oid) AS parent \
     FROM pg_class c WHERE relkind IN ('r', 'p', 'v', 'm') AND relnamespace IN ('public'::regnamespace, 's'::regnamespace)";
const LOCKS: &str = "SELECT relation AS oid, mode FROM pg_locks \
     WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted";
const AFTER: &str = "SELECT oid, pg_relation_filenode(oid) AS file, \
     coalesce(pg_stat_get_xact_tuples_returned(oid), 0) AS read FROM pg_class";

/// What a statement did to the tables that were there before.
pub(crate) struct Observed {
    /// The strongest lock on each.
    pub(crate) locks: BTreeMap<String, LockMode>,
    /// All of them.
    pub(crate) tables: Vec<String>,
    /// Tables with those that they are a part of.
    pub(crate) parents: BTreeMap<String, String>,
    /// Whether one got a new file.
    pub(crate) rewrites: bool,
    /// Whether the rows of one were read.
    pub(crate) reads: bool,
}

/// A session to run statements in.
pub(crate) struct Observer {
    session: PgConnection,
}

struct Table {
    name: String,
    file: Option<u32>,
    read: i64,
}

impl Observer {
    pub(crate) async fn start(server: &Server) -> Self {
        let mut session = server.sql_session("postgres").await;
        sqlx::raw_sql(SCHEMA).execute(&mut session).await.unwrap();
        Self { session }
    }

    async fn ask(&mut self, text: &str) -> sqlx::Result<Vec<sqlx::postgres::PgRow>> {
        let text = AssertSqlSafe(text.to_owned());
        sqlx::raw_sql(text).fetch_all(&mut self.session).await
    }

    /// Runs a statement; `None` when PostgreSQL finds two actions that exclude each other.
    pub(crate) async fn run(&mut self, text: &str) -> sqlx::Result<Option<Observed>> {
        self.ask("BEGIN").await?;
        let found = self.tables().await?;
        let done = self.ask(text).await;
        let observed = match done {
            Ok(_) => Ok(Some(self.observe(found).await?)),
            Err(_) if text.contains(", ") && text.starts_with("ALTER TABLE s.u") => Ok(None),
            Err(error) => Err(error),
        };
        self.ask("ROLLBACK").await?;
        self.ask("RESET ALL").await?;
        observed
    }

    async fn tables(&mut self) -> sqlx::Result<BTreeMap<u32, (Table, Option<String>)>> {
        let rows = sqlx::query(TABLES).fetch_all(&mut self.session).await?;
        let table = |row: &sqlx::postgres::PgRow| {
            let oid: sqlx::postgres::types::Oid = row.get("oid");
            let file: Option<sqlx::postgres::types::Oid> = row.get("file");
            let table = Table {
                name: row.get("name"),
                file: file.map(|file| file.0),
                read: row.get("read"),
            };
            (oid.0, (table, row.get("parent")))
        };
        Ok(rows.iter().map(table).collect())
    }

    async fn observe(
        &mut self,
        before: BTreeMap<u32, (Table, Option<String>)>,
    ) -> sqlx::Result<Observed> {
        let mut locks = BTreeMap::new();
        for row in sqlx::query(LOCKS).fetch_all(&mut self.session).await? {
            let oid: sqlx::postgres::types::Oid = row.get("oid");
            if let Some((table, _)) = before.get(&oid.0) {
                let mode = mode(row.get("mode"));
                let held = locks.entry(table.name.clone()).or_insert(mode);
                *held = (*held).max(mode);
            }
        }
        let (mut rewrites, mut reads) = (false, false);
        for row in sqlx::query(AFTER).fetch_all(&mut self.session).await? {
            let oid: sqlx::postgres::types::Oid = row.get("oid");
            let file: Option<sqlx::postgres::types::Oid> = row.get("file");
            let read: i64 = row.get("read");
            if let Some((table, _)) = before.get(&oid.0) {
                rewrites |= table.file != file.map(|file| file.0);
                reads |= read > table.read;
            }
        }
        let parents = before
            .values()
            .filter_map(|(table, parent)| Some((table.name.clone(), parent.clone()?)));
        Ok(Observed {
            parents: parents.collect(),
            tables: before
                .values()
                .map(|(table, _)| table.name.clone())
                .collect(),
            locks,
            rewrites,
            reads,
        })
    }

    /// The lock that a statement waits for while somebody else holds the table.
    pub(crate) async fn waiting(&mut self, server: &Server, text: &str, table: &str) -> LockMode {
        self.ask("BEGIN").await.unwrap();
        // A materialised view cannot be locked by its name. Readers are let through: some
        // statements look at the table before they ask for what they need.
        let holding = if table == "mv" {
            "CREATE INDEX held ON mv (a)".to_owned()
        } else {
            format!("LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE")
        };
        self.ask(&holding).await.unwrap();
        let mut other = server.sql_session("postgres").await;
        let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
            .fetch_one(&mut other)
            .await
            .unwrap();
        let text = AssertSqlSafe(text.to_owned());
        let running = tokio::spawn(async move {
            // It is cancelled in the end.
            let _ = sqlx::raw_sql(text).execute(&mut other).await;
            let _ = other.close().await;
        });
        let mode = loop {
            let waits = sqlx::query(
                "SELECT mode FROM pg_locks WHERE pid = $1 AND locktype = 'relation' AND NOT granted \
                 AND relation = $2::text::regclass",
            )
            .bind(pid)
            .bind(table)
            .fetch_optional(&mut self.session)
            .await
            .unwrap();
            if let Some(row) = waits {
                break mode(row.get("mode"));
            }
            assert!(!running.is_finished(), "it did not wait");
            tokio::task::yield_now().await;
        };
        sqlx::query("SELECT pg_cancel_backend($1)")
            .bind(pid)
            .execute(&mut self.session)
            .await
            .unwrap();
        self.ask("ROLLBACK").await.unwrap();
        running.await.unwrap();
        mode
    }
}

fn mode(word: &str) -> LockMode {
    match word {
        "AccessShareLock" => LockMode::AccessShare,
        "RowShareLock" => LockMode::RowShare,
        "RowExclusiveLock" => LockMode::RowExclusive,
        "ShareUpdateExclusiveLock" => LockMode::ShareUpdateExclusive,
        "ShareLock" => LockMode::Share,
        "ShareRowExclusiveLock" => LockMode::ShareRowExclusive,
        "ExclusiveLock" => LockMode::Exclusive,
        "AccessExclusiveLock" => LockMode::AccessExclusive,
        other => panic!("an unknown mode: {other}"),
    }
}
