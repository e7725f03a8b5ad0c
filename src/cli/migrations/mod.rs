//! `migrations`: the migration directory, read statically. Only `pending -e` needs the world.

mod graph;
mod lint;
mod pending;
mod sarif;
mod words;

use std::path::PathBuf;

use crate::domain::environment::Environment;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::migration::Directory;
use crate::domain::revision::RevisionId;
use crate::ops::inspect;
use crate::ports::migrations::Migrations as Port;

use super::Context;
use super::arguments::Migrations;
use super::output::Output;

/// Where a directory is, for those who name its files.
#[derive(Clone, Debug)]
pub struct Whereabouts {
    /// The folder that reviews name files from.
    pub top: PathBuf,
    /// The folder that the program was called in.
    pub here: PathBuf,
}

/// Runs a verb on files alone.
pub fn offline(
    output: Output,
    migrations: &dyn Port,
    verb: &Migrations,
    whereabouts: &Whereabouts,
) -> Result<u8, Failure> {
    match verb {
        Migrations::Lint(arguments) => lint::lint(output, migrations, arguments, whereabouts),
        Migrations::Graph { .. } => graph::graph(output, migrations),
        Migrations::Pending { from, to, .. } => match from {
            Some(from) => pending::pending(output, migrations, &pending::Start::given(from), to),
            None => Err(Failure::new(
                FailureKind::Usage,
                "pending from where?",
                "Say `--from REV`, `--from base` for an empty database, or `-e ENV` to read it from one.",
            )),
        },
    }
}

/// Answers `pending` from where the database of an environment is.
pub async fn pending_in(
    context: &Context,
    environment: &Environment,
    to: &str,
) -> Result<u8, Failure> {
    let reading = inspect::read_database(&context.world, environment).await?;
    let start = pending::Start::read(environment, &reading);
    pending::pending(
        context.output,
        context.world.migrations.as_ref(),
        &start,
        to,
    )
}

/// Tells what could not be read and changes nothing about the answer.
fn tell_notes(output: Output, directory: &Directory) {
    for note in &directory.notes {
        output.note(&format!("warning: {note}"));
    }
}

/// Ids for a sentence.
fn list(ids: &[RevisionId]) -> String {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    ids.join(", ")
}
