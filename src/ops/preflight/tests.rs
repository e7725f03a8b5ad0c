//! Each check: facts in, finding out.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::domain::act::Act as _;
use crate::domain::approval::Consents;
use crate::domain::database::{Instance, Reading};
use crate::domain::directory::Comparison;
use crate::domain::environment::{ProbeKind, Tier};
use crate::domain::execution::{Execution, ExecutionState};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::fleet::Identity;
use crate::domain::gate::{Answer, Gate};
use crate::domain::job::{Egress, Job, VpcTraffic};
use crate::domain::migration::MigrationState;
use crate::domain::operation::Operation;
use crate::domain::permission::{Binding, Policy, READER};
use crate::domain::plan::Step;
use crate::domain::plan::tests::plan;
use crate::domain::preflight::{CODES, POLICY};
use crate::domain::secret::{SecretVersion, SecretVersions, VersionNumber};
use crate::ops::database_checks::Outside;

const ACCOUNT: &str = "runner@p.iam.gserviceaccount.com";

fn now() -> Timestamp {
    Timestamp::from_second(1_000_000_000).unwrap()
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

fn environment() -> Environment {
    Environment {
        name: "prod".into(),
        tier: Tier::Production,
        project: "p".to_owned(),
        region: "r".to_owned(),
        job: "j".to_owned(),
        sql_instance: Some("sql".to_owned()),
        database: None,
        secret: None,
        services: Vec::new(),
        probes: Vec::new(),
        direct: None,
        labels: BTreeMap::new(),
    }
}

fn job() -> Job {
    Job {
        name: "j".to_owned(),
        etag: "1".to_owned(),
        image: "i@sha256:4be1".into(),
        command: Vec::new(),
        args: Vec::new(),
        env: Vec::new(),
        max_retries: 0,
        task_count: 1,
        parallelism: 1,
        timeout: minutes(10),
        service_account: ACCOUNT.to_owned(),
        egress: Egress::Direct {
            network: "n/s".to_owned(),
            traffic: VpcTraffic::PrivateRangesOnly,
        },
        cloud_sql_instances: Vec::new(),
        updated_at: Some(now() - minutes(600)),
        latest_execution: None,
    }
}

fn instance() -> Instance {
    Instance {
        name: "sql".to_owned(),
        state: InstanceState::Runnable,
        version: "POSTGRES_15".to_owned(),
        public_address: false,
        private_address: true,
        ssl_required: true,
        deletion_protection: true,
        backups_enabled: true,
        point_in_time_recovery: true,
        data_api: Some(true),
        last_backup_at: None,
        maintenance_at: None,
        operations: Some(Vec::new()),
    }
}

/// An upgrade that ended well and took so many minutes.
fn run(name: &str, took: i64) -> Execution {
    Execution {
        name: name.into(),
        job: "j".to_owned(),
        state: ExecutionState::Succeeded,
        message: "".into(),
        timed_out: false,
        cancelling: false,
        created_at: now() - minutes(60),
        started_at: Some(now() - minutes(60)),
        completed_at: Some(now() - minutes(60) + minutes(took)),
        creator: "mia@example.com".into(),
        args: plan().args.iter().map(|arg| arg.as_str().into()).collect(),
        image: "i@sha256:4be1".into(),
        run_id: None,
        retried: 0,
        log_uri: String::new(),
    }
}

fn reads(member: &str) -> Policy {
    Policy {
        bindings: vec![Binding {
            role: READER.to_owned(),
            members: vec![member.to_owned()],
            conditional: false,
        }],
        inherits: Some(false),
    }
}

/// Facts in which nothing is wrong.
fn facts() -> Facts {
    Facts {
        job: job(),
        executions: Ok(vec![run("good", 2)]),
        instance: Some(Ok(instance())),
        secrets: vec![SecretReference {
            variable: "DATABASE_URL".to_owned(),
            secret: "url".to_owned(),
            reference: "latest".to_owned(),
            versions: Ok(SecretVersions {
                secret: "url".to_owned(),
                versions: vec![SecretVersion {
                    version: VersionNumber(2),
                    state: VersionState::Enabled,
                    created_at: now(),
                    destroyed_at: None,
                    etag: String::new(),
                }],
            }),
            policy: Ok(reads(&format!("serviceAccount:{ACCOUNT}"))),
        }],
        directory: Comparison::default(),
        reading: Ok(Reading {
            probe: ProbeKind::DataApi,
            at: now(),
            current: Some(vec!["005".into()]),
            tables: None,
        }),
        lower: None,
        lower_executions: Vec::new(),
        outside: None,
        identity: Ok(Identity {
            email: Some("ravi@example.com".to_owned()),
            credential: "a test".to_owned(),
            expires_at: None,
        }),
        held: Ok(["run.jobs.run", "run.jobs.runWithOverrides"]
            .map(str::to_owned)
            .to_vec()),
        held_on_project: None,
        project_policy: Ok(Policy {
            inherits: Some(false),
            ..Policy::default()
        }),
        open_runs: Vec::new(),
        backends: None,
    }
}

fn found_in(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let request = Request {
        environment: environment(),
        operation: Operation {
            name: plan.operation.clone(),
            args: plan.args.clone(),
            params: BTreeMap::new(),
            risk: plan.risk,
        },
        params: BTreeMap::new(),
        promote_from: None,
        run: None,
        backup_first: false,
    };
    let by = ResolvedBy::Checkout;
    check(&request, (plan, &by), facts, &Policies::default(), now())
}

/// The one finding of a check after one fact changed.
fn after(code: &str, change: impl FnOnce(&mut Facts)) -> Finding {
    let mut facts = facts();
    change(&mut facts);
    one(code, found_in(&plan(), &facts))
}

fn one(code: &str, findings: Vec<Finding>) -> Finding {
    assert!(CODES.contains(&code), "{code}");
    let mut found: Vec<_> = findings.into_iter().filter(|f| f.code == code).collect();
    assert_eq!(found.len(), 1, "{code}: {found:?}");
    found.remove(0)
}

fn down() -> Failure {
    Failure::new(FailureKind::Denied, "not for you", "ask")
}

#[test]
fn where_nothing_is_wrong_everything_passes() {
    let findings = found_in(&plan(), &facts());
    let bad: Vec<_> = findings
        .iter()
        .filter(|f| f.severity != Severity::Pass)
        .collect();
    assert_eq!(bad, Vec::<&Finding>::new());
    assert!(findings.len() >= 12, "{findings:?}");
}

#[test]
fn a_remedy_is_a_command_with_everything_filled_in() {
    let retries = after("retries", |f| f.job.max_retries = 3);
    assert_eq!(retries.severity, Severity::Block);
    assert_eq!(
        retries.remedy,
        "gcloud run jobs update j --max-retries 0 --region r --project p"
    );
    let account = after("secret-access", |f| {
        f.secrets[0].policy = Ok(reads("user:mia@example.com"));
    });
    assert_eq!(account.severity, Severity::Block);
    assert_eq!(
        account.remedy,
        "gcloud secrets add-iam-policy-binding url --project p \
         --member=serviceAccount:runner@p.iam.gserviceaccount.com --role=roles/secretmanager.secretAccessor"
    );
    let mine = after("permission-missing", |f| {
        f.held = Ok(vec!["run.jobs.run".to_owned()]);
    });
    assert_eq!(mine.severity, Severity::Block);
    assert!(
        mine.message.contains("run.jobs.runWithOverrides"),
        "{mine:?}"
    );
    assert_eq!(
        mine.remedy,
        "gcloud run jobs add-iam-policy-binding j --region r --project p \
         --member=user:ravi@example.com --role=roles/run.jobsExecutorWithOverrides"
    );
}

#[test]
fn the_definition_of_the_job_is_judged() {
    let severity = |code, change: fn(&mut Facts)| after(code, change).severity;
    assert_eq!(severity("tasks", |f| f.job.task_count = 2), Severity::Block);
    assert_eq!(
        severity("parallelism", |f| f.job.parallelism = 5),
        Severity::Warn
    );
    assert_eq!(
        severity("egress", |f| f.job.egress = Egress::None),
        Severity::Block
    );
    let connector = after("egress", |f| {
        f.job.egress = Egress::Connector {
            connector: "c".to_owned(),
            traffic: VpcTraffic::AllTraffic,
        };
    });
    assert!(connector.message.contains("all-traffic"), "{connector:?}");
    let slow = after("timeout", |f| {
        f.executions = Ok(vec![run("a", 1), run("b", 7)]);
    });
    assert_eq!(slow.severity, Severity::Warn);
    assert!(
        slow.message.contains("longest of 2 such runs took 420 s"),
        "{slow:?}"
    );
    let unknown = after("timeout", |f| f.executions = Ok(Vec::new()));
    assert!(unknown.message.contains("no such run"), "{unknown:?}");
    let tagged = Plan {
        image_digest: None,
        ..plan()
    };
    assert_eq!(
        one("image", found_in(&tagged, &facts())).severity,
        Severity::Warn
    );
}

#[test]
fn who_may_what_is_judged() {
    assert_eq!(
        after("permission-unknown", |f| f.held = Err(down())).severity,
        Severity::Warn
    );
    // What cannot be told warns, unless a run of this definition has read the secret.
    let hidden = |f: &mut Facts| f.secrets[0].policy = Err(down());
    let told = after("secret-access", hidden);
    assert_eq!(told.severity, Severity::Pass);
    assert!(told.message.starts_with("good read url"), "{told:?}");
    let untold = after("secret-access", |f| {
        hidden(f);
        f.job.updated_at = Some(now());
    });
    assert_eq!(untold.severity, Severity::Warn);
    let step = Plan {
        steps: vec![Step::Backup {
            instance: "sql".to_owned(),
        }],
        ..plan()
    };
    let mut facts = facts();
    facts.held_on_project = Some(Ok(Vec::new()));
    let backup = one("permission-missing", found_in(&step, &facts));
    assert!(
        backup.message.contains("cloudsql.backupRuns.create"),
        "{backup:?}"
    );
}

#[test]
fn the_sign_in_must_last_for_the_run_and_what_follows() {
    let ends = |left| {
        after("sign-in", |f| {
            if let Ok(identity) = &mut f.identity {
                identity.expires_at = Some(now() + minutes(left));
            }
        })
        .severity
    };
    // Such a run takes two minutes.
    assert_eq!(ends(1), Severity::Block);
    assert_eq!(ends(6), Severity::Warn);
    assert_eq!(ends(8), Severity::Pass);
    assert_eq!(ends(-5), Severity::Block, "it has ended");
    assert_eq!(
        after("sign-in", |f| f.identity = Err(down())).severity,
        Severity::Pass
    );
}

#[test]
fn other_runs_secrets_and_the_instance_are_judged() {
    let going = |f: &mut Facts| {
        let mut other = run("other", 0);
        (other.state, other.completed_at) = (ExecutionState::Running, None);
        f.executions = Ok(vec![other]);
    };
    assert_eq!(after("run-active", going).severity, Severity::Block);
    assert_eq!(
        after("run-active", |f| f.executions = Err(down())).severity,
        Severity::Block
    );
    assert_eq!(
        after("secret-unreadable", |f| f.secrets[0].versions = Err(down())).severity,
        Severity::Warn
    );
    let state = |f: &mut Facts| {
        f.instance = Some(Ok(Instance {
            state: InstanceState::Stopped,
            ..instance()
        }));
    };
    assert_eq!(after("instance-stopped", state).severity, Severity::Block);
    assert_eq!(
        after("instance-unreadable", |f| f.instance = Some(Err(down()))).severity,
        Severity::Warn
    );
    let mut planned = plan();
    planned.secrets[0].state = VersionState::Disabled;
    let disabled = one("secret-disabled", found_in(&planned, &facts()));
    assert!(
        disabled
            .remedy
            .starts_with("portcullis secrets enable url 2 -e prod"),
        "{disabled:?}"
    );
    planned.secrets[0].version = None;
    assert_eq!(
        one("secret-missing", found_in(&planned, &facts())).severity,
        Severity::Block
    );
}

#[test]
fn a_database_outside_of_the_revisions_is_not_moved() {
    let outside = |state| {
        move |f: &mut Facts| {
            f.outside = Some(Outside {
                state,
                rows: vec!["0ff".into()],
                whose: "the image".to_owned(),
            });
        }
    };
    assert_eq!(
        after("ahead", outside(MigrationState::Ahead)).severity,
        Severity::Block
    );
    assert_eq!(
        after("diverged", outside(MigrationState::Diverged)).severity,
        Severity::Block
    );
    let mut facts = facts();
    outside(MigrationState::Ahead)(&mut facts);
    let seed = Plan {
        moves: false,
        ..plan()
    };
    assert_eq!(
        one("ahead", found_in(&seed, &facts)).severity,
        Severity::Warn
    );
    let purge = Plan {
        args: ["alembic", "stamp", "--purge", "head"]
            .map(str::to_owned)
            .to_vec(),
        ..plan()
    };
    assert_eq!(
        one("ahead", found_in(&purge, &facts)).severity,
        Severity::Warn
    );
    let looks = Plan {
        risk: Risk::Read,
        ..plan()
    };
    assert!(found_in(&looks, &facts).iter().all(|f| f.code != "ahead"));
    assert_eq!(
        after("revision-unknown", |f| f.reading = Err(down())).severity,
        Severity::Block
    );
}

#[test]
fn every_finding_has_a_known_code_and_a_block_has_a_remedy() {
    let mut facts = facts();
    facts.job.max_retries = 3;
    facts.job.task_count = 2;
    facts.job.egress = Egress::None;
    facts.held = Ok(Vec::new());
    facts.reading = Err(down());
    facts.secrets[0].policy = Ok(Policy::default());
    for finding in found_in(&plan(), &facts) {
        assert!(CODES.contains(&finding.code.as_str()), "{finding:?}");
        let passes = finding.severity == Severity::Pass;
        assert_eq!(passes, finding.remedy.is_empty(), "{finding:?}");
    }
}

proptest! {
    #[test]
    fn a_finding_that_blocks_keeps_the_gate_closed_whatever_the_answer(
        code in prop::sample::select(CODES.to_vec()),
        typed in prop::option::of(prop::sample::select(vec!["prod", "prod 007", "break glass prod 007", ""])),
        key in any::<bool>(), armed in any::<bool>(), reason in prop::option::of("OPS-[0-9] .{0,20}"),
        breaks_glass in any::<bool>(),
    ) {
        let blocks = Finding::found(code, Severity::Block, "no", "mend it");
        let gate = Gate::before(&plan(), &Policies::default(), &[blocks]);
        let answer = Answer { typed: typed.map(str::to_owned), key, reason, armed, breaks_glass };
        let consents = Consents::unasked(&plan().digest(), "ravi@example.com");
        // Only what the tier's policy asks for yields, and only to whoever breaks the glass.
        let yields = breaks_glass && POLICY.contains(&code);
        prop_assert!(yields || gate.pass(plan(), answer, &consents, now()).is_err());
    }
}
