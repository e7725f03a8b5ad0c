//! A world in memory: three environments as the document of the project's origin has them.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use portcullis::app::effect::Part;
use portcullis::app::event::{PartAnswer, Prepared};
use portcullis::domain::act::{Act as _, SecretChange, SecretVerb};
use portcullis::domain::approval::Consents;
use portcullis::domain::database::{Instance, InstanceState, Reading, Table};
use portcullis::domain::environment::{Environment, ProbeKind, Tier};
use portcullis::domain::execution::{Execution, ExecutionState};
use portcullis::domain::failure::Failure;
use portcullis::domain::fleet::{EnvironmentStatus, Identity};
use portcullis::domain::gate::Gate;
use portcullis::domain::job::{Egress, EnvBinding, EnvValue, Job};
use portcullis::domain::logs::{LogLine, LogSeverity};
use portcullis::domain::migration::{Directory, MigrationState, RevisionSummary, Standing};
use portcullis::domain::observed::Remote;
use portcullis::domain::operation::{Operation, Param, ParamKind, Risk};
use portcullis::domain::plan::{Plan, PlannedSecret};
use portcullis::domain::policy::Policies;
use portcullis::domain::preflight::{Finding, Severity};
use portcullis::domain::problem;
use portcullis::domain::revision::RevisionId;
use portcullis::domain::secret::{SecretVersion, SecretVersions, VersionNumber, VersionState};

/// When the tests begin.
pub(crate) const START: Timestamp = Timestamp::constant(1_768_611_600, 0);

/// The revisions of the directory, in order, with their messages.
pub(crate) const REVISIONS: [(&str, &str); 7] = [
    ("001_base_entity", "Base entity and its audit columns"),
    ("002_skills_and_roles", "Skills, job roles, teams"),
    ("003_remaining_entities", "Agents, industries, trials"),
    ("004_indexes", "Indexes for the marketplace search"),
    ("005_rls_policies", "Row level security for tenants"),
    ("006_trial_tables", "Trial tables"),
    ("007_gateway_audit_logs", "Audit logs of the gateway"),
];

pub(crate) fn ago(now: Timestamp, minutes: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_mins(minutes))
        .expect("a test")
}

pub(crate) fn environment(name: &str, tier: Tier) -> Environment {
    Environment {
        name: name.into(),
        tier,
        project: "waooaw-oauth".into(),
        region: "asia-south1".into(),
        job: format!("plant-db-migrations-{name}"),
        sql_instance: Some(format!("plant-sql-{name}")),
        database: Some("plant".into()),
        secret: Some(format!("{name}-plant-database-url")),
        services: Vec::new(),
        probes: vec![ProbeKind::DataApi],
        direct: None,
        labels: std::collections::BTreeMap::new(),
    }
}

/// One environment of the world.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) environment: Environment,
    pub(crate) at: usize,
    pub(crate) versions: Vec<SecretVersion>,
    pub(crate) executions: Vec<Execution>,
    pub(crate) retries: u32,
    pub(crate) instance: InstanceState,
    pub(crate) unversioned: bool,
    /// Parts that cannot be read, and why.
    pub(crate) broken: Vec<(Part, Failure)>,
}

impl Site {
    fn new(
        name: &str,
        tier: Tier,
        at: usize,
        versions: &[(u64, VersionState, i64)],
        now: Timestamp,
    ) -> Self {
        let versions = versions
            .iter()
            .map(|(number, state, days)| SecretVersion {
                version: VersionNumber(*number),
                state: *state,
                created_at: ago(now, days * 24 * 60),
                destroyed_at: None,
                etag: format!("e{number}"),
            })
            .collect();
        Self {
            environment: environment(name, tier),
            at,
            versions,
            executions: Vec::new(),
            retries: 0,
            instance: InstanceState::Runnable,
            unversioned: false,
            broken: Vec::new(),
        }
    }

    fn history(mut self, now: Timestamp, runs: &[(i64, i64, ExecutionState)]) -> Self {
        let name = &self.environment.name;
        self.executions = runs
            .iter()
            .enumerate()
            .map(|(at, (hours, seconds, state))| {
                let start = ago(now, hours * 60);
                execution(
                    &format!("plant-db-migrations-{name}-x{at}q7"),
                    start,
                    *seconds,
                    *state,
                )
            })
            .collect();
        self
    }

    fn secret(&self) -> SecretVersions {
        SecretVersions {
            secret: self.environment.secret.clone().expect("a test"),
            versions: self.versions.clone(),
        }
    }

    fn job(&self) -> Job {
        Job {
            name: self.environment.job.clone(),
            etag: "etag-1".into(),
            image: "asia-south1-docker.pkg.dev/waooaw-oauth/plant/plant-migrations:latest".into(),
            command: Vec::new(),
            args: Vec::new(),
            env: vec![EnvBinding {
                name: "DATABASE_URL".into(),
                value: EnvValue::Secret {
                    secret: self.environment.secret.clone().expect("a test"),
                    version: "latest".into(),
                },
            }],
            max_retries: self.retries,
            task_count: 1,
            parallelism: 1,
            timeout: SignedDuration::from_mins(10),
            service_account: "plant-migrations@waooaw-oauth.iam.gserviceaccount.com".into(),
            egress: Egress::Direct {
                network: "default/default".into(),
                traffic: portcullis::domain::job::VpcTraffic::PrivateRangesOnly,
            },
            cloud_sql_instances: Vec::new(),
            updated_at: None,
            latest_execution: None,
        }
    }

    fn current(&self) -> Option<Vec<RevisionId>> {
        if self.unversioned {
            return None;
        }
        Some(
            REVISIONS[..self.at]
                .last()
                .map(|(id, _)| RevisionId::new(*id))
                .into_iter()
                .collect(),
        )
    }

    pub(crate) fn answer(&self, part: Part, now: Timestamp) -> PartAnswer {
        let failure = self
            .broken
            .iter()
            .find(|(of, _)| *of == part)
            .map(|(_, f)| f.clone());
        match part {
            Part::Job => PartAnswer::Job(Box::new(remote(failure, self.job(), "run api", now))),
            Part::Executions => {
                PartAnswer::Executions(remote(failure, self.executions.clone(), "run api", now))
            }
            Part::Instance => {
                PartAnswer::Instance(remote(failure, self.instance(now), "sql api", now))
            }
            Part::Secret => {
                PartAnswer::Secret(remote(failure, self.secret(), "secret manager", now))
            }
            Part::Reading => {
                PartAnswer::Reading(remote(failure, self.reading(now), "data-api", now))
            }
            Part::Probes => PartAnswer::Probes(remote(failure, Vec::new(), "probes", now)),
        }
    }

    fn instance(&self, now: Timestamp) -> Instance {
        Instance {
            name: self.environment.sql_instance.clone().expect("a test"),
            state: self.instance,
            version: "POSTGRES_15".into(),
            public_address: false,
            private_address: true,
            ssl_required: true,
            deletion_protection: true,
            backups_enabled: true,
            point_in_time_recovery: true,
            data_api: Some(true),
            last_backup_at: Some(ago(now, 18)),
            maintenance_at: None,
            operations: None,
        }
    }

    fn reading(&self, now: Timestamp) -> Reading {
        Reading {
            probe: ProbeKind::DataApi,
            at: now,
            current: self.current(),
            tables: Some(
                [
                    "audit_logs",
                    "customers",
                    "orders",
                    "roles",
                    "skills",
                    "teams",
                ]
                .map(|name| Table::new("public", name, &["id"]))
                .to_vec(),
            ),
        }
    }
}

fn remote<T>(failure: Option<Failure>, value: T, source: &str, now: Timestamp) -> Remote<T> {
    match failure {
        Some(failure) => Remote::failed(failure),
        None => Remote::ready(value, source, now),
    }
}

pub(crate) fn execution(
    name: &str,
    start: Timestamp,
    seconds: i64,
    state: ExecutionState,
) -> Execution {
    let end = start
        .checked_add(SignedDuration::from_secs(seconds))
        .expect("a test");
    Execution {
        name: name.into(),
        job: "plant-db-migrations".into(),
        state,
        message: match state {
            ExecutionState::Failed => "The container exited with an error.".into(),
            _ => "".into(),
        },
        timed_out: false,
        cancelling: false,
        created_at: start,
        started_at: Some(start),
        completed_at: state.is_over().then_some(end),
        creator: "ravi@example.com".into(),
        args: ["python", "-m", "alembic", "upgrade", "head"]
            .map(Into::into)
            .to_vec(),
        image: "plant-migrations:latest".into(),
        run_id: None,
        retried: 0,
        log_uri: String::new(),
    }
}

pub(crate) fn line(at: Timestamp, text: &str) -> LogLine {
    LogLine {
        at,
        insert_id: text.to_owned(),
        severity: LogSeverity::Default,
        stream: portcullis::domain::logs::LogStream::Other,
        text: text.into(),
    }
}

/// The whole world.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) sites: Vec<Site>,
    pub(crate) identity: Result<Identity, Failure>,
    pub(crate) directory: Result<Arc<Directory>, Failure>,
    /// Whether files can be reviewed.
    pub(crate) reviews: Result<(), Failure>,
    pub(crate) policies: Policies,
}

impl World {
    pub(crate) fn of_the_origin(now: Timestamp) -> Self {
        use ExecutionState::{Cancelled, Failed, Succeeded};
        use VersionState::{Destroyed, Disabled, Enabled};
        let good = |hours: &[i64]| -> Vec<(i64, i64, ExecutionState)> {
            hours
                .iter()
                .map(|h| (*h, 30 + (h * 7) % 23, Succeeded))
                .collect()
        };
        let mut demo = Site::new("demo", Tier::Development, 0, &[(1, Enabled, 38)], now).history(
            now,
            &[
                (2, 4, Failed),
                (3, 3, Failed),
                (26, 4, Failed),
                (50, 4, Succeeded),
            ],
        );
        demo.unversioned = true;
        let uat = Site::new(
            "uat",
            Tier::Staging,
            3,
            &[(2, Enabled, 12), (1, Destroyed, 90)],
            now,
        )
        .history(
            now,
            &[
                vec![(216, 151, Succeeded), (260, 12, Cancelled)],
                good(&[300, 320, 350, 400]),
            ]
            .concat(),
        );
        let mut prod = Site::new(
            "prod",
            Tier::Production,
            5,
            &[(3, Disabled, 2), (2, Enabled, 64), (1, Destroyed, 200)],
            now,
        )
        .history(now, &good(&[74, 100, 160, 300, 420, 500]));
        prod.retries = 3;
        Self {
            sites: vec![demo, uat, prod],
            identity: Ok(Identity {
                email: Some("ravi@example.com".into()),
                credential: "user of the application default credentials".into(),
                expires_at: Some(ago(now, -41)),
            }),
            directory: Ok(Arc::new(directory())),
            reviews: Ok(()),
            policies: Policies::default(),
        }
    }

    /// Enables the newest secret of production and gives demo its version table, so that production stands first.
    pub(crate) fn nothing_blocks(&mut self) {
        self.site_mut("prod").versions[0].state = VersionState::Enabled;
        let demo = self.site_mut("demo");
        demo.unversioned = false;
        demo.at = REVISIONS.len();
    }

    pub(crate) fn site(&self, name: &str) -> &Site {
        self.sites
            .iter()
            .find(|s| s.environment.name.as_str() == name)
            .expect("a test")
    }

    pub(crate) fn site_mut(&mut self, name: &str) -> &mut Site {
        self.sites
            .iter_mut()
            .find(|s| s.environment.name.as_str() == name)
            .expect("a test")
    }

    pub(crate) fn assess(
        status: &EnvironmentStatus,
        now: Timestamp,
    ) -> (Option<Standing>, Vec<problem::Problem>) {
        let standing = status
            .reading
            .last
            .as_ref()
            .map(|seen| standing(&seen.value));
        let mut status = status.clone();
        status.standing.clone_from(&standing);
        (standing, problem::find(&status, now))
    }

    #[expect(
        clippy::too_many_lines,
        reason = "a plan has many fields, and each has its line"
    )]
    pub(crate) fn prepare(
        &self,
        name: &str,
        operation: &str,
        params: &std::collections::BTreeMap<String, String>,
        now: Timestamp,
    ) -> Prepared {
        let site = self.site(name);
        let target = params.get("target").map_or("head", String::as_str);
        let upto = REVISIONS
            .iter()
            .position(|(id, _)| *id == target)
            .map_or(REVISIONS.len(), |at| at + 1);
        let steps = if operation == "upgrade" {
            &REVISIONS[site.at.min(upto)..upto]
        } else {
            &[]
        };
        let pending: Vec<_> = steps.iter().map(|(id, _)| RevisionId::new(*id)).collect();
        let from = site.current().unwrap_or_default();
        let latest = site.secret().latest().cloned();
        let plan = Plan {
            environment: site.environment.name.clone(),
            tier: site.environment.tier,
            operation: operation.into(),
            params: params.clone(),
            risk: if operation == "current" {
                Risk::Read
            } else {
                Risk::Change
            },
            job: site.environment.job_resource(),
            etag: "etag-1".into(),
            image: site.job().image,
            image_digest: Some("sha256:4be1c9d2aa07f0".into()),
            service_account: site.job().service_account,
            egress: Some(site.job().egress),
            args: ["python", "-m", "alembic", operation, target]
                .map(String::from)
                .to_vec(),
            secrets: vec![PlannedSecret {
                variable: "DATABASE_URL".into(),
                name: site.secret().secret,
                reference: "latest".into(),
                version: latest.as_ref().map(|v| v.version),
                state: latest.as_ref().map_or(VersionState::Unknown, |v| v.state),
            }],
            to: pending
                .last()
                .cloned()
                .map_or_else(|| from.clone(), |to| vec![to]),
            from,
            from_known: true,
            moves: operation == "upgrade",
            target_known: true,
            pending,
            revisions: Vec::new(),
            steps: Vec::new(),
            overrides: Vec::new(),
            usual: Some(SignedDuration::from_secs(38)),
        };
        let findings = findings(site, latest.as_ref());
        let gate = Gate::before(&plan, &self.policies, &findings);
        Prepared {
            consents: Consents::unasked(&plan.digest(), "mia@example.com"),
            reviews: plan.pending.iter().map(crate::reviews::review).collect(),
            plan,
            findings,
            gate,
            at: now,
        }
    }

    pub(crate) fn change(&mut self, change: &SecretChange) -> SecretVersion {
        let site = self.site_mut(change.environment.as_str());
        let version = site
            .versions
            .iter_mut()
            .find(|v| v.version == change.version)
            .expect("a test");
        version.state = match change.verb {
            SecretVerb::Enable => VersionState::Enabled,
            SecretVerb::Disable => VersionState::Disabled,
            SecretVerb::Destroy => VersionState::Destroyed,
        };
        version.clone()
    }
}

fn findings(site: &Site, latest: Option<&SecretVersion>) -> Vec<Finding> {
    let mut out = vec![
        Finding::pass("run-active", "nothing else is running"),
        Finding::pass("permission-missing", "you may run it"),
        Finding::pass("instance-stopped", "the instance is running"),
        Finding::pass("backup-old", "backup 18m old"),
        Finding::pass("egress", "the job reaches the VPC"),
    ];
    if latest.is_none_or(|v| v.state != VersionState::Enabled) {
        out.push(Finding::found(
            "secret-disabled",
            Severity::Block,
            format!(
                "`latest` of {} is disabled: the run would not start",
                site.secret().secret
            ),
            "enable v3, or make a new version",
        ));
    }
    if site.retries > 0 {
        out.push(Finding::found(
            "retries",
            Severity::Warn,
            format!(
                "the job retries {} times: a failed migration would run again",
                site.retries
            ),
            "set the job's max retries to 0",
        ));
    }
    out
}

fn standing(reading: &Reading) -> Standing {
    let current = reading.current.clone().unwrap_or_default();
    let at = current
        .first()
        .and_then(|id| {
            REVISIONS
                .iter()
                .position(|(known, _)| *known == id.as_str())
        })
        .map_or(0, |at| at + 1);
    Standing {
        foreign: Vec::new(),
        baseline: None,
        state: match (&reading.current, at) {
            (None, _) => MigrationState::Unversioned,
            (_, at) if at == REVISIONS.len() => MigrationState::AtHead,
            _ => MigrationState::Behind,
        },
        current,
        heads: vec![RevisionId::new(REVISIONS[REVISIONS.len() - 1].0)],
        pending: REVISIONS[at..]
            .iter()
            .map(|(id, _)| RevisionId::new(*id))
            .collect(),
        tables: reading.table_count(),
        source: "data-api".into(),
        observed_at: reading.at,
    }
}

fn directory() -> Directory {
    let mut down: Vec<RevisionId> = Vec::new();
    let mut revisions = Vec::new();
    for (id, message) in REVISIONS {
        revisions.push(RevisionSummary {
            id: id.into(),
            down: std::mem::replace(&mut down, vec![id.into()]),
            depends_on: Vec::new(),
            branch_labels: Vec::new(),
            message: message.into(),
        });
    }
    Directory {
        origin: "src/Plant/BackEnd".into(),
        heads: down,
        bases: vec![REVISIONS[0].0.into()],
        revisions,
        notes: Vec::new(),
    }
}

pub(crate) fn operations() -> Vec<Operation> {
    let one =
        |name: &str, args: &[&str], params: &[(&str, ParamKind, Option<&str>)], risk| Operation {
            name: name.into(),
            args: args.iter().map(ToString::to_string).collect(),
            params: params
                .iter()
                .map(|(name, kind, default)| {
                    let param = Param {
                        kind: *kind,
                        default: default.map(Into::into),
                    };
                    ((*name).to_owned(), param)
                })
                .collect(),
            risk,
        };
    let revision = [("target", ParamKind::Revision, Some("head"))];
    vec![
        one(
            "current",
            &["python", "-m", "alembic", "current"],
            &[],
            Risk::Read,
        ),
        one(
            "upgrade",
            &["python", "-m", "alembic", "upgrade", "{target}"],
            &revision,
            Risk::Change,
        ),
        one(
            "downgrade",
            &["python", "-m", "alembic", "downgrade", "{target}"],
            &[("target", ParamKind::Revision, None)],
            Risk::Destructive,
        ),
        one(
            "seed",
            &["python", "database/seed_data.py"],
            &[],
            Risk::Change,
        ),
    ]
}
