//! The suggestion of a baseline, against real PostgreSQL that the real Alembic brought to a revision.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(
    clippy::disallowed_methods,
    reason = "starts a server, and writes directories for it"
)]

#[path = "baseline/directory.rs"]
mod directory;
#[expect(dead_code, reason = "its graphs are for another test")]
#[path = "alembic/generator.rs"]
mod generator;
#[expect(dead_code, reason = "it can also be asked about graphs")]
#[path = "alembic/oracle.rs"]
mod oracle;
#[expect(dead_code, reason = "the contract tests need more of it")]
#[path = "contract/server.rs"]
mod server;

use std::path::Path;

use generator::Seeded;
use oracle::Oracle;
use portcullis::adapters::DiskMigrations;
use portcullis::domain::baseline::Baseline;
use portcullis::domain::database::Table;
use portcullis::domain::revision::RevisionId;
use portcullis::ports::migrations::Migrations as _;
use serde_json::json;
use server::Server;
use sqlx::Row as _;

/// How many directories are made up.
const DIRECTORIES: u64 = 60;

/// Tables and columns, as PostgreSQL lists them.
const TABLES: &str = "SELECT table_schema::text, table_name::text, \
    array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns \
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema') GROUP BY 1, 2";

struct Lab {
    server: Server,
    alembic: Oracle,
}

impl Lab {
    async fn start() -> Self {
        Self {
            server: Server::start().await,
            alembic: Oracle::of("tests/alembic/upgrade.py"),
        }
    }

    /// The rows at a target, and the tables without the version table.
    async fn upgraded(&mut self, folder: &Path, target: &str) -> (Vec<RevisionId>, Vec<Table>) {
        let url = format!(
            "postgresql+psycopg://postgres@/postgres?host={}&port={}",
            self.server.socket().display(),
            self.server.port
        );
        let ini = folder.join("alembic.ini");
        let answer = self
            .alembic
            .ask(&json!({"ini": ini, "url": url, "target": target}));
        let rows = serde_json::from_value(answer["rows"].clone()).unwrap();
        let mut session = self.server.sql_session("postgres").await;
        let found = sqlx::query(TABLES).fetch_all(&mut session).await.unwrap();
        let tables = found.iter().map(|row| Table {
            schema: row.get(0),
            name: row.get(1),
            columns: row.get(2),
        });
        (rows, tables.collect())
    }
}

/// Whether the suggestion is the truth; otherwise the truth must look the same.
#[track_caller]
fn is_suggested(found: Option<&Baseline>, truth: &[RevisionId], context: &str) -> bool {
    let found = found.unwrap_or_else(|| panic!("nothing suggested at {truth:?}; {context}"));
    let sorted = |rows: &[RevisionId]| {
        let mut rows = rows.to_vec();
        rows.sort();
        rows
    };
    assert!(
        found.missing.is_empty() && found.beyond.is_empty(),
        "{truth:?}: {found:#?}; {context}"
    );
    if sorted(&found.stamp) == truth {
        return true;
    }
    let mut alike = found.alike.iter().chain([&found.nearest]);
    let named = alike.any(|rows| sorted(rows) == truth);
    assert!(named, "{truth:?} is not named: {found:#?}; {context}");
    assert!(!found.doubts().is_empty(), "{found:#?}");
    false
}

#[tokio::test]
async fn the_sandboxs_own_revisions_are_recognised() {
    let mut lab = Lab::start().await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("src/sandbox/migrations/plant");
    let migrations = DiskMigrations::at(Some(folder.clone()));
    let revisions = migrations.directory().unwrap().revisions.clone();
    let mut exact = Vec::new();
    for revision in &revisions {
        let (truth, tables) = lab.upgraded(&folder, revision.id.as_str()).await;
        let found = migrations.baseline(&tables);
        if is_suggested(found.as_ref(), &truth, "plant") {
            exact.push(revision.id.as_str());
        }
        let unread = found.unwrap().unread;
        assert!(unread.len() <= 1, "{unread:?}");
    }
    // The others change no table and no column: an index, policies, rows, a merge.
    let expected = [
        "001_base_entity",
        "002_skills_and_roles",
        "003_remaining_entities",
        "005_rls_policies",
        "006_trial_tables",
        "007_gateway_audit_logs",
        "007_agent_state_index",
        "009_backfill_audit_logs",
        "010_usage_events",
        "011_approval_requests",
        "012_hired_agents",
    ];
    exact.sort_unstable();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(exact, expected);
}

#[tokio::test]
async fn revisions_of_made_up_directories_are_recognised() {
    let mut lab = Lab::start().await;
    let (mut exact, mut all) = (0, 0);
    for seed in 0..DIRECTORIES {
        let mut random = Seeded::new(seed + 77);
        let folder = tempfile::tempdir().unwrap();
        let written = directory::write(&mut random, folder.path());
        let migrations = DiskMigrations::at(Some(folder.path().to_owned()));
        for _ in 0..2 {
            let target = if random.once_in(4) {
                "heads".to_owned()
            } else {
                random.pick(&written).id.clone()
            };
            let (truth, tables) = lab.upgraded(folder.path(), &target).await;
            if tables
                .iter()
                .map(|table| table.columns.len())
                .sum::<usize>()
                < 3
            {
                continue;
            }
            let context = format!("seed {seed}, target {target}\n{written:#?}\n{tables:#?}");
            let found = migrations.baseline(&tables);
            all += 1;
            exact += usize::from(is_suggested(found.as_ref(), &truth, &context));
        }
    }
    println!("{exact} of {all} are suggested, the others are named as alike");
    assert!(all > 90 && exact * 10 > all * 7, "only {exact} of {all}");
}
