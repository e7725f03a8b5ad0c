//! Asks a record whether it matches.

use std::{borrow::Cow, cmp::Ordering, collections::BTreeMap};

use jiff::Timestamp;
use serde_json::Value;

use super::ast::{Filter, Relation, Test};

/// Severities in Google's order, with their numbers.
const SEVERITIES: [(&str, i64); 9] = [
    ("DEFAULT", 0),
    ("DEBUG", 100),
    ("INFO", 200),
    ("NOTICE", 300),
    ("WARNING", 400),
    ("ERROR", 500),
    ("CRITICAL", 600),
    ("ALERT", 700),
    ("EMERGENCY", 800),
];

/// What a filter finds at a path of a record.
#[derive(Debug, Clone, Copy)]
pub(in crate::sandbox::server) enum Field<'a> {
    /// A text.
    Text(&'a str),
    /// A time.
    Time(Timestamp),
    /// A severity, by number.
    Severity(i64),
    /// A map of labels.
    Labels(&'a BTreeMap<String, String>),
    /// Anything in JSON.
    Json(&'a Value),
}

/// A record that a filter can be asked about; JSON in proto3 names is one.
pub(in crate::sandbox::server) trait Record {
    /// The field at the path, or nothing when it is missing.
    fn field(&self, path: &[String]) -> Option<Field<'_>>;
    /// Is any text of the record accepted?
    fn any_text(&self, accept: &dyn Fn(&str) -> bool) -> bool;
}

impl Record for Value {
    fn field(&self, path: &[String]) -> Option<Field<'_>> {
        let (first, rest) = path.split_first()?;
        let mut value = self.get(first).or_else(|| self.get(camel(first)))?;
        for (index, segment) in rest.iter().enumerate() {
            // A label's key may hold dots that the writer did not quote.
            if let Some(found) = value.get(rest[index..].join(".")) {
                return Some(Field::Json(found));
            }
            value = value.get(segment)?;
        }
        Some(Field::Json(value))
    }

    fn any_text(&self, accept: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(flag) => accept(if *flag { "true" } else { "false" }),
            Self::Number(number) => accept(&number.to_string()),
            Self::String(text) => accept(text),
            Self::Array(items) => items.iter().any(|item| item.any_text(accept)),
            Self::Object(fields) => fields.values().any(|item| item.any_text(accept)),
        }
    }
}

/// The proto name of a field (`text_payload`) is accepted beside its JSON name.
pub(in crate::sandbox::server) fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut raise = false;
    for c in name.chars() {
        if c == '_' {
            raise = true;
        } else {
            out.push(if raise { c.to_ascii_uppercase() } else { c });
            raise = false;
        }
    }
    out
}

impl Filter {
    /// Does the record match?
    pub(in crate::sandbox::server) fn matches(&self, record: &dyn Record) -> bool {
        match self {
            Self::Everything => true,
            Self::And(parts) => parts.iter().all(|part| part.matches(record)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(record)),
            Self::Not(part) => !part.matches(record),
            Self::Text(text) => record.any_text(&|found| contains(found, text)),
            Self::Compare { path, test } => compare(record, path, test),
        }
    }
}

/// A missing field fails every comparison, also `!=`; only a severity has a default.
fn compare(record: &dyn Record, path: &[String], asked: &Test) -> bool {
    let is_severity = matches!(path, [only] if only == "severity");
    match record.field(path) {
        None if is_severity => satisfies(Field::Severity(0), asked),
        None => false,
        Some(Field::Json(Value::String(text))) if is_severity => {
            severity(text).is_some_and(|number| satisfies(Field::Severity(number), asked))
        }
        Some(Field::Json(Value::String(text))) if path.last().is_some_and(|p| is_time(p)) => {
            satisfies(instant(text).map_or(Field::Text(text), Field::Time), asked)
        }
        Some(Field::Json(Value::Array(items))) => {
            items.iter().any(|item| satisfies(Field::Json(item), asked))
        }
        Some(field) => satisfies(field, asked),
    }
}

fn is_time(name: &str) -> bool {
    name.to_ascii_lowercase().contains("time")
}

fn satisfies(field: Field<'_>, test: &Test) -> bool {
    match test {
        Test::Present => !matches!(field, Field::Json(Value::Null)),
        Test::Matches { pattern, negated } => pattern.0.is_match(&as_text(field)) != *negated,
        Test::Value(Relation::Has, wanted) => has(field, wanted),
        Test::Value(relation, wanted) => {
            order(field, wanted).is_some_and(|order| holds(*relation, order))
        }
    }
}

fn has(field: Field<'_>, wanted: &str) -> bool {
    match field {
        Field::Labels(labels) => {
            labels.contains_key(wanted) || labels.values().any(|value| contains(value, wanted))
        }
        Field::Json(value @ Value::Object(fields)) => {
            fields.contains_key(wanted) || value.any_text(&|text| contains(text, wanted))
        }
        Field::Time(_) | Field::Severity(_) => order(field, wanted) == Some(Ordering::Equal),
        Field::Text(_) | Field::Json(_) => contains(&as_text(field), wanted),
    }
}

fn holds(relation: Relation, order: Ordering) -> bool {
    match relation {
        Relation::Equal | Relation::Has => order.is_eq(),
        Relation::NotEqual => order.is_ne(),
        Relation::Less => order.is_lt(),
        Relation::LessOrEqual => order.is_le(),
        Relation::Greater => order.is_gt(),
        Relation::GreaterOrEqual => order.is_ge(),
    }
}

/// How the field's value stands to the wanted one, by the field's type.
fn order(field: Field<'_>, wanted: &str) -> Option<Ordering> {
    match field {
        Field::Text(text) => Some(without_case(text, wanted)),
        Field::Time(time) => Some(time.cmp(&instant(wanted)?)),
        Field::Severity(number) => Some(number.cmp(&severity(wanted)?)),
        Field::Json(Value::Number(number)) => number.as_f64()?.partial_cmp(&wanted.parse().ok()?),
        Field::Json(Value::Object(_)) | Field::Labels(_) => None,
        Field::Json(_) => Some(without_case(&as_text(field), wanted)),
    }
}

fn without_case(have: &str, want: &str) -> Ordering {
    if have.is_ascii() && want.is_ascii() {
        let lower = |text: &str| {
            text.bytes()
                .map(|b| b.to_ascii_lowercase())
                .collect::<Vec<_>>()
        };
        return if have.eq_ignore_ascii_case(want) {
            Ordering::Equal
        } else {
            lower(have).cmp(&lower(want))
        };
    }
    have.to_lowercase().cmp(&want.to_lowercase())
}

/// A full time, or a date alone: its first moment in UTC.
fn instant(text: &str) -> Option<Timestamp> {
    text.parse()
        .ok()
        .or_else(|| format!("{text}T00:00:00Z").parse().ok())
}

fn severity(text: &str) -> Option<i64> {
    SEVERITIES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text))
        .map(|(_, number)| *number)
        .or_else(|| text.parse().ok())
}

fn contains(text: &str, wanted: &str) -> bool {
    text.to_lowercase().contains(&wanted.to_lowercase())
}

fn as_text(field: Field<'_>) -> Cow<'_, str> {
    match field {
        Field::Text(text) => Cow::Borrowed(text),
        Field::Json(Value::String(text)) => Cow::Borrowed(text),
        Field::Time(time) => Cow::Owned(time.to_string()),
        Field::Severity(number) => {
            let name = SEVERITIES.iter().find(|(_, known)| *known == number);
            Cow::Borrowed(name.map_or("", |(name, _)| name))
        }
        Field::Labels(labels) => Cow::Owned(format!("{labels:?}")),
        Field::Json(other) => Cow::Owned(other.to_string()),
    }
}
