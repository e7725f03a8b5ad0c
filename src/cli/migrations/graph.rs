//! `migrations graph`: heads, bases and all revisions, drawn.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::domain::failure::Failure;
use crate::domain::lanes;
use crate::domain::migration::{Directory, RevisionSummary};
use crate::domain::text::clean;
use crate::domain::width::columns;
use crate::ports::migrations::Migrations;

use super::super::output::Output;
use super::words::{Lines, Marks, count, document};
use super::{list, tell_notes};

/// Lanes that take more columns than this tell nothing any more; a list does.
const WIDEST_LANES: u16 = 48;

/// Answers with the graph of the directory.
pub(super) fn graph(output: Output, migrations: &dyn Migrations) -> Result<u8, Failure> {
    let directory = migrations.directory()?;
    tell_notes(output, &directory);
    output.answer(&wire(&directory), || text(&directory, output.width()))?;
    Ok(0)
}

fn wire(directory: &Directory) -> Value {
    json!({
        "origin": directory.origin,
        "heads": directory.heads,
        "bases": directory.bases,
        "branch_points": directory.branch_points(),
        "merges": directory.merges(),
        "revisions": directory.revisions.iter().map(document).collect::<Vec<_>>(),
        "notes": directory.notes,
    })
}

fn text(directory: &Directory, width: Option<u16>) -> String {
    let mut text = format!(
        "{}: {}, {}, {}, {}, {}\n",
        clean(&directory.origin),
        count(directory.revisions.len(), "revision", "revisions"),
        count(directory.heads.len(), "head", "heads"),
        count(directory.bases.len(), "base", "bases"),
        count(
            directory.branch_points().len(),
            "branch point",
            "branch points"
        ),
        count(directory.merges().len(), "merge", "merges"),
    );
    if directory.heads.len() > 1 {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "several heads: {}", list(&directory.heads));
    }
    let newest_first: Vec<&RevisionSummary> = directory.revisions.iter().rev().collect();
    let marks = Marks::of(directory);
    let mut lines = Lines::new();
    for (lanes, at) in drawn(&newest_first) {
        match at.map(|at| newest_first[at]) {
            Some(revision) => lines.push(
                lanes,
                revision.id.to_string(),
                marks.on(revision),
                &revision.message,
            ),
            None => lines.push(lanes, String::new(), String::new(), ""),
        }
    }
    text + "\n" + &lines.text(width)
}

/// Lanes with the revisions on them; no lanes where there are too many.
fn drawn(newest_first: &[&RevisionSummary]) -> Vec<(String, Option<usize>)> {
    let lines = lanes::draw(newest_first);
    if lines.iter().any(|line| columns(&line.lanes) > WIDEST_LANES) {
        return (0..newest_first.len())
            .map(|at| (String::new(), Some(at)))
            .collect();
    }
    lines
        .into_iter()
        .map(|line| (line.lanes, line.revision))
        .collect()
}
