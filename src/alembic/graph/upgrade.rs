//! Which revisions an upgrade runs.

use super::error::PendingError;
use super::relative::{self, Relative};
use super::set::NodeSet;
use super::walk::Place;
use super::{Graph, Index};
use crate::domain::revision::RevisionId;

impl Graph {
    /// What `alembic upgrade TARGET` runs on a database at `current`, in order.
    pub fn upgrade(
        &self,
        current: &[RevisionId],
        target: &str,
    ) -> Result<Vec<RevisionId>, PendingError> {
        let targets = self.upgrade_targets(current, target)?;
        let mut needed = self.reach_apart(&targets, |node| &node.needed)?;
        let current = self.find_each(current)?;
        let applied: NodeSet = self.reach_apart(&current, |node| &node.needed)?;
        needed.drop_in(&applied);
        let mut order = self.sorted_downward(&needed, &targets);
        order.reverse();
        Ok(self.ids(order))
    }

    fn upgrade_targets(
        &self,
        current: &[RevisionId],
        target: &str,
    ) -> Result<Vec<Index>, PendingError> {
        let Some(wanted) = relative::parse(target) else {
            return self.find_all(target);
        };
        let place = match wanted.symbol {
            None => self.walk_from_current(current, target, &wanted)?,
            Some(symbol) => self.walk_from_symbol(symbol, &wanted)?,
        };
        match place {
            Some(Place::At(at)) => Ok(vec![at]),
            Some(Place::Base) | None => Err(PendingError::TooFar(target.to_owned())),
        }
    }

    fn walk_from_symbol(
        &self,
        symbol: &str,
        wanted: &Relative<'_>,
    ) -> Result<Option<Place>, PendingError> {
        if wanted.steps > 0 {
            return self.walk(self.find_one(symbol)?, wanted.steps, wanted.label);
        }
        let start = match wanted.label {
            Some(label) => self.find_one(&format!("{label}@{symbol}"))?,
            None => self.find_one(symbol)?,
        };
        self.walk(start, wanted.steps, None)
    }

    fn walk_from_current(
        &self,
        current: &[RevisionId],
        target: &str,
        wanted: &Relative<'_>,
    ) -> Result<Option<Place>, PendingError> {
        if wanted.steps <= 0 {
            return Err(PendingError::TooFar(target.to_owned()));
        }
        let start = match wanted.label {
            Some(label) => self.start_on_branch(current, target, label)?,
            None => match current {
                [] => None,
                [one] => self.find_one(one.as_str())?,
                several => {
                    return Err(PendingError::AmbiguousStart {
                        asked: target.to_owned(),
                        starts: several.iter().map(ToString::to_string).collect(),
                    });
                }
            },
        };
        self.walk(start, wanted.steps, wanted.label)
    }

    /// Where a branch stands in a database: at a current revision, else at the
    /// highest applied revision of the branch, else nowhere.
    fn start_on_branch(
        &self,
        current: &[RevisionId],
        target: &str,
        label: &str,
    ) -> Result<Option<Index>, PendingError> {
        let current = self.find_each(current)?;
        let mut starts = self.on_branch(&current, label)?;
        if starts.is_empty() {
            let applied: Vec<Index> = self.ancestors(current).iter().collect();
            let active = self.on_branch(&applied, label)?;
            let mut tips = active.clone();
            tips.retain(|tip| !active.iter().any(|&at| self.nodes[at].needed.contains(tip)));
            starts = tips;
        }
        match starts.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            several => Err(PendingError::AmbiguousStart {
                asked: target.to_owned(),
                starts: several.iter().map(|&at| self.id(at).to_string()).collect(),
            }),
        }
    }
}
