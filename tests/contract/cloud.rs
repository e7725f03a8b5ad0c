//! A local cloud for one test, the adapters pointed at it, and acts that have passed their gate.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use jiff::Timestamp;
use portcullis::adapters::google::{Deadlines, Endpoints, GoogleSettings, GoogleWorld};
use portcullis::adapters::variables::Variables;
use portcullis::domain::act::Act;
use portcullis::domain::approval::Consents;
use portcullis::domain::environment::{Environment, ProbeKind, Tier};
use portcullis::domain::gate::{Answer, Approved, Gate};
use portcullis::domain::operation::Risk;
use portcullis::domain::plan::Plan;
use portcullis::domain::policy::Policies;
use portcullis::sandbox::server::router;
use portcullis::sandbox::world::model::SqlAnswer;
use portcullis::sandbox::world::{
    self, Denial, Fault, FaultKind, Faults, Launcher, Refusal, World,
};
use secrecy::SecretString;

/// What a request was, for the tests that count them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) agent: String,
}

type Log = Arc<Mutex<Vec<Seen>>>;

/// A cloud on loopback; it ends with the test.
pub(crate) struct Cloud {
    pub(crate) world: Arc<World>,
    pub(crate) url: String,
    seen: Log,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Cloud {
    /// A cloud in which runs succeed at once and databases are starting.
    pub(crate) async fn detached() -> Self {
        Self::serve(World::detached()).await
    }

    /// A cloud in which runs stay pending and databases answer what the test says.
    pub(crate) async fn attached(databases: impl world::Databases + 'static) -> Self {
        let world = World::detached();
        world.attach(Arc::new(Idle), Arc::new(databases));
        Self::serve(world).await
    }

    async fn serve(world: Arc<World>) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Log::default();
        let app = router(Arc::clone(&world))
            .layer(middleware::from_fn_with_state(Arc::clone(&seen), note));
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            world,
            url,
            seen,
            server,
        }
    }

    /// The adapters, with all the time that a loaded machine may need.
    pub(crate) fn google(&self) -> GoogleWorld {
        GoogleWorld::connect(self.settings("", "sandbox"))
    }

    /// The adapters, behind a trouble of the sandbox such as `html` or `drop`.
    pub(crate) fn google_behind(&self, trouble: &str) -> GoogleWorld {
        GoogleWorld::connect(self.settings(&format!("/faults/{trouble}"), "sandbox"))
    }

    pub(crate) fn settings(&self, prefix: &str, token: &str) -> GoogleSettings {
        GoogleSettings {
            endpoints: Endpoints::all_at(&format!("{}{prefix}", self.url)).unwrap(),
            variables: Variables::default(),
            token: Some(Arc::new(SecretString::from(token))),
            deadlines: patient(),
        }
    }

    pub(crate) fn trouble(&self, path: &str, kind: FaultKind) {
        self.world.faults().add(Fault {
            path: path.to_owned(),
            kind,
        });
    }

    /// Replaces all troubles, in the words of `PORTCULLIS_SANDBOX_FAULTS`.
    pub(crate) fn faults(&self, spec: &str) {
        self.world.faults().set(Faults::parse(spec).unwrap());
    }

    pub(crate) fn deny(&self, permission: &str) {
        self.world.deny(Denial {
            email: None,
            permission: permission.to_owned(),
            resource: String::new(),
        });
    }

    /// Requests whose path ends so.
    pub(crate) fn requests(&self, end: &str) -> Vec<Seen> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .filter(|seen| seen.path.ends_with(end))
            .cloned()
            .collect()
    }
}

/// Deadlines that no loaded machine misses.
fn patient() -> Deadlines {
    Deadlines {
        attempt: Duration::from_mins(1),
        total: Duration::from_mins(2),
        send: Duration::from_mins(1),
        sql: Duration::from_mins(1),
    }
}

/// Deadlines that a test can wait for, where nothing will ever answer.
pub(crate) fn hasty() -> Deadlines {
    Deadlines {
        attempt: Duration::from_millis(700),
        total: Duration::from_secs(3),
        send: Duration::from_millis(700),
        sql: Duration::from_millis(700),
    }
}

async fn note(State(seen): State<Log>, request: Request, next: Next) -> Response {
    let agent = request
        .headers()
        .get("user-agent")
        .and_then(|agent| agent.to_str().ok());
    seen.lock().unwrap().push(Seen {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        agent: agent.unwrap_or_default().to_owned(),
    });
    next.run(request).await
}

/// Starts nothing, so that executions stay as they are.
struct Idle;

impl Launcher for Idle {
    fn launch(&self, _world: Arc<World>, _execution: &str) {}
    fn cancel(&self, _execution: &str) {}
}

/// Databases that answer what the test says, and remember the questions.
#[derive(Clone, Default)]
pub(crate) struct Answers {
    versions: SqlAnswer,
    tables: SqlAnswer,
    in_schema: SqlAnswer,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl Answers {
    /// Answers this to whoever asks for versions.
    pub(crate) fn of(versions: SqlAnswer) -> Self {
        Self {
            versions,
            ..Self::default()
        }
    }

    /// Answers that to whoever asks for versions in a schema by name.
    pub(crate) fn in_schema(self, in_schema: SqlAnswer) -> Self {
        Self { in_schema, ..self }
    }

    /// Answers that to whoever asks only for tables.
    pub(crate) fn with_tables(self, tables: SqlAnswer) -> Self {
        Self { tables, ..self }
    }
}

#[async_trait]
impl world::Databases for Answers {
    async fn execute(
        &self,
        _environment: &str,
        _database: &str,
        sql: &str,
        _limit: usize,
    ) -> Result<SqlAnswer, Refusal> {
        self.asked.lock().unwrap().push(sql.to_owned());
        let answer = if sql.contains("\".alembic_version") {
            &self.in_schema
        } else if sql.contains("version_num") {
            &self.versions
        } else {
            &self.tables
        };
        Ok(answer.clone())
    }

    fn label(&self) -> String {
        "a test".to_owned()
    }

    fn ready(&self) -> bool {
        true
    }
}

/// An environment of the sandbox.
pub(crate) fn environment(name: &str) -> Environment {
    Environment {
        name: name.into(),
        tier: Tier::Development,
        project: "waooaw-oauth".to_owned(),
        region: "asia-south1".to_owned(),
        job: format!("plant-db-migrations-{name}"),
        sql_instance: Some(format!("plant-sql-{name}")),
        database: Some("plant".to_owned()),
        secret: Some(format!("{name}-plant-database-url")),
        services: Vec::new(),
        probes: ProbeKind::ALL.to_vec(),
        direct: None,
        labels: std::collections::BTreeMap::default(),
    }
}

/// Lets an act through an open gate.
pub(crate) fn approve<A: Act>(act: A) -> Approved<A> {
    static POLICIES: OnceLock<Policies> = OnceLock::new();
    let policies = POLICIES.get_or_init(Policies::default);
    let answer = Answer {
        typed: Some(act.environment().as_str().to_owned()),
        key: true,
        reason: Some("a test of the contract".to_owned()),
        armed: true,
        breaks_glass: false,
    };
    let consents = Consents::unasked(&act.digest(), "mia@example.com");
    Gate::before(&act, policies, &[])
        .pass(act, answer, &consents, Timestamp::now())
        .unwrap()
}

/// A plan for the job of an environment, with this etag.
pub(crate) fn plan(environment: &Environment, etag: &str) -> Plan {
    Plan {
        environment: environment.name.clone(),
        tier: environment.tier,
        operation: "upgrade".to_owned(),
        params: std::collections::BTreeMap::default(),
        risk: Risk::Change,
        job: environment.job_resource(),
        etag: etag.to_owned(),
        image: "image".into(),
        image_digest: None,
        service_account: String::new(),
        egress: None,
        args: ["python", "-m", "alembic", "upgrade", "head"]
            .map(str::to_owned)
            .to_vec(),
        secrets: Vec::new(),
        moves: true,
        from: Vec::new(),
        from_known: false,
        target_known: false,
        to: Vec::new(),
        pending: Vec::new(),
        revisions: Vec::new(),
        steps: Vec::new(),
        overrides: Vec::new(),
        usual: None,
    }
}
