//! Which revisions lie above or below others.

use super::error::PendingError;
use super::set::NodeSet;
use super::{Graph, Index, Node};

impl Graph {
    /// Everything that can be reached along some edges, the start included.
    pub(super) fn reach(
        &self,
        from: impl IntoIterator<Item = Index>,
        edges: impl Fn(&Node) -> &[Index],
    ) -> NodeSet {
        let mut seen = NodeSet::new(self.len());
        let mut todo = Vec::new();
        for start in from {
            todo.push(start);
            while let Some(at) = todo.pop() {
                if seen.insert(at) {
                    todo.extend_from_slice(edges(&self.nodes[at]));
                }
            }
        }
        seen
    }

    /// Like [`Graph::reach`], but refuses starts of which one lies on the way of another.
    pub(super) fn reach_apart(
        &self,
        from: &[Index],
        edges: impl Fn(&Node) -> &[Index],
    ) -> Result<NodeSet, PendingError> {
        let mut seen = NodeSet::new(self.len());
        let mut todo = Vec::new();
        for &start in from {
            let mut touched = NodeSet::new(self.len());
            todo.push(start);
            while let Some(at) = todo.pop() {
                touched.insert(at);
                if seen.insert(at) {
                    todo.extend_from_slice(edges(&self.nodes[at]));
                }
            }
            let mut others = from.to_vec();
            others.retain(|&other| other != start && touched.contains(other));
            others.dedup();
            if !others.is_empty() {
                return Err(PendingError::Overlap {
                    id: self.id(start).clone(),
                    others: self.ids(others),
                });
            }
        }
        Ok(seen)
    }

    /// The revisions themselves and all that must be applied before them.
    pub(super) fn ancestors(&self, of: impl IntoIterator<Item = Index>) -> NodeSet {
        self.reach(of, |node| &node.needed)
    }

    /// Ancestors and descendants of one revision, dependencies apart.
    pub(super) fn lineage(&self, of: Index) -> (NodeSet, NodeSet) {
        (
            self.reach([of], |node| &node.down),
            self.reach([of], |node| &node.next),
        )
    }

    /// Every revision.
    pub(super) fn everything(&self) -> NodeSet {
        let mut all = NodeSet::new(self.len());
        for at in 0..self.len() {
            all.insert(at);
        }
        all
    }
}
