//! `migrations lint`: what revisions would do to a live database, and whether `env.py` runs them safely.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::domain::failure::{Failure, FailureKind};
use crate::domain::migration::Directory;
use crate::domain::preflight::Severity;
use crate::domain::review::{EnvReview, Review, Verdict};
use crate::domain::revision::RevisionId;
use crate::domain::text::clean;
use crate::ports::migrations::Migrations;

use super::super::arguments::{Deny, Lint};
use super::super::output::Output;
use super::words::count;
use super::{Whereabouts, sarif, tell_notes};

/// What was found.
pub(super) struct Findings {
    pub(super) directory: Arc<Directory>,
    pub(super) reviews: Vec<Arc<Review>>,
    pub(super) env: Option<Arc<EnvReview>>,
}

/// Answers with the findings; unsilenced ones that are bad enough decide the exit code.
pub(super) fn lint(
    output: Output,
    migrations: &dyn Migrations,
    arguments: &Lint,
    whereabouts: &Whereabouts,
) -> Result<u8, Failure> {
    let directory = migrations.directory()?;
    tell_notes(output, &directory);
    let chosen = chosen(migrations, &directory, arguments)?;
    let found = Findings {
        reviews: migrations.reviews(&chosen)?,
        env: migrations.env()?,
        directory,
    };
    let document = if output.is_sarif() {
        sarif::document(&found, whereabouts)
    } else {
        found.wire()
    };
    output.answer(&document, || found.text())?;
    let denied = match arguments.deny {
        Deny::Warn => Severity::Warn,
        Deny::Block => Severity::Block,
    };
    let is_denied = found.standing().any(|verdict| verdict.severity >= denied);
    Ok(if is_denied {
        FailureKind::Preflight.exit_code()
    } else {
        0
    })
}

/// The revisions to look at.
fn chosen(
    migrations: &dyn Migrations,
    directory: &Directory,
    arguments: &Lint,
) -> Result<Vec<RevisionId>, Failure> {
    if !arguments.revisions.is_empty() {
        let mut ids = Vec::new();
        for name in &arguments.revisions {
            // From a revision to itself nothing runs; what it is called is told all the same.
            let found = migrations.path(&[RevisionId::from(name)], name)?.from;
            ids.extend(
                found
                    .into_iter()
                    .filter(|id| !ids.contains(id))
                    .collect::<Vec<_>>(),
            );
        }
        return Ok(ids);
    }
    if arguments.from.is_none() && arguments.to.is_none() {
        return Ok(directory.revisions.iter().map(|r| r.id.clone()).collect());
    }
    let from = super::pending::names(arguments.from.as_deref().unwrap_or_default());
    let path = migrations.path(&from, arguments.to.as_deref().unwrap_or("heads"))?;
    if path.downgrade {
        return Err(Failure::new(
            FailureKind::Usage,
            "the target lies below: a downgrade is not linted",
            "Name revisions, or a target above.",
        ));
    }
    Ok(path.steps)
}

impl Findings {
    /// All verdicts that nobody silenced.
    fn standing(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts().filter(|verdict| verdict.silenced.is_none())
    }

    fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        let env = self.env.iter().flat_map(|env| &env.verdicts);
        self.reviews
            .iter()
            .flat_map(|review| &review.verdicts)
            .chain(env)
    }

    fn many(&self, severity: Severity) -> usize {
        self.standing().filter(|v| v.severity == severity).count()
    }

    fn silenced(&self) -> usize {
        self.verdicts().filter(|v| v.silenced.is_some()).count()
    }

    fn wire(&self) -> Value {
        let reviews = self.reviews.iter().map(with_pages);
        json!({
            "revisions": reviews.collect::<Vec<_>>(),
            "env": self.env.as_ref().map(with_pages),
            "summary": {
                "revisions": self.reviews.len(),
                "block": self.many(Severity::Block),
                "warn": self.many(Severity::Warn),
                "pass": self.many(Severity::Pass),
                "silenced": self.silenced(),
                "incomplete": self.reviews.iter().filter(|r| !r.is_complete()).count(),
            },
            "origin": self.directory.origin,
            "notes": self.directory.notes,
        })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for review in &self.reviews {
            let message = self.directory.revisions.iter().find(|r| r.id == review.id);
            let message = message.map_or("", |r| r.message.as_str());
            group(
                &mut text,
                &format!("{}  {message}", review.id),
                &review.file,
                &review.verdicts,
            );
        }
        if let Some(env) = &self.env {
            group(&mut text, "env.py", &env.file, &env.verdicts);
        }
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "{} looked at: {}, {}, {} silenced",
            count(self.reviews.len(), "revision", "revisions"),
            count(self.many(Severity::Block), "block", "blocks"),
            count(self.many(Severity::Warn), "warning", "warnings"),
            self.silenced(),
        );
        text
    }
}

/// A review for JSON, with the page of each verdict.
fn with_pages<T: serde::Serialize>(review: &Arc<T>) -> Value {
    let mut document = serde_json::to_value(review).unwrap_or_default();
    let verdicts = document.get_mut("verdicts").and_then(Value::as_array_mut);
    for verdict in verdicts.into_iter().flatten() {
        if let Ok(known) = serde_json::from_value::<Verdict>(verdict.clone()) {
            verdict["page"] = json!(known.page());
        }
    }
    document
}

/// The verdicts on one file, under a heading; nothing where there are none.
fn group(text: &mut String, heading: &str, file: &str, verdicts: &[Verdict]) {
    if verdicts.is_empty() {
        return;
    }
    let _ = writeln!(text, "{}", clean(heading).trim_end());
    for verdict in verdicts {
        let word = match &verdict.silenced {
            Some(_) => "silent",
            None => verdict.severity.word(),
        };
        let _ = writeln!(
            text,
            "  {word:<6} {}:{} {}: {}",
            clean(file),
            verdict.line,
            verdict.rule,
            clean(&verdict.message),
        );
        if let Some(reason) = &verdict.silenced {
            let _ = writeln!(text, "         because {}", clean(reason));
        } else {
            let _ = writeln!(text, "         → {}", clean(&verdict.remedy));
            let _ = writeln!(text, "         {}", verdict.page());
        }
    }
    text.push('\n');
}
