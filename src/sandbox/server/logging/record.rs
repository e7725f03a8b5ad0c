//! A log entry as filters see it, without writing it out first: logs are long.

use super::super::filter::{Field, Record, camel};
use crate::sandbox::world::model::{LogEntry, LogPayload};

impl Record for LogEntry {
    fn field(&self, path: &[String]) -> Option<Field<'_>> {
        let (first, rest) = path.split_first()?;
        match (camel(first).as_str(), rest) {
            ("timestamp", []) => Some(Field::Time(self.timestamp)),
            ("receiveTimestamp", []) => Some(Field::Time(self.received_at)),
            ("severity", []) => Some(Field::Severity(i64::from(self.severity.number()))),
            ("logName", []) => Some(Field::Text(&self.log_name)),
            ("insertId", []) => Some(Field::Text(&self.insert_id)),
            ("resource", [kind]) if kind == "type" => Some(Field::Text(&self.resource.kind)),
            ("resource", [labels]) if labels == "labels" => {
                Some(Field::Labels(&self.resource.labels))
            }
            ("resource", [labels, key @ ..]) if labels == "labels" => self
                .resource
                .labels
                .get(&key.join("."))
                .map(|value| Field::Text(value)),
            ("labels", []) => Some(Field::Labels(&self.labels)),
            ("labels", key) => self
                .labels
                .get(&key.join("."))
                .map(|value| Field::Text(value)),
            (payload, rest) => self.payload.field(payload, rest),
        }
    }

    fn any_text(&self, accept: &dyn Fn(&str) -> bool) -> bool {
        let in_payload = match &self.payload {
            LogPayload::Text(text) => accept(text),
            LogPayload::Json(value) | LogPayload::Proto(value) => value.any_text(accept),
        };
        in_payload
            || accept(&self.log_name)
            || accept(&self.insert_id)
            || accept(self.severity.name())
            || accept(&self.resource.kind)
            || self.resource.labels.values().any(|value| accept(value))
            || self.labels.values().any(|value| accept(value))
    }
}

impl LogPayload {
    fn field(&self, name: &str, path: &[String]) -> Option<Field<'_>> {
        match (self, name) {
            (Self::Text(text), "textPayload") if path.is_empty() => Some(Field::Text(text)),
            (Self::Json(value), "jsonPayload") | (Self::Proto(value), "protoPayload") => {
                if path.is_empty() {
                    Some(Field::Json(value))
                } else {
                    value.field(path)
                }
            }
            _ => None,
        }
    }
}
