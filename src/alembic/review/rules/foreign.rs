//! What others say: PostgreSQL's grammar, and the rules of squawk.

use super::{Case, Findings, rule};
use crate::alembic::review::trace::Run;
use crate::sql;

pub(super) fn look(case: &Case<'_>, findings: &mut Findings) {
    for run in case.trace.runs.iter().filter(|run| run.exact) {
        if let Some(fault) = &run.statement.fault {
            let message = format!("not understood as PostgreSQL: {}", fault.message);
            findings.add("sql-syntax", run.line, None, message);
        }
    }
    for transactional in [true, false] {
        let runs = case.trace.runs.iter().filter(|run| {
            run.exact && run.statement.fault.is_none() && run.transactional == transactional
        });
        squawk(&runs.collect::<Vec<_>>(), findings);
    }
}

/// Squawk is asked about all statements at once: it knows what an earlier one has made.
fn squawk(runs: &[&Run], findings: &mut Findings) {
    let mut text = String::new();
    let mut starts = Vec::new();
    for run in runs {
        starts.push(text.len());
        text.push_str(&run.statement.text);
        // On a line of its own: the statement may end with a comment.
        text.push_str("\n;\n");
    }
    for complaint in sql::lint(&text) {
        let at = starts.partition_point(|start| *start <= complaint.range.start);
        let Some(run) = at.checked_sub(1).and_then(|at| runs.get(at)) else {
            continue;
        };
        let name = format!("squawk/{}", complaint.rule);
        if let Some(rule) = rule(&name) {
            let table = run.effects().find_map(|effect| effect.table.as_deref());
            findings.add(rule.name, run.line, table, complaint.message);
        }
    }
}
