//! `ALTER TABLE … ALTER COLUMN`.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::alter::foreign;
use super::names::{name, name_in};
use super::statement::{Effect, Work};
use super::tree;
use crate::domain::review::{LockMode, Object, Verb};

/// What changing a column does.
pub(super) fn effect(table: &str, part: &SyntaxNode) -> Effect {
    let option = part
        .children()
        .find(|child| child.kind() != SyntaxKind::COLUMN_NAME_REF);
    let effect = Effect::new(Verb::Alter, Object::Column)
        .named(name_in(part, SyntaxKind::COLUMN_NAME_REF))
        .of(Some(table));
    let Some(option) = option else {
        return effect.lock(Some(table), LockMode::AccessExclusive);
    };
    let exclusive = |effect: Effect| effect.lock(Some(table), LockMode::AccessExclusive);
    match option.kind() {
        SyntaxKind::SET_STATISTICS | SyntaxKind::SET_OPTIONS | SyntaxKind::RESET_OPTIONS => {
            effect.lock(Some(table), LockMode::ShareUpdateExclusive)
        }
        SyntaxKind::SET_NOT_NULL => exclusive(effect).works(Work::Scan),
        SyntaxKind::SET_TYPE => exclusive(effect)
            .lock_other(foreign(table), LockMode::AccessExclusive)
            .works(Work::Rewrite)
            .destroys(may_lose(&option)),
        SyntaxKind::SET_EXPRESSION => exclusive(effect).works(Work::Rewrite),
        _ => exclusive(effect),
    }
}

/// Types that cut values off where others would refuse them.
const NARROW: [&str; 13] = [
    "date",
    "time",
    "timetz",
    "smallint",
    "int2",
    "real",
    "float4",
    "boolean",
    "bool",
    "bpchar",
    "timestamp",
    "numeric",
    "decimal",
];

/// Whether values may not survive the change; the old type is not known.
fn may_lose(option: &SyntaxNode) -> bool {
    let converts = tree::child(option, SyntaxKind::USING_EXPR)
        .and_then(|using| using.children().next())
        .is_some_and(|value| !is_cast(&value));
    converts || option.children().any(|child| is_narrow(&child))
}

fn is_narrow(kind: &SyntaxNode) -> bool {
    match kind.kind() {
        SyntaxKind::CHARACTER_TYPE | SyntaxKind::TIME_TYPE | SyntaxKind::TIMESTAMP_TYPE => true,
        SyntaxKind::PATH_TYPE => {
            let name = name(kind).unwrap_or_default();
            let name = name.trim_start_matches("pg_catalog.");
            // Without a scale it keeps every digit.
            let open = name == "numeric" || name == "decimal";
            NARROW.contains(&name) && (!open || tree::has(kind, SyntaxKind::ARG_LIST))
        }
        _ => false,
    }
}

/// `column::type` or `CAST(column AS type)`, and nothing else.
fn is_cast(value: &SyntaxNode) -> bool {
    value.kind() == SyntaxKind::CAST_EXPR
        && value
            .children()
            .next()
            .is_some_and(|inner| inner.kind() == SyntaxKind::NAME_REF || is_cast(&inner))
}
