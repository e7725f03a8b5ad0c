//! The proto3 JSON mapping: defaults left out, 64-bit numbers as text, enums as asked.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// How the caller wants enums: `enum-encoding=int` asks for numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum EnumStyle {
    /// `"ENABLED"`.
    #[default]
    Names,
    /// `1`.
    Numbers,
}

/// A value of an enum: its name and its number.
pub(super) type Choice = (&'static str, i32);

impl EnumStyle {
    /// The style asked for by the query parameter `$alt` (or `alt`).
    pub(super) fn from_alt(alt: Option<&str>) -> Self {
        match alt {
            Some(alt) if alt.split(';').any(|part| part == "enum-encoding=int") => Self::Numbers,
            _ => Self::Names,
        }
    }

    /// The value on the wire.
    pub(super) fn value(self, (name, number): Choice) -> Value {
        match self {
            Self::Names => name.into(),
            Self::Numbers => number.into(),
        }
    }

    /// The value on the wire of a name, looked up in the enum's table.
    pub(super) fn named(self, table: &[Choice], name: &str) -> Value {
        match table.iter().find(|(known, _)| *known == name) {
            Some(choice) => self.value(*choice),
            None => name.into(),
        }
    }
}

/// A message under construction; fields with their default value are left out.
#[derive(Debug, Default)]
pub(super) struct Message {
    fields: Map<String, Value>,
}

impl Message {
    /// An empty message.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Any value; nulls, empty texts, lists and objects, zeros and `false` are left out.
    pub(super) fn put(mut self, key: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !is_default(&value) {
            self.fields.insert(key.to_owned(), value);
        }
        self
    }

    /// A value that is present also when it is the default (wrapper types, `optional`).
    pub(super) fn always(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(key.to_owned(), value.into());
        self
    }

    /// A 64-bit number, as text.
    pub(super) fn long(self, key: &str, number: impl Into<i128>) -> Self {
        let number = number.into();
        if number == 0 {
            self
        } else {
            self.always(key, number.to_string())
        }
    }

    /// A time.
    pub(super) fn time(self, key: &str, time: impl Into<Option<Timestamp>>) -> Self {
        match time.into() {
            Some(time) => self.always(key, time.to_string()),
            None => self,
        }
    }

    /// A map of texts.
    pub(super) fn labels(self, key: &str, labels: &BTreeMap<String, String>) -> Self {
        self.put(key, json!(labels))
    }

    /// The message.
    pub(super) fn done(self) -> Value {
        Value::Object(self.fields)
    }
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

/// `900s`, or `1.500s` with a fraction.
pub(super) fn duration(duration: Duration) -> String {
    match duration.subsec_millis() {
        0 => format!("{}s", duration.as_secs()),
        millis => format!("{}.{millis:03}s", duration.as_secs()),
    }
}

/// The duration that `900s` or `1.5s` stands for.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_left_out_and_longs_are_texts() {
        let message = Message::new()
            .put("name", "x")
            .put("empty", "")
            .put("zero", 0)
            .put("list", Vec::<Value>::new())
            .long("generation", 3)
            .always("kept", false)
            .done();
        assert_eq!(
            message,
            json!({"name": "x", "generation": "3", "kept": false})
        );
    }

    #[test]
    fn enums_follow_the_query() {
        let asked = EnumStyle::from_alt(Some("json;enum-encoding=int"));
        assert_eq!(asked.value(("ENABLED", 1)), json!(1));
        assert_eq!(
            EnumStyle::from_alt(Some("json")).value(("ENABLED", 1)),
            json!("ENABLED")
        );
        assert_eq!(asked.named(&[("A", 4)], "B"), json!("B"));
    }

    #[test]
    fn durations_go_both_ways() {
        assert_eq!(duration(Duration::from_millis(1500)), "1.500s");
        assert_eq!(parse_duration("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(
            parse_duration(&duration(Duration::from_mins(15))),
            Some(Duration::from_mins(15))
        );
        assert_eq!(parse_duration("-1s"), None);
        assert_eq!(parse_duration("900"), None);
    }
}
