//! The strokes of the visible rows.

use std::ops::Range;

use super::{Kind, Layout};

/// One place of the drawing: a lane, or the gap between two lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stroke {
    /// Nothing.
    #[default]
    Empty,
    /// The revision of the row.
    Node,
    /// An edge that goes straight down; what comes from the side goes on behind it.
    Down(Kind),
    /// An edge on its way between a revision and its lane.
    Along(Kind),
    /// An edge that turns.
    Turn(Turn),
    /// Lanes for which there is no room.
    Folded,
}

/// Where an edge turns between its lane and its revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Whether its lane goes down from here, to the parent; otherwise it comes from above.
    pub down: bool,
    /// Whether the revision is at the left.
    pub left: bool,
    /// Whether another edge goes on behind it.
    pub through: bool,
    /// What it says.
    pub kind: Kind,
}

impl Stroke {
    /// The character for it.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Empty => " ",
            Self::Node => "●",
            Self::Down(Kind::Parent) => "│",
            Self::Down(Kind::Dependency) => "┊",
            Self::Along(Kind::Parent) => "─",
            Self::Along(Kind::Dependency) => "┄",
            Self::Turn(turn) => turn.symbol(),
            Self::Folded => "»",
        }
    }
}

impl Turn {
    /// Round corners are parents, square ones dependencies, so that they are told apart where a lane is short.
    fn symbol(self) -> &'static str {
        match (self.through, self.down, self.left, self.kind) {
            (true, true, ..) => "┬",
            (true, false, ..) => "┴",
            (_, true, true, Kind::Parent) => "╮",
            (_, true, false, Kind::Parent) => "╭",
            (_, false, true, Kind::Parent) => "╯",
            (_, false, false, Kind::Parent) => "╰",
            (_, true, true, Kind::Dependency) => "┐",
            (_, true, false, Kind::Dependency) => "┌",
            (_, false, true, Kind::Dependency) => "┘",
            (_, false, false, Kind::Dependency) => "└",
        }
    }
}

/// Draws some rows.
pub(super) fn draw(layout: &Layout, rows: Range<usize>, room: usize) -> Vec<Vec<Stroke>> {
    let rows = rows.start..rows.end.min(layout.len());
    let folds = layout.width_of(&rows) > room;
    let shown = layout.width_of(&rows).min(room);
    let wide = 2 * (shown + usize::from(folds));
    let mut lines = vec![vec![Stroke::Empty; wide]; rows.len()];
    let at = |lane: usize| 2 * lane.min(room);
    for edge in layout.touching(&rows) {
        let inside = (edge.child + 1).max(rows.start)..edge.parent.min(rows.end);
        for row in inside {
            down(&mut lines[row - rows.start], at(edge.lane), edge.kind);
        }
    }
    for edge in layout.touching(&rows) {
        for (row, goes_down) in [(edge.child, true), (edge.parent, false)] {
            if let Some(node) = layout.lane(row).filter(|_| rows.contains(&row)) {
                let line = &mut lines[row - rows.start];
                turn(line, (at(node), at(edge.lane)), goes_down, edge.kind);
            }
        }
    }
    for (line, node) in lines.iter_mut().zip(&layout.nodes[rows]) {
        line[at(*node)] = Stroke::Node;
        if let Some(fold) = line
            .get_mut(2 * room)
            .filter(|s| !matches!(s, Stroke::Empty | Stroke::Node))
        {
            *fold = Stroke::Folded;
        }
    }
    lines
}

fn down(line: &mut [Stroke], at: usize, kind: Kind) {
    line[at] = match line[at] {
        Stroke::Down(known) => Stroke::Down(known.min(kind)),
        _ => Stroke::Down(kind),
    };
}

/// An edge between its revision and its lane.
fn turn(line: &mut [Stroke], (node, lane): (usize, usize), down: bool, kind: Kind) {
    if node == lane {
        return;
    }
    for stroke in &mut line[node.min(lane) + 1..node.max(lane)] {
        *stroke = match *stroke {
            Stroke::Empty => Stroke::Along(kind),
            Stroke::Along(known) => Stroke::Along(known.min(kind)),
            Stroke::Turn(turn) => Stroke::Turn(Turn {
                through: true,
                ..turn
            }),
            other => other,
        };
    }
    let through = matches!(line[lane], Stroke::Along(_))
        || matches!(line[lane], Stroke::Turn(turn) if turn.through);
    line[lane] = Stroke::Turn(Turn {
        down,
        left: node < lane,
        through,
        kind,
    });
}
