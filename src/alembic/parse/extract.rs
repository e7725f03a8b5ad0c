//! The variables that Alembic reads from a revision module.

use std::path::Path;

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::TextSize;

use super::Reason;
use super::bindings::Bindings;
use super::modules::Modules;
use super::value::{Unknown, Value, evaluate_with};
use crate::alembic::revision::Revision;
use crate::domain::revision::RevisionId;

type At<T> = Result<T, (TextSize, Reason)>;

/// Puts a revision together.
pub(super) fn revision(
    path: &Path,
    suite: &[Stmt],
    names: &Bindings,
    branch_labels: Vec<String>,
) -> At<Revision> {
    let doc = docstring(suite);
    Ok(Revision {
        id: id(path, names)?,
        down: down_revision(names)?,
        depends_on: depends_on(names)?,
        branch_labels,
        created: created(&doc),
        doc,
        path: path.to_owned(),
    })
}

/// A variable, or the reason why its value is not known.
fn variable(name: &'static str, names: &Bindings) -> At<Option<(TextSize, Value)>> {
    match names.find(name) {
        None => Ok(None),
        Some((at, Ok(value))) => Ok(Some((at, value))),
        Some((_, Err(unknown))) => Err(not_static(name, unknown)),
    }
}

/// `revision`; a file that sets none and is called like a hexadecimal id has that id.
fn id(path: &Path, names: &Bindings) -> At<RevisionId> {
    match variable("revision", names)? {
        Some((_, Value::Text(id))) => Ok(RevisionId::new(id)),
        Some((at, other)) => Err((at, wrong("revision", &other, "a string"))),
        None => old_style_id(path).ok_or((TextSize::new(0), Reason::Missing("revision"))),
    }
}

fn old_style_id(path: &Path) -> Option<RevisionId> {
    let stem = path.file_name()?.to_str()?.strip_suffix(".py")?;
    let is_hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    (!stem.is_empty() && stem.chars().all(is_hex)).then(|| RevisionId::new(stem))
}

fn down_revision(names: &Bindings) -> At<Vec<String>> {
    match variable("down_revision", names)? {
        Some((at, value)) => texts("down_revision", at, value),
        None => Err((TextSize::new(0), Reason::Missing("down_revision"))),
    }
}

fn depends_on(names: &Bindings) -> At<Vec<String>> {
    match variable("depends_on", names)? {
        Some((at, value)) => texts("depends_on", at, value),
        None => Ok(Vec::new()),
    }
}

/// Branch labels that are known, and why there may be others that are not.
type Labels = (Vec<String>, Option<(TextSize, Reason)>);

/// The branch labels that can be known, and why others cannot.
pub(super) fn labels(names: &Bindings, modules: &dyn Modules) -> At<Labels> {
    const NAME: &str = "branch_labels";
    match names.find(NAME) {
        None => Ok((Vec::new(), None)),
        Some((at, Ok(value))) => Ok((texts(NAME, at, value)?, None)),
        Some((at, Err(unknown))) => {
            let parts: Vec<&Expr> = match names.expression(NAME) {
                Some(Expr::Tuple(tuple)) => tuple.elts.iter().collect(),
                Some(Expr::List(list)) => list.elts.iter().collect(),
                Some(Expr::Set(set)) => set.elts.iter().collect(),
                Some(whole) => vec![whole],
                None => return Ok((Vec::new(), Some(not_static(NAME, unknown)))),
            };
            let (mut known, mut open) = (Vec::new(), None);
            for part in parts {
                match evaluate_with(part, names, modules) {
                    Ok(value) => known.extend(texts(NAME, at, value)?),
                    Err(unknown) => open = Some(not_static(NAME, unknown)),
                }
            }
            Ok((known, open))
        }
    }
}

fn not_static(name: &'static str, unknown: Unknown) -> (TextSize, Reason) {
    (
        unknown.at,
        Reason::NotStatic {
            name,
            why: unknown.why,
        },
    )
}

/// `None`, a string, or a sequence of strings; a sequence of one `None` counts as `None`.
fn texts(name: &'static str, at: TextSize, value: Value) -> At<Vec<String>> {
    let expected = "a string, a sequence of strings, or None";
    let bad = |found: &Value| (at, wrong(name, found, expected));
    match value {
        Value::None => Ok(Vec::new()),
        Value::Text(one) => Ok(vec![one]),
        Value::Many(values) if values == [Value::None] => Ok(Vec::new()),
        Value::Many(values) => values
            .into_iter()
            .map(|value| match value {
                Value::Text(text) => Ok(text),
                other => Err(bad(&other)),
            })
            .collect(),
        other @ Value::Other(_) => Err(bad(&other)),
    }
}

fn wrong(name: &'static str, found: &Value, expected: &'static str) -> Reason {
    Reason::WrongKind {
        name,
        found: found.kind(),
        expected,
    }
}

/// The docstring, without the space around it.
fn docstring(suite: &[Stmt]) -> String {
    let Some(Stmt::Expr(first)) = suite.first() else {
        return String::new();
    };
    match &*first.value {
        Expr::StringLiteral(text) => text.value.to_str().trim().to_owned(),
        _ => String::new(),
    }
}

fn created(doc: &str) -> Option<String> {
    let line = doc
        .lines()
        .find_map(|line| line.trim().strip_prefix("Create Date:"))?;
    Some(line.trim().to_owned()).filter(|date| !date.is_empty())
}
