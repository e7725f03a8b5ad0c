//! One revision as its file declares it.

use std::path::PathBuf;

use crate::domain::migration::RevisionSummary;
use crate::domain::revision::RevisionId;

/// What a revision file declares, before anything is known of its neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its id.
    pub id: RevisionId,
    /// `down_revision`, in the order of the file; empty for a base.
    pub down: Vec<String>,
    /// `depends_on`: ids or branch labels, in the order of the file.
    pub depends_on: Vec<String>,
    /// `branch_labels` of this file alone.
    pub branch_labels: Vec<String>,
    /// The whole docstring, trimmed.
    pub doc: String,
    /// What follows `Create Date:` in the docstring.
    pub created: Option<String>,
    /// The file.
    pub path: PathBuf,
}

impl Revision {
    /// A revision that was not read from a file.
    pub fn new(id: impl Into<RevisionId>, down: &[&str]) -> Self {
        Self {
            id: id.into(),
            down: down.iter().map(ToString::to_string).collect(),
            depends_on: Vec::new(),
            branch_labels: Vec::new(),
            doc: String::new(),
            created: None,
            path: PathBuf::new(),
        }
    }

    /// The first paragraph of the docstring: what Alembic prints behind the id.
    pub fn message(&self) -> &str {
        self.doc.split("\n\n").next().unwrap_or_default()
    }
}

/// A revision as somebody else told of it.
impl From<&RevisionSummary> for Revision {
    fn from(told: &RevisionSummary) -> Self {
        let names = |ids: &[RevisionId]| ids.iter().map(|id| id.as_str().to_owned()).collect();
        Self {
            down: names(&told.down),
            depends_on: names(&told.depends_on),
            branch_labels: told.branch_labels.clone(),
            doc: told.message.clone(),
            ..Self::new(told.id.clone(), &[])
        }
    }
}
