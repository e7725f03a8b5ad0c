//! `DROP`.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::alter::foreign;
use super::analysis::Found;
use super::names::{name, name_in};
use super::statement::{Effect, Hazard};
use super::tree;
use crate::domain::review::{LockMode, Object, Verb};

/// Reads the statement, if it is one of these.
pub(super) fn read(node: &SyntaxNode, found: &mut Found) -> bool {
    let (object, own) = match node.kind() {
        SyntaxKind::DROP_TABLE | SyntaxKind::DROP_FOREIGN_TABLE => {
            (Object::Table, SyntaxKind::TABLE_NAME_REF)
        }
        SyntaxKind::DROP_VIEW | SyntaxKind::DROP_MATERIALIZED_VIEW => {
            (Object::View, SyntaxKind::VIEW_REF)
        }
        SyntaxKind::DROP_INDEX => (Object::Index, SyntaxKind::INDEX_REF),
        SyntaxKind::DROP_TRIGGER => (Object::Trigger, SyntaxKind::TRIGGER_REF),
        SyntaxKind::DROP_RULE => (Object::Trigger, SyntaxKind::RULE_REF),
        SyntaxKind::DROP_POLICY => (Object::Policy, SyntaxKind::POLICY_REF),
        SyntaxKind::DROP_SEQUENCE => (Object::Sequence, SyntaxKind::SEQUENCE_REF),
        SyntaxKind::DROP_TYPE => (Object::Type, SyntaxKind::TYPE_NAME_REF),
        SyntaxKind::DROP_DOMAIN => (Object::Type, SyntaxKind::DOMAIN_REF),
        SyntaxKind::DROP_FUNCTION => (Object::Function, SyntaxKind::FUNCTION_SIG_LIST),
        SyntaxKind::DROP_PROCEDURE | SyntaxKind::DROP_ROUTINE => {
            (Object::Function, SyntaxKind::ROUTINE_SIG_LIST)
        }
        SyntaxKind::DROP_SCHEMA => (Object::Schema, SyntaxKind::SCHEMA_REF),
        SyntaxKind::DROP_EXTENSION => (Object::Extension, SyntaxKind::EXTENSION_REF),
        SyntaxKind::DROP_STATISTICS => (Object::Other, SyntaxKind::STATISTICS_REF),
        SyntaxKind::DROP_OWNED => {
            let effect = Effect::new(Verb::Drop, Object::Other)
                .lock_other("whatever the role owns", LockMode::AccessExclusive);
            found.push(effect.destroys(true));
            return true;
        }
        SyntaxKind::DROP_DATABASE | SyntaxKind::DROP_TABLESPACE | SyntaxKind::DROP_SUBSCRIPTION => {
            found.outside();
            let lost = node.kind() == SyntaxKind::DROP_DATABASE;
            found.push(Effect::new(Verb::Drop, Object::Other).destroys(lost));
            return true;
        }
        _ => return false,
    };
    let gentle = tree::word(node, SyntaxKind::CONCURRENTLY_KW);
    if gentle {
        found.outside();
    }
    for thing in tree::children(node, own) {
        found.push(dropped(node, object, name(&thing), gentle));
    }
    true
}

fn dropped(node: &SyntaxNode, object: Object, name: Option<String>, gentle: bool) -> Effect {
    let mut effect = Effect::new(Verb::Drop, object).named(name.clone());
    let own = name.unwrap_or_default();
    let cascade = tree::has(node, SyntaxKind::CASCADE);
    effect = match object {
        Object::Table => effect
            .of(Some(&own))
            .lock(Some(&own), LockMode::AccessExclusive)
            .lock_other(foreign(&own), LockMode::AccessExclusive)
            .destroys(node.kind() == SyntaxKind::DROP_TABLE),
        Object::View => effect
            .of(Some(&own))
            .lock(Some(&own), LockMode::AccessExclusive),
        Object::Index => {
            let mode = if gentle {
                LockMode::ShareUpdateExclusive
            } else {
                LockMode::AccessExclusive
            };
            effect.lock_other(format!("the table of index {own}"), mode)
        }
        Object::Trigger | Object::Policy => {
            let table = name_in(node, SyntaxKind::ON_RELATION)
                .or_else(|| name_in(node, SyntaxKind::ON_TABLE));
            effect
                .of(table.as_deref())
                .lock(table.as_deref(), LockMode::AccessExclusive)
        }
        Object::Other => effect.lock_other(
            format!("the table of statistics {own}"),
            LockMode::ShareUpdateExclusive,
        ),
        _ => effect,
    };
    if cascade {
        let takes_columns = matches!(object, Object::Schema | Object::Extension | Object::Type);
        let lost = effect.destroys || takes_columns;
        effect = effect
            .lock_other(
                format!("whatever depends on {own}"),
                LockMode::AccessExclusive,
            )
            .destroys(lost)
            .hazard(Hazard::Cascade);
    }
    effect
}
