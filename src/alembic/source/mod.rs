//! From a folder to its revisions: which files Alembic would load, in which order.

mod ini;
mod layout;
mod listing;
mod locations;
mod package;
mod pyproject;
mod tree;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use layout::{Layout, find_layout};
pub use tree::{Entry, EntryKind, FileTree, MemoryTree, TreeError};

use super::parse::{FileProblem, ParsedRevision, Reason, parse_revision};
use super::revision::Revision;
use listing::{Candidate, list_candidates};
use package::Package;

/// Why a folder is no migration directory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// There is nothing at the path.
    #[error("{} does not exist", .0.display())]
    NotFound(PathBuf),
    /// A folder or file could not be read.
    #[error("{} cannot be read: {reason}", .path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The configuration of Alembic is wrong.
    #[error("{}:{line}: {reason}", .path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// The configuration of Alembic names no `script_location`.
    #[error("{} sets no script_location", .0.display())]
    NoScriptLocation(PathBuf),
    /// The `script_location` does not exist.
    #[error("the script_location {} does not exist", .0.display())]
    ScriptLocationMissing(PathBuf),
}

/// A migration directory as it was read: what was understood, and what was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Where the revisions were looked for.
    pub layout: Layout,
    /// The revisions, in the order in which Alembic loads them.
    pub revisions: Vec<Revision>,
    /// Files that Alembic would load and that cannot be understood, in the same order.
    pub problems: Vec<FileProblem>,
    /// Files that were understood but for their branch labels.
    pub notes: Vec<FileProblem>,
}

/// Reads the migration directory at a path: a folder with `alembic.ini` or
/// `pyproject.toml`, one of these files, a script folder, or a folder of revisions.
pub fn read(tree: &impl FileTree, path: &Path) -> Result<Reading, SourceError> {
    let layout = find_layout(tree, path)?;
    let candidates = list_candidates(tree, &layout)?;
    let mut reading = Reading {
        layout,
        revisions: Vec::new(),
        problems: Vec::new(),
        notes: Vec::new(),
    };
    for outcome in read_all(tree, &candidates) {
        match outcome {
            Ok(parsed) => {
                reading.revisions.push(parsed.revision);
                reading.notes.extend(parsed.unknown_labels);
            }
            Err(problem) => reading.problems.push(problem),
        }
    }
    Ok(reading)
}

/// Fewer files than this are read faster on one thread.
const WORTH_A_THREAD: usize = 48;

/// Reads and parses files side by side; the outcomes are in the order of the files.
fn read_all(tree: &impl FileTree, files: &[Candidate]) -> Vec<Result<ParsedRevision, FileProblem>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = files.len().div_ceil(threads).max(WORTH_A_THREAD);
    if files.len() <= share {
        return files.iter().map(|file| read_one(tree, file)).collect();
    }
    std::thread::scope(|scope| {
        let workers: Vec<_> = files
            .chunks(share)
            .map(|part| {
                scope.spawn(move || {
                    part.iter()
                        .map(|file| read_one(tree, file))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("reading a file does not panic"))
            .collect()
    })
}

fn read_one(tree: &impl FileTree, file: &Candidate) -> Result<ParsedRevision, FileProblem> {
    let problem = |reason| FileProblem {
        path: file.path.clone(),
        line: 1,
        reason,
    };
    if file.is_compiled {
        return Err(problem(Reason::Compiled));
    }
    match tree.read(&file.path) {
        Ok(Some(bytes)) => parse_revision(&file.path, &bytes, &Package::around(tree, &file.path)),
        Ok(None) => Err(problem(Reason::Unreadable(
            "there is no such file".to_owned(),
        ))),
        Err(TreeError::TooLarge { size, limit }) => Err(problem(Reason::TooLarge { size, limit })),
        Err(TreeError::Refused(why)) => Err(problem(Reason::Unreadable(why))),
    }
}
