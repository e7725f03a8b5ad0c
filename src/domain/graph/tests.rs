//! The drawing is walked: what can be reached in it is what the directory says, no more and no less.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::migration::RevisionSummary;

/// Revisions, the newest first, each with the rows that it needs.
type Needs = Vec<(Vec<usize>, Vec<usize>)>;

fn directory(needs: &Needs) -> Directory {
    let id = |row: usize| RevisionId::new(format!("r{row}"));
    let revisions = needs
        .iter()
        .enumerate()
        .map(|(row, (down, depends_on))| RevisionSummary {
            id: id(row),
            down: down.iter().copied().map(id).collect(),
            depends_on: depends_on.iter().copied().map(id).collect(),
            branch_labels: Vec::new(),
            message: String::new(),
        })
        .rev()
        .collect();
    Directory {
        revisions,
        ..Directory::default()
    }
}

fn needs(most: usize) -> impl Strategy<Value = Needs> {
    (1..most).prop_flat_map(|count| {
        let rows: Vec<_> = (0..count)
            .map(|row| {
                // Near ones more often, as directories are.
                let below = move || {
                    prop_oneof![3 => 1usize..4, 1 => 1usize..40].prop_map(move |by| row + by)
                };
                let down = prop_oneof![
                    1 => Just(Vec::new()),
                    8 => prop::collection::vec(below(), 1),
                    2 => prop::collection::vec(below(), 2..5),
                ];
                let depends =
                    prop_oneof![9 => Just(Vec::new()), 1 => prop::collection::vec(below(), 1..3)];
                (down, depends).prop_map(move |(mut down, mut depends)| {
                    down.retain(|at| *at < count);
                    depends.retain(|at| *at < count);
                    (down, depends)
                })
            })
            .collect();
        rows
    })
}

/// The edges of a directory.
fn edges(needs: &Needs) -> BTreeSet<(usize, usize)> {
    needs
        .iter()
        .enumerate()
        .flat_map(|(row, (down, depends))| down.iter().chain(depends).map(move |at| (row, *at)))
        .collect()
}

/// Walks from each revision along the strokes, down only, to the revisions that can be reached.
fn walked(lines: &[Vec<Stroke>]) -> BTreeSet<(usize, usize)> {
    let mut found = BTreeSet::new();
    for (row, line) in lines.iter().enumerate() {
        let node = node_of(line);
        let mut starts = vec![node];
        for side in [-1, 1] {
            starts.extend(
                along(line, node, side)
                    .filter(|at| matches!(line[*at], Stroke::Turn(turn) if turn.down)),
            );
        }
        found.extend(starts.into_iter().filter_map(|at| {
            let end = fall(lines, row + 1, at)?;
            Some((row, end))
        }));
    }
    found
}

fn node_of(line: &[Stroke]) -> usize {
    line.iter()
        .position(|stroke| *stroke == Stroke::Node)
        .expect("each row has its revision")
}

/// The lanes that are reached sideways.
fn along(line: &[Stroke], node: usize, side: isize) -> impl Iterator<Item = usize> + use<'_> {
    let mut at = node;
    let mut over = false;
    std::iter::from_fn(move || {
        loop {
            let gap = at.checked_add_signed(side)?;
            if over || !matches!(line.get(gap)?, Stroke::Along(_)) {
                return None;
            }
            at = at.checked_add_signed(2 * side)?;
            match line.get(at)? {
                Stroke::Turn(turn) => {
                    assert_eq!(turn.left, side == 1, "it turns towards its revision");
                    over = !turn.through;
                    return Some(at);
                }
                Stroke::Down(_) | Stroke::Along(_) => {}
                other => panic!("{other:?} at the end of an edge"),
            }
        }
    })
}

/// Where a lane that leads down from above `row` ends.
fn fall(lines: &[Vec<Stroke>], mut row: usize, lane: usize) -> Option<usize> {
    loop {
        match lines.get(row)?[lane] {
            Stroke::Down(_) => row += 1,
            Stroke::Node => return Some(row),
            Stroke::Turn(turn) if !turn.down => {
                let node = node_of(&lines[row]);
                let side = if turn.left { -1 } else { 1 };
                let mut at = lane;
                while at != node {
                    at = at.checked_add_signed(side)?;
                    assert_ne!(lines[row][at], Stroke::Empty, "a broken edge in row {row}");
                }
                return Some(row);
            }
            _ => return None,
        }
    }
}

fn whole(layout: &Layout) -> Vec<Vec<Stroke>> {
    layout.strokes(0..layout.len(), layout.width())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_drawing_says_what_the_directory_says(needs in needs(60)) {
        let layout = Layout::of(&directory(&needs));
        prop_assert_eq!(walked(&whole(&layout)), edges(&needs));
    }

    #[test]
    fn no_two_edges_share_a_place(needs in needs(60)) {
        let layout = Layout::of(&directory(&needs));
        let mut taken = BTreeSet::new();
        for edge in layout.edges() {
            for row in edge.child + 1..edge.parent {
                prop_assert!(taken.insert((row, edge.lane)), "{edge:?}");
                prop_assert_ne!(layout.lane(row), Some(edge.lane), "{:?}", edge);
            }
            let mut turns = Vec::new();
            if layout.lane(edge.child) != Some(edge.lane) {
                turns.push(edge.child);
            }
            if layout.lane(edge.parent) != Some(edge.lane) {
                turns.push(edge.parent);
            }
            for row in turns {
                prop_assert!(taken.insert((row, edge.lane)), "{edge:?}");
            }
        }
    }

    #[test]
    fn a_part_is_drawn_as_in_the_whole(needs in needs(60), from in 0usize..60, height in 1usize..20) {
        let layout = Layout::of(&directory(&needs));
        let from = from.min(layout.len() - 1);
        let part = layout.strokes(from..from + height, layout.width());
        for (line, full) in part.iter().zip(&whole(&layout)[from..]) {
            prop_assert_eq!(line.as_slice(), &full[..line.len()]);
            prop_assert!(full[line.len()..].iter().all(|stroke| *stroke == Stroke::Empty));
        }
    }

    #[test]
    fn no_row_is_wider_than_its_room(needs in needs(80), room in 1usize..6) {
        let layout = Layout::of(&directory(&needs));
        for line in layout.strokes(0..layout.len(), room) {
            prop_assert!(line.len() <= 2 * (room + 1));
            prop_assert_eq!(line.iter().filter(|s| **s == Stroke::Node).count(), 1);
        }
    }
}

#[test]
fn what_a_directory_does_not_have_is_not_drawn() {
    let mut directory = directory(&vec![(vec![1], vec![]), (vec![], vec![])]);
    directory.revisions[1].down.push("lost".into());
    directory.revisions[0].down.push("r0".into());
    let layout = Layout::of(&directory);
    assert_eq!(layout.edges().len(), 1);
    assert!(
        Layout::of(&Directory::default())
            .strokes(0..5, 3)
            .is_empty()
    );
}

#[test]
fn branches_and_merges_are_told_apart_from_what_follows_them() {
    let layout = Layout::of(&directory(&vec![
        (vec![1, 2], vec![]),
        (vec![3], vec![]),
        (vec![3], vec![]),
        (vec![], vec![]),
    ]));
    let branch_points: Vec<_> = (0..4).filter(|row| layout.is_branch_point(*row)).collect();
    assert_eq!((branch_points, layout.width()), (vec![3], 2));
}

#[test]
fn unrelated_revisions_do_not_stand_below_each_other() {
    let layout = Layout::of(&directory(&vec![
        (vec![], vec![]),
        (vec![], vec![]),
        (vec![], vec![]),
    ]));
    let lanes: Vec<_> = (0..3).filter_map(|row| layout.lane(row)).collect();
    assert_eq!(lanes, [0, 1, 0]);
}

#[test]
fn five_thousand_revisions_with_many_merges_are_laid_out_in_a_frame() {
    let count = 5_000;
    let needs: Needs = (0..count)
        .map(|row| {
            let down = match row % 3 {
                0 => vec![row + 1, row + 2],
                _ => vec![row + 3],
            };
            (
                down.into_iter().filter(|at| *at < count).collect(),
                Vec::new(),
            )
        })
        .collect();
    let layout = Layout::of(&directory(&needs));
    assert_eq!(layout.len(), count);
    assert!(layout.width() < 12, "{}", layout.width());
    assert_eq!(walked(&whole(&layout)), edges(&needs));
}
