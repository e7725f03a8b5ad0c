//! `SET`, `RESET` and `set_config`.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::analysis::Found;
use super::names::name;
use super::statement::{Effect, Setting};
use super::tree;
use crate::domain::review::{Object, Verb};

/// Reads the statement, if it sets something for the session.
pub(super) fn read(node: &SyntaxNode, found: &mut Found) -> bool {
    let setting = match node.kind() {
        SyntaxKind::SET => set(node),
        SyntaxKind::RESET => reset(node),
        SyntaxKind::SELECT => match set_config(node) {
            Some(setting) => Some(setting),
            None => return false,
        },
        SyntaxKind::SET_CONSTRAINTS
        | SyntaxKind::SET_ROLE
        | SyntaxKind::SET_SESSION_AUTH
        | SyntaxKind::RESET_ROLE
        | SyntaxKind::RESET_SESSION_AUTH
        | SyntaxKind::SET_TRANSACTION => None,
        _ => return false,
    };
    let name = setting.as_ref().map(|setting| setting.name.clone());
    found.repeatable = true;
    found.setting = setting;
    found.push(Effect::new(Verb::Set, Object::Setting).named(name));
    true
}

fn set(node: &SyntaxNode) -> Option<Setting> {
    let config = tree::child(node, SyntaxKind::SET_CONFIG)?;
    let setting = tree::child(&config, SyntaxKind::CONFIG_PARAMETER_REF)?;
    let assigned = config.children().nth(1)?;
    let default = tree::word(&assigned, SyntaxKind::DEFAULT_KW);
    let value = assigned.children().next().map(|value| tree::value(&value));
    Some(Setting {
        name: name(&setting)?.to_ascii_lowercase(),
        value: value.filter(|_| !default),
        local: tree::has(node, SyntaxKind::LOCAL_SCOPE),
    })
}

fn reset(node: &SyntaxNode) -> Option<Setting> {
    let setting = tree::child(node, SyntaxKind::CONFIG_PARAMETER_REF)?;
    Some(Setting {
        name: name(&setting)?.to_ascii_lowercase(),
        value: None,
        local: false,
    })
}

/// `SELECT set_config('name', 'value', is_local)`.
fn set_config(node: &SyntaxNode) -> Option<Setting> {
    let call = tree::within(node, SyntaxKind::CALL_EXPR).next()?;
    let mut parts = call.children();
    let function = parts.next()?.text().to_string().to_ascii_lowercase();
    if !matches!(&*function, "set_config" | "pg_catalog.set_config") {
        return None;
    }
    let mut values = parts.next()?.children().map(|value| tree::value(&value));
    Some(Setting {
        name: values.next()?.to_ascii_lowercase(),
        value: values.next(),
        local: values.next()?.eq_ignore_ascii_case("true"),
    })
}
