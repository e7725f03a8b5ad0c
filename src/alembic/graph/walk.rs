//! Walking a number of steps up or down.

use super::error::PendingError;
use super::{Graph, Index};

/// A place on a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Below all bases.
    Base,
    /// At a revision.
    At(Index),
}

impl Graph {
    /// Walks from a revision, or from outside the graph: up from below the bases,
    /// down from above the heads. `None` when the graph ends before the walk does.
    pub(super) fn walk(
        &self,
        start: Option<Index>,
        steps: i64,
        branch: Option<&str>,
    ) -> Result<Option<Place>, PendingError> {
        let mut here = start.map(Place::At);
        for _ in 0..steps.unsigned_abs() {
            let ways = if steps > 0 {
                self.ways_up(here, branch)?
            } else {
                self.ways_down(here)
            };
            here = match ways.as_slice() {
                [] => return Ok(None),
                [only] => Some(*only),
                _ => return Err(self.ambiguous(here, &ways)),
            };
        }
        Ok(here)
    }

    fn ways_up(
        &self,
        from: Option<Place>,
        branch: Option<&str>,
    ) -> Result<Vec<Place>, PendingError> {
        let next = match from {
            Some(Place::At(at)) => &self.nodes[at].next,
            Some(Place::Base) | None => &self.bases,
        };
        let next = match branch {
            Some(label) => self.on_branch(next, label)?,
            None => next.clone(),
        };
        Ok(next.into_iter().map(Place::At).collect())
    }

    fn ways_down(&self, from: Option<Place>) -> Vec<Place> {
        let down = match from {
            Some(Place::Base) => return Vec::new(),
            Some(Place::At(at)) => &self.nodes[at].down,
            None => &self.heads,
        };
        if down.is_empty() {
            return vec![Place::Base];
        }
        down.iter().copied().map(Place::At).collect()
    }

    fn ambiguous(&self, from: Option<Place>, ways: &[Place]) -> PendingError {
        let from = match from {
            Some(Place::At(at)) => self.id(at).to_string(),
            _ => "base".to_owned(),
        };
        let ways = ways.iter().filter_map(|way| match way {
            Place::At(at) => Some(*at),
            Place::Base => None,
        });
        PendingError::AmbiguousStep {
            from,
            ways: self.ids(ways),
        }
    }
}
