//! `migrations graph`: heads, bases and all revisions, drawn.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::domain::failure::Failure;
use crate::domain::graph::{Layout, Stroke};
use crate::domain::migration::Directory;
use crate::domain::text::clean;
use crate::ports::migrations::Migrations;

use super::super::output::Output;
use super::words::{Lines, Marks, count, document};
use super::{list, tell_notes};

/// Lanes beyond these share one: more tell nothing any more.
const LANES: usize = 20;

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
    let marks = Marks::of(directory);
    let mut lines = Lines::new();
    let strokes = Layout::of(directory).strokes(0..directory.revisions.len(), LANES);
    for (revision, strokes) in directory.revisions.iter().rev().zip(strokes) {
        lines.push(
            strokes.into_iter().map(Stroke::symbol).collect(),
            revision.id.to_string(),
            marks.on(revision),
            &revision.message,
        );
    }
    text + "\n" + &lines.text(width)
}
