//! Reviews of revisions, each made when somebody first asks for it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::super::files::DiskTree;
use crate::alembic::graph::Graph;
use crate::alembic::review::{EnvFacts, Subject, review};
use crate::alembic::script;
use crate::alembic::source::FileTree;
use crate::domain::digest::Digest;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::review::Review;
use crate::domain::revision::RevisionId;

/// The reviews that were asked for since the directory last changed.
pub(super) struct Reviews {
    top: PathBuf,
    made: Mutex<HashMap<RevisionId, Arc<Review>>>,
}

impl Reviews {
    /// None yet, of the directory at a path.
    pub(super) fn below(path: &Path) -> Self {
        let is_file = path.extension().is_some() && path.is_file();
        let folder = if is_file { path.parent() } else { None };
        Self {
            top: folder.unwrap_or(path).to_owned(),
            made: Mutex::default(),
        }
    }

    /// What names of files are told from.
    pub(super) fn top(&self) -> &Path {
        &self.top
    }

    /// The review of a revision.
    pub(super) fn of(
        &self,
        graph: &Graph,
        id: &RevisionId,
        env: EnvFacts,
    ) -> Result<Arc<Review>, Failure> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(id) {
            return Ok(Arc::clone(known));
        }
        let review = Arc::new(self.make(graph, id, env)?);
        made.insert(id.clone(), Arc::clone(&review));
        Ok(review)
    }

    fn make(&self, graph: &Graph, id: &RevisionId, env: EnvFacts) -> Result<Review, Failure> {
        let revision = graph.get(id.as_str()).ok_or_else(|| {
            Failure::new(
                FailureKind::NotFound,
                format!("the directory has no revision {id}"),
                "portcullis migrations graph shows the revisions that there are",
            )
        })?;
        let file = revision.path.strip_prefix(&self.top);
        let subject = Subject {
            id: id.clone(),
            file: file.unwrap_or(&revision.path).display().to_string(),
        };
        let bytes = bytes(&revision.path)?;
        let script = script::read(&revision.path, &bytes)
            .map_err(|problem| super::refused::files(&[problem]))?;
        Ok(Review {
            script: Some(script_digest(&bytes)),
            ..review(subject, &script, &env)
        })
    }
}

/// The same on every machine: Git may give a checkout other line ends.
fn script_digest(bytes: &[u8]) -> Digest {
    let mut plain = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if *byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
            plain.push(*byte);
        }
    }
    Digest::of_bytes(&plain)
}

pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let gone = |why: &str| {
        Failure::new(
            FailureKind::NotFound,
            format!("{} cannot be read: {why}", path.display()),
            "ask again: the directory has just changed",
        )
    };
    match DiskTree::default().read(path) {
        Ok(Some(bytes)) => Ok(bytes.into_owned()),
        Ok(None) => Err(gone("it is gone")),
        Err(error) => Err(gone(&error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::script_digest;

    #[test]
    fn a_script_has_the_same_digest_with_any_line_ends() {
        assert_eq!(script_digest(b"a\r\nb\r\n"), script_digest(b"a\nb\n"));
        assert_ne!(script_digest(b"a\rb"), script_digest(b"ab"));
    }
}
