//! The HTTP server: Google's wire over the [`world`](super::world).
//!
//! One fallback handler takes a path apart and hands it to the service that it belongs to; Google's paths with their
//! `:verb` do not fit a router's patterns, and Rust's slice patterns read like Google's own tables.
//!
//! | folder | service |
//! | --- | --- |
//! | `run` | Cloud Run Admin v2 |
//! | `knative` | Cloud Run Admin v1, which gcloud speaks |
//! | `secrets` | Secret Manager v1 |
//! | `sql` | Cloud SQL Admin v1 and v1beta4 |
//! | `logging` | Cloud Logging v2 |
//! | `projects` | Resource Manager v1 and v3 |
//! | `oauth` | the token endpoint, userinfo, tokeninfo |

mod call;
mod caller;
mod filter;
mod knative;
mod logging;
mod oauth;
mod paging;
mod projects;
mod reply;
mod run;
mod secrets;
mod sql;
#[cfg(test)]
mod tests;
mod trouble;
mod wire;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use serde_json::Value;

use call::Call;
use caller::Caller;
use projects::Version;
use trouble::Trouble;

use super::world::{Refusal, World};

/// The largest request that is read.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// The whole API on one router; it must only be served on loopback.
pub fn router(world: Arc<World>) -> Router {
    Router::new()
        .fallback(handle)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(world)
}

async fn handle(
    State(world): State<Arc<World>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (prefix, path) = match trouble::split_prefix(uri.path()) {
        None => (Vec::new(), uri.path()),
        Some((Ok(kinds), path)) => (kinds, path),
        Some((Err(problem), _)) => return reply::refusal(&Refusal::invalid(problem)),
    };
    let trouble = Trouble::of(world.faults(), path, &prefix);
    if let Some(instead) = trouble.strike(path).await {
        return instead;
    }
    let response = match Call::new(method, path, &uri, &headers, &body) {
        Ok(call) => respond(&world, &call).await,
        Err(refusal) => reply::refusal(&refusal),
    };
    if trouble.loses_answer {
        trouble::lost_answer()
    } else {
        response
    }
}

async fn respond(world: &Arc<World>, call: &Call) -> Response {
    if let Some((status, body)) = oauth::answer(world, call) {
        return reply::json(status, &body);
    }
    match answer(world, call).await {
        Ok(body) => reply::json(200, &body),
        Err(refusal) => reply::refusal(&refusal),
    }
}

/// Google's table of paths.
async fn answer(world: &Arc<World>, call: &Call) -> Result<Value, Refusal> {
    let parts = call.parts();
    let parts = parts.as_slice();
    // An unknown path is unknown to everybody, also to those who are not signed in.
    if !matches!(parts, ["v1" | "v2" | "v3" | "sql" | "apis", ..]) {
        return Err(call.unknown());
    }
    let caller = Caller::identify(world, call)?;
    match parts {
        ["v2", "entries"] if call.ask() == ("POST", "list") => logging::list(&caller),
        ["v2", "projects", project, "locations", location, rest @ ..] => {
            run::answer(&caller, project, location, rest).await
        }
        [
            "apis",
            "run.googleapis.com",
            "v1",
            "namespaces",
            namespace,
            rest @ ..,
        ] => knative::answer(&caller, namespace, rest),
        ["v1", "projects", project, "secrets", rest @ ..] => {
            secrets::answer(&caller, project, rest)
        }
        ["v1", "projects", project, rest @ ..] if is_sql(rest) => {
            sql::answer(&caller, project, rest).await
        }
        ["sql", "v1beta4", "projects", project, rest @ ..] => {
            sql::answer(&caller, project, rest).await
        }
        ["v1", "projects", rest @ ..] => projects::answer(&caller, Version::V1, rest),
        ["v3", "projects", rest @ ..] => projects::answer(&caller, Version::V3, rest),
        _ => Err(call.unknown()),
    }
}

/// Cloud SQL and others share `/v1/projects/P`.
fn is_sql(rest: &[&str]) -> bool {
    matches!(rest, ["instances" | "operations", ..])
}
