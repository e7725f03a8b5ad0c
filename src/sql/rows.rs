//! Statements on rows: queries, `INSERT`, `UPDATE`, `DELETE`, `MERGE`, `COPY`, `TRUNCATE`, `LOCK`.

use std::collections::BTreeSet;

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::analysis::Found;
use super::names::{name, name_in};
use super::statement::{self, Effect, Hazard, Work};
use super::tree;
use crate::domain::review::{Lock, LockMode, Object, Verb};

/// Reads the statement, if it is one of these.
pub(super) fn read(node: &SyntaxNode, found: &mut Found) -> bool {
    match node.kind() {
        SyntaxKind::TRUNCATE => truncate(node, found),
        SyntaxKind::LOCK => lock(node, found),
        SyntaxKind::COPY => copy(node, found),
        SyntaxKind::INSERT | SyntaxKind::UPDATE | SyntaxKind::DELETE | SyntaxKind::MERGE => {
            changes(node, found);
        }
        SyntaxKind::SELECT
        | SyntaxKind::COMPOUND_SELECT
        | SyntaxKind::PAREN_SELECT
        | SyntaxKind::TABLE
        | SyntaxKind::VALUES
        | SyntaxKind::DECLARE
        | SyntaxKind::EXPLAIN => query(node, found),
        SyntaxKind::SELECT_INTO => into(node, found),
        _ => return false,
    }
    true
}

/// A query, and what it changes in its `WITH`.
fn query(node: &SyntaxNode, found: &mut Found) {
    let inner: Vec<SyntaxNode> = node
        .descendants()
        .filter(|inner| change_of(inner).is_some())
        .collect();
    for change in &inner {
        found.push(change_effect(change));
    }
    let mut effect = Effect::new(Verb::Read, Object::Rows).works(Work::Rows);
    effect.locks = reads(node);
    effect.table = effect.locks.first().map(|lock| lock.table.clone());
    found.repeatable = inner.is_empty();
    found.push(effect);
    if let Some(call) = calls(node) {
        found.unknown = Some(format!("what the function {call} does is not in its text"));
    }
}

/// A function without a table is called for its effect, unless it is a known harmless one.
fn calls(node: &SyntaxNode) -> Option<String> {
    const HARMLESS: &[&str] = &[
        "set_config",
        "setval",
        "nextval",
        "currval",
        "pg_advisory_lock",
        "pg_advisory_xact_lock",
        "pg_try_advisory_lock",
        "pg_try_advisory_xact_lock",
        "pg_advisory_unlock",
        "pg_sleep",
        "version",
        "count",
        "max",
        "min",
        "sum",
        "coalesce",
        "exists",
        "to_regclass",
        "pg_get_serial_sequence",
        "lastval",
        "pg_notify",
    ];
    if tree::has(node, SyntaxKind::FROM_CLAUSE) || node.kind() != SyntaxKind::SELECT {
        return None;
    }
    let names = tree::within(node, SyntaxKind::CALL_EXPR)
        .filter_map(|call| call.children().next())
        .filter_map(|called| match called.kind() {
            SyntaxKind::FIELD_EXPR => called.children().last().and_then(|part| name(&part)),
            SyntaxKind::NAME_REF => name(&called),
            _ => None,
        });
    names.into_iter().find(|name| {
        !HARMLESS.contains(&name.as_str()) && !super::volatile::STEADY.contains(&name.as_str())
    })
}

fn into(node: &SyntaxNode, found: &mut Found) {
    let own = tree::child(node, SyntaxKind::INTO_CLAUSE)
        .and_then(|clause| name_in(&clause, SyntaxKind::TABLE_NAME));
    let mut effect = Effect::new(Verb::Create, Object::Table)
        .named(own.clone())
        .of(own.as_deref());
    effect.locks = reads(node);
    found.push(effect);
}

/// `INSERT` and its kin, with those in its `WITH`.
fn changes(node: &SyntaxNode, found: &mut Found) {
    let inner = node.descendants().skip(1);
    for change in inner.filter(|inner| change_of(inner).is_some()) {
        found.push(change_effect(&change));
    }
    let mut effect = change_effect(node);
    for lock in reads(node) {
        statement::add(&mut effect.locks, &lock);
    }
    found.push(effect);
}

/// The verb of a change, and the kind of node that names its table.
fn change_of(node: &SyntaxNode) -> Option<(Verb, SyntaxKind)> {
    match node.kind() {
        SyntaxKind::INSERT => Some((Verb::Insert, SyntaxKind::RELATION_NAME_REF)),
        SyntaxKind::UPDATE => Some((Verb::Update, SyntaxKind::RELATION_NAME)),
        SyntaxKind::DELETE => Some((Verb::Delete, SyntaxKind::RELATION_NAME)),
        SyntaxKind::MERGE => Some((Verb::Update, SyntaxKind::TABLE_RELATION_NAME)),
        _ => None,
    }
}

fn change_effect(node: &SyntaxNode) -> Effect {
    let (verb, own) = change_of(node).unwrap_or((Verb::Other, SyntaxKind::RELATION_NAME_REF));
    let table = name_in(node, own);
    let lost = match node.kind() {
        SyntaxKind::DELETE => true,
        SyntaxKind::UPDATE => !fills_gaps(node),
        SyntaxKind::MERGE => node.descendants().any(|inner| {
            matches!(
                inner.kind(),
                SyntaxKind::MERGE_DELETE | SyntaxKind::MERGE_UPDATE
            )
        }),
        _ => false,
    };
    Effect::new(verb, Object::Rows)
        .of(table.as_deref())
        .named(set_columns(node))
        .lock(table.as_deref(), LockMode::RowExclusive)
        .works(work_of(node))
        .destroys(lost)
}

/// Rows that are written out one by one are few.
fn work_of(node: &SyntaxNode) -> Work {
    if node.kind() == SyntaxKind::INSERT && tree::has(node, SyntaxKind::VALUES) {
        return Work::Quick;
    }
    Work::Rows
}

/// The columns that an `UPDATE` sets.
fn set_columns(node: &SyntaxNode) -> Option<String> {
    if node.kind() != SyntaxKind::UPDATE {
        return None;
    }
    let columns: Vec<String> = targets(node).into_iter().collect();
    (!columns.is_empty()).then(|| columns.join(", "))
}

fn targets(node: &SyntaxNode) -> BTreeSet<String> {
    tree::child(node, SyntaxKind::SET_CLAUSE)
        .into_iter()
        .flat_map(|clause| tree::within(&clause, SyntaxKind::COLUMN_TARGET))
        .filter_map(|target| name_in(&target, SyntaxKind::COLUMN_NAME_REF))
        .collect()
}

/// `UPDATE t SET c = … WHERE c IS NULL` overwrites nothing.
fn fills_gaps(node: &SyntaxNode) -> bool {
    let Some(condition) = tree::child(node, SyntaxKind::WHERE_CLAUSE) else {
        return false;
    };
    let text = condition.text().to_string().to_ascii_lowercase();
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let empty = |column: &String| {
        words
            .windows(3)
            .any(|three| three == [column.as_str(), "is", "null"])
    };
    !words.contains(&"or") && targets(node).iter().all(empty)
}

/// The tables that a query reads or locks, and those that its parts change.
pub(super) fn reads(node: &SyntaxNode) -> Vec<Lock> {
    let common: BTreeSet<String> = tree::within(node, SyntaxKind::CTE_NAME)
        .filter_map(|cte| name(&cte))
        .collect();
    let mut locks = Vec::new();
    let mut lock = |table: Option<String>, mode| {
        if let Some(table) = table.filter(|table| !common.contains(table)) {
            let named = true;
            statement::add(&mut locks, &Lock { table, mode, named });
        }
    };
    for inner in node.descendants() {
        match inner.kind() {
            SyntaxKind::RELATION_FROM_ITEM => {
                let mode = if is_locked(&inner) {
                    LockMode::RowShare
                } else {
                    LockMode::AccessShare
                };
                lock(name_in(&inner, SyntaxKind::RELATION_NAME_REF), mode);
            }
            SyntaxKind::TABLE => lock(
                name_in(&inner, SyntaxKind::RELATION_NAME),
                LockMode::AccessShare,
            ),
            _ => {
                if let Some((_, own)) = change_of(&inner) {
                    lock(name_in(&inner, own), LockMode::RowExclusive);
                }
            }
        }
    }
    locks
}

/// Whether `FOR UPDATE` or a weaker form reaches an item of a `FROM`.
fn is_locked(item: &SyntaxNode) -> bool {
    let spelled = [
        tree::child(item, SyntaxKind::FROM_ALIAS).and_then(|alias| name(&alias)),
        tree::child(item, SyntaxKind::FROM_ALIAS)
            .and_then(|alias| name_in(&alias, SyntaxKind::TABLE_ALIAS)),
        name_in(item, SyntaxKind::RELATION_NAME_REF),
    ];
    let query = item
        .ancestors()
        .find(|outer| outer.kind() == SyntaxKind::SELECT);
    query.is_some_and(|query| {
        tree::children(&query, SyntaxKind::LOCKING_CLAUSE).any(|clause| {
            let Some(of) = tree::child(&clause, SyntaxKind::LOCKING_OF) else {
                return true;
            };
            let named: Vec<String> = of.children().filter_map(|table| name(&table)).collect();
            spelled.iter().flatten().any(|name| named.contains(name))
        })
    })
}

fn truncate(node: &SyntaxNode, found: &mut Found) {
    let cascade = tree::has(node, SyntaxKind::CASCADE);
    for table in tree::within(node, SyntaxKind::TABLE_NAME_REF).filter_map(|table| name(&table)) {
        let mut effect = Effect::new(Verb::Truncate, Object::Rows)
            .of(Some(&table))
            .lock(Some(&table), LockMode::AccessExclusive)
            .destroys(true);
        if cascade {
            let what = format!("every table that refers to {table}");
            effect = effect
                .lock_other(what, LockMode::AccessExclusive)
                .hazard(Hazard::Cascade);
        }
        found.push(effect);
    }
}

fn lock(node: &SyntaxNode, found: &mut Found) {
    let mode = tree::child(node, SyntaxKind::LOCK_MODE_CLAUSE)
        .and_then(|clause| clause.children().next())
        .map_or(LockMode::AccessExclusive, |mode| match mode.kind() {
            SyntaxKind::ACCESS_SHARE => LockMode::AccessShare,
            SyntaxKind::ROW_SHARE => LockMode::RowShare,
            SyntaxKind::ROW_EXCLUSIVE => LockMode::RowExclusive,
            SyntaxKind::SHARE_UPDATE_EXCLUSIVE => LockMode::ShareUpdateExclusive,
            SyntaxKind::SHARE => LockMode::Share,
            SyntaxKind::SHARE_ROW_EXCLUSIVE => LockMode::ShareRowExclusive,
            SyntaxKind::EXCLUSIVE => LockMode::Exclusive,
            _ => LockMode::AccessExclusive,
        });
    found.repeatable = true;
    for table in tree::within(node, SyntaxKind::RELATION_NAME_REF).filter_map(|table| name(&table))
    {
        let effect = Effect::new(Verb::Other, Object::Table)
            .named(Some(table.clone()))
            .of(Some(&table))
            .lock(Some(&table), mode);
        found.push(effect);
    }
}

fn copy(node: &SyntaxNode, found: &mut Found) {
    let Some(target) = tree::child(node, SyntaxKind::COPY_TABLE) else {
        return query(node, found);
    };
    let table = name_in(&target, SyntaxKind::TABLE_NAME_REF);
    let (verb, mode) = if tree::has(node, SyntaxKind::COPY_FROM) {
        (Verb::Insert, LockMode::RowExclusive)
    } else {
        (Verb::Read, LockMode::AccessShare)
    };
    let effect = Effect::new(verb, Object::Rows)
        .of(table.as_deref())
        .lock(table.as_deref(), mode)
        .works(Work::Rows);
    found.push(effect);
}
