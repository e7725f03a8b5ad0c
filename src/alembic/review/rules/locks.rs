//! Rules about locks: how long they are held, how long they are waited for, how many there are.

use super::{Case, Findings};
use crate::alembic::review::trace::Run;
use crate::domain::review::{Lock, LockMode, Object, Verb};
use crate::sql::{self, Effect, Work};

pub(super) fn look(case: &Case<'_>, findings: &mut Findings) {
    for run in &case.trace.runs {
        for effect in run.effects() {
            held(run, effect, findings);
        }
    }
    waited_for(case, findings);
    collected(case, findings);
}

/// The strongest lock of an effect that stops writers or readers.
fn strongest(effect: &Effect) -> Option<&Lock> {
    let blocking = effect.locks.iter().filter(|lock| lock.mode.blocks_writes());
    blocking.max_by_key(|lock| (lock.mode, lock.named))
}

/// A lock that is held as long as the table is large.
fn held(run: &Run, effect: &Effect, findings: &mut Findings) {
    let Some(lock) = strongest(effect) else {
        return;
    };
    let waits = if lock.mode.blocks_reads() {
        "reads and writes wait"
    } else {
        "writes wait"
    };
    let thing = thing(effect);
    let (rule, until) = match (effect.work, effect.object) {
        (Work::Rewrite, Object::View) if lock.mode.blocks_reads() => {
            ("blocks-reads", "the view is filled again")
        }
        (Work::Rewrite, Object::View) => return,
        (Work::Rewrite, _) => ("rewrites-table", "every row is written anew"),
        (Work::Scan, Object::Constraint) => ("constraint-not-valid", "every row is checked"),
        (Work::Scan, _) => ("scans-table", "every row is read"),
        (Work::Build, _) if lock.mode.blocks_reads() => ("blocks-reads", "the index is built"),
        (Work::Build, _) => ("blocks-writes", "the index is built"),
        (Work::Quick, Object::Table) if effect.verb == Verb::Other => explicit(lock.mode),
        _ => return,
    };
    let message = format!(
        "{} {thing}: {} on {} is held, and {waits}, until {until}",
        effect.verb.word(),
        lock.mode,
        lock.table
    );
    findings.add(rule, run.line, Some(&lock.table), message);
}

/// `LOCK TABLE`.
fn explicit(mode: LockMode) -> (&'static str, &'static str) {
    let rule = if mode.blocks_reads() {
        "blocks-reads"
    } else {
        "blocks-writes"
    };
    (rule, "the transaction ends")
}

/// A thing by name: `column users.email`, `index ix_users`.
pub(super) fn thing(effect: &Effect) -> String {
    let object = effect.object.word();
    match (&effect.table, &effect.name) {
        (Some(table), Some(name)) if table != name => format!("{object} {table}.{name}"),
        (_, Some(name)) => format!("{object} {name}"),
        (Some(table), None) => format!("{object} of {table}"),
        (None, None) => object.to_owned(),
    }
}

/// Whoever waits for a strong lock stops everybody who comes after him.
fn waited_for(case: &Case<'_>, findings: &mut Findings) {
    let mut timeout = Timeout {
        session: case.env.lock_timeout,
        local: None,
    };
    let mut locks = Vec::new();
    let mut first = None;
    for run in &case.trace.runs {
        timeout.meet(run);
        let strong = run.effects().flat_map(|effect| &effect.locks);
        for lock in strong.filter(|lock| lock.mode.blocks_writes()) {
            if !timeout.holds() {
                first.get_or_insert(run.line);
                locks.push(lock.clone());
            }
        }
    }
    let Some(line) = first else { return };
    let table = locks.iter().find(|lock| lock.named);
    let message = format!(
        "{} {} waited for without lock_timeout: behind a long query it stops everybody else",
        listed(&locks),
        if locks.len() == 1 { "is" } else { "are" },
    );
    let table = table.or(locks.first()).map(|lock| lock.table.as_str());
    findings.add("no-lock-timeout", line, table, message);
}

/// Locks in words, the same table once.
fn listed(locks: &[Lock]) -> String {
    let mut tables: Vec<&Lock> = Vec::new();
    for lock in locks {
        match tables.iter_mut().find(|held| held.table == lock.table) {
            Some(held) if held.mode < lock.mode => *held = lock,
            Some(_) => {}
            None => tables.push(lock),
        }
    }
    let words: Vec<String> = tables
        .iter()
        .take(4)
        .map(|lock| format!("{} on {}", lock.mode, lock.table))
        .collect();
    let more = match tables.len().saturating_sub(4) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    words.join(", ") + &more
}

/// Whether `lock_timeout` is in force.
struct Timeout {
    session: bool,
    /// What `SET LOCAL` says until the transaction ends.
    local: Option<bool>,
}

impl Timeout {
    fn meet(&mut self, run: &Run) {
        if !run.transactional {
            self.local = None;
        }
        let Some(setting) = &run.statement.setting else {
            return;
        };
        if setting.name != "lock_timeout" {
            return;
        }
        let bounded = setting.bounds("lock_timeout");
        if !setting.local {
            self.session = bounded;
            self.local = None;
        } else if run.transactional {
            self.local = Some(bounded);
        }
    }

    fn holds(&self) -> bool {
        self.local.unwrap_or(self.session)
    }
}

/// Two that collect the same tables in another order wait for each other for ever.
fn collected(case: &Case<'_>, findings: &mut Findings) {
    let mut tables: Vec<&str> = Vec::new();
    let (mut statements, mut last) = (0, 1);
    for run in case.trace.runs.iter().filter(|run| run.transactional) {
        let mut counted = false;
        let locks = run.effects().flat_map(|effect| &effect.locks);
        for lock in locks.filter(|lock| lock.named && lock.mode.blocks_writes()) {
            if !tables.iter().any(|held| sql::same_table(held, &lock.table)) {
                tables.push(&lock.table);
                last = run.line;
                if !counted {
                    statements += 1;
                    counted = true;
                }
            }
        }
    }
    if statements < 2 {
        return;
    }
    let shown: Vec<&str> = tables.iter().take(5).copied().collect();
    let message = format!(
        "one transaction locks {} tables against writers, one after the other ({}{}): a deadlock is possible",
        tables.len(),
        shown.join(", "),
        if tables.len() > shown.len() {
            ", …"
        } else {
            ""
        },
    );
    findings.add(
        "several-tables-locked",
        last,
        tables.last().copied(),
        message,
    );
}
