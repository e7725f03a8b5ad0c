//! What is wrong with a migration directory or a target, as a failure with its word and its places.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::alembic::graph::{ErrorKind, GraphError, PendingError};
use crate::alembic::parse::FileProblem;
use crate::alembic::revision::Revision;
use crate::alembic::source::SourceError;
use crate::domain::failure::{Failure, FailureKind, Flaw};
use crate::domain::revision::RevisionId;

/// The files of revisions, remembered while they become a graph.
pub(super) struct Files(HashMap<RevisionId, PathBuf>);

impl Files {
    pub(super) fn of(revisions: &[Revision]) -> Self {
        Self(
            revisions
                .iter()
                .map(|revision| (revision.id.clone(), revision.path.clone()))
                .collect(),
        )
    }

    fn path(&self, id: &RevisionId) -> Option<&Path> {
        self.0.get(id).map(PathBuf::as_path)
    }
}

/// A path that leads to no directory, or one whose configuration is wrong.
pub(super) fn source(error: &SourceError) -> Failure {
    let hint = "Look at the path: the folder with alembic.ini, or one of revision files (docs/alembic.md).";
    match error {
        SourceError::NotFound(_) | SourceError::ScriptLocationMissing(_) => {
            Failure::new(FailureKind::NotFound, error.to_string(), hint)
        }
        SourceError::Config { path, line, reason } => Failure::new(
            FailureKind::Config,
            error.to_string(),
            hint,
        )
        .at(vec![flaw("config", path, Some(*line), reason)]),
        SourceError::Unreadable { path, reason } => {
            Failure::new(FailureKind::Config, error.to_string(), hint)
                .called("unreadable")
                .at(vec![flaw("unreadable", path, None, reason)])
        }
        SourceError::NoScriptLocation(path) => Failure::new(
            FailureKind::Config,
            error.to_string(),
            hint,
        )
        .at(vec![flaw("config", path, None, &"sets no script_location")]),
    }
}

/// A question that only a directory can answer.
pub(super) fn no_directory(consequence: &str) -> Failure {
    Failure::new(
        FailureKind::Config,
        format!("the config names no migration directory, so {consequence}"),
        "set migrations.path to the folder with alembic.ini",
    )
}

/// Files that cannot be understood; there is at least one.
pub(super) fn files(problems: &[FileProblem]) -> Failure {
    let first = problems
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    let more = match problems.len() {
        0 | 1 => String::new(),
        2 => " (and 1 more file)".to_owned(),
        all => format!(" (and {} more files)", all - 1),
    };
    let word = problems.first().map_or("unreadable", |p| p.reason.word());
    unsound(word, &format!("{first}{more}")).at(notes(problems))
}

/// Places in files, one for each problem.
pub(super) fn notes(problems: &[FileProblem]) -> Vec<Flaw> {
    problems
        .iter()
        .map(|problem| {
            flaw(
                problem.reason.word(),
                &problem.path,
                Some(problem.line),
                &problem.reason,
            )
        })
        .collect()
}

/// Revisions that are no graph.
pub(super) fn graph(error: &GraphError, files: &Files) -> Failure {
    let named: Vec<&RevisionId> = match error {
        GraphError::Duplicate { .. } => Vec::new(),
        GraphError::ForbiddenCharacter { id, .. }
        | GraphError::SelfLoop(id)
        | GraphError::DependencySelfLoop(id)
        | GraphError::MissingParent { id, .. }
        | GraphError::MissingDependency { id, .. } => vec![id],
        GraphError::LabelTaken { id, owner, .. } => vec![id, owner],
        GraphError::Cycle(ids) | GraphError::DependencyCycle(ids) => ids.iter().collect(),
    };
    let mut paths: Vec<&Path> = named.into_iter().filter_map(|id| files.path(id)).collect();
    if let GraphError::Duplicate { first, second, .. } = error {
        paths = vec![first, second];
    }
    let places = paths
        .into_iter()
        .map(|path| flaw(error.word(), path, None, error))
        .collect();
    unsound(error.word(), &error.to_string()).at(places)
}

/// A target that cannot be reached.
pub(super) fn target(error: &PendingError) -> Failure {
    let kind = match error.kind() {
        ErrorKind::UnknownRevision => FailureKind::NotFound,
        _ => FailureKind::Usage,
    };
    let hint = match error.kind() {
        ErrorKind::UnknownRevision => {
            "`portcullis migrations graph` shows the revisions that there are."
        }
        ErrorKind::AmbiguousId => "Write more of the id.",
        ErrorKind::SeveralHeads => {
            "Say `heads` for all of them, name one, or join them with `alembic merge heads`."
        }
        ErrorKind::Unreachable => {
            "`portcullis migrations graph` shows what lies above and below what."
        }
        ErrorKind::AmbiguousStep => "Name the revision, or the branch: `label@+1`.",
        ErrorKind::Overlap => "One of them is applied before the other; name the later one alone.",
    };
    Failure::new(kind, error.to_string(), hint).called(error.kind().word())
}

fn unsound(word: &str, why: &str) -> Failure {
    Failure::new(
        FailureKind::Config,
        format!("the migration directory is not sound: {why}"),
        "Repair the revision files; `alembic heads` shows what Alembic makes of them.",
    )
    .called(word)
}

fn flaw(word: &str, path: &Path, line: Option<usize>, message: &impl ToString) -> Flaw {
    Flaw {
        word: word.to_owned(),
        file: path.display().to_string(),
        line,
        message: message.to_string(),
    }
}
