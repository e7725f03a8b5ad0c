//! Why the world says no, in the terms of `google.rpc.Status`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The `google.rpc.Code` values that the sandbox answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Code {
    /// The caller gave up or asked for the end.
    Cancelled,
    /// No better word.
    Unknown,
    /// The request is malformed.
    InvalidArgument,
    /// Time ran out.
    DeadlineExceeded,
    /// There is no such resource.
    NotFound,
    /// The resource is there already.
    AlreadyExists,
    /// The caller may not.
    PermissionDenied,
    /// A quota is used up.
    ResourceExhausted,
    /// The system is not in the state that the call needs.
    FailedPrecondition,
    /// Somebody else was faster, for example a stale `etag`.
    Aborted,
    /// A value is outside of its range.
    OutOfRange,
    /// The sandbox does not do this.
    Unimplemented,
    /// A fault of the sandbox itself.
    Internal,
    /// Not now, perhaps later.
    Unavailable,
    /// Nobody is signed in.
    Unauthenticated,
}

impl Code {
    /// The name on the wire, such as `NOT_FOUND`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cancelled => "CANCELLED",
            Self::Unknown => "UNKNOWN",
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::NotFound => "NOT_FOUND",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::ResourceExhausted => "RESOURCE_EXHAUSTED",
            Self::FailedPrecondition => "FAILED_PRECONDITION",
            Self::Aborted => "ABORTED",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::Unimplemented => "UNIMPLEMENTED",
            Self::Internal => "INTERNAL",
            Self::Unavailable => "UNAVAILABLE",
            Self::Unauthenticated => "UNAUTHENTICATED",
        }
    }

    /// The number in `google.rpc.Status.code`.
    pub const fn number(self) -> i32 {
        match self {
            Self::Cancelled => 1,
            Self::Unknown => 2,
            Self::InvalidArgument => 3,
            Self::DeadlineExceeded => 4,
            Self::NotFound => 5,
            Self::AlreadyExists => 6,
            Self::PermissionDenied => 7,
            Self::ResourceExhausted => 8,
            Self::FailedPrecondition => 9,
            Self::Aborted => 10,
            Self::OutOfRange => 11,
            Self::Unimplemented => 12,
            Self::Internal => 13,
            Self::Unavailable => 14,
            Self::Unauthenticated => 16,
        }
    }

    /// The HTTP status that Google's front end sends with it.
    pub const fn http(self) -> u16 {
        match self {
            Self::Cancelled => 499,
            Self::InvalidArgument | Self::FailedPrecondition | Self::OutOfRange => 400,
            Self::DeadlineExceeded => 504,
            Self::NotFound => 404,
            Self::AlreadyExists | Self::Aborted => 409,
            Self::PermissionDenied => 403,
            Self::ResourceExhausted => 429,
            Self::Unimplemented => 501,
            Self::Unknown | Self::Internal => 500,
            Self::Unavailable => 503,
            Self::Unauthenticated => 401,
        }
    }
}

/// A request that the world does not fulfil, ready to be put on the wire.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}: {message}", code.name())]
pub struct Refusal {
    /// The kind of refusal.
    pub code: Code,
    /// What Google would say.
    pub message: String,
    /// `google.protobuf.Any` messages in JSON form, each with its `@type`.
    pub details: Vec<Value>,
}

impl Refusal {
    /// A refusal without details.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: Vec::new(),
        }
    }

    /// A refusal for a resource that is not there.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, message)
    }

    /// A refusal for a request that makes no sense.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, message)
    }

    /// A refusal for a state that the call cannot work with.
    pub fn precondition(message: impl Into<String>) -> Self {
        Self::new(Code::FailedPrecondition, message)
    }

    /// A refusal because somebody changed the resource in between.
    pub fn stale_etag(resource: &str) -> Self {
        Self::new(
            Code::Aborted,
            format!(
                "Conflict for resource '{resource}': version mismatch, the etag does not match the current one."
            ),
        )
    }

    /// A refusal because the caller lacks a permission, with Google's `ErrorInfo`.
    pub fn denied(permission: &str, resource: &str) -> Self {
        Self::new(
            Code::PermissionDenied,
            format!(
                "Permission '{permission}' denied on resource '{resource}' (or it may not exist)."
            ),
        )
        .with(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "IAM_PERMISSION_DENIED",
            "domain": "iam.googleapis.com",
            "metadata": { "permission": permission, "resource": resource },
        }))
    }

    /// The same refusal with one more detail.
    #[must_use]
    pub fn with(mut self, detail: Value) -> Self {
        self.details.push(detail);
        self
    }
}

/// A status that is kept inside of a resource: `google.rpc.Status` without details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The kind.
    pub code: Code,
    /// The words.
    pub message: String,
}
