//! Places for ledgers: a SQLite file each, or a schema each of one PostgreSQL server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portcullis::adapters::store::DatabaseLedger;
use portcullis::domain::digest::Digest;
use portcullis::domain::ledger::{Checked, EntryKind, Head, Record, Seal, SealKey};
use portcullis::domain::outcome::Outcome;
use portcullis::ports::keys::Sealer;
use portcullis::ports::ledger::Ledger as _;
use sqlx::{AssertSqlSafe, ConnectOptions as _};

use crate::server::Server;

/// Where ledgers are made, one for each test.
pub(crate) enum Places {
    Files(tempfile::TempDir, AtomicUsize),
    Schemas(Box<Server>, AtomicUsize),
}

/// The place of one ledger; any number may be opened on it.
pub(crate) struct Place<'a> {
    places: &'a Places,
    number: usize,
}

impl Places {
    pub(crate) fn files() -> Self {
        Self::Files(tempfile::tempdir().unwrap(), AtomicUsize::default())
    }

    pub(crate) async fn schemas() -> Self {
        Self::Schemas(Box::new(Server::start().await), AtomicUsize::default())
    }

    pub(crate) fn next(&self) -> Place<'_> {
        let (Self::Files(_, count) | Self::Schemas(_, count)) = self;
        Place {
            places: self,
            number: count.fetch_add(1, Ordering::Relaxed),
        }
    }

    pub(crate) fn server(&self) -> &Server {
        match self {
            Self::Schemas(server, _) => server,
            Self::Files(..) => panic!("files have no server"),
        }
    }
}

/// The address by which the owner reaches a schema of a server.
pub(crate) fn address(server: &Server, schema: &str) -> String {
    format!(
        "postgresql://postgres@/postgres?host={}&port={}&options=-csearch_path%3D{schema}",
        server.socket().display(),
        server.port
    )
}

impl Place<'_> {
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.places, Places::Files(..))
    }

    pub(crate) fn folder(&self) -> std::path::PathBuf {
        match self.places {
            Places::Files(folder, _) => folder.path().join(self.schema()),
            Places::Schemas(..) => panic!("a schema has no folder"),
        }
    }

    pub(crate) fn schema(&self) -> String {
        format!("ledger_{}", self.number)
    }

    pub(crate) fn open(&self) -> DatabaseLedger {
        match self.places {
            Places::Files(..) => DatabaseLedger::in_folder(&self.folder()),
            Places::Schemas(server, _) => {
                DatabaseLedger::shared(address(server, &self.schema()).into())
            }
        }
    }

    /// A ledger whose head is sealed with a key.
    pub(crate) fn sealed(&self, key: u8) -> DatabaseLedger {
        self.open()
            .sealed_by(Arc::new(Key(SealKey::new([key; 32]), None)))
    }

    /// A ledger that is known to have come so far.
    pub(crate) fn remembered(&self, key: u8, head: Head) -> DatabaseLedger {
        self.open()
            .sealed_by(Arc::new(Key(SealKey::new([key; 32]), Some(head))))
    }

    /// Statements of the owner of the database, past all consoles.
    pub(crate) async fn sql(&self, sql: &str) -> Result<(), sqlx::Error> {
        match self.places {
            Places::Files(..) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new()
                    .filename(self.folder().join("ledger.db"));
                let mut connection = options.connect().await?;
                let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
                sql.execute(&mut connection).await?;
            }
            Places::Schemas(server, _) => {
                let mut connection = server.sql_session("postgres").await;
                let path = format!("SET search_path = {}; {sql}", self.schema());
                let sql = sqlx::raw_sql(AssertSqlSafe(path));
                sql.execute(&mut connection).await?;
            }
        }
        Ok(())
    }

    /// Entries of a few runs, each over but for the last one.
    pub(crate) async fn with_entries(&self, count: usize) -> DatabaseLedger {
        let ledger = self.sealed(1);
        for number in 0..count {
            let kind = match number % 2 {
                0 => EntryKind::Intended,
                _ => EntryKind::Settled,
            };
            let run = format!("run {}", number / 2);
            ledger.append(record(&run, kind)).await.unwrap();
        }
        ledger
    }
}

struct Key(SealKey, Option<Head>);

impl Sealer for Key {
    fn seal(&self, head: &Head) -> Option<Seal> {
        Some(self.0.seal(head))
    }

    fn check(&self, seal: &Seal) -> Checked {
        self.0.check(seal)
    }

    fn remembered(&self) -> Option<Head> {
        self.1.clone()
    }
}

pub(crate) fn record(run_id: &str, kind: EntryKind) -> Record {
    Record {
        actor: "ines@example.com".into(),
        run_id: run_id.into(),
        kind,
        environment: "prod".into(),
        operation: "upgrade".into(),
        plan: Digest::of_bytes(b"plan"),
        execution: None,
        outcome: (kind == EntryKind::Settled).then_some(Outcome::Applied),
        reason: Some("OPS-1 „naïve“ \u{0} 'quoted' \\".into()),
        detail: None,
    }
}
