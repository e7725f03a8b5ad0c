use super::*;
use google_cloud_gax::error::CredentialsError;

fn asked() -> Asked {
    Asked {
        doing: "reading job x".to_owned(),
        permission: "run.jobs.get",
        role: "roles/run.viewer",
        project: "p".to_owned(),
        api: "run.googleapis.com",
        missing: "look here".to_owned(),
    }
}

fn told(error: &Error) -> Failure {
    explain(&asked(), "sign in again", error)
}

fn status(code: Code) -> Error {
    Error::service(Status::default().set_code(code).set_message("hunter2"))
}

fn denied_with(reason: &str, permission: &str) -> Failure {
    let info = serde_json::json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason, "metadata": {"permission": permission},
    });
    let detail: StatusDetails = serde_json::from_value(info).unwrap();
    told(&Error::service(
        Status::default()
            .set_code(Code::PermissionDenied)
            .set_details([detail]),
    ))
}

#[test]
fn every_code_has_its_kind_and_never_the_servers_words() {
    for (code, kind) in [
        (Code::Unauthenticated, FailureKind::SignedOut),
        (Code::PermissionDenied, FailureKind::Denied),
        (Code::NotFound, FailureKind::NotFound),
        (Code::Aborted, FailureKind::Stale),
        (Code::FailedPrecondition, FailureKind::Stale),
        (Code::InvalidArgument, FailureKind::Config),
        (Code::ResourceExhausted, FailureKind::Unreachable),
        (Code::Unavailable, FailureKind::Unreachable),
        (Code::DeadlineExceeded, FailureKind::Unreachable),
        (Code::Internal, FailureKind::Unreachable),
        (Code::Unknown, FailureKind::Unreachable),
    ] {
        let failure = told(&status(code));
        assert_eq!(failure.kind, kind, "{code:?}");
        assert!(failure.summary.starts_with("reading job x: "), "{failure}");
        assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
        assert!(!failure.hint.is_empty(), "{code:?}");
    }
}

#[test]
fn the_time_limit_does_not_hide_what_happened() {
    let outer = Error::exhausted(Error::exhausted(status(Code::Unavailable)));
    assert!(outer.status().is_none());
    assert!(told(&outer).summary.contains("UNAVAILABLE"));
    assert_eq!(
        told(&Error::exhausted(status(Code::PermissionDenied))).kind,
        FailureKind::Denied
    );
}

#[test]
fn the_missing_permission_is_named_when_it_is_a_plain_word() {
    let named = denied_with("IAM_PERMISSION_DENIED", "run.jobs.runWithOverrides");
    assert!(
        named.summary.contains("run.jobs.runWithOverrides"),
        "{named}"
    );
    assert!(
        named.hint.contains("--role=roles/run.viewer"),
        "{}",
        named.hint
    );
    let hostile = denied_with("IAM_PERMISSION_DENIED", "\u{1b}[2J rm -rf");
    assert!(hostile.summary.contains("run.jobs.get"), "{hostile}");
}

#[test]
fn a_service_that_is_off_is_switched_on_not_granted() {
    let off = denied_with("SERVICE_DISABLED", "");
    assert_eq!(
        off.hint,
        "gcloud services enable run.googleapis.com --project p"
    );
}

#[test]
fn a_sign_in_that_failed_is_told_from_a_network_that_failed() {
    let gone = Error::authentication(CredentialsError::from_msg(false, "invalid_grant"));
    assert_eq!(
        (told(&gone).kind, told(&gone).hint),
        (FailureKind::SignedOut, "sign in again".into())
    );
    let network = Error::authentication(CredentialsError::from_msg(true, "no route"));
    assert_eq!(told(&network).kind, FailureKind::Unreachable);
    assert_eq!(
        told(&Error::exhausted(network)).kind,
        FailureKind::Unreachable
    );
}

#[test]
fn what_the_network_does_is_unreachable() {
    let page = Error::http(502, http::HeaderMap::new(), "<html>hunter2</html>".into());
    for error in [
        Error::timeout("x"),
        Error::connect("x"),
        Error::io("x"),
        Error::deser("x"),
        page,
    ] {
        let failure = told(&error);
        assert_eq!(failure.kind, FailureKind::Unreachable, "{error:?}");
        assert!(!format!("{failure:?}").contains("hunter2"));
    }
    let page = Error::http(401, http::HeaderMap::new(), "<html>".into());
    assert_eq!(told(&page).kind, FailureKind::SignedOut);
    assert_eq!(told(&Error::binding("x")).kind, FailureKind::Config);
}
