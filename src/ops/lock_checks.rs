//! Who holds a lock now that a pending revision would wait for.
//!
//! While a migration waits for its lock, everybody who comes later waits behind it; so a session that
//! sits on a table for long is worth a word. It is a fact of the moment: no part of the plan.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::domain::age;
use crate::domain::backend::Backend;
use crate::domain::plan::Plan;
use crate::domain::preflight::{Finding, Severity};
use crate::domain::review::{Lock, LockMode, Review};

use super::facts::Facts;

/// A transaction that is younger than this is the ordinary traffic of a database.
const LONG: SignedDuration = SignedDuration::from_secs(5);

/// Sessions that are named in one finding.
const NAMED: usize = 3;

/// Whether somebody is in the way of the pending revisions.
pub(super) fn check(plan: &Plan, reviews: &[Arc<Review>], facts: &Facts) -> Option<Finding> {
    if plan.pending.is_empty() {
        return None;
    }
    let wanted = wanted(reviews);
    match facts.backends.as_ref()? {
        Ok(backends) => Some(judge(backends, &wanted)),
        Err(failure) => Some(Finding::found(
            "locks",
            Severity::Warn,
            format!("who holds locks now is not known: {failure}"),
            failure.hint.clone(),
        )),
    }
}

/// The tables that the revisions name, with the strongest lock that they take there.
fn wanted(reviews: &[Arc<Review>]) -> Vec<&Lock> {
    let mut wanted: Vec<&Lock> = Vec::new();
    let locks = reviews
        .iter()
        .flat_map(|review| &review.changes)
        .flat_map(|change| &change.locks);
    for lock in locks.filter(|lock| lock.named) {
        match wanted.iter_mut().find(|held| held.table == lock.table) {
            Some(known) if known.mode < lock.mode => *known = lock,
            Some(_) => {}
            None => wanted.push(lock),
        }
    }
    wanted
}

fn judge(backends: &[Backend], wanted: &[&Lock]) -> Finding {
    let mut sessions: Vec<Holder<'_>> = backends
        .iter()
        .filter_map(|backend| Holder::of(backend, wanted))
        .collect();
    if sessions.is_empty() {
        return Finding::pass("locks", "nobody holds a lock for long that it needs");
    }
    sessions.sort_by_key(|holder| std::cmp::Reverse(holder.age));
    let waiting = backends.iter().filter(|b| !b.blocked_by.is_empty()).count();
    let count = match sessions.len() {
        1 => "1 session holds".to_owned(),
        more => format!("{more} sessions hold"),
    };
    let named: Vec<_> = sessions.iter().take(NAMED).map(Holder::words).collect();
    let more = if sessions.len() > NAMED { "; …" } else { "" };
    let waiting = match waiting {
        0 => String::new(),
        some => format!(" ({some} waiting for a lock now)"),
    };
    let message = format!("{count} {}{more}{waiting}", named.join("; "));
    let pid = sessions[0].backend.pid;
    Finding::found(
        "locks",
        Severity::Warn,
        message,
        format!(
            "wait until it is over, or ask its owner; SELECT pg_terminate_backend({pid}) ends it. \
             `SET lock_timeout` in the migration keeps others from waiting behind it"
        ),
    )
}

/// A session that is in the way.
struct Holder<'a> {
    backend: &'a Backend,
    table: String,
    mode: LockMode,
    /// `None` when the role may not see it.
    age: Option<SignedDuration>,
}

impl<'a> Holder<'a> {
    /// The worst that a session holds; nothing for one that will soon be over.
    fn of(backend: &'a Backend, wanted: &[&Lock]) -> Option<Self> {
        let age = backend.transaction_age();
        if backend.readable && age.is_none_or(|age| age < LONG) {
            return None;
        }
        let in_the_way = |held: &&crate::domain::backend::Held| {
            let table = held.table.raw();
            wanted
                .iter()
                .any(|lock| is_table(&lock.table, table) && lock.mode.conflicts_with(held.mode))
        };
        let held = backend
            .holds
            .iter()
            .filter(in_the_way)
            .max_by_key(|held| held.mode)?;
        let table = held.table.clean();
        let table = table.strip_prefix("public.").unwrap_or(&table).to_owned();
        Some(Self {
            backend,
            table,
            mode: held.mode,
            age,
        })
    }

    fn words(&self) -> String {
        let who = self.backend.who();
        let (table, mode) = (&self.table, self.mode);
        match self.age {
            Some(age) => format!("{table} for {} ({who}, {mode})", age::short(age)),
            None => format!("{table}, since when is not known ({who}, {mode})"),
        }
    }
}

/// Whether a name in a revision means this table; without a schema the search path decides, so any
/// schema will do.
fn is_table(named: &str, table: &str) -> bool {
    named == table
        || (!named.contains('.') && table.split_once('.').is_some_and(|(_, bare)| bare == named))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::backend::Held;
    use crate::domain::backend::tests::{at, idle};

    fn lock(table: &str, mode: LockMode) -> Lock {
        Lock {
            table: table.to_owned(),
            mode,
            named: true,
        }
    }

    fn holding(table: &str, mode: LockMode, seconds: i64) -> Backend {
        let held = Held {
            table: table.into(),
            mode,
        };
        Backend {
            application: "reporting".into(),
            transaction_at: Some(at(100 - seconds)),
            holds: vec![held],
            ..idle(123)
        }
    }

    fn severity(backend: Backend, wanted: &Lock) -> Severity {
        judge(&[backend], &[wanted]).severity
    }

    #[test]
    fn a_long_reader_is_in_the_way_of_an_alter_table() {
        let wanted = lock("audit_logs", LockMode::AccessExclusive);
        let reader = holding("public.audit_logs", LockMode::AccessShare, 14);
        let found = judge(&[reader], &[&wanted]);
        assert_eq!(found.severity, Severity::Warn);
        assert_eq!(
            found.message,
            "1 session holds audit_logs for 14s (reporting, pid 123, ACCESS SHARE)"
        );
        assert!(found.remedy.contains("pg_terminate_backend(123)"));
    }

    #[test]
    fn short_ones_other_tables_and_modes_that_agree_are_not() {
        let wanted = lock("audit_logs", LockMode::ShareUpdateExclusive);
        let pass = Severity::Pass;
        let table = "public.audit_logs";
        let of = |table, mode, seconds| severity(holding(table, mode, seconds), &wanted);
        assert_eq!(of(table, LockMode::AccessExclusive, 2), pass);
        assert_eq!(of(table, LockMode::RowExclusive, 60), pass);
        assert_eq!(of("public.other", LockMode::AccessExclusive, 60), pass);
        assert_eq!(of("odd.audit_logs", LockMode::Share, 60), Severity::Warn);
        let named = lock("public.audit_logs", LockMode::Share);
        let elsewhere = holding("odd.audit_logs", LockMode::AccessExclusive, 60);
        assert_eq!(severity(elsewhere, &named), pass);
    }

    #[test]
    fn what_may_not_be_seen_is_not_taken_for_harmless() {
        let wanted = lock("audit_logs", LockMode::AccessExclusive);
        let hidden = Backend {
            readable: false,
            transaction_at: None,
            ..holding("public.audit_logs", LockMode::RowExclusive, 0)
        };
        let found = judge(&[hidden], &[&wanted]);
        assert!(
            found.message.contains("since when is not known"),
            "{found:?}"
        );
    }
}
