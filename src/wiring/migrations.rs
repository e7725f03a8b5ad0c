//! The road of verbs that read files: no config where a path is given, no world where none is asked for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis::adapters::DiskMigrations;
use portcullis::cli::arguments::{General, Migrations};
use portcullis::cli::migrations::Whereabouts;
use portcullis::cli::output::Output;
use portcullis::cli::{self, Context};
use portcullis::domain::failure::{Failure, FailureKind};

use super::{Surroundings, runtime, world};

/// Runs a verb of `migrations`.
pub(crate) fn run(general: &General, verb: &Migrations, output: Output) -> Result<u8, Failure> {
    // `%(here)s` of a configuration is a whole path.
    let given = verb.place().path.as_ref();
    let path = given.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone()));
    match verb {
        Migrations::Pending {
            from: None,
            to,
            environment: Some(environment),
            ..
        } => from_database(&Surroundings::read(general)?, environment, to, path, output),
        Migrations::Pending {
            from: Some(_),
            environment: Some(_),
            ..
        } => Err(Failure::new(
            FailureKind::Usage,
            "`--from` and `-e` both say where the database is",
            "Leave one of them out.",
        )),
        verb => {
            let top = place(general, path)?;
            let whereabouts = Whereabouts {
                top: folder(&top),
                here: std::env::current_dir().unwrap_or_default(),
            };
            let directory = DiskMigrations::at(Some(top));
            cli::migrations::offline(output, &directory, verb, &whereabouts)
        }
    }
}

/// The folder that a configuration lies in, or the folder itself.
fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if path.is_file() => parent.to_owned(),
        _ => path.to_owned(),
    }
}

/// The path that was given, else the config's.
fn place(general: &General, given: Option<PathBuf>) -> Result<PathBuf, Failure> {
    match given {
        Some(path) => Ok(path),
        None => Surroundings::read(general)?
            .settings
            .migrations
            .ok_or_else(|| {
                Failure::new(
                    FailureKind::Config,
                    "the config names no migration directory",
                    "Say `--path DIR`, or set [migrations] path in the config.",
                )
            }),
    }
}

fn from_database(
    surroundings: &Surroundings,
    environment: &str,
    to: &str,
    path: Option<PathBuf>,
    output: Output,
) -> Result<u8, Failure> {
    let mut world = world::open(surroundings, None)?.world;
    if path.is_some() {
        world.migrations = Arc::new(DiskMigrations::at(path));
    }
    let context = Context {
        settings: surroundings.settings.clone(),
        world,
        output,
    };
    let environment = context.settings.environment(environment)?;
    let runtime = runtime()?;
    let code = runtime.block_on(cli::migrations::pending_in(&context, environment, to));
    runtime.shutdown_background();
    code
}
