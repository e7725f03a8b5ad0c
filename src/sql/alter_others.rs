//! `ALTER` of everything that is no table: indexes, sequences, types, triggers, policies.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::analysis::Found;
use super::names::{name_in, owner};
use super::statement::{Effect, Hazard, Work};
use super::tree;
use crate::domain::review::{LockMode, Object, Verb};

/// Reads the statement, if it is one of these.
pub(super) fn read(node: &SyntaxNode, found: &mut Found) -> bool {
    let effect = match node.kind() {
        SyntaxKind::ALTER_INDEX => index(node),
        SyntaxKind::ALTER_SEQUENCE => sequence(node),
        SyntaxKind::ALTER_TYPE => kind(node),
        SyntaxKind::ALTER_DOMAIN => domain(node),
        SyntaxKind::ALTER_TRIGGER => on_table(node, Object::Trigger, SyntaxKind::TRIGGER_REF),
        SyntaxKind::ALTER_RULE => on_table(node, Object::Trigger, SyntaxKind::RULE_REF),
        SyntaxKind::ALTER_POLICY => on_table(node, Object::Policy, SyntaxKind::POLICY_REF),
        SyntaxKind::ALTER_PUBLICATION => publication(node),
        SyntaxKind::ALTER_SCHEMA => {
            Effect::new(renamed(node), Object::Schema).named(name_in(node, SyntaxKind::SCHEMA_REF))
        }
        SyntaxKind::ALTER_SYSTEM => {
            found.outside();
            Effect::new(Verb::Set, Object::Setting)
        }
        SyntaxKind::ALTER_DATABASE if tree::has(node, SyntaxKind::SET_TABLESPACE) => {
            found.outside();
            Effect::new(Verb::Alter, Object::Other)
        }
        SyntaxKind::ALTER_FUNCTION | SyntaxKind::ALTER_PROCEDURE | SyntaxKind::ALTER_ROUTINE => {
            Effect::new(renamed(node), Object::Function)
                .named(name_in(node, SyntaxKind::FUNCTION_SIG))
        }
        SyntaxKind::ALTER_EXTENSION => Effect::new(Verb::Alter, Object::Extension)
            .named(name_in(node, SyntaxKind::EXTENSION_REF)),
        SyntaxKind::ALTER_DEFAULT_PRIVILEGES => Effect::new(Verb::Grant, Object::Privilege),
        _ => return false,
    };
    found.push(effect);
    true
}

fn renamed(node: &SyntaxNode) -> Verb {
    let renames = [
        SyntaxKind::SET_SCHEMA,
        SyntaxKind::INDEX_RENAME_TO,
        SyntaxKind::SCHEMA_RENAME_TO,
        SyntaxKind::SEQUENCE_RENAME_TO,
        SyntaxKind::TYPE_RENAME_TO,
        SyntaxKind::DOMAIN_RENAME_TO,
        SyntaxKind::TRIGGER_RENAME_TO,
        SyntaxKind::POLICY_RENAME_TO,
        SyntaxKind::RULE_RENAME_TO,
        SyntaxKind::FUNCTION_RENAME_TO,
        SyntaxKind::RENAME_VALUE,
        SyntaxKind::RENAME_ATTRIBUTE,
    ];
    if renames.iter().any(|kind| tree::has(node, *kind)) {
        Verb::Rename
    } else {
        Verb::Alter
    }
}

fn index(node: &SyntaxNode) -> Effect {
    let name = name_in(node, SyntaxKind::INDEX_REF);
    let effect = Effect::new(renamed(node), Object::Index).named(name.clone());
    if tree::has(node, SyntaxKind::SET_TABLESPACE) {
        let what = format!("index {}", name.unwrap_or_default());
        return effect
            .lock_other(what, LockMode::AccessExclusive)
            .works(Work::Rewrite);
    }
    effect
}

fn sequence(node: &SyntaxNode) -> Effect {
    let owned = tree::within(node, SyntaxKind::QUALIFIED_COLUMN_NAME_REF)
        .next()
        .and_then(|column| owner(&column));
    Effect::new(renamed(node), Object::Sequence)
        .named(name_in(node, SyntaxKind::SEQUENCE_REF))
        .lock(owned.as_deref(), LockMode::AccessShare)
}

fn kind(node: &SyntaxNode) -> Effect {
    let name = name_in(node, SyntaxKind::TYPE_NAME_REF);
    let effect = Effect::new(renamed(node), Object::Type).named(name.clone());
    if let Some(added) = tree::child(node, SyntaxKind::ADD_VALUE) {
        let value = tree::child(&added, SyntaxKind::LITERAL).map(|value| tree::value(&value));
        return effect.hazard(Hazard::EnumValue(value.unwrap_or_default()));
    }
    if tree::has(node, SyntaxKind::ALTER_TYPE_ATTRIBUTE_ACTION_LIST) {
        let what = format!("the tables made of type {}", name.unwrap_or_default());
        return effect.lock_other(what, LockMode::AccessExclusive);
    }
    effect
}

fn domain(node: &SyntaxNode) -> Effect {
    let name = name_in(node, SyntaxKind::DOMAIN_REF);
    let checks = tree::has(node, SyntaxKind::SET_NOT_NULL)
        || tree::has(node, SyntaxKind::VALIDATE_CONSTRAINT)
        || tree::child(node, SyntaxKind::ADD_CONSTRAINT)
            .is_some_and(|added| tree::within(&added, SyntaxKind::NOT_VALID).next().is_none());
    let effect = Effect::new(renamed(node), Object::Type).named(name.clone());
    if checks {
        let what = format!("the tables that use domain {}", name.unwrap_or_default());
        return effect.lock_other(what, LockMode::Share).works(Work::Scan);
    }
    effect
}

/// Triggers, rules and policies belong to a table and cannot change while it is used.
fn on_table(node: &SyntaxNode, object: Object, own: SyntaxKind) -> Effect {
    let table =
        name_in(node, SyntaxKind::ON_RELATION).or_else(|| name_in(node, SyntaxKind::ON_TABLE));
    Effect::new(renamed(node), object)
        .named(name_in(node, own))
        .of(table.as_deref())
        .lock(table.as_deref(), LockMode::AccessExclusive)
}

/// A publication locks the tables that are named, for a moment.
pub(super) fn publication(node: &SyntaxNode) -> Effect {
    let verb = if node.kind() == SyntaxKind::CREATE_PUBLICATION {
        Verb::Create
    } else {
        Verb::Alter
    };
    let own = name_in(node, SyntaxKind::PUBLICATION)
        .or_else(|| name_in(node, SyntaxKind::PUBLICATION_REF));
    tree::within(node, SyntaxKind::PUBLICATION_OBJECT_TABLE)
        .filter_map(|object| name_in(&object, SyntaxKind::TABLE_NAME_REF))
        .fold(
            Effect::new(verb, Object::Other).named(own),
            |effect, table| effect.lock(Some(&table), LockMode::ShareUpdateExclusive),
        )
}
