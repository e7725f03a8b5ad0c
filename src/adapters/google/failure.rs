//! From a client's error to a failure with a kind, a sentence and a remedy.
//!
//! What the server wrote is never repeated: it may hold anything. It only decides.

use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::{Code, Status, StatusDetails};

use crate::domain::failure::{Failure, FailureKind};

/// What was asked, for the sentence and the remedy.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// What was being done, such as ``reading job `x` ``.
    pub(super) doing: String,
    /// The permission that it needs.
    pub(super) permission: &'static str,
    /// The smallest usual role that holds it.
    pub(super) role: &'static str,
    /// The project in which it is needed.
    pub(super) project: String,
    /// The service by its API name, such as `run.googleapis.com`.
    pub(super) api: &'static str,
    /// What to look at when it does not exist.
    pub(super) missing: String,
}

/// The failure for an error of one of the official clients; `sign_in` is what to run to
/// sign in again.
pub(super) fn explain(asked: &Asked, sign_in: &str, error: &Error) -> Failure {
    let error = root(error);
    if let Some(status) = error.status() {
        return from_status(asked, sign_in, status);
    }
    if let Some(failure) = from_sign_in(asked, sign_in, error) {
        return failure;
    }
    if let Some(code) = error.http_status_code() {
        return from_foreign_answer(asked, sign_in, code);
    }
    from_transport(asked, error)
}

/// The error within an exhausted one: when the time limit ends a retry loop, only
/// the source says what happened.
pub(super) fn root(error: &Error) -> &Error {
    std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<Error>())
        .filter(|_| error.is_exhausted())
        .map_or(error, root)
}

/// No answer within the whole time.
pub(super) fn no_answer(asked: &Asked, within: std::time::Duration) -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!(
            "{}: no answer within {} s",
            asked.doing,
            within.as_secs_f32()
        ),
        format!(
            "check the network and the way to {}; it is tried again",
            asked.api
        ),
    )
}

/// An answer that is missing something it must have.
pub(super) fn nonsense(doing: &str, what: &str) -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("{doing}: the answer {what}"),
        "check that the endpoint is Google's, or a sandbox of this version",
    )
}

fn from_status(asked: &Asked, sign_in: &str, status: &Status) -> Failure {
    let doing = &asked.doing;
    let make = |kind, why: &str, hint: String| Failure::new(kind, format!("{doing}: {why}"), hint);
    match status.code {
        Code::Unauthenticated => make(
            FailureKind::SignedOut,
            "the sign-in is missing or has expired",
            sign_in.to_owned(),
        ),
        Code::PermissionDenied => denied(asked, status),
        Code::NotFound => make(
            FailureKind::NotFound,
            "it does not exist",
            asked.missing.clone(),
        ),
        Code::Aborted => make(FailureKind::Stale, "it was changed meanwhile", look_again()),
        Code::FailedPrecondition => make(
            FailureKind::Stale,
            "its present state does not allow that",
            look_again(),
        ),
        Code::AlreadyExists => make(FailureKind::Stale, "it exists already", look_again()),
        Code::ResourceExhausted => make(
            FailureKind::Unreachable,
            "the quota for requests is used up",
            format!(
                "wait a minute, or raise the quota of {} in {}",
                asked.api, asked.project
            ),
        ),
        Code::InvalidArgument | Code::OutOfRange => make(
            FailureKind::Config,
            "the request was refused as invalid",
            format!("check the names in the config; {}", asked.missing),
        ),
        code => make(
            FailureKind::Unreachable,
            &format!("the service answered {}", code.name()),
            "it is tried again; see https://status.cloud.google.com if it stays".to_owned(),
        ),
    }
}

fn look_again() -> String {
    "look at it again, then decide again".to_owned()
}

fn denied(asked: &Asked, status: &Status) -> Failure {
    let Asked {
        doing,
        project,
        role,
        api,
        ..
    } = asked;
    if error_info(status, "reason").as_deref() == Some("SERVICE_DISABLED") {
        return Failure::new(
            FailureKind::Denied,
            format!("{doing}: {api} is not enabled in project {project}"),
            format!("gcloud services enable {api} --project {project}"),
        );
    }
    let permission =
        error_info(status, "permission").unwrap_or_else(|| asked.permission.to_owned());
    Failure::new(
        FailureKind::Denied,
        format!("{doing}: permission {permission} is missing in project {project}"),
        format!(
            "ask an owner: gcloud projects add-iam-policy-binding {project} \
             --member=user:YOU --role={role}"
        ),
    )
}

/// A plain word out of `google.rpc.ErrorInfo`; anything but a plain word is dropped.
fn error_info(status: &Status, field: &str) -> Option<String> {
    let plain = |text: &str| {
        (!text.is_empty()
            && text.len() <= 80
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)))
        .then(|| text.to_owned())
    };
    status.details.iter().find_map(|detail| match detail {
        StatusDetails::ErrorInfo(info) if field == "reason" => plain(&info.reason),
        StatusDetails::ErrorInfo(info) => info.metadata.get(field).and_then(|text| plain(text)),
        _ => None,
    })
}

/// The sign-in itself failed, before anything was sent.
fn from_sign_in(asked: &Asked, sign_in: &str, error: &Error) -> Option<Failure> {
    use google_cloud_gax::error::CredentialsError;
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut found: Option<&CredentialsError> = None;
    while let Some(here) = source {
        found = here.downcast_ref().or(found);
        source = here.source();
    }
    let found = found.filter(|_| error.is_authentication() || error.is_exhausted())?;
    let doing = &asked.doing;
    Some(if found.is_transient() {
        Failure::new(
            FailureKind::Unreachable,
            format!("{doing}: the sign-in could not be refreshed"),
            "check the network; it is tried again",
        )
    } else {
        Failure::new(
            FailureKind::SignedOut,
            format!("{doing}: the sign-in has expired or was withdrawn"),
            sign_in.to_owned(),
        )
    })
}

/// An answer that no Google service gives: a proxy, a captive portal, a wrong endpoint.
fn from_foreign_answer(asked: &Asked, sign_in: &str, code: u16) -> Failure {
    let Asked { doing, api, .. } = asked;
    if code == 401 {
        return Failure::new(
            FailureKind::SignedOut,
            format!("{doing}: the sign-in was refused"),
            sign_in.to_owned(),
        );
    }
    Failure::new(
        FailureKind::Unreachable,
        format!("{doing}: HTTP {code} with a body that is not Google's"),
        format!("something answers in place of {api}: check the endpoint and any proxy"),
    )
}

fn from_transport(asked: &Asked, error: &Error) -> Failure {
    let Asked { doing, api, .. } = asked;
    let make = |kind, why: &str, hint: String| Failure::new(kind, format!("{doing}: {why}"), hint);
    let network = format!("check the network, the endpoint and any proxy on the way to {api}");
    if error.is_timeout() {
        make(FailureKind::Unreachable, "no answer in time", network)
    } else if error.is_connect() {
        make(FailureKind::Unreachable, "no connection", network)
    } else if error.is_deserialization() {
        make(
            FailureKind::Unreachable,
            "the answer is not what Google answers",
            format!("something answers in place of {api}: check the endpoint and any proxy"),
        )
    } else if error.is_binding() {
        make(
            FailureKind::Config,
            "a name in the config cannot be part of a resource name",
            "check project, region, job, sql_instance and secret in the config".to_owned(),
        )
    } else if error.is_serialization() {
        make(
            FailureKind::Internal,
            "the request could not be written",
            String::new(),
        )
    } else {
        make(FailureKind::Unreachable, "the connection broke", network)
    }
}

#[cfg(test)]
mod tests;
