//! Rules about transactions: what runs in one, what must not, what may be left behind.

use super::locks::thing;
use super::{Case, Findings};
use crate::alembic::review::trace::Run;
use crate::domain::review::{Object, Verb};
use crate::sql::{Hazard, Transaction, Work};

pub(super) fn look(case: &Case<'_>, findings: &mut Findings) {
    for (at, run) in case.trace.runs.iter().enumerate() {
        if run.transactional && run.statement.transaction == Transaction::Outside {
            let message = format!(
                "PostgreSQL refuses this inside a transaction: {}",
                beginning(&run.statement.text)
            );
            findings.add("concurrently-in-transaction", run.line, table(run), message);
        }
        if run.transactional {
            enum_value(case, at, run, findings);
        }
    }
    outside(case, findings);
    mixed(case, findings);
}

fn table(run: &Run) -> Option<&str> {
    run.effects().find_map(|effect| effect.table.as_deref())
}

fn beginning(text: &str) -> String {
    text.split_whitespace()
        .take(6)
        .collect::<Vec<_>>()
        .join(" ")
}

/// A new value may not be used before the transaction that made it has ended.
fn enum_value(case: &Case<'_>, at: usize, run: &Run, findings: &mut Findings) {
    for effect in run.effects() {
        let Some(Hazard::EnumValue(value)) = &effect.hazard else {
            continue;
        };
        let literal = format!("'{}'", value.replace('\'', "''"));
        let later = case.trace.runs.iter().skip(at + 1);
        let mut later = later.filter(|later| later.transactional);
        let name = thing(effect);
        if later.any(|later| later.statement.text.contains(&literal)) {
            let message = format!(
                "{name} gets value {literal}, which a later statement of the same transaction uses: PostgreSQL refuses that"
            );
            findings.add("enum-value-in-transaction", run.line, None, message);
        } else if !case.env.transaction_per_migration {
            let message = format!(
                "{name} gets value {literal}: no revision that runs in the same transaction can use it"
            );
            findings.warn("enum-value-in-transaction", run.line, None, message);
        }
    }
}

/// What was done outside stays when the revision fails, and is in the way of its second run.
fn outside(case: &Case<'_>, findings: &mut Findings) {
    let runs = &case.trace.runs;
    let stays = |run: &&Run| !run.transactional && !run.statement.repeatable;
    let all = runs.iter().filter(stays).count();
    let Some(first) = runs.iter().find(stays) else {
        return;
    };
    let message = format!(
        "{all} {} outside the transaction: when the revision fails later, this stays, and a second run meets it: {}",
        if all == 1 {
            "statement runs"
        } else {
            "statements run"
        },
        beginning(&first.statement.text),
    );
    findings.add("outside-transaction", first.line, table(first), message);
}

/// Changing rows takes long, and the lock of the statement before it is held all the while.
fn mixed(case: &Case<'_>, findings: &mut Findings) {
    let mut held = None;
    for run in case.trace.runs.iter().filter(|run| run.transactional) {
        let changes = run.effects().find(|effect| {
            let rows = matches!(effect.verb, Verb::Insert | Verb::Update | Verb::Delete);
            effect.object == Object::Rows && rows && effect.work == Work::Rows
        });
        if let (Some(changes), Some(lock)) = (changes, &held) {
            let message = format!(
                "{} {} while {lock} of an earlier statement is still held",
                changes.verb.word(),
                thing(changes)
            );
            let table = changes.table.as_deref();
            findings.add("mixed-data-and-schema", run.line, table, message);
            return;
        }
        let locks = run.effects().flat_map(|effect| &effect.locks);
        let strong = locks.into_iter().find(|lock| lock.mode.blocks_writes());
        held = held.or(strong.map(|lock| format!("{} on {}", lock.mode, lock.table)));
    }
}
