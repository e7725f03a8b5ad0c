//! Log entries as Cloud Logging v2 writes them.

use serde_json::Value;

use super::super::wire::{EnumStyle, Message};
use crate::sandbox::world::model::{LogEntry, LogPayload};

/// An entry.
pub(super) fn entry(entry: &LogEntry, enums: EnumStyle) -> Value {
    let resource = Message::new()
        .put("type", entry.resource.kind.as_str())
        .labels("labels", &entry.resource.labels)
        .done();
    let (payload, content) = match &entry.payload {
        LogPayload::Text(text) => ("textPayload", Value::from(text.as_str())),
        LogPayload::Json(value) => ("jsonPayload", value.clone()),
        LogPayload::Proto(value) => ("protoPayload", value.clone()),
    };
    let severity = (entry.severity.name(), entry.severity.number());
    let severity = if severity.1 == 0 {
        Value::Null
    } else {
        enums.value(severity)
    };
    Message::new()
        .always(payload, content)
        .put("insertId", entry.insert_id.as_str())
        .put("resource", resource)
        .time("timestamp", entry.timestamp)
        .put("severity", severity)
        .labels("labels", &entry.labels)
        .put("logName", entry.log_name.as_ref())
        .time("receiveTimestamp", entry.received_at)
        .done()
}
