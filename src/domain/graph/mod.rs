//! A migration directory as a drawing: one row for each revision, the newest on top, and lanes between them.
//!
//! Each edge has a lane of its own from the row of the child down to the row of the parent, and turns only in these two
//! rows. So a lane always leads to one parent, and what crosses it is not joined with it.

mod lanes;
mod strokes;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ops::Range;

use crate::domain::migration::Directory;
use crate::domain::revision::RevisionId;

pub use strokes::{Stroke, Turn};

/// What an edge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `down_revision`.
    Parent,
    /// `depends_on`.
    Dependency,
}

/// An edge in its lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Row of the revision that has the parent.
    pub child: usize,
    /// Row of the parent, further down.
    pub parent: usize,
    /// The lane between the two rows.
    pub lane: usize,
    /// What it says.
    pub kind: Kind,
}

/// Where everything of a directory is drawn; made once for a directory, not for a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    rows: HashMap<RevisionId, usize>,
    /// The lane of the revision in each row.
    nodes: Vec<usize>,
    /// How many revisions follow the one in each row.
    children: Vec<usize>,
    edges: Vec<Edge>,
    width: usize,
}

impl Layout {
    /// Lays a directory out.
    pub fn of(directory: &Directory) -> Self {
        let rows: HashMap<_, _> = directory
            .revisions
            .iter()
            .rev()
            .enumerate()
            .map(|(row, revision)| (revision.id.clone(), row))
            .collect();
        let needs: Vec<Vec<(usize, Kind)>> = directory
            .revisions
            .iter()
            .rev()
            .enumerate()
            .map(|(row, revision)| {
                let parents = revision.down.iter().map(|id| (id, Kind::Parent));
                let dependencies = revision.depends_on.iter().map(|id| (id, Kind::Dependency));
                let mut needs: Vec<(usize, Kind)> = Vec::new();
                for (id, kind) in parents.chain(dependencies) {
                    // A parent that is not below cannot be drawn; a sound directory has none.
                    if let Some(at) = rows.get(id).copied().filter(|at| *at > row)
                        && needs.iter().all(|(known, _)| *known != at)
                    {
                        needs.push((at, kind));
                    }
                }
                needs
            })
            .collect();
        let mut children = vec![0; needs.len()];
        for (parent, kind) in needs.iter().flatten() {
            children[*parent] += usize::from(*kind == Kind::Parent);
        }
        let (nodes, edges, width) = lanes::assign(&needs);
        Self {
            rows,
            nodes,
            children,
            edges,
            width,
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How many lanes all of it needs.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The row of a revision.
    pub fn row(&self, id: &RevisionId) -> Option<usize> {
        self.rows.get(id).copied()
    }

    /// The lane of the revision in a row.
    pub fn lane(&self, row: usize) -> Option<usize> {
        self.nodes.get(row).copied()
    }

    /// Whether more than one revision follows the one in a row.
    pub fn is_branch_point(&self, row: usize) -> bool {
        self.children.get(row).is_some_and(|count| *count > 1)
    }

    /// All edges.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// How many lanes these rows need.
    pub fn width_of(&self, rows: &Range<usize>) -> usize {
        let nodes = self.nodes.get(rows.clone()).into_iter().flatten().copied();
        let edges = self.touching(rows).map(|edge| edge.lane);
        nodes.chain(edges).max().map_or(0, |lane| lane + 1)
    }

    /// The strokes of some rows, two for each lane: the lane itself and the gap behind it. Lanes from `room` on share
    /// the last one.
    pub fn strokes(&self, rows: Range<usize>, room: usize) -> Vec<Vec<Stroke>> {
        strokes::draw(self, rows, room.max(1))
    }

    fn touching(&self, rows: &Range<usize>) -> impl Iterator<Item = &Edge> {
        let (start, end) = (rows.start, rows.end);
        self.edges
            .iter()
            .filter(move |edge| edge.child < end && edge.parent >= start)
    }
}
