//! Where a database stands that has tables but no version table, by what is in it.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::revision::RevisionId;
use super::text::clean;

/// How many of a kind were found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Found in the database.
    pub found: usize,
    /// Made by the revisions.
    pub of: usize,
}

/// The revision whose tables and columns a database has, with the evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// What `stamp` may be given; empty when the evidence does not allow it.
    pub stamp: Vec<RevisionId>,
    /// The revision that fits best, whether or not it fits.
    pub nearest: Vec<RevisionId>,
    /// Tables that it makes.
    pub tables: Counted,
    /// Columns that it makes.
    pub columns: Counted,
    /// What it makes and the database does not have: `agent`, `agent.state`.
    pub missing: Vec<String>,
    /// What the database has and only other revisions make.
    pub beyond: Vec<String>,
    /// Tables that no revision makes.
    pub foreign: Vec<String>,
    /// Other places that make the same tables and columns: what they do besides cannot be told.
    pub alike: Vec<Vec<RevisionId>>,
    /// Revisions before it of which not everything could be read.
    pub unread: Vec<RevisionId>,
    /// What follows it, and is not there.
    pub next: Vec<RevisionId>,
}

impl Baseline {
    /// What was found, in one sentence.
    pub fn evidence(&self) -> String {
        let Counted { found, of } = self.tables;
        let tables = match (found == of, of) {
            (true, 1) => "the one table".to_owned(),
            (true, of) => format!("all {of} tables"),
            (false, of) => format!("{found} of {of} tables"),
        };
        let mut words = format!(
            "{tables} and {} of {} columns of {} are there",
            self.columns.found,
            self.columns.of,
            ids(&self.nearest)
        );
        if self.stamp.is_empty() {
            let gaps = [("missing", &self.missing), ("beyond it", &self.beyond)];
            for (what, names) in gaps.into_iter().filter(|(_, names)| !names.is_empty()) {
                // Writing to a string cannot fail.
                let _ = write!(words, ", {what}: {}", some(names));
            }
        } else if !self.next.is_empty() {
            let _ = write!(words, ", nothing of {}", ids(&self.next));
        }
        words
    }

    /// What speaks against believing it without a look.
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        if !self.alike.is_empty() {
            let alike: Vec<_> = self.alike.iter().map(|rows| ids(rows)).collect();
            doubts.push(format!(
                "tables and columns are the same at {}: check what is done in between",
                some(&alike)
            ));
        }
        if !self.unread.is_empty() {
            let which = ids(&self.unread);
            doubts.push(format!("not everything that {which} does could be read"));
        }
        if !self.foreign.is_empty() {
            doubts.push(format!("no revision makes {}", some(&self.foreign)));
        }
        doubts
    }

    /// What to do.
    pub fn hint(&self) -> String {
        if self.stamp.is_empty() {
            return format!("no revision fits: {}", self.evidence());
        }
        let mut hint = format!("stamp {}: {}", ids(&self.stamp), self.evidence());
        for doubt in self.doubts() {
            hint.push_str("; ");
            hint.push_str(&doubt);
        }
        hint
    }
}

/// The ids of rows, as `stamp` takes them.
fn ids(rows: &[RevisionId]) -> String {
    let rows: Vec<_> = rows.iter().map(ToString::to_string).collect();
    some(&rows)
}

/// The first names of a list, and how many more there are.
fn some(names: &[String]) -> String {
    let first: Vec<_> = names.iter().take(4).map(|name| clean(name)).collect();
    match names.len() {
        0..5 => first.join(", "),
        all => format!("{} and {} more", first.join(", "), all - first.len()),
    }
}
