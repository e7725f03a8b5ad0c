//! Troubles on purpose: those of the world, and those that a path's prefix asks for.

use std::{io, time::Duration};

use axum::{
    body::Body,
    http::{StatusCode, header::CONTENT_TYPE},
    response::Response,
};
use serde_json::json;

use super::reply;
use crate::sandbox::world::{Code, FaultKind, Faults, Refusal};

/// What a proxy between the caller and Google sends when it has a bad day.
const WEB_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\
    <body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>\n";

/// The troubles of one request.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    latency: Duration,
    before: Option<FaultKind>,
    /// The answer is lost after the request was carried out.
    pub(super) loses_answer: bool,
}

impl Trouble {
    /// Those of the world that strike this path, and those of the prefix.
    pub(super) fn of(faults: &Faults, path: &str, prefix: &[FaultKind]) -> Self {
        let mut trouble = Self::default();
        for kind in faults
            .striking(path)
            .into_iter()
            .chain(prefix.iter().cloned())
        {
            match kind {
                FaultKind::Latency(time) => trouble.latency += time,
                FaultKind::Drop => trouble.loses_answer = true,
                FaultKind::Instance(_) => {}
                other => trouble.before = trouble.before.or(Some(other)),
            }
        }
        trouble
    }

    /// Waits as long as it must, and gives the answer that comes instead of the real one.
    pub(super) async fn strike(&self, path: &str) -> Option<Response> {
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let refusal = match self.before.as_ref()? {
            FaultKind::Forbidden => Refusal::denied("resourcemanager.projects.get", path),
            FaultKind::SignedOut => signed_out(),
            FaultKind::Exhausted => exhausted(),
            FaultKind::Html => return Some(web_page()),
            FaultKind::Hang => std::future::pending().await,
            FaultKind::Unavailable
            | FaultKind::Latency(_)
            | FaultKind::Drop
            | FaultKind::Instance(_) => {
                Refusal::new(Code::Unavailable, "The service is currently unavailable.")
            }
        };
        Some(reply::refusal(&refusal))
    }
}

/// Takes `/faults/SPEC` off the front of a path; clients keep such a prefix before `/v2/…`.
pub(super) fn split_prefix(path: &str) -> Option<(Result<Vec<FaultKind>, String>, &str)> {
    let rest = path.strip_prefix("/faults/")?;
    let (spec, rest) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let kinds =
        Faults::parse(spec).map(|faults| faults.into_iter().map(|fault| fault.kind).collect());
    Some((kinds, rest))
}

/// Closes the connection without a word: the body fails before the head has been flushed.
pub(super) fn lost_answer() -> Response {
    let broken =
        futures::stream::once(async { Err::<Vec<u8>, _>(io::Error::other("lost on purpose")) });
    Response::new(Body::from_stream(broken))
}

fn web_page() -> Response {
    let mut response = Response::new(Body::from(WEB_PAGE));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response.headers_mut().insert(
        CONTENT_TYPE,
        axum::http::HeaderValue::from_static("text/html; charset=UTF-8"),
    );
    response
}

fn signed_out() -> Refusal {
    Refusal::new(
        Code::Unauthenticated,
        "Request had invalid authentication credentials.",
    )
    .with(json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_EXPIRED",
        "domain": "googleapis.com",
    }))
}

fn exhausted() -> Refusal {
    let message = "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute' \
                   of service 'logging.googleapis.com' for consumer 'project_number:1'.";
    Refusal::new(Code::ResourceExhausted, message)
        .with(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "RATE_LIMIT_EXCEEDED",
            "domain": "googleapis.com",
            "metadata": { "quota_limit": "ReadRequestsPerMinutePerProject", "quota_limit_value": "60" },
        }))
        .with(json!({ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "30s" }))
}
