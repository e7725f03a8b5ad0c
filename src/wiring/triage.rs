//! The road of `triage`: a log, the team's own causes, and no world.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use portcullis::adapters::system;
use portcullis::adapters::variables::Variables;
use portcullis::cli::arguments::{General, Triage};
use portcullis::cli::output::Output;
use portcullis::cli::triage::{self, CauseFiles};
use portcullis::domain::failure::{Failure, FailureKind};
use portcullis::triage::Facts;

use super::Surroundings;

/// Tells the causes of a log, or checks files of causes.
pub(crate) fn run(general: &General, verb: &Triage, output: Output) -> Result<u8, Failure> {
    if !verb.check.is_empty() {
        return triage::check(output, &read(&verb.check)?);
    }
    let own = read(&own_files(&Variables::of_process()))?;
    let facts = match &verb.environment {
        // Only the config is read: this verb works without a network.
        Some(name) => Facts::of(Surroundings::read(general)?.settings.environment(name)?),
        None => Facts::default(),
    };
    triage::triage(output, &own, &mut *log(verb.file.as_deref())?, &facts)
}

fn log(file: Option<&Path>) -> Result<Box<dyn Read>, Failure> {
    match file.filter(|file| *file != Path::new("-")) {
        None => Ok(Box::new(std::io::stdin().lock())),
        Some(file) => match File::open(file) {
            Ok(open) => Ok(Box::new(open)),
            Err(error) => Err(unreadable(file, &error)),
        },
    }
}

/// The files of causes in the person's config folder, by name.
fn own_files(variables: &Variables) -> Vec<PathBuf> {
    let Some(folder) = system::config_folder(variables).map(|folder| folder.join("causes")) else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();
    files
}

fn read(files: &[PathBuf]) -> Result<CauseFiles, Failure> {
    let text = |file: &PathBuf| match std::fs::read_to_string(file) {
        Ok(text) => Ok((file.display().to_string(), text)),
        Err(error) => Err(unreadable(file, &error)),
    };
    files.iter().map(text).collect()
}

fn unreadable(file: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        FailureKind::NotFound,
        format!("{} cannot be read: {error}", file.display()),
        "Look at the path.",
    )
}
