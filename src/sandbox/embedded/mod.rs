//! The stand-in for machines without Python, Alembic or PostgreSQL: SQLite, and a runner of our own revisions.
//!
//! - [`plan`] is Alembic's arithmetic for these revisions, [`revisions`] what they do in SQLite.
//! - [`task`] is what a job runs: this very program, started again with a hidden subcommand.
//! - `dialect` lets the few questions pass that PostgreSQL would be asked.

mod commands;
mod dialect;
mod place;
pub mod plan;
pub mod revisions;
mod scripts;
pub mod task;
#[cfg(test)]
mod tests;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Instant,
};

use async_trait::async_trait;

use self::place::Place;
use super::{
    backing::Engine,
    runner::surroundings::{Launch, Surroundings},
    world::{
        Code, Databases, Refusal, Status,
        model::SqlAnswer,
        seed::{ENVIRONMENTS, password, revision_of},
    },
};

/// The variable that tells a task which file stands for its database.
pub const DATABASE: &str = "PORTCULLIS_SANDBOX_DATABASE";
/// The variable that tells a task the password that its database expects.
pub const PASSWORD: &str = "PORTCULLIS_SANDBOX_PASSWORD";
/// The hidden subcommand that a task starts this program with.
pub const SUBCOMMAND: &str = "sandbox-task";

/// SQLite files in place of PostgreSQL, and this program in place of Python.
pub struct Embedded {
    folder: PathBuf,
    scripts: PathBuf,
    program: OsString,
    env: Vec<(String, OsString)>,
}

impl Embedded {
    /// Makes the files of all environments that have none yet.
    ///
    /// `program` is started with [`SUBCOMMAND`] for each task, in `scripts`, with `env` beside the job's own.
    pub async fn prepare(
        folder: &Path,
        scripts: &Path,
        program: OsString,
        env: Vec<(String, OsString)>,
    ) -> Result<Self, String> {
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        for environment in ENVIRONMENTS {
            let file = file(folder, environment);
            if !file.exists() {
                seed(&file, environment)
                    .await
                    .map_err(|error| error.to_string())?;
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            scripts: scripts.to_owned(),
            program,
            env,
        })
    }
}

fn file(folder: &Path, environment: &str) -> PathBuf {
    folder.join(format!("{environment}.sqlite"))
}

/// Makes a database aside and puts it in its place when it is whole.
async fn seed(file: &Path, environment: &str) -> Result<(), Box<dyn std::error::Error>> {
    let aside = file.with_extension("new");
    let mut place = Place::open(&aside, true).await?;
    let target = revision_of(environment);
    let steps = plan::upgrade(&[], target.unwrap_or("003_remaining_entities"))?;
    for revision in steps {
        place
            .apply(revision, std::time::Duration::ZERO, &mut |_| ())
            .await?;
    }
    if target.is_none() {
        place.execute("DROP TABLE alembic_version").await?;
    }
    place.close().await?;
    std::fs::rename(aside, file)?;
    Ok(())
}

#[async_trait]
impl Databases for Embedded {
    async fn execute(
        &self,
        environment: &str,
        _database: &str,
        sql: &str,
        row_limit: usize,
    ) -> Result<SqlAnswer, Refusal> {
        let begin = Instant::now();
        let answer = match Place::open(&file(&self.folder, environment), false).await {
            Ok(mut place) => place.answer(sql, row_limit).await,
            Err(error) => Err(error),
        };
        let mut answer = answer.unwrap_or_else(|error| SqlAnswer {
            error: Some(Status {
                code: Code::InvalidArgument,
                message: dialect::error(&error),
            }),
            ..SqlAnswer::default()
        });
        answer.took = begin.elapsed();
        Ok(answer)
    }

    fn label(&self) -> String {
        "sandbox: embedded SQLite".to_owned()
    }

    fn ready(&self) -> bool {
        true
    }
}

#[async_trait]
impl Surroundings for Embedded {
    async fn wait_ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn launch(&self, environment: &str, words: &[String], env: Vec<(String, String)>) -> Launch {
        let mut all = self.env.clone();
        all.extend(env.into_iter().map(|(name, value)| (name, value.into())));
        all.push((DATABASE.to_owned(), file(&self.folder, environment).into()));
        all.push((PASSWORD.to_owned(), password().into()));
        let mut words = words.iter().map(OsString::from);
        let first = words.next().unwrap_or_default();
        let (program, args) = if first == "python" || first == "python3" {
            let args = std::iter::once(SUBCOMMAND.into()).chain(words).collect();
            (self.program.clone(), args)
        } else {
            (first, words.collect())
        };
        Launch {
            program,
            args,
            env: all,
            folder: self.scripts.clone(),
        }
    }
}

#[async_trait]
impl Engine for Embedded {
    async fn stop(&self) {
        // Each question and each task has its own connection: nothing stays open.
    }
}
