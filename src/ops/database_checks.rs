//! The checks of where the database stands: read, versioned, and within the revisions that will run.

use crate::domain::database::Reading;
use crate::domain::directory::Comparison;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::migration::MigrationState;
use crate::domain::operation::Risk;
use crate::domain::plan::Plan;
use crate::domain::preflight::{Finding, Severity};
use crate::domain::revision::RevisionId;
use crate::ports::migrations::Migrations;

use super::facts::Facts;

/// A database outside of the revisions that will run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// `Ahead` or `Diverged`.
    pub state: MigrationState,
    /// Its rows, or those of them that nobody here knows.
    pub rows: Vec<RevisionId>,
    /// Whose revisions were asked.
    pub whose: String,
}

impl Outside {
    /// Compares the rows with the image's revisions where they stand alone or differ from the
    /// checkout's, else with the checkout's; `None` when the rows lie within them.
    pub(super) fn of(
        directory: &Comparison,
        reading: &Result<Reading, Failure>,
        migrations: &dyn Migrations,
    ) -> Option<Self> {
        let rows = reading.as_ref().ok()?.current.as_deref()?;
        let alone = directory.heads.is_empty() || directory.difference().is_some();
        let told = directory.image.known().filter(|_| alone);
        if let Some(told) = told.filter(|told| told.revisions.is_some()) {
            let foreign = |id: &&RevisionId| told.has(id) == Some(false);
            let foreign: Vec<_> = rows.iter().filter(foreign).cloned().collect();
            let state = if foreign.len() == rows.len() {
                MigrationState::Ahead
            } else {
                MigrationState::Diverged
            };
            return (!foreign.is_empty()).then(|| Self {
                state,
                rows: foreign,
                whose: "the image".to_owned(),
            });
        }
        let standing = migrations.standing(rows).ok()?;
        matches!(
            standing.state,
            MigrationState::Ahead | MigrationState::Diverged
        )
        .then(|| Self {
            state: standing.state,
            rows: if standing.foreign.is_empty() {
                rows.to_vec()
            } else {
                standing.foreign
            },
            whose: directory.here(),
        })
    }
}

/// Runs them; an operation that only reads may do so wherever the database stands.
pub(super) fn check(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    if plan.risk == Risk::Read {
        return Vec::new();
    }
    let mut findings = vec![read(plan, facts)];
    findings.extend(facts.outside.as_ref().map(|outside| stands(plan, outside)));
    findings
}

fn read(plan: &Plan, facts: &Facts) -> Finding {
    match &facts.reading {
        Err(failure) => {
            let severity = if failure.kind == FailureKind::NotFound {
                Severity::Warn
            } else {
                Severity::Block
            };
            Finding::found(
                "revision-unknown",
                severity,
                format!("where the database stands is not known: {failure}"),
                failure.hint.clone(),
            )
        }
        Ok(reading) if reading.is_unversioned() && !plan.pending.is_empty() => Finding::found(
            "unversioned",
            Severity::Block,
            format!(
                "{} tables but no alembic_version: an upgrade would run from the base",
                reading.table_count().unwrap_or(0)
            ),
            format!(
                "record where it stands first: portcullis run stamp -e {} --set target=REVISION; \
                 portcullis status {} tells which revision fits",
                plan.environment, plan.environment
            ),
        ),
        Ok(reading) => Finding::pass(
            "revision",
            format!("read from the database by {}", reading.probe.word()),
        ),
    }
}

fn stands(plan: &Plan, outside: &Outside) -> Finding {
    let rows: Vec<_> = outside.rows.iter().map(ToString::to_string).collect();
    let (rows, whose) = (rows.join(", "), &outside.whose);
    let (code, message) = match outside.state {
        MigrationState::Ahead => (
            "ahead",
            format!("the database is at {rows}, which {whose} does not have"),
        ),
        _ => (
            "diverged",
            format!("the database holds {rows}, which no upgrade of {whose} leaves behind"),
        ),
    };
    // Alembic refuses every move but the one that takes the rows away; what does not move the
    // revision runs, on tables that nobody here knows.
    let purges = plan.args.iter().any(|arg| arg == "--purge");
    let severity = if plan.moves && !purges {
        Severity::Block
    } else {
        Severity::Warn
    };
    let remedy = format!(
        "deploy an image that has {rows}; portcullis run history -e {} tells what the image has",
        plan.environment
    );
    Finding::found(code, severity, message, remedy)
}
