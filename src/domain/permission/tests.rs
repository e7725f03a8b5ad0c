//! Who may read a secret, what a deed needs, and the command that grants it.

use super::*;

const ACCOUNT: &str = "runner@p.iam.gserviceaccount.com";

fn policy(bindings: &[(&str, &str, bool)]) -> Policy {
    let bindings = bindings.iter().map(|(role, member, conditional)| Binding {
        role: (*role).to_owned(),
        members: vec![(*member).to_owned()],
        conditional: *conditional,
    });
    Policy {
        bindings: bindings.collect(),
        inherits: Some(false),
    }
}

fn judged(secret: &[(&str, &str, bool)], project: &[(&str, &str, bool)]) -> Reads {
    reads_secret(ACCOUNT, Ok(&policy(secret)), Ok(&policy(project)))
}

const ME: &str = "serviceAccount:runner@p.iam.gserviceaccount.com";

#[test]
fn a_role_on_the_secret_or_on_its_project_reads_it() {
    let accessor = [(READER, ME, false)];
    assert_eq!(judged(&accessor, &[]), Reads::Yes(READER.to_owned()));
    assert_eq!(judged(&[], &accessor), Reads::Yes(READER.to_owned()));
    let owner = [("roles/owner", ME, false)];
    assert_eq!(judged(&[], &owner), Reads::Yes("roles/owner".to_owned()));
    let shouted = [(
        READER,
        "serviceAccount:Runner@p.iam.gserviceaccount.com",
        false,
    )];
    assert!(matches!(judged(&shouted, &[]), Reads::Yes(_)));
}

#[test]
fn what_is_granted_to_others_or_is_another_role_does_not() {
    assert_eq!(judged(&[], &[]), Reads::No);
    assert_eq!(
        judged(&[(READER, "user:mia@example.com", false)], &[]),
        Reads::No
    );
    for role in [
        "roles/editor",
        "roles/secretmanager.viewer",
        "roles/cloudsql.client",
    ] {
        assert_eq!(judged(&[], &[(role, ME, false)]), Reads::No, "{role}");
    }
    let gone = format!("deleted:{ME}?uid=1");
    assert_eq!(judged(&[(READER, &gone, false)], &[]), Reads::No);
}

#[test]
fn what_only_others_can_tell_is_not_known() {
    let unknown = |reads: Reads| matches!(reads, Reads::Unknown(_));
    assert!(unknown(judged(
        &[(READER, "group:ops@example.com", false)],
        &[]
    )));
    assert!(unknown(judged(&[(READER, ME, true)], &[])), "a condition");
    assert!(unknown(judged(
        &[],
        &[("projects/p/roles/mine", ME, false)]
    )));
    assert!(unknown(judged(
        &[],
        &[("roles/cloudsql.serviceAgent", ME, false)]
    )));
    let no = policy(&[]);
    let refused = || Err("no permission to see it".to_owned());
    assert!(unknown(reads_secret(ACCOUNT, refused(), Ok(&no))));
    assert!(unknown(reads_secret(ACCOUNT, Ok(&no), refused())));
    assert!(unknown(reads_secret("", Ok(&no), Ok(&no))));
    for inherits in [Some(true), None] {
        let above = Policy {
            inherits,
            ..policy(&[])
        };
        assert!(unknown(reads_secret(ACCOUNT, Ok(&no), Ok(&above))));
    }
    // A grant that is certain outweighs what is not known.
    let yes = policy(&[(READER, ME, false)]);
    assert!(matches!(
        reads_secret(ACCOUNT, Ok(&yes), refused()),
        Reads::Yes(_)
    ));
    let both = [("projects/p/roles/mine", ME, false), (READER, ME, false)];
    assert!(matches!(judged(&both, &[]), Reads::Yes(_)));
}

#[test]
fn every_deed_needs_something_and_a_gap_names_its_role() {
    for deed in Deed::ALL {
        assert!(needed(deed).count() > 0, "{deed:?}");
        assert!(!deed.words().is_empty());
        assert_eq!(gaps(deed, &[]).len(), needed(deed).count());
    }
    let held = ["run.jobs.run".to_owned()];
    let missing: Vec<_> = gaps(Deed::Run, &held)
        .iter()
        .map(|n| n.permission)
        .collect();
    assert_eq!(missing, ["run.jobs.runWithOverrides"]);
    for needed in NEEDED {
        assert!(needed.role.starts_with("roles/"), "{needed:?}");
        assert!(needed.permission.split('.').count() == 3, "{needed:?}");
    }
}

#[test]
fn a_grant_can_be_copied() {
    let job = Resource::Job {
        project: "p".to_owned(),
        region: "r".to_owned(),
        job: "j".to_owned(),
    };
    assert_eq!(
        job.grant(&member(Some("ravi@example.com")), EXECUTOR),
        "gcloud run jobs add-iam-policy-binding j --region r --project p \
         --member=user:ravi@example.com --role=roles/run.jobsExecutorWithOverrides"
    );
    assert_eq!(
        Resource::secret("p", "s").grant(&member(Some(ACCOUNT)), READER),
        "gcloud secrets add-iam-policy-binding s --project p \
         --member=serviceAccount:runner@p.iam.gserviceaccount.com --role=roles/secretmanager.secretAccessor"
    );
    assert_eq!(
        Resource::project("p").grant(&member(None), "roles/viewer"),
        "gcloud projects add-iam-policy-binding p --member=user:YOU --role=roles/viewer"
    );
    assert_eq!(job.name(), "projects/p/locations/r/jobs/j");
}
