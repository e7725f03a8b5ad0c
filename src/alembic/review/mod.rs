//! From the steps of a revision to its review: what it changes, what it locks, what the rules say.
//!
//! - `trace` follows `upgrade` statement by statement, and knows which tables are new.
//! - `rules` judge the trace; `docs/rules.md` explains each of them.
//! - `silence` is what the file answers them.

pub mod rules;
mod silence;
mod trace;

#[cfg(test)]
mod tests;

use super::script::Script;
use crate::domain::review::{Review, Undo};
use crate::domain::revision::RevisionId;
pub(super) use silence::apply as silence;
use trace::Trace;

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
pub fn review(subject: Subject, script: &Script, env: &EnvFacts) -> Review {
    let trace = Trace::of(script);
    let undo = undo(script, &trace);
    let case = rules::Case {
        id: &subject.id,
        script,
        trace: &trace,
        undo,
        env,
    };
    let verdicts = silence::apply(&script.remarks, rules::judge(&case));
    Review {
        id: subject.id,
        file: subject.file,
        script: None,
        changes: trace.changes(),
        opaque: trace.opaque,
        undo,
        verdicts,
    }
}

/// Whether `downgrade` takes it back.
fn undo(script: &Script, trace: &Trace) -> Undo {
    let Some(down) = &script.downgrade else {
        return Undo::Missing;
    };
    let changes = !trace.runs.is_empty() || !trace.opaque.is_empty();
    match (down.raises, down.steps.is_empty()) {
        (true, _) => Undo::Raises,
        (false, false) => Undo::Written,
        (false, true) if changes => Undo::Empty,
        (false, true) => Undo::NothingToUndo,
    }
}
