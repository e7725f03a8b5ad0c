//! `migrations pending`: what an upgrade or a downgrade would run, in order.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::domain::database::Reading;
use crate::domain::environment::Environment;
use crate::domain::failure::Failure;
use crate::domain::migration::{Directory, RevisionSummary};
use crate::domain::revision::RevisionId;
use crate::domain::text::clean;
use crate::ports::migrations::{Migrations, Path};

use super::super::output::Output;
use super::words::{Lines, Marks, count, document};
use super::{list, tell_notes};

/// Where a move starts, and who says so.
pub(super) struct Start {
    rows: Vec<RevisionId>,
    /// The environment whose database was read, by which probe, and when.
    source: Option<Value>,
    /// For a person.
    told: String,
}

/// Names parted by commas.
pub(super) fn names(text: &str) -> Vec<RevisionId> {
    let names = text.split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(RevisionId::from)
        .collect()
}

impl Start {
    /// What was given: ids parted by commas; nothing at all is an empty database.
    pub(super) fn given(from: &str) -> Self {
        Self {
            rows: names(from),
            source: None,
            told: String::new(),
        }
    }

    /// What a probe read.
    pub(super) fn read(environment: &Environment, reading: &Reading) -> Self {
        Self {
            rows: reading.current.clone().unwrap_or_default(),
            source: Some(json!({
                "environment": environment.name,
                "probe": reading.probe.word(),
                "observed_at": reading.at,
            })),
            told: format!(
                " (database of {}, {})",
                environment.name,
                reading.probe.word()
            ),
        }
    }
}

/// Answers with the revisions that run between two places.
pub(super) fn pending(
    output: Output,
    migrations: &dyn Migrations,
    start: &Start,
    to: &str,
) -> Result<u8, Failure> {
    let directory = migrations.directory()?;
    tell_notes(output, &directory);
    let path = migrations.path(&start.rows, to)?;
    let by_id: HashMap<&RevisionId, &RevisionSummary> =
        directory.revisions.iter().map(|r| (&r.id, r)).collect();
    let steps: Vec<&RevisionSummary> = path
        .steps
        .iter()
        .filter_map(|id| by_id.get(id).copied())
        .collect();
    output.answer(&wire(&directory, start, &path, to, &steps), || {
        text(&directory, start, &path, to, &steps, output.width())
    })?;
    Ok(0)
}

fn wire(
    directory: &Directory,
    start: &Start,
    path: &Path,
    to: &str,
    steps: &[&RevisionSummary],
) -> Value {
    json!({
        "pending": path.steps,
        "direction": direction(path),
        "from": path.from,
        "to": to,
        "arrives": path.arrives,
        "revisions": steps.iter().map(|revision| document(revision)).collect::<Vec<_>>(),
        "origin": directory.origin,
        "source": start.source,
        "notes": directory.notes,
    })
}

fn direction(path: &Path) -> &'static str {
    if path.downgrade {
        "downgrade"
    } else {
        "upgrade"
    }
}

fn text(
    directory: &Directory,
    start: &Start,
    path: &Path,
    to: &str,
    steps: &[&RevisionSummary],
    width: Option<u16>,
) -> String {
    let from = rows(&path.from);
    let (told, to) = (&start.told, clean(to));
    if steps.is_empty() {
        return format!("nothing is pending from {from}{told} to {to}");
    }
    let marks = Marks::of(directory);
    let mut lines = Lines::new();
    let digits = steps.len().to_string().len();
    for (at, revision) in steps.iter().enumerate() {
        lines.push(
            format!("{:>digits$}", at + 1),
            revision.id.to_string(),
            marks.on(revision),
            &revision.message,
        );
    }
    format!(
        "{} of {}, from {from}{told} to {to}\n\n{}\n\narrives at {}",
        direction(path),
        count(steps.len(), "revision", "revisions"),
        lines.text(width),
        rows(&path.arrives),
    )
}

fn rows(ids: &[RevisionId]) -> String {
    if ids.is_empty() {
        return "nothing applied".to_owned();
    }
    list(ids)
}
