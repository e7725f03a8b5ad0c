//! From the steps of a revision to its review: what it changes, what it locks, what the rules say.

use super::script::{Action, Script};
use crate::domain::review::{Opaque, Review, Undo};
use crate::domain::revision::RevisionId;

/// What `env.py` says about running revisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnvFacts {
    /// Whether it sets `lock_timeout`.
    pub lock_timeout: bool,
    /// Whether it sets `statement_timeout`.
    pub statement_timeout: bool,
    /// Whether each revision has a transaction of its own.
    pub transaction_per_migration: bool,
}

/// Which revision is reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its id.
    pub id: RevisionId,
    /// Its file, as the directory names it.
    pub file: String,
}

/// Reviews a revision.
pub fn review(subject: Subject, script: &Script, _env: &EnvFacts) -> Review {
    let steps = script.upgrade.iter().flat_map(|body| &body.steps);
    let opaque = steps.filter_map(|step| match &step.action {
        Action::Opaque { why } => Some(Opaque {
            line: step.line,
            code: step.call.clone(),
            why: why.clone(),
        }),
        Action::Sql { .. } => None,
    });
    Review {
        opaque: opaque.collect(),
        id: subject.id,
        file: subject.file,
        changes: Vec::new(),
        undo: undo(script),
        verdicts: Vec::new(),
    }
}

/// Whether `downgrade` takes it back.
fn undo(script: &Script) -> Undo {
    let Some(down) = &script.downgrade else {
        return Undo::Missing;
    };
    let up = script.upgrade.iter().any(|body| !body.steps.is_empty());
    match (down.raises, down.steps.is_empty()) {
        (true, _) => Undo::Raises,
        (false, false) => Undo::Written,
        (false, true) if up => Undo::Empty,
        (false, true) => Undo::NothingToUndo,
    }
}
