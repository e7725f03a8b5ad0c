//! From where a database is to where it shall be, in either direction.

use super::error::PendingError;
use super::{Graph, relative};
use crate::domain::revision::RevisionId;

/// Which of Alembic's two verbs is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// `upgrade`.
    Up,
    /// `downgrade`.
    Down,
}

/// A target as a person writes it: `head`, `heads`, `base`, `+1`, `ae10-2`, `label@head`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    text: String,
    direction: Option<Direction>,
}

impl Target {
    /// A target whose direction follows from what it names.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            direction: None,
        }
    }

    /// A target of `upgrade`.
    pub fn up(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            direction: Some(Direction::Up),
        }
    }

    /// A target of `downgrade`.
    pub fn down(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            direction: Some(Direction::Down),
        }
    }

    /// The direction when the text alone tells it.
    fn evident_direction(&self) -> Option<Direction> {
        if self.direction.is_some() {
            return self.direction;
        }
        if let Some(steps) = relative::parse(&self.text).filter(|found| found.symbol.is_none()) {
            return Some(if steps.steps < 0 {
                Direction::Down
            } else {
                Direction::Up
            });
        }
        match self.text.rsplit('@').next() {
            Some("base") => Some(Direction::Down),
            Some("head" | "heads") => Some(Direction::Up),
            _ => None,
        }
    }
}

/// The revisions that would run, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Whether they are applied or undone.
    pub direction: Direction,
    /// The first one runs first.
    pub revisions: Vec<RevisionId>,
}

impl Graph {
    /// What runs between the current revisions of a database and a target.
    ///
    /// A target that names a revision below the current ones is a downgrade, unless
    /// the target itself says which verb is meant.
    pub fn pending(&self, from: &[RevisionId], to: &Target) -> Result<Pending, PendingError> {
        let evident = to.evident_direction();
        if evident == Some(Direction::Down) {
            let revisions = self.downgrade(from, &to.text)?;
            return Ok(Pending {
                direction: Direction::Down,
                revisions,
            });
        }
        let up = self.upgrade(from, &to.text);
        // Nothing to apply: the target is current, below what is current, or the base.
        let may_be_below = matches!(&up, Ok(steps) if steps.is_empty())
            || matches!(&up, Err(PendingError::TooFar(_)));
        if evident.is_none() && may_be_below {
            let down = self.downgrade(from, &to.text).unwrap_or_default();
            if !down.is_empty() {
                return Ok(Pending {
                    direction: Direction::Down,
                    revisions: down,
                });
            }
        }
        Ok(Pending {
            direction: Direction::Up,
            revisions: up?,
        })
    }
}

impl Graph {
    /// The whole ids of what stands for rows of a version table: ids, beginnings of ids,
    /// `base`, `heads`, labels.
    pub fn rows(&self, names: &[RevisionId]) -> Result<Vec<RevisionId>, PendingError> {
        Ok(self.ids(self.find_each(names)?))
    }

    /// The rows that `alembic_version` holds once these steps have run.
    pub fn rows_after(
        &self,
        current: &[RevisionId],
        steps: &[RevisionId],
        direction: Direction,
    ) -> Vec<RevisionId> {
        let places = |ids: &[RevisionId]| -> Vec<_> {
            ids.iter()
                .filter_map(|id| self.by_id.get(id.as_str()).copied())
                .collect()
        };
        let mut applied = self.ancestors(places(current));
        for at in places(steps) {
            match direction {
                Direction::Up => {
                    applied.insert(at);
                }
                Direction::Down => applied.remove(at),
            }
        }
        let is_tip = |at: &usize| {
            !self.nodes[*at]
                .all_next
                .iter()
                .any(|n| applied.contains(*n))
        };
        self.ids(applied.iter().filter(is_tip))
    }
}
