//! The real thing: an own PostgreSQL in the state folder, and real Alembic in the jobs.
//!
//! - [`find`] looks for Python and PostgreSQL on this machine.
//! - `home` is the folder of the cluster and the account that owns it; `cluster` starts and ends the server.
//! - `seed` makes the databases; `query` answers SQL.

mod cluster;
pub mod find;
mod home;
mod query;
mod seed;
mod stale;
mod url;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;

use self::{cluster::Cluster, find::Tools, home::Home};
use super::{
    backing::Engine,
    runner::surroundings::{Launch, Surroundings},
    world::{Databases, Refusal, model::SqlAnswer},
};

pub use home::{end_stale, remove, sweep};

/// PostgreSQL and Python, ready to be used.
pub struct Postgres {
    cluster: Arc<Cluster>,
    tools: Tools,
    scripts: PathBuf,
    env: Vec<(String, OsString)>,
}

impl Postgres {
    /// Starts the server, and makes cluster and databases first where there are none.
    pub async fn start(
        state: &Path,
        scripts: &Path,
        tools: Tools,
        env: Vec<(String, OsString)>,
    ) -> Result<Self, String> {
        let home =
            Home::prepare(state).map_err(|error| format!("no place for PostgreSQL: {error}"))?;
        let cluster = Cluster::start(home, &tools.postgres).await?;
        let started = Self {
            cluster: Arc::new(cluster),
            tools,
            scripts: scripts.to_owned(),
            env,
        };
        if !started.cluster.home().is_seeded() {
            if let Err(message) = seed::all(&started).await {
                started.cluster.stop().await;
                return Err(message);
            }
            started
                .cluster
                .home()
                .set_seeded()
                .map_err(|error| error.to_string())?;
        }
        Ok(started)
    }

    /// Ends the server, and waits until it is gone.
    pub async fn end(&self) {
        self.cluster.stop().await;
    }

    fn socket(&self) -> &Path {
        self.cluster.home().socket()
    }
}

#[async_trait]
impl Databases for Postgres {
    async fn execute(
        &self,
        environment: &str,
        database: &str,
        sql: &str,
        row_limit: usize,
    ) -> Result<SqlAnswer, Refusal> {
        let database = url::database_of(environment, database);
        Ok(query::answer(self.socket(), &database, sql, row_limit).await)
    }

    fn label(&self) -> String {
        format!("sandbox: PostgreSQL {}", self.tools.version)
    }

    fn ready(&self) -> bool {
        true
    }
}

#[async_trait]
impl Surroundings for Postgres {
    async fn wait_ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn launch(&self, _environment: &str, words: &[String], env: Vec<(String, String)>) -> Launch {
        let mut all = self.env.clone();
        let mapped = env
            .into_iter()
            .map(|(name, value)| (name, url::mapped(&value, self.socket()).into()));
        all.extend(mapped);
        let mut words = words.iter().map(OsString::from);
        let first = words.next().unwrap_or_default();
        let is_python = first == "python" || first == "python3";
        Launch {
            program: if is_python {
                self.tools.python.clone().into()
            } else {
                first
            },
            args: words.collect(),
            env: all,
            folder: self.scripts.clone(),
        }
    }
}

#[async_trait]
impl Engine for Postgres {
    async fn stop(&self) {
        self.cluster.stop().await;
    }
}
