//! The graph that revision files form, and the questions Alembic answers from it.
//!
//! The rules are those of Alembic's `script/revision.py`, quirks included, because
//! the answer that counts is what Alembic will do. One thing Alembic leaves to
//! chance: it keeps the dependencies of a revision in a hash set, so the order of
//! two or more of them changes from one process to the next. Here they keep the
//! order of the file, which is one of the orders that Alembic can choose.

mod build;
mod downgrade;
mod error;
mod order;
mod pending;
mod reach;
mod relative;
mod resolve;
mod set;
mod state;
mod upgrade;
mod walk;

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

pub use build::GraphError;
pub use error::{ErrorKind, PendingError};
pub use pending::{Direction, Pending, Target};
pub use state::Position;

use super::revision::Revision;
use crate::domain::migration::{Directory, RevisionSummary};
use crate::domain::revision::RevisionId;

/// The place of a revision in the order in which the directory was read.
type Index = usize;

/// All revisions of a directory, checked and linked.
#[derive(Clone, Debug)]
pub struct Graph {
    nodes: Vec<Node>,
    by_id: HashMap<String, Index>,
    /// Branch labels with the revision that declares them, in the order of the files.
    labels: Vec<(String, Index)>,
    by_label: HashMap<String, Index>,
    heads: Vec<Index>,
    bases: Vec<Index>,
    real_heads: Vec<Index>,
}

/// A revision with its links.
#[derive(Clone, Debug)]
struct Node {
    revision: Revision,
    /// Parents by `down_revision`, as often as it names them.
    down: Vec<Index>,
    /// What `depends_on` names.
    depends: Vec<Index>,
    /// Parents and dependencies.
    all_down: Vec<Index>,
    /// Dependencies that no ancestor has already.
    own_depends: Vec<Index>,
    /// Parents and those dependencies that no ancestor has already.
    needed: Vec<Index>,
    /// Children by `down_revision`.
    next: Vec<Index>,
    /// Children by `down_revision` or `depends_on`.
    all_next: Vec<Index>,
    /// Branch labels that apply here, also inherited ones.
    labels: BTreeSet<String>,
}

impl Graph {
    /// Links revisions, in the order in which Alembic reads their files; refuses
    /// what Alembic cannot work with.
    pub fn build(revisions: Vec<Revision>) -> Result<Self, GraphError> {
        build::build(revisions)
    }

    /// How many revisions there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All revisions, in the order of the files.
    pub fn revisions(&self) -> impl Iterator<Item = &Revision> {
        self.nodes.iter().map(|node| &node.revision)
    }

    /// One revision by its whole id.
    pub fn get(&self, id: &str) -> Option<&Revision> {
        self.by_id.get(id).map(|&at| &self.nodes[at].revision)
    }

    /// Whether this whole id is known.
    pub fn contains(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// Revisions that no `down_revision` names: what `alembic heads` prints.
    pub fn heads(&self) -> Vec<RevisionId> {
        self.ids(self.heads.iter().copied())
    }

    /// Heads that nothing depends on either: the rows that `upgrade heads` leaves.
    pub fn effective_heads(&self) -> Vec<RevisionId> {
        self.ids(self.real_heads.iter().copied())
    }

    /// Revisions without `down_revision`.
    pub fn bases(&self) -> Vec<RevisionId> {
        self.ids(self.bases.iter().copied())
    }

    /// Revisions from which more than one follows.
    pub fn branch_points(&self) -> Vec<RevisionId> {
        self.ids((0..self.len()).filter(|&at| self.nodes[at].next.len() > 1))
    }

    /// Revisions that join several.
    pub fn merges(&self) -> Vec<RevisionId> {
        self.ids((0..self.len()).filter(|&at| self.nodes[at].down.len() > 1))
    }

    /// What follows a revision, dependencies apart.
    pub fn children(&self, id: &str) -> Vec<RevisionId> {
        let next = self.by_id.get(id).map(|&at| self.nodes[at].next.clone());
        self.ids(next.unwrap_or_default())
    }

    /// The branch labels that apply to a revision, inherited ones included.
    pub fn labels_of(&self, id: &str) -> Vec<&str> {
        self.by_id
            .get(id)
            .map(|&at| self.nodes[at].labels.iter().map(String::as_str).collect())
            .unwrap_or_default()
    }

    /// The whole directory in the words of the domain, parents before children.
    pub fn directory(&self, origin: impl Into<String>) -> Directory {
        let mut order = self.sorted_downward(&self.everything(), &self.real_heads);
        order.reverse();
        Directory {
            origin: origin.into(),
            heads: self.heads(),
            bases: self.bases(),
            revisions: order.into_iter().map(|at| self.summary(at)).collect(),
            notes: Vec::new(),
        }
    }

    /// All revisions in the words of the domain, in the order of the files.
    pub fn summaries(&self) -> Vec<RevisionSummary> {
        (0..self.len()).map(|at| self.summary(at)).collect()
    }

    fn summary(&self, at: Index) -> RevisionSummary {
        let revision = &self.nodes[at].revision;
        RevisionSummary {
            id: revision.id.clone(),
            down: self.ids(self.nodes[at].down.iter().copied()),
            depends_on: self.ids(self.nodes[at].depends.iter().copied()),
            branch_labels: revision.branch_labels.clone(),
            message: revision.message().to_owned(),
        }
    }

    fn id(&self, at: Index) -> &RevisionId {
        &self.nodes[at].revision.id
    }

    fn ids(&self, nodes: impl IntoIterator<Item = Index>) -> Vec<RevisionId> {
        nodes.into_iter().map(|at| self.id(at).clone()).collect()
    }
}
