//! The place in the directory that a database without a version table fits, worked out once.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::reviews;
use crate::alembic::baseline::{self, Made};
use crate::alembic::graph::Graph;
use crate::alembic::revision::Revision;
use crate::alembic::script;
use crate::domain::baseline::Baseline;
use crate::domain::database::Table;
use crate::domain::revision::RevisionId;

/// Databases that are remembered; one for each environment is plenty.
const REMEMBERED: usize = 32;

/// What the revisions of one reading of the directory make, and what was compared with it.
#[derive(Debug, Default)]
pub(super) struct Baselines {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    made: Option<BTreeMap<RevisionId, Made>>,
    found: Vec<(Vec<Table>, Option<Baseline>)>,
}

impl Baselines {
    /// Compares a database with the directory. The files are read at the first question.
    pub(super) fn of(&self, graph: &Graph, tables: &[Table]) -> Option<Baseline> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = state.found.iter().find(|(of, _)| of == tables) {
            return known.clone();
        }
        let made = state.made.get_or_insert_with(|| made(graph));
        let found = baseline::suggest(graph, made, tables);
        if state.found.len() >= REMEMBERED {
            state.found.remove(0);
        }
        state.found.push((tables.to_vec(), found.clone()));
        found
    }
}

/// What each revision makes; one that cannot be read is left out, and counts as not known.
fn made(graph: &Graph) -> BTreeMap<RevisionId, Made> {
    let read = |revision: &Revision| {
        let bytes = reviews::bytes(&revision.path).ok()?;
        let script = script::read(&revision.path, &bytes).ok()?;
        Some((revision.id.clone(), Made::of(&script)))
    };
    graph.revisions().filter_map(read).collect()
}
