//! Which revisions a downgrade runs.

use super::error::PendingError;
use super::relative::{self, Relative};
use super::set::NodeSet;
use super::walk::Place;
use super::{Graph, Index};
use crate::domain::revision::RevisionId;

/// Where a downgrade ends: the branch it is limited to, and the revision that stays.
struct Floor {
    branch: Option<String>,
    /// `None` is the base.
    stays: Option<Index>,
}

impl Graph {
    /// What `alembic downgrade TARGET` runs on a database at `current`, in order.
    pub fn downgrade(
        &self,
        current: &[RevisionId],
        target: &str,
    ) -> Result<Vec<RevisionId>, PendingError> {
        let floor = self.floor(current, target)?;
        let mut roots = self.lowest_to_go(&floor);
        if let Some(branch) = floor.branch.as_deref().filter(|_| roots.len() > 1) {
            let line = self.reach([self.find_branch(branch)?], |node| &node.down);
            roots.retain(|&root| line.contains(root));
            if roots.is_empty() {
                return Err(PendingError::NotBelow {
                    target: target.to_owned(),
                });
            }
        }
        let heads = self.find_each(current)?;
        let mut going: NodeSet = self.reach(roots, |node| &node.all_next);
        going.retain_in(&self.ancestors(heads.iter().copied()));
        let at_floor = floor.stays.is_none_or(|at| heads.contains(&at));
        if going.is_empty() && !at_floor {
            return Err(PendingError::NotBelow {
                target: target.to_owned(),
            });
        }
        Ok(self.ids(self.sorted_downward(&going, &heads)))
    }

    /// The lowest revisions that go: the bases, or the children of what stays.
    fn lowest_to_go(&self, floor: &Floor) -> Vec<Index> {
        if let Some(at) = floor.stays {
            return self.nodes[at].next.clone();
        }
        // A labelled base counts twice in Alembic, which decides whether the branch matters.
        let labelled = self.labels.iter().map(|(_, at)| *at);
        let is_base = |at: &Index| self.nodes[*at].down.is_empty();
        (0..self.len()).chain(labelled).filter(is_base).collect()
    }

    fn floor(&self, current: &[RevisionId], target: &str) -> Result<Floor, PendingError> {
        let Some(wanted) = relative::parse(target) else {
            return self.absolute_floor(target);
        };
        let (branch, place) = match wanted.symbol {
            Some(symbol) if wanted.steps >= 0 => {
                let start = self.find_one(symbol)?;
                (
                    wanted.label.map(str::to_owned),
                    self.walk(start, wanted.steps, wanted.label)?,
                )
            }
            None if wanted.steps >= 0 => return Err(PendingError::TooFar(target.to_owned())),
            _ => self.walk_down(current, target, &wanted)?,
        };
        match place {
            Some(Place::At(at)) => Ok(Floor {
                branch,
                stays: Some(at),
            }),
            Some(Place::Base) => Ok(Floor {
                branch,
                stays: None,
            }),
            None => Err(PendingError::TooFar(target.to_owned())),
        }
    }

    fn absolute_floor(&self, target: &str) -> Result<Floor, PendingError> {
        let (branch, symbol) = match target.rsplit_once('@') {
            Some((branch, symbol)) => (Some(branch), symbol),
            None => (None, target),
        };
        Ok(Floor {
            branch: branch.filter(|label| !label.is_empty()).map(str::to_owned),
            stays: self.find_one(symbol)?,
        })
    }

    fn walk_down(
        &self,
        current: &[RevisionId],
        target: &str,
        wanted: &Relative<'_>,
    ) -> Result<(Option<String>, Option<Place>), PendingError> {
        let (branch, symbol) = match (wanted.symbol, wanted.label) {
            (Some(symbol), label) => (label.map(str::to_owned), symbol.to_owned()),
            (None, Some(label)) => (
                Some(label.to_owned()),
                self.active_on(current, target, label)?,
            ),
            // Without a branch the first current revision is meant, and its own line.
            (None, None) => {
                let first = current
                    .first()
                    .ok_or_else(|| PendingError::TooFar(target.to_owned()))?;
                (Some(first.as_str().to_owned()), first.as_str().to_owned())
            }
        };
        let start = match &branch {
            Some(branch) => self.find_one(&format!("{branch}@{symbol}"))?,
            None => self.find_one(&symbol)?,
        };
        Ok((branch, self.walk(start, wanted.steps, None)?))
    }

    /// The one revision at which a branch stands in a database.
    fn active_on(
        &self,
        current: &[RevisionId],
        target: &str,
        label: &str,
    ) -> Result<String, PendingError> {
        let current = self.find_each(current)?;
        let mut active = self.on_branch(&current, label)?;
        if active.is_empty() {
            active = self.on_branch(&self.tips(current), label)?;
        }
        match active.as_slice() {
            [one] => Ok(self.id(*one).as_str().to_owned()),
            [] => Err(PendingError::TooFar(target.to_owned())),
            several => Err(PendingError::AmbiguousStart {
                asked: target.to_owned(),
                starts: several.iter().map(|&at| self.id(at).to_string()).collect(),
            }),
        }
    }

    /// Of all applied revisions those that no applied revision follows, dependencies apart.
    fn tips(&self, current: Vec<Index>) -> Vec<Index> {
        let applied = self.ancestors(current);
        let is_tip = |at: &Index| {
            !self.nodes[*at]
                .next
                .iter()
                .any(|&next| applied.contains(next))
        };
        applied.iter().filter(is_tip).collect()
    }
}
