//! Answers as Google's front end sends them.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::Response,
};
use serde_json::{Value, json};

use super::wire::Message;
use crate::sandbox::world::Refusal;

/// A JSON answer.
pub(super) fn json(status: u16, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = HeaderValue::from_static("application/json; charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// The error body: `google.rpc.Status` under `error`.
pub(super) fn refusal(refusal: &Refusal) -> Response {
    let code = refusal.code.http();
    let error = Message::new()
        .put("code", code)
        .put("message", refusal.message.as_str())
        .put("status", refusal.code.name())
        .put("details", refusal.details.clone())
        .done();
    json(code, &json!({ "error": error }))
}
