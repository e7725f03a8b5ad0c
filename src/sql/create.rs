//! `CREATE`.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::alter_others::publication;
use super::analysis::Found;
use super::names::{name, name_in, owner, same_table};
use super::rows;
use super::statement::{Effect, Work};
use super::tree;
use crate::domain::review::{LockMode, Object, Verb};

/// Reads the statement, if it is one of these.
pub(super) fn read(node: &SyntaxNode, found: &mut Found) -> bool {
    let make = |object, kind| Effect::new(Verb::Create, object).named(name_in(node, kind));
    let effect = match node.kind() {
        SyntaxKind::CREATE_TABLE | SyntaxKind::CREATE_FOREIGN_TABLE => table(node),
        SyntaxKind::CREATE_TABLE_AS => reading(node, Object::Table, SyntaxKind::TABLE_NAME),
        SyntaxKind::CREATE_MATERIALIZED_VIEW => reading(node, Object::View, SyntaxKind::VIEW),
        SyntaxKind::CREATE_VIEW => view(node),
        SyntaxKind::CREATE_INDEX => index(node, found),
        SyntaxKind::CREATE_TRIGGER => trigger(node),
        SyntaxKind::CREATE_RULE => rule(node),
        SyntaxKind::CREATE_POLICY => policy(node),
        SyntaxKind::CREATE_STATISTICS => statistics(node),
        SyntaxKind::CREATE_SEQUENCE => sequence(node),
        SyntaxKind::CREATE_PUBLICATION => publication(node),
        SyntaxKind::CREATE_FUNCTION | SyntaxKind::CREATE_PROCEDURE => {
            make(Object::Function, SyntaxKind::FUNCTION_NAME)
        }
        SyntaxKind::CREATE_AGGREGATE => make(Object::Function, SyntaxKind::AGGREGATE),
        SyntaxKind::CREATE_TYPE => make(Object::Type, SyntaxKind::TYPE_NAME),
        SyntaxKind::CREATE_DOMAIN => make(Object::Type, SyntaxKind::DOMAIN),
        SyntaxKind::CREATE_SCHEMA => make(Object::Schema, SyntaxKind::SCHEMA),
        SyntaxKind::CREATE_EXTENSION => make(Object::Extension, SyntaxKind::EXTENSION),
        SyntaxKind::CREATE_DATABASE
        | SyntaxKind::CREATE_TABLESPACE
        | SyntaxKind::CREATE_SUBSCRIPTION => {
            found.outside();
            Effect::new(Verb::Create, Object::Other)
        }
        _ => return false,
    };
    found.push(effect);
    true
}

fn table(node: &SyntaxNode) -> Effect {
    let own = name_in(node, SyntaxKind::TABLE_NAME);
    let mut effect = Effect::new(Verb::Create, Object::Table)
        .named(own.clone())
        .of(own.as_deref());
    let other = |node: &SyntaxNode| {
        let table = name(node)?;
        let own = own.as_deref().unwrap_or_default();
        (!same_table(&table, own)).then_some(table)
    };
    for inner in node.descendants() {
        let mode = match inner.kind() {
            SyntaxKind::FOREIGN_KEY_CONSTRAINT | SyntaxKind::REFERENCES_CONSTRAINT => {
                LockMode::ShareRowExclusive
            }
            SyntaxKind::PARTITION_OF => LockMode::AccessExclusive,
            SyntaxKind::INHERITS => LockMode::ShareUpdateExclusive,
            SyntaxKind::LIKE_CLAUSE => LockMode::AccessShare,
            _ => continue,
        };
        let named = inner.children().filter(|child| {
            matches!(
                child.kind(),
                SyntaxKind::TABLE_NAME_REF | SyntaxKind::RELATION_NAME_REF
            )
        });
        for table in named.filter_map(|table| other(&table)) {
            effect = effect.lock(Some(&table), mode);
        }
    }
    if let Some(parent) = name_in(node, SyntaxKind::PARTITION_OF) {
        let default = format!("the default partition of {parent}");
        effect = effect
            .lock_other(default, LockMode::AccessExclusive)
            .lock_other(super::alter::foreign(&parent), LockMode::ShareRowExclusive);
    }
    effect
}

/// Made of a query.
fn reading(node: &SyntaxNode, object: Object, own: SyntaxKind) -> Effect {
    let own = name_in(node, own);
    let effect = Effect::new(Verb::Create, object)
        .named(own.clone())
        .of(own.as_deref());
    rows::reads(node).into_iter().fold(effect, |effect, lock| {
        effect.lock(Some(&lock.table), lock.mode)
    })
}

fn view(node: &SyntaxNode) -> Effect {
    let effect = reading(node, Object::View, SyntaxKind::VIEW);
    let own = effect.name.clone();
    if tree::has(node, SyntaxKind::OR_REPLACE) {
        return effect.lock(own.as_deref(), LockMode::AccessExclusive);
    }
    effect
}

fn index(node: &SyntaxNode, found: &mut Found) -> Effect {
    let table = name_in(node, SyntaxKind::TABLE_RELATION_NAME);
    let gentle = tree::word(node, SyntaxKind::CONCURRENTLY_KW);
    if gentle {
        found.outside();
    }
    let mode = if gentle {
        LockMode::ShareUpdateExclusive
    } else {
        LockMode::Share
    };
    Effect::new(Verb::Create, Object::Index)
        .named(name_in(node, SyntaxKind::INDEX))
        .of(table.as_deref())
        .lock(table.as_deref(), mode)
        .works(Work::Build)
}

fn trigger(node: &SyntaxNode) -> Effect {
    let table = name_in(node, SyntaxKind::ON_RELATION);
    Effect::new(Verb::Create, Object::Trigger)
        .named(name_in(node, SyntaxKind::TRIGGER))
        .of(table.as_deref())
        .lock(table.as_deref(), LockMode::ShareRowExclusive)
        .lock(
            name_in(node, SyntaxKind::FROM_TABLE).as_deref(),
            LockMode::AccessShare,
        )
}

fn rule(node: &SyntaxNode) -> Effect {
    let on = tree::child(node, SyntaxKind::RULE_ON);
    let table = on.and_then(|on| name_in(&on, SyntaxKind::RELATION_NAME_REF));
    let effect = Effect::new(Verb::Create, Object::Trigger)
        .named(name_in(node, SyntaxKind::RULE))
        .of(table.as_deref())
        .lock(table.as_deref(), LockMode::AccessExclusive);
    rows::reads(node).into_iter().fold(effect, |effect, lock| {
        effect.lock(Some(&lock.table), lock.mode)
    })
}

fn policy(node: &SyntaxNode) -> Effect {
    let table = name_in(node, SyntaxKind::ON_TABLE);
    let effect = Effect::new(Verb::Create, Object::Policy)
        .named(name_in(node, SyntaxKind::POLICY))
        .of(table.as_deref())
        .lock(table.as_deref(), LockMode::AccessExclusive);
    rows::reads(node).into_iter().fold(effect, |effect, lock| {
        effect.lock(Some(&lock.table), lock.mode)
    })
}

fn statistics(node: &SyntaxNode) -> Effect {
    let table = name_in(node, SyntaxKind::FROM_TABLE);
    Effect::new(Verb::Create, Object::Other)
        .named(name_in(node, SyntaxKind::STATISTICS))
        .of(table.as_deref())
        .lock(table.as_deref(), LockMode::ShareUpdateExclusive)
}

fn sequence(node: &SyntaxNode) -> Effect {
    let owned = tree::within(node, SyntaxKind::QUALIFIED_COLUMN_NAME_REF)
        .next()
        .and_then(|column| owner(&column));
    Effect::new(Verb::Create, Object::Sequence)
        .named(name_in(node, SyntaxKind::SEQUENCE))
        .lock(owned.as_deref(), LockMode::AccessShare)
}
