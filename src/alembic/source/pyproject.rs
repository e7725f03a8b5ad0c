//! The `[tool.alembic]` table of `pyproject.toml`.

use toml::{Table, Value};

/// Why a value cannot be used.
pub(super) type Why = String;

/// The table, empty when the file has none.
pub(super) fn parse(text: &str) -> Result<Table, (usize, Why)> {
    let whole: Table = text.parse().map_err(|error: toml::de::Error| {
        let offset = error.span().map_or(0, |span| span.start);
        let line = 1 + text
            .bytes()
            .take(offset)
            .filter(|byte| *byte == b'\n')
            .count();
        (line, error.message().to_owned())
    })?;
    let section = whole.get("tool").and_then(|tool| tool.get("alembic"));
    match section {
        None => Ok(Table::new()),
        Some(Value::Table(table)) => Ok(table.clone()),
        Some(_) => Err((1, "tool.alembic is not a table".to_owned())),
    }
}

/// A string with `%(here)s` filled in.
pub(super) fn text(table: &Table, name: &str, here: &str) -> Result<Option<String>, Why> {
    match table.get(name) {
        None => Ok(None),
        Some(Value::String(raw)) => fill_in(raw, here).map(Some),
        Some(_) => Err(format!("tool.alembic.{name} is not a string")),
    }
}

/// A list of strings with `%(here)s` filled in.
pub(super) fn list(table: &Table, name: &str, here: &str) -> Result<Option<Vec<String>>, Why> {
    let wrong = || format!("tool.alembic.{name} is not a list of strings");
    match table.get(name) {
        None => Ok(None),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| fill_in(item.as_str().ok_or_else(wrong)?, here))
            .collect::<Result<_, _>>()
            .map(Some),
        Some(_) => Err(wrong()),
    }
}

/// A truth value; false when it is not set.
pub(super) fn flag(table: &Table, name: &str) -> Result<bool, Why> {
    match table.get(name) {
        None => Ok(false),
        Some(Value::Boolean(value)) => Ok(*value),
        Some(_) => Err(format!("tool.alembic.{name} is neither true nor false")),
    }
}

fn fill_in(raw: &str, here: &str) -> Result<String, Why> {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("%%") {
            out.push('%');
            rest = after;
        } else if let Some(after) = rest.strip_prefix("%(here)s") {
            out.push_str(here);
            rest = after;
        } else {
            return Err("`%` must be doubled, or begin `%(here)s`".to_owned());
        }
    }
    out.push_str(rest);
    Ok(out)
}
