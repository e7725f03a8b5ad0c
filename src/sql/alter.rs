//! `ALTER TABLE` and its kin: foreign tables, views, materialised views.
//!
//! Locks as `AlterTableGetLockLevel` of PostgreSQL has them: a statement with several
//! actions takes the strongest that any of them needs.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::alter_column;
use super::analysis::Found;
use super::names::{name, name_in};
use super::statement::{Effect, Hazard, Work};
use super::{tree, volatile};
use crate::domain::review::{LockMode, Object, Verb};

/// Reads the statement, if it is one of these.
pub(super) fn read(node: &SyntaxNode, found: &mut Found) -> bool {
    let (object, target) = match node.kind() {
        SyntaxKind::ALTER_TABLE | SyntaxKind::ALTER_FOREIGN_TABLE => {
            (Object::Table, SyntaxKind::TABLE_RELATION_NAME)
        }
        SyntaxKind::ALTER_VIEW | SyntaxKind::ALTER_MATERIALIZED_VIEW => {
            (Object::View, SyntaxKind::VIEW_REF)
        }
        _ => return false,
    };
    if tree::has(node, SyntaxKind::ALL_IN_TABLESPACE) {
        let effect = Effect::new(Verb::Alter, object)
            .lock_other("the tables of the tablespace", LockMode::AccessExclusive)
            .works(Work::Rewrite);
        found.push(effect);
        return true;
    }
    let Some(table) = name_in(node, target) else {
        return true;
    };
    let actions = node
        .children()
        .filter(|child| child.kind() != target && child.kind() != SyntaxKind::IF_EXISTS);
    for part in actions {
        action(object, &table, &part, found);
    }
    true
}

fn action(object: Object, table: &str, part: &SyntaxNode, found: &mut Found) {
    if part.kind() == SyntaxKind::ADD_COLUMN {
        return add_column(table, part, found);
    }
    if tree::has(part, SyntaxKind::DETACH_CONCURRENTLY) {
        found.outside();
    }
    found.push(column_or_constraint(table, part).unwrap_or_else(|| whole(object, table, part)));
}

/// An action on one column or one constraint.
fn column_or_constraint(table: &str, part: &SyntaxNode) -> Option<Effect> {
    let exclusive = |verb, object| {
        part_of(verb, object, table, part).lock(Some(table), LockMode::AccessExclusive)
    };
    Some(match part.kind() {
        SyntaxKind::DROP_COLUMN => exclusive(Verb::Drop, Object::Column)
            .lock_other(foreign(table), LockMode::AccessExclusive)
            .destroys(true),
        SyntaxKind::RENAME_COLUMN => exclusive(Verb::Rename, Object::Column),
        SyntaxKind::ALTER_COLUMN | SyntaxKind::ALTER_VIEW_COLUMN => {
            alter_column::effect(table, part)
        }
        SyntaxKind::ADD_CONSTRAINT => add_constraint(table, &part.children().next()?, Rows::Old),
        SyntaxKind::DROP_CONSTRAINT => exclusive(Verb::Drop, Object::Constraint)
            .lock_other(foreign(table), LockMode::AccessExclusive),
        SyntaxKind::ALTER_CONSTRAINT => exclusive(Verb::Alter, Object::Constraint)
            .lock_other(foreign(table), LockMode::AccessExclusive),
        SyntaxKind::RENAME_CONSTRAINT => exclusive(Verb::Rename, Object::Constraint),
        SyntaxKind::VALIDATE_CONSTRAINT => part_of(Verb::Validate, Object::Constraint, table, part)
            .lock(Some(table), LockMode::ShareUpdateExclusive)
            .works(Work::Scan),
        _ => return None,
    })
}

/// An action on the table as a whole.
fn whole(object: Object, table: &str, part: &SyntaxNode) -> Effect {
    let whole = |verb, mode| {
        Effect::new(verb, object)
            .named(Some(table.to_owned()))
            .of(Some(table))
            .lock(Some(table), mode)
    };
    let altered = |mode| whole(Verb::Alter, mode);
    let other = name(part);
    match part.kind() {
        SyntaxKind::TABLE_RENAME_TO | SyntaxKind::VIEW_RENAME_TO | SyntaxKind::SET_SCHEMA => {
            whole(Verb::Rename, LockMode::AccessExclusive)
        }
        SyntaxKind::ATTACH_PARTITION => attach(table, part),
        SyntaxKind::DETACH_PARTITION => detach(table, part),
        SyntaxKind::MERGE_PARTITIONS | SyntaxKind::SPLIT_PARTITION => {
            let parts = tree::within(part, SyntaxKind::TABLE_NAME_REF).filter_map(|p| name(&p));
            parts.fold(
                altered(LockMode::AccessExclusive).works(Work::Rewrite),
                |effect, part| effect.lock(Some(&part), LockMode::AccessExclusive),
            )
        }
        SyntaxKind::INHERIT_TABLE => altered(LockMode::AccessExclusive)
            .lock(other.as_deref(), LockMode::ShareUpdateExclusive),
        SyntaxKind::NO_INHERIT_TABLE => {
            altered(LockMode::AccessExclusive).lock(other.as_deref(), LockMode::AccessShare)
        }
        SyntaxKind::ENABLE_TRIGGER
        | SyntaxKind::ENABLE_REPLICA_TRIGGER
        | SyntaxKind::ENABLE_ALWAYS_TRIGGER
        | SyntaxKind::DISABLE_TRIGGER => part_of(Verb::Alter, Object::Trigger, table, part)
            .lock(Some(table), LockMode::ShareRowExclusive),
        SyntaxKind::CLUSTER_ON | SyntaxKind::SET_WITHOUT_CLUSTER => {
            altered(LockMode::ShareUpdateExclusive)
        }
        SyntaxKind::SET_OPTIONS | SyntaxKind::RESET_OPTIONS => altered(options(part)),
        SyntaxKind::SET_TABLESPACE
        | SyntaxKind::SET_ACCESS_METHOD
        | SyntaxKind::SET_LOGGED
        | SyntaxKind::SET_UNLOGGED => altered(LockMode::AccessExclusive).works(Work::Rewrite),
        _ => altered(LockMode::AccessExclusive),
    }
}

/// Storage parameters: only those that change how a table or a view is read wait for its readers.
fn options(part: &SyntaxNode) -> LockMode {
    const STRONG: [&str; 4] = [
        "user_catalog_table",
        "security_barrier",
        "security_invoker",
        "check_option",
    ];
    let names = tree::within(part, SyntaxKind::ATTRIBUTE_NAME);
    let strong = names
        .into_iter()
        .any(|option| name(&option).is_some_and(|option| STRONG.contains(&option.as_str())));
    if strong {
        LockMode::AccessExclusive
    } else {
        LockMode::ShareUpdateExclusive
    }
}

fn part_of(verb: Verb, object: Object, table: &str, part: &SyntaxNode) -> Effect {
    let own = part
        .children()
        .find(|child| child.kind() != SyntaxKind::IF_EXISTS);
    let effect = Effect::new(verb, object)
        .named(own.as_ref().and_then(name))
        .of(Some(table));
    if tree::has(part, SyntaxKind::CASCADE) {
        return effect.hazard(Hazard::Cascade);
    }
    effect
}

/// What a foreign key of a table leads to: locked with it, and not named by the statement.
pub(super) fn foreign(table: &str) -> String {
    format!("the tables that foreign keys bind to {table}")
}

fn attach(table: &str, part: &SyntaxNode) -> Effect {
    Effect::new(Verb::Validate, Object::Table)
        .named(name_in(part, SyntaxKind::TABLE_NAME_REF))
        .of(Some(table))
        .lock(Some(table), LockMode::ShareUpdateExclusive)
        .lock(
            name_in(part, SyntaxKind::TABLE_NAME_REF).as_deref(),
            LockMode::AccessExclusive,
        )
        .lock_other(
            format!("the default partition of {table}"),
            LockMode::AccessExclusive,
        )
        .works(Work::Scan)
}

fn detach(table: &str, part: &SyntaxNode) -> Effect {
    let partition = name_in(part, SyntaxKind::TABLE_NAME_REF);
    let gentle = tree::has(part, SyntaxKind::DETACH_CONCURRENTLY)
        || tree::has(part, SyntaxKind::DETACH_FINALIZE);
    let mode = if gentle {
        LockMode::ShareUpdateExclusive
    } else {
        LockMode::AccessExclusive
    };
    Effect::new(Verb::Alter, Object::Table)
        .named(partition.clone())
        .of(Some(table))
        .lock(Some(table), mode)
        // At its end it also locks the partition against everybody, for a moment.
        .lock(partition.as_deref(), LockMode::AccessExclusive)
        .lock_other(
            format!("the default partition of {table}"),
            LockMode::AccessExclusive,
        )
}

/// Whether a constraint meets rows that were written without it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    Old,
    /// Of a column that is added now, with the same value in every row.
    New {
        default: bool,
    },
}

fn add_constraint(table: &str, constraint: &SyntaxNode, rows: Rows) -> Effect {
    let own = tree::child(constraint, SyntaxKind::CONSTRAINT_NAME_CLAUSE);
    let effect = Effect::new(Verb::Create, Object::Constraint)
        .named(own.and_then(|clause| name_in(&clause, SyntaxKind::CONSTRAINT_NAME)))
        .of(Some(table));
    let checked = !tree::has(constraint, SyntaxKind::NOT_VALID)
        && !tree::has(constraint, SyntaxKind::NOT_ENFORCED);
    let scan = if checked { Work::Scan } else { Work::Quick };
    match constraint.kind() {
        SyntaxKind::FOREIGN_KEY_CONSTRAINT | SyntaxKind::REFERENCES_CONSTRAINT => {
            let other = name_in(constraint, SyntaxKind::TABLE_NAME_REF);
            // The values of a new column without a default are null, and null refers to nothing.
            let empty = rows == Rows::New { default: false };
            effect
                .lock(Some(table), LockMode::ShareRowExclusive)
                .lock(other.as_deref(), LockMode::ShareRowExclusive)
                .works(if empty { Work::Quick } else { scan })
        }
        SyntaxKind::UNIQUE_CONSTRAINT
        | SyntaxKind::PRIMARY_KEY_CONSTRAINT
        | SyntaxKind::EXCLUDE_CONSTRAINT => {
            let ready = tree::has(constraint, SyntaxKind::USING_INDEX_NAME);
            effect
                .lock(Some(table), LockMode::AccessExclusive)
                .works(if ready { Work::Quick } else { Work::Build })
        }
        _ => effect
            .lock(Some(table), LockMode::AccessExclusive)
            .works(scan),
    }
}

fn add_column(table: &str, part: &SyntaxNode, found: &mut Found) {
    let has = |kind| tree::has(part, kind);
    let default = tree::child(part, SyntaxKind::DEFAULT_CONSTRAINT);
    let generated = tree::child(part, SyntaxKind::GENERATED_CONSTRAINT);
    let serial = part.children().any(|child| is_serial(&child));
    let virtual_ = generated
        .as_ref()
        .is_some_and(|it| tree::within(it, SyntaxKind::VIRTUAL).next().is_some());
    let rewrites = serial
        || (generated.is_some() && !virtual_)
        || default.as_ref().is_some_and(volatile::is_volatile);
    let valued = serial || generated.is_some() || default.as_ref().is_some_and(is_value);
    let needed = has(SyntaxKind::NOT_NULL_CONSTRAINT) || has(SyntaxKind::PRIMARY_KEY_CONSTRAINT);
    let work = if rewrites { Work::Rewrite } else { Work::Quick };
    let mut effect = Effect::new(Verb::Create, Object::Column)
        .named(name_in(part, SyntaxKind::COLUMN_NAME))
        .of(Some(table))
        .lock(Some(table), LockMode::AccessExclusive)
        .works(work);
    if needed && !valued {
        effect = effect.hazard(Hazard::NotNullWithoutDefault);
    }
    found.push(effect);
    let bound = part.children().filter(|child| {
        matches!(
            child.kind(),
            SyntaxKind::REFERENCES_CONSTRAINT
                | SyntaxKind::UNIQUE_CONSTRAINT
                | SyntaxKind::PRIMARY_KEY_CONSTRAINT
                | SyntaxKind::CHECK_CONSTRAINT
                | SyntaxKind::EXCLUDE_CONSTRAINT
        )
    });
    for constraint in bound {
        let rows = Rows::New { default: valued };
        found.push(add_constraint(table, &constraint, rows));
    }
}

fn is_value(default: &SyntaxNode) -> bool {
    let text = default.text().to_string();
    let value = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    !value.trim().eq_ignore_ascii_case("null")
}

fn is_serial(node: &SyntaxNode) -> bool {
    const SERIALS: [&str; 6] = [
        "serial",
        "bigserial",
        "smallserial",
        "serial2",
        "serial4",
        "serial8",
    ];
    node.kind() == SyntaxKind::PATH_TYPE
        && name(node).is_some_and(|name| SERIALS.contains(&name.as_str()))
}
