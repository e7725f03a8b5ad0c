//! How a revision is told to a person and to a program.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::domain::migration::{Directory, RevisionSummary};
use crate::domain::revision::RevisionId;
use crate::domain::text::clean;
use crate::domain::width::{columns, fit};

/// Ids are seldom longer; longer ones push what follows to the right.
const WIDEST_ID: u16 = 40;
/// Marks are seldom longer.
const WIDEST_MARKS: u16 = 32;

/// One revision for JSON.
pub(super) fn document(revision: &RevisionSummary) -> Value {
    json!({
        "id": revision.id,
        "down": revision.down,
        "depends_on": revision.depends_on,
        "branch_labels": revision.branch_labels,
        "message": revision.message,
    })
}

/// What is special about the revisions of a directory.
pub(super) struct Marks<'a> {
    heads: HashSet<&'a RevisionId>,
    branch_points: HashSet<&'a RevisionId>,
}

impl<'a> Marks<'a> {
    pub(super) fn of(directory: &'a Directory) -> Self {
        Self {
            heads: directory.heads.iter().collect(),
            branch_points: directory.branch_points().into_iter().collect(),
        }
    }

    /// What is special about one, in the order of importance.
    pub(super) fn on(&self, revision: &RevisionSummary) -> String {
        let mut marks = Vec::new();
        let mut mark = |holds: bool, word: &str| {
            if holds {
                marks.push(word.to_owned());
            }
        };
        mark(self.heads.contains(&revision.id), "head");
        mark(revision.down.is_empty(), "base");
        mark(revision.down.len() > 1, "merge");
        mark(self.branch_points.contains(&revision.id), "branch point");
        for label in &revision.branch_labels {
            marks.push(format!("label {}", clean(label)));
        }
        for needed in &revision.depends_on {
            marks.push(format!("needs {needed}"));
        }
        marks.join(", ")
    }
}

/// A line for each revision: what stands before it, its id, its marks, its message.
pub(super) struct Lines {
    rows: Vec<[String; 4]>,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self { rows: Vec::new() }
    }

    pub(super) fn push(&mut self, before: String, id: String, marks: String, message: &str) {
        self.rows
            .push([before, id, marks, clean(message).into_owned()]);
    }

    /// The lines, aligned; cut to a width where there is one.
    pub(super) fn text(&self, width: Option<u16>) -> String {
        let widest = |column: usize, limit: u16| {
            let wide = self.rows.iter().map(|row| columns(&row[column]));
            wide.max().unwrap_or(0).min(limit)
        };
        let widths = [
            widest(0, u16::MAX),
            widest(1, WIDEST_ID),
            widest(2, WIDEST_MARKS),
        ];
        let mut lines = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let mut line = String::new();
            for (cell, wide) in row.iter().zip(widths) {
                if wide > 0 {
                    let pad = wide.saturating_sub(columns(cell));
                    line.push_str(cell);
                    line.push_str(&" ".repeat(usize::from(pad) + 2));
                }
            }
            line.push_str(&row[3]);
            let line = line.trim_end();
            lines
                .push(width.map_or_else(|| line.to_owned(), |width| fit(line, width).into_owned()));
        }
        lines.join("\n")
    }
}

/// A number with its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_width_and_cut_at_the_edge() {
        let mut lines = Lines::new();
        lines.push(
            "●".into(),
            "a1".into(),
            "head".into(),
            "first\n\u{1b}[31mand more",
        );
        lines.push("●".into(), "日本".into(), String::new(), "second");
        assert_eq!(
            lines.text(None),
            "●  a1    head  first and more\n●  日本        second"
        );
        assert_eq!(lines.text(Some(16)), "●  a1    head…\n●  日本…");
        assert_eq!(Lines::new().text(None), "");
    }
}
