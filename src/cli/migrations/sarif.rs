//! Findings as SARIF 2.1.0, for tools that show them beside the code.

use std::path::{Component, Path};

use serde_json::{Value, json};

use crate::alembic::env;
use crate::alembic::review::rules::{self, Rule};
use crate::domain::preflight::Severity;
use crate::domain::review::Verdict;

use super::Whereabouts;
use super::lint::Findings;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What paths are relative to: for most tools the top of a checkout.
const ROOT: &str = "%SRCROOT%";

/// One run of the linter.
pub(super) fn document(found: &Findings, whereabouts: &Whereabouts) -> Value {
    let known: Vec<&Rule> = rules::RULES.iter().chain(env::RULES).collect();
    let mut results = Vec::new();
    for review in &found.reviews {
        let uri = uri(&review.file, whereabouts);
        let of = |verdict| result(verdict, &uri, Some(review.id.as_str()), &known);
        results.extend(review.verdicts.iter().map(of));
    }
    if let Some(review) = &found.env {
        let uri = uri(&review.file, whereabouts);
        let of = |verdict| result(verdict, &uri, None, &known);
        results.extend(review.verdicts.iter().map(of));
    }
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "portcullis",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": known.iter().map(|known| rule(known)).collect::<Vec<_>>(),
            }},
            "originalUriBaseIds": { ROOT: { "uri": folder(&whereabouts.here) } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.name,
        "shortDescription": { "text": rule.summary },
        "help": { "text": rule.remedy },
        "defaultConfiguration": { "level": level(rule.severity) },
    })
}

fn result(verdict: &Verdict, uri: &Value, revision: Option<&str>, known: &[&Rule]) -> Value {
    let mut result = json!({
        "ruleId": verdict.rule,
        "kind": if verdict.severity == Severity::Pass { "informational" } else { "fail" },
        "level": level(verdict.severity),
        "message": { "text": format!("{}. Remedy: {}", verdict.message, verdict.remedy) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": uri,
            "region": { "startLine": verdict.line.max(1) },
        }}],
        "properties": { "revision": revision, "table": verdict.table },
    });
    if let Some(at) = known.iter().position(|rule| rule.name == verdict.rule) {
        result["ruleIndex"] = json!(at);
    }
    if let Some(reason) = &verdict.silenced {
        result["suppressions"] = json!([{ "kind": "inSource", "justification": reason }]);
    }
    result
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Pass => "none",
        Severity::Warn => "warning",
        Severity::Block => "error",
    }
}

/// Where a file is: from the folder that the program was called in where it lies below, else its whole address.
fn uri(file: &str, whereabouts: &Whereabouts) -> Value {
    let whole = plain(&whereabouts.top.join(file));
    match whole.strip_prefix(&whereabouts.here) {
        Ok(inside) => json!({ "uri": encode(inside), "uriBaseId": ROOT }),
        Err(_) => json!({ "uri": format!("file://{}", encode(&whole)) }),
    }
}

fn folder(path: &Path) -> String {
    let path = encode(path);
    format!("file://{}/", path.trim_end_matches('/'))
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> std::path::PathBuf {
    let mut out = std::path::PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// A path as a part of an address.
fn encode(path: &Path) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(*byte));
            }
            other => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}
