//! Rules about the file as a whole: its id, its downgrade, what cannot be known in it.

use super::{Case, Findings};
use crate::domain::review::Undo;

/// As wide as Alembic makes the column of its table.
const LONGEST_ID: usize = 32;

pub(super) fn look(case: &Case<'_>, findings: &mut Findings) {
    let length = case.id.as_str().chars().count();
    if length > LONGEST_ID {
        let message = format!(
            "the id has {length} characters and alembic_version holds {LONGEST_ID}: the revision fails when it is written down"
        );
        findings.add("id-too-long", 1, None, message);
    }
    undo(case, findings);
    for opaque in &case.trace.opaque {
        let message = format!("not known without running it: {}", opaque.why);
        findings.add("opaque", opaque.line, None, message);
    }
}

fn undo(case: &Case<'_>, findings: &mut Findings) {
    let line = case.script.downgrade.as_ref().map_or(1, |body| body.line);
    let (rule, message) = match case.undo {
        Undo::Written | Undo::NothingToUndo => return,
        Undo::Empty => (
            "no-undo-empty",
            "downgrade is empty: going back leaves the change in place and moves only the version",
        ),
        Undo::Raises => (
            "no-undo-raises",
            "downgrade raises: there is no way back through Alembic",
        ),
        Undo::Missing => (
            "no-undo-missing",
            "there is no downgrade: there is no way back through Alembic",
        ),
    };
    findings.add(rule, line.max(1), None, message.to_owned());
}
