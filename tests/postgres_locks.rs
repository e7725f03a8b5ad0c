//! Holds what is said of statements against a real PostgreSQL: which locks they take on which tables,
//! whether they write a table anew, whether they read all of it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "starts a server")]

#[path = "postgres/cases.rs"]
mod cases;
#[path = "postgres/observer.rs"]
mod observer;
#[expect(dead_code, reason = "the contract tests need more of it")]
#[path = "contract/server.rs"]
mod server;

use std::collections::BTreeMap;

use observer::{Observed, Observer};
use portcullis::domain::review::{Lock, LockMode};
use portcullis::sql::{self, Statement, Work};
use server::Server;

/// What is compared besides the locks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compare {
    Locks,
    LocksAndWork,
}

#[tokio::test]
async fn statements_lock_what_postgresql_locks() {
    let server = Server::start().await;
    let mut observer = Observer::start(&server).await;
    let (mut wrong, mut agreed) = (Vec::new(), 0);
    for (text, compare) in all() {
        let observed = match observer.run(&text).await {
            Ok(Some(observed)) => observed,
            Ok(None) => continue,
            Err(error) => {
                wrong.push(format!("{text}\n    does not run: {error}"));
                continue;
            }
        };
        match differences(&text, &observed, compare) {
            found if found.is_empty() => agreed += 1,
            found => wrong.push(format!("{text}\n    {}", found.join("\n    "))),
        }
    }
    for (text, table) in cases::OUTSIDE {
        let waits_for = observer.waiting(&server, text, table).await;
        let locks = one(text).locks();
        let said = locks
            .iter()
            .find(|lock| !lock.named || sql::same_table(&lock.table, table));
        if said.map(|lock| lock.mode) == Some(waits_for) {
            agreed += 1;
        } else {
            wrong.push(format!("{text}\n    waits for {waits_for}, said {locks:?}"));
        }
    }
    let all = agreed + wrong.len();
    println!("{agreed} of {all} statements agree");
    assert!(
        wrong.is_empty(),
        "{} of {all} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(all > 600, "only {all} statements were compared");
}

#[tokio::test]
async fn steady_functions_are_steady_to_postgresql() {
    let server = Server::start().await;
    let mut session = server.sql_session("postgres").await;
    let names: Vec<String> = sql::STEADY.iter().map(|name| (*name).to_owned()).collect();
    let steady: Vec<String> = sqlx::query_scalar(
        "SELECT n FROM unnest($1::text[]) n WHERE EXISTS (SELECT 1 FROM pg_proc WHERE proname = n) \
         AND NOT EXISTS (SELECT 1 FROM pg_proc WHERE proname = n AND provolatile = 'v')",
    )
    .bind(&names)
    .fetch_all(&mut session)
    .await
    .unwrap();
    assert_eq!(steady, names);
}

/// The table of cases, each action on each table, and pairs of actions.
fn all() -> Vec<(String, Compare)> {
    let mut all = Vec::new();
    let listed = |texts: &[&str], compare| -> Vec<(String, Compare)> {
        let each = texts.iter().map(|text| ((*text).to_owned(), compare));
        each.collect()
    };
    all.extend(listed(cases::SCHEMA, Compare::LocksAndWork));
    all.extend(listed(cases::ROWS, Compare::Locks));
    for table in cases::TABLES {
        let alter = |action: &str| format!("ALTER TABLE {table} {action}");
        let actions = cases::ACTIONS.iter();
        all.extend(actions.map(|action| (alter(action), Compare::LocksAndWork)));
        let others = cases::TYPES.iter().chain(cases::ALONE);
        all.extend(others.map(|action| (alter(action), Compare::Locks)));
    }
    let count = cases::ACTIONS.len();
    for (at, first) in cases::ACTIONS.iter().enumerate() {
        for step in [1, 7, 11, 16, 23, 31] {
            let second = cases::ACTIONS[(at + step) % count];
            let text = format!("ALTER TABLE s.u {first}, {second}");
            all.push((text, Compare::LocksAndWork));
        }
    }
    all
}

fn one(text: &str) -> Statement {
    let mut all = sql::statements(text);
    assert_eq!(all.len(), 1, "{text}");
    let statement = all.remove(0);
    assert_eq!(statement.fault, None, "{text}");
    statement
}

fn differences(text: &str, observed: &Observed, compare: Compare) -> Vec<String> {
    let statement = one(text);
    let locks = statement.locks();
    let mut wrong = Vec::new();
    let named: BTreeMap<&str, LockMode> = locks
        .iter()
        .filter(|lock| lock.named)
        .map(|lock| (bare(&lock.table), lock.mode))
        .collect();
    for (table, mode) in &observed.locks {
        match named.get(table.as_str()) {
            Some(said) if said == mode => {}
            Some(said) => wrong.push(format!("{table}: PostgreSQL takes {mode}, said {said}")),
            None if is_covered(table, *mode, &named, &locks, observed) => {}
            None => wrong.push(format!("{table}: PostgreSQL takes {mode}, said nothing")),
        }
    }
    for (table, said) in &named {
        let there = observed.tables.iter().any(|known| known == table);
        if there && !observed.locks.contains_key(*table) {
            wrong.push(format!("{table}: PostgreSQL takes nothing, said {said}"));
        }
    }
    if compare == Compare::LocksAndWork {
        let work = statement.effects.iter().map(|effect| effect.work).max();
        let work = work.unwrap_or(Work::Quick);
        if observed.rewrites != (work == Work::Rewrite) {
            wrong.push(format!(
                "written anew: {}, said {work:?}",
                observed.rewrites
            ));
        }
        if observed.reads != (work >= Work::Scan) {
            wrong.push(format!("all rows read: {}, said {work:?}", observed.reads));
        }
    }
    wrong
}

/// A lock on a table that the statement does not name: said without a name, or taken with the
/// parent of a partition, or too weak to stop anybody but those who change the table.
fn is_covered(
    table: &str,
    mode: LockMode,
    named: &BTreeMap<&str, LockMode>,
    locks: &[Lock],
    observed: &Observed,
) -> bool {
    let said = locks.iter().filter(|lock| !lock.named);
    let inherited = observed.parents.get(table);
    mode < LockMode::ShareUpdateExclusive
        || said.into_iter().any(|lock| lock.mode >= mode)
        || inherited.is_some_and(|parent| named.get(parent.as_str()).is_some_and(|m| *m >= mode))
}

fn bare(table: &str) -> &str {
    table.strip_prefix("public.").unwrap_or(table)
}
