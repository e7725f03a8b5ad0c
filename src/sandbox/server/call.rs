//! A request, taken apart the way Google's paths are built: segments, a `:verb`, a query, a body.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, Method, Uri, header::AUTHORIZATION};
use serde_json::{Value, json};

use super::wire::EnumStyle;
use crate::sandbox::world::refusal::Refusal;

/// One call of the API.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// The HTTP method.
    pub(super) method: Method,
    /// The path as it came, for error messages.
    pub(super) path: String,
    /// Its parts, decoded, without the verb.
    pub(super) segments: Vec<String>,
    /// What stands behind the colon of the last part.
    pub(super) verb: String,
    /// The query parameters, decoded; the first of each name.
    pub(super) query: BTreeMap<String, String>,
    /// The JSON body; null when there is none.
    pub(super) body: Value,
    /// How enums are to be written.
    pub(super) enums: EnumStyle,
    /// The bearer token, when there is one.
    pub(super) token: Option<String>,
    /// The region that gcloud puts before the host, as in `asia-south1-127.0.0.1`.
    pub(super) region: Option<String>,
}

impl Call {
    /// Takes a request apart, with its path given apart because a prefix may have been taken off; a body that is neither JSON nor a form is refused.
    pub(super) fn new(
        method: Method,
        path: &str,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, Refusal> {
        let path = path.to_owned();
        let mut segments: Vec<String> = path
            .split('/')
            .filter(|part| !part.is_empty())
            .map(decoded)
            .collect();
        let verb = segments.last_mut().and_then(split_verb).unwrap_or_default();
        let query = pairs(uri.query().unwrap_or_default());
        let alt = query.get("$alt").or_else(|| query.get("alt"));
        Ok(Self {
            method,
            path,
            segments,
            verb,
            enums: EnumStyle::from_alt(alt.map(String::as_str)),
            query,
            body: parse_body(body)?,
            token: bearer(headers),
            region: uri.host().and_then(region),
        })
    }

    /// The parts of the path, to match on.
    pub(super) fn parts(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// Method, verb: what the path's resource is asked.
    pub(super) fn ask(&self) -> (&str, &str) {
        (self.method.as_str(), self.verb.as_str())
    }

    /// A query parameter; an empty one counts as absent, as with Google.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A text of the body; an empty one counts as absent.
    pub(super) fn text(&self, pointer: &str) -> Option<&str> {
        self.body
            .pointer(pointer)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    }

    /// A flag of the query or of the body.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.param(name) == Some("true") || self.body.get(name) == Some(&Value::Bool(true))
    }

    /// The refusal for a path that no service answers.
    pub(super) fn unknown(&self) -> Refusal {
        Refusal::not_found(format!(
            "The requested URL {} was not found on this server for the method {}.",
            self.path, self.method
        ))
    }
}

/// A refusal of one field, with Google's `BadRequest`.
pub(super) fn bad_field(field: &str, problem: &str) -> Refusal {
    Refusal::invalid(format!("Invalid value at '{field}': {problem}")).with(json!({
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{ "field": field, "description": problem }],
    }))
}

fn split_verb(last: &mut String) -> Option<String> {
    let at = last.rfind(':')?;
    let verb = last[at + 1..].to_owned();
    last.truncate(at);
    Some(verb)
}

/// Only a request as to a proxy has a host in its line.
fn region(host: &str) -> Option<String> {
    let regional = host
        .strip_suffix("-127.0.0.1")
        .or_else(|| host.strip_suffix("-localhost"));
    let regional = regional.or_else(|| host.strip_suffix("-run.googleapis.com"));
    regional.map(str::to_owned)
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let token = value
        .strip_prefix("Bearer ")
        .or_else(|| value.strip_prefix("bearer "))?
        .trim();
    (!token.is_empty()).then(|| token.to_owned())
}

/// JSON, or the form that OAuth clients post to the token endpoint.
fn parse_body(body: &[u8]) -> Result<Value, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    if let Ok(value) = serde_json::from_slice(body) {
        return Ok(value);
    }
    match std::str::from_utf8(body) {
        Ok(form) if form.contains('=') && !form.trim_start().starts_with(['{', '[']) => {
            Ok(json!(pairs(form)))
        }
        _ => Err(bad_field("body", "Invalid JSON payload received.")),
    }
}

fn pairs(query: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decoded(&value.replace('+', " "));
        found.entry(decoded(name)).or_insert(value);
    }
    found
}

/// Percent-decoding; a broken escape stays as it is.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = bytes
            .get(at + 1..at + 3)
            .filter(|_| bytes[at] == b'%')
            .and_then(byte);
        out.push(escape.unwrap_or(bytes[at]));
        at += if escape.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn byte(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(uri: &str, body: &str) -> Result<Call, Refusal> {
        let uri: Uri = uri.parse().expect("a URI");
        Call::new(
            Method::POST,
            uri.path(),
            &uri,
            &HeaderMap::new(),
            body.as_bytes(),
        )
    }

    #[test]
    fn a_path_is_taken_apart() {
        let call = call(
            "/v2/projects/p/jobs/j:run?%24alt=json%3Benum-encoding%3Dint&pageToken=&a=b+c",
            "{}",
        )
        .expect("well formed");
        assert_eq!(call.parts(), ["v2", "projects", "p", "jobs", "j"]);
        assert_eq!(call.ask(), ("POST", "run"));
        assert_eq!(call.enums, EnumStyle::Numbers);
        assert_eq!(
            (call.param("pageToken"), call.param("a")),
            (None, Some("b c"))
        );
    }

    #[test]
    fn an_absolute_form_is_taken_apart_as_well() {
        let call = call(
            "http://asia-south1-127.0.0.1:80/apis/run.googleapis.com/v1/namespaces/p/jobs",
            "",
        )
        .expect("well formed");
        assert_eq!(call.parts()[..2], ["apis", "run.googleapis.com"]);
        assert_eq!(call.region.as_deref(), Some("asia-south1"));
    }

    #[test]
    fn a_body_is_json_or_a_form_or_refused() {
        assert_eq!(
            call("/token", "grant_type=refresh_token&a=%2Fb")
                .expect("a form")
                .text("/a"),
            Some("/b")
        );
        assert!(call("/x", "{\"a\":").is_err());
        assert!(call("/x", " ").expect("nothing").body.is_null());
    }
}
