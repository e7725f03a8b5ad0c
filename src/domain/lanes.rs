//! The graph of a migration directory as lines of characters, newest revision first.

use std::collections::HashMap;

use super::migration::RevisionSummary;
use super::revision::RevisionId;

/// One line of a drawn graph; each lane takes two columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The lanes.
    pub lanes: String,
    /// The revision that stands on it, by its place in the list; none where lanes only bend.
    pub revision: Option<usize>,
}

/// Draws a list of revisions in which each stands before its parents.
pub fn draw(revisions: &[&RevisionSummary]) -> Vec<Line> {
    let places: HashMap<&RevisionId, usize> = revisions
        .iter()
        .enumerate()
        .map(|(at, revision)| (&revision.id, at))
        .collect();
    let mut drawing = Drawing::default();
    for (at, revision) in revisions.iter().enumerate() {
        let mut parents = Vec::new();
        for parent in revision.down.iter().filter_map(|id| places.get(id)) {
            if !parents.contains(parent) {
                parents.push(*parent);
            }
        }
        drawing.revision(at, &parents);
    }
    drawing.lines
}

#[derive(Default)]
struct Drawing {
    /// The revision that each lane leads down to.
    lanes: Vec<Option<usize>>,
    lines: Vec<Line>,
}

/// What a line that bends does at a lane.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bend {
    /// The lane goes on, and the bend ends or begins at it.
    Joins,
    /// The lane ends here.
    Ends,
    /// The lane begins here.
    Begins,
}

impl Drawing {
    fn revision(&mut self, at: usize, parents: &[usize]) {
        let own = self.gather(at);
        let lanes = self.row(|lane, used| match (lane == own, used) {
            (true, _) => '●',
            (false, true) => '│',
            (false, false) => ' ',
        });
        self.lines.push(Line {
            lanes,
            revision: Some(at),
        });
        self.lanes[own] = parents.first().copied();
        self.part(own, parents.get(1..).unwrap_or_default());
        while self.lanes.last() == Some(&None) {
            self.lanes.pop();
        }
    }

    /// Brings the lanes that lead to a revision together; says which one is left.
    fn gather(&mut self, at: usize) -> usize {
        let leading: Vec<usize> = (0..self.lanes.len())
            .filter(|&lane| self.lanes[lane] == Some(at))
            .collect();
        let Some((&own, others)) = leading.split_first() else {
            let own = self.free_after(None);
            self.lanes[own] = Some(at);
            return own;
        };
        if !others.is_empty() {
            let bends = others.iter().map(|&lane| (lane, Bend::Ends));
            self.bend(
                &[(own, Bend::Joins)]
                    .into_iter()
                    .chain(bends)
                    .collect::<Vec<_>>(),
            );
            for &lane in others {
                self.lanes[lane] = None;
            }
        }
        own
    }

    /// Leads further parents away from a lane.
    fn part(&mut self, own: usize, others: &[usize]) {
        if others.is_empty() {
            return;
        }
        let mut bends = vec![(own, Bend::Joins)];
        for &parent in others {
            if let Some(lane) = self.lanes.iter().position(|to| *to == Some(parent)) {
                bends.push((lane, Bend::Joins));
            } else {
                let lane = self.free_after(Some(own));
                self.lanes[lane] = Some(parent);
                bends.push((lane, Bend::Begins));
            }
        }
        bends.sort_by_key(|(lane, _)| *lane);
        self.bend(&bends);
    }

    fn free_after(&mut self, lane: Option<usize>) -> usize {
        let first = lane.map_or(0, |lane| lane + 1);
        let free = (first..self.lanes.len()).find(|&lane| self.lanes[lane].is_none());
        free.unwrap_or_else(|| {
            self.lanes.push(None);
            self.lanes.len() - 1
        })
    }

    /// A line between lanes, from the leftmost to the rightmost of them.
    fn bend(&mut self, bends: &[(usize, Bend)]) {
        let (Some(&(left, _)), Some(&(right, _))) = (bends.first(), bends.last()) else {
            return;
        };
        let mut lanes = String::new();
        for (lane, to) in self.lanes.iter().enumerate() {
            let inside = (left..=right).contains(&lane);
            let bend = bends
                .iter()
                .find(|(at, _)| *at == lane)
                .map(|(_, bend)| *bend);
            lanes.push(match (bend, to) {
                (Some(bend), _) => corner(bend, lane == left, lane == right),
                (None, Some(_)) => '│',
                (None, None) if inside => '─',
                (None, None) => ' ',
            });
            lanes.push(if inside && lane < right { '─' } else { ' ' });
        }
        let lanes = lanes.trim_end().to_owned();
        self.lines.push(Line {
            lanes,
            revision: None,
        });
    }

    fn row(&self, symbol: impl Fn(usize, bool) -> char) -> String {
        let mut text = String::new();
        for (lane, to) in self.lanes.iter().enumerate() {
            text.push(symbol(lane, to.is_some()));
            text.push(' ');
        }
        text.trim_end().to_owned()
    }
}

fn corner(bend: Bend, is_left: bool, is_right: bool) -> char {
    match (bend, is_left, is_right) {
        (Bend::Joins, true, _) => '├',
        (Bend::Joins, _, true) => '┤',
        (Bend::Joins, ..) => '┼',
        (Bend::Ends, true, _) => '╰',
        (Bend::Ends, _, true) => '╯',
        (Bend::Ends, ..) => '┴',
        (Bend::Begins, true, _) => '╭',
        (Bend::Begins, _, true) => '╮',
        (Bend::Begins, ..) => '┬',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn revision(id: &str, down: &[&str]) -> RevisionSummary {
        RevisionSummary {
            id: id.into(),
            down: down.iter().map(|id| RevisionId::from(*id)).collect(),
            depends_on: Vec::new(),
            branch_labels: Vec::new(),
            message: String::new(),
        }
    }

    /// Revisions as `id<parent,parent`, newest first, drawn with their ids.
    fn drawn(text: &str) -> Vec<String> {
        let revisions: Vec<_> = text
            .split_whitespace()
            .map(|word| {
                let (id, down) = word.split_once('<').unwrap_or((word, ""));
                let down: Vec<_> = down.split(',').filter(|d| !d.is_empty()).collect();
                revision(id, &down)
            })
            .collect();
        let list: Vec<_> = revisions.iter().collect();
        let line = |line: Line| match line.revision {
            Some(at) => format!("{} {}", line.lanes, list[at].id),
            None => line.lanes,
        };
        draw(&list).into_iter().map(line).collect()
    }

    #[test]
    fn a_line_is_a_line() {
        assert_eq!(drawn("c<b b<a a"), ["● c", "● b", "● a"]);
        assert_eq!(drawn(""), [""; 0]);
    }

    #[test]
    fn branches_and_merges_bend() {
        let lines = drawn("m<b,c b<a c<a a");
        assert_eq!(lines, ["● m", "├─╮", "● │ b", "│ ● c", "├─╯", "● a"]);
    }

    #[test]
    fn several_heads_and_bases_have_lanes_of_their_own() {
        let lines = drawn("x2<x1 b<a c<a x1 a");
        assert_eq!(
            lines,
            ["● x2", "│ ● b", "│ │ ● c", "● │ │ x1", "  ├─╯", "  ● a"]
        );
    }

    #[test]
    fn lanes_in_between_are_passed() {
        let lines = drawn("m<a,b x<d n<b,c a<e b<e c<e d<e e");
        assert_eq!(
            lines,
            [
                "● m",
                "├─╮",
                "│ │ ● x",
                "│ │ │ ● n",
                "│ │ │ ├─╮",
                "● │ │ │ │ a",
                "│ ├─│─╯ │",
                "│ ● │   │ b",
                "│ │ │   ● c",
                "│ │ ●   │ d",
                "├─┴─┴───╯",
                "● e"
            ]
        );
    }

    proptest! {
        #[test]
        fn each_revision_has_one_line(parents in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..4), 1..30)) {
            let revisions: Vec<_> = (0..parents.len())
                .rev()
                .map(|at| {
                    let below: Vec<_> = match at {
                        0 => Vec::new(),
                        at => parents[at].iter().map(|p| format!("r{}", p.index(at))).collect(),
                    };
                    revision(&format!("r{at}"), &below.iter().map(String::as_str).collect::<Vec<_>>())
                })
                .collect();
            let list: Vec<_> = revisions.iter().collect();
            let lines = draw(&list);
            let seen: Vec<_> = lines.iter().filter_map(|line| line.revision).collect();
            prop_assert_eq!(seen, (0..list.len()).collect::<Vec<_>>());
            for line in &lines {
                prop_assert_eq!(line.lanes.matches('●').count(), usize::from(line.revision.is_some()));
            }
        }
    }
}
