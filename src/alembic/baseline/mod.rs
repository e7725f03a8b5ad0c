//! Where a database without a version table stands: its tables and columns, compared with those
//! that each revision would have made.
//!
//! Only names are compared, and only what is certain counts. A revision is suggested when
//! everything that it makes is there, and nothing that only others make.

mod fit;
mod schema;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::graph::{Direction, Graph};
use super::script::{Action, STAND_IN, Script};
use crate::domain::baseline::Baseline;
use crate::domain::database::Table;
use crate::domain::review::Certainty;
use crate::domain::revision::RevisionId;
use crate::sql::{Shape, TableName, shapes};
use fit::Fit;
use schema::{Ever, Schema};

/// Fewer columns than this may be there by chance.
const THIN: usize = 3;

/// What one revision does to tables and columns.
#[derive(Clone, Debug, Default)]
pub struct Made {
    shapes: Vec<(Shape, bool)>,
    /// Whether something in it could not be read.
    unclear: bool,
}

impl Made {
    /// What the `upgrade` of a revision does.
    pub fn of(script: &Script) -> Self {
        let mut made = Self::default();
        for step in script.upgrade.iter().flat_map(|body| &body.steps) {
            match &step.action {
                Action::Opaque { .. } => made.unclear = true,
                Action::Sql { text, .. } => {
                    for shape in shapes(text) {
                        made.take(shape, step.certainty == Certainty::Always);
                    }
                }
            }
        }
        made
    }

    fn take(&mut self, mut shape: Shape, certain: bool) {
        self.unclear |= !certain;
        if let Shape::Create { columns, open, .. } = &mut shape {
            let named = columns.len();
            columns.retain(|column| column != STAND_IN);
            *open |= columns.len() < named;
        }
        if shape == Shape::Unclear || names(&shape).any(|name| name.contains(STAND_IN)) {
            self.unclear = true;
        } else {
            self.shapes.push((shape, certain));
        }
    }
}

/// The names that decide what a shape changes.
fn names(shape: &Shape) -> impl Iterator<Item = &str> {
    let (table, more): (&[String], [Option<&String>; 2]) = match shape {
        Shape::Create { table, .. } | Shape::Drop { table } => (table, [None, None]),
        Shape::Rename { table, to } => (table, [to.first(), to.last()]),
        Shape::AddColumn { table, column } | Shape::DropColumn { table, column } => {
            (table, [Some(column), None])
        }
        Shape::RenameColumn { table, column, to } => (table, [Some(column), Some(to)]),
        Shape::DropSchema { schema } => (std::slice::from_ref(schema), [None, None]),
        Shape::Unclear => (&[], [None, None]),
    };
    table
        .iter()
        .chain(more.into_iter().flatten())
        .map(String::as_str)
}

/// Compares a database with every place in a directory; `None` when nothing in it is known.
pub fn suggest(
    graph: &Graph,
    made: &BTreeMap<RevisionId, Made>,
    tables: &[Table],
) -> Option<Baseline> {
    let mut folding = Folding {
        graph,
        made,
        database: schema::of_database(tables),
        ever: Ever::default(),
        best: None,
    };
    let order = graph.upgrade(&[], "heads").ok()?;
    // What is ever made has to be known before anything is compared.
    let mut whole = Schema::default();
    for id in &order {
        folding.run(&mut whole, id);
    }
    folding.each_revision(&order);
    folding.each_set_of_rows(&order);
    folding.judge()
}

struct Folding<'a> {
    graph: &'a Graph,
    made: &'a BTreeMap<RevisionId, Made>,
    database: BTreeMap<TableName, BTreeSet<&'a str>>,
    ever: Ever,
    best: Option<Best>,
}

/// The places that fit best: all have the same gaps.
struct Best {
    gaps: usize,
    places: Vec<(Vec<RevisionId>, Fit)>,
}

impl Folding<'_> {
    fn run(&mut self, schema: &mut Schema, id: &RevisionId) {
        for (shape, certain) in self.made.get(id).into_iter().flat_map(|made| &made.shapes) {
            schema.apply(shape, *certain, &mut self.ever);
        }
    }

    /// The database after an upgrade to each revision alone.
    fn each_revision(&mut self, order: &[RevisionId]) {
        let alone = |id: &RevisionId| {
            let revision = self.graph.get(id.as_str())?;
            let single = revision.depends_on.is_empty() && revision.down.len() == 1;
            single.then(|| revision.down[0].clone())
        };
        let parents: Vec<_> = order.iter().map(alone).collect();
        let mut wanted: HashMap<String, usize> = HashMap::new();
        for parent in parents.iter().flatten() {
            *wanted.entry(parent.clone()).or_default() += 1;
        }
        let mut kept: HashMap<String, Schema> = HashMap::new();
        for (id, parent) in order.iter().zip(parents) {
            let below = parent.and_then(|parent| {
                let left = wanted.get_mut(&parent)?;
                *left -= 1;
                if *left == 0 {
                    kept.remove(&parent)
                } else {
                    kept.get(&parent).cloned()
                }
            });
            let schema = match below {
                Some(mut schema) => {
                    self.run(&mut schema, id);
                    schema
                }
                None => self.fold(&self.way_to(std::slice::from_ref(id))),
            };
            self.compare(vec![id.clone()], &schema);
            if wanted.contains_key(id.as_str()) {
                kept.insert(id.as_str().to_owned(), schema);
            }
        }
    }

    /// The database in the middle of an upgrade to the heads, where it has several rows.
    fn each_set_of_rows(&mut self, order: &[RevisionId]) {
        let mut schema = Schema::default();
        let mut rows: Vec<RevisionId> = Vec::new();
        for (at, id) in order.iter().enumerate() {
            self.run(&mut schema, id);
            rows = self.graph.rows_after(&rows, &order[at..=at], Direction::Up);
            if rows.len() > 1 {
                self.compare(rows.clone(), &schema);
            }
        }
    }

    /// The revisions that lead to rows, in order.
    fn way_to(&self, rows: &[RevisionId]) -> Vec<RevisionId> {
        let (mut seen, mut way) = (HashSet::new(), Vec::new());
        for row in rows {
            for id in self.graph.upgrade(&[], row.as_str()).unwrap_or_default() {
                if seen.insert(id.clone()) {
                    way.push(id);
                }
            }
        }
        way
    }

    fn fold(&mut self, way: &[RevisionId]) -> Schema {
        let mut schema = Schema::default();
        for id in way {
            self.run(&mut schema, id);
        }
        schema
    }

    fn compare(&mut self, rows: Vec<RevisionId>, schema: &Schema) {
        let fit = Fit::of(schema, &self.database, &self.ever);
        let gaps = fit.gaps();
        match &mut self.best {
            Some(best) if best.gaps < gaps => {}
            Some(best) if best.gaps == gaps => best.places.push((rows, fit)),
            best => {
                let places = vec![(rows, fit)];
                *best = Some(Best { gaps, places });
            }
        }
    }

    /// Of the places that fit best the one that holds all others.
    fn judge(mut self) -> Option<Baseline> {
        let Best { gaps, mut places } = self.best.take()?;
        let most = places.iter().map(|(_, fit)| fit.columns.found).max()?;
        places.retain(|(_, fit)| fit.columns.found == most);
        let way = |rows: &[RevisionId]| self.way_to(rows).into_iter().collect::<HashSet<_>>();
        let ways: Vec<_> = places.iter().map(|(rows, _)| way(rows)).collect();
        let last = (0..places.len()).max_by_key(|at| ways[*at].len())?;
        let holds_all = ways.iter().all(|other| other.is_subset(&ways[last]));
        let (nearest, fit) = places.swap_remove(last);
        if fit.tables.found == 0 {
            return None;
        }
        let foreign: Vec<_> = self
            .database
            .keys()
            .filter(|table| !self.ever.table(table))
            .map(|table| table.join("."))
            .collect();
        let thin = fit.columns.found < THIN || foreign.len() > fit.tables.found;
        let unread = |id: &&RevisionId| self.made.get(*id).is_none_or(|made| made.unclear);
        let mut unread: Vec<_> = ways[last].iter().filter(unread).cloned().collect();
        unread.sort();
        let children = nearest
            .iter()
            .flat_map(|id| self.graph.children(id.as_str()));
        let next: BTreeSet<_> = children.filter(|id| !ways[last].contains(id)).collect();
        let fits = gaps == 0 && holds_all && !thin;
        let mut alike: Vec<_> = places.into_iter().map(|(rows, _)| rows).collect();
        alike.sort();
        alike.dedup();
        Some(Baseline {
            stamp: if fits { nearest.clone() } else { Vec::new() },
            nearest,
            tables: fit.tables,
            columns: fit.columns,
            missing: fit.missing,
            beyond: fit.beyond,
            foreign,
            alike,
            unread,
            next: next.into_iter().collect(),
        })
    }
}
