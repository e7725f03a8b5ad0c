//! The order in which Alembic runs a set of revisions.

use super::set::NodeSet;
use super::{Graph, Index};

/// One of the lines that are walked down side by side.
struct Line {
    at: Index,
    /// What lies on and below it.
    below: NodeSet,
}

impl Graph {
    /// Sorts revisions so that each comes before what it needs, following Alembic's
    /// walk: down one line as far as no other line needs what comes next.
    pub(super) fn sorted_downward(&self, nodes: &NodeSet, heads: &[Index]) -> Vec<Index> {
        let mut todo = nodes.clone();
        let mut starts: Vec<Index> = heads
            .iter()
            .copied()
            .filter(|&at| todo.contains(at))
            .collect();
        starts.sort_unstable();
        starts.dedup();
        let mut lines: Vec<Line> = starts.into_iter().map(|at| self.line(at)).collect();
        let mut order = Vec::with_capacity(todo.len());
        let mut current = 0;
        while !lines.is_empty() {
            let at = lines[current].at;
            let blocking = (0..lines.len()).find(|&o| o != current && lines[o].below.contains(at));
            if let Some(other) = blocking {
                current = other;
                continue;
            }
            if todo.contains(at) {
                order.push(at);
                todo.remove(at);
            }
            current = self.step_down(&mut lines, current, &todo);
        }
        debug_assert!(todo.is_empty(), "every revision lies below a head");
        order
    }

    /// Moves the current line below the revision that it is at; returns the line to go on with.
    fn step_down(&self, lines: &mut Vec<Line>, current: usize, todo: &NodeSet) -> usize {
        let at = lines[current].at;
        let node = &self.nodes[at];
        let is_open =
            |next: &Index| todo.contains(*next) && !lines.iter().any(|line| line.at == *next);
        let open: Vec<Index> = node.needed.iter().copied().filter(is_open).collect();
        let Some((&first, rest)) = open.split_first() else {
            lines.remove(current);
            return current.saturating_sub(1);
        };
        if node.own_depends.is_empty() && node.down.len() == 1 {
            lines[current].at = first;
            lines[current].below.remove(at);
        } else {
            lines[current] = self.line(first);
            lines.extend(rest.iter().map(|&next| self.line(next)));
        }
        current
    }

    fn line(&self, at: Index) -> Line {
        Line {
            at,
            below: self.ancestors([at]),
        }
    }
}
