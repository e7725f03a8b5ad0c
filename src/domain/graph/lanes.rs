//! Which lane each revision and each edge gets: the lowest that is free.

use std::collections::BTreeSet;

use super::{Edge, Kind};

/// Lanes that are free, and how many there are at all.
#[derive(Default)]
struct Lanes {
    free: BTreeSet<usize>,
    count: usize,
}

impl Lanes {
    /// The lowest free lane, but not this one.
    fn take(&mut self, but: Option<usize>) -> usize {
        let found = self.free.iter().copied().find(|lane| Some(*lane) != but);
        if let Some(lane) = found {
            self.free.remove(&lane);
            return lane;
        }
        self.count += 1;
        self.count - 1
    }
}

/// The lane of each row's revision, all edges in their lanes, and how many lanes that takes.
pub(super) fn assign(needs: &[Vec<(usize, Kind)>]) -> (Vec<usize>, Vec<Edge>, usize) {
    let mut lanes = Lanes::default();
    let mut arriving: Vec<Vec<usize>> = vec![Vec::new(); needs.len()];
    let mut edges: Vec<Edge> = Vec::new();
    let mut nodes = Vec::with_capacity(needs.len());
    // Right below a revision that follows nothing, in its lane, another one would look like its parent.
    let mut ended: Option<usize> = None;
    for (row, needed) in needs.iter().enumerate() {
        let incoming = std::mem::take(&mut arriving[row]);
        let node = incoming
            .iter()
            .map(|at| (edges[*at].kind, edges[*at].lane))
            .min()
            .map_or_else(|| lanes.take(ended), |(_, lane)| lane);
        nodes.push(node);
        for (at, (parent, kind)) in needed.iter().enumerate() {
            let lane = if at == 0 { node } else { lanes.take(None) };
            arriving[*parent].push(edges.len());
            edges.push(Edge {
                child: row,
                parent: *parent,
                lane,
                kind: *kind,
            });
        }
        // Lanes that end here are free only now: nothing may begin where something else turns.
        let over = incoming.iter().map(|at| edges[*at].lane);
        lanes.free.extend(over.filter(|lane| *lane != node));
        ended = needed.is_empty().then_some(node);
        lanes.free.extend(ended);
    }
    (nodes, edges, lanes.count)
}
