//! What preflight finds, by the real program on a sandbox from which permissions were taken away.

use crate::support::Sandbox;
use serde_json::Value;

fn finding<'a>(plan: &'a Value, code: &str) -> &'a Value {
    let findings = plan["preflight"].as_array().expect("a list");
    let found = findings.iter().find(|finding| finding["code"] == code);
    found.unwrap_or_else(|| panic!("no {code} in {findings:#?}"))
}

#[test]
fn a_missing_permission_is_found_before_anything_is_sent() {
    let sandbox = Sandbox::start_with(&[
        ("PORTCULLIS_SANDBOX_BACKEND", "embedded"),
        (
            "PORTCULLIS_SANDBOX_DENY",
            "run.jobs.runWithOverrides=migrations-uat, \
             plant-migrations-demo@waooaw-oauth.iam.gserviceaccount.com secretmanager.versions.access",
        ),
    ]);
    let plan = sandbox
        .run(&["plan", "upgrade", "-e", "uat"])
        .expect_code(0)
        .json();
    let missing = finding(&plan, "permission-missing");
    assert_eq!(missing["severity"], "block", "{missing}");
    assert_eq!(
        missing["remedy"],
        "gcloud run jobs add-iam-policy-binding plant-db-migrations-uat --region asia-south1 \
         --project waooaw-oauth --member=user:ravi@example.com --role=roles/run.jobsExecutorWithOverrides"
    );
    assert_eq!(finding(&plan, "secret-access")["severity"], "pass");
    let executions = || {
        let list = ["executions", "list", "-e", "uat"];
        sandbox.run(&list).expect_code(0).json()["executions"].clone()
    };
    let before = executions();
    let refused = sandbox
        .run(&["run", "upgrade", "-e", "uat", "--yes"])
        .expect_code(9);
    assert!(
        refused.stderr.contains("run.jobs.runWithOverrides"),
        "{}",
        refused.stderr
    );
    assert_eq!(executions(), before);

    let plan = sandbox
        .run(&["plan", "current", "-e", "demo"])
        .expect_code(0)
        .json();
    let account = finding(&plan, "secret-access");
    assert_eq!(account["severity"], "warn", "a block warns in development");
    assert!(
        account["remedy"].as_str().is_some_and(
            |r| r.starts_with("gcloud secrets add-iam-policy-binding demo-plant-database-url")
        ),
        "{account}"
    );
}
