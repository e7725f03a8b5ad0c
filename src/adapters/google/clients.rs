//! The official clients: built on first use, once each, and again after a new sign-in.
//!
//! Their defaults freeze a screen for a minute, so every deadline is set here.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use google_cloud_auth::credentials::Credentials;
use google_cloud_gax::backoff_policy::BackoffPolicyArg;
use google_cloud_gax::client_builder::Result as Built;
use google_cloud_gax::exponential_backoff::ExponentialBackoffBuilder;
use google_cloud_gax::retry_policy::{Aip194Strict, RetryPolicyArg, RetryPolicyExt as _};
use google_cloud_logging_v2::client::LoggingServiceV2;
use google_cloud_resourcemanager_v3::client::Projects;
use google_cloud_run_v2::client::{Executions, Jobs, Tasks};
use google_cloud_secretmanager_v1::client::SecretManagerService;
use google_cloud_sql_v1::client::{
    SqlBackupRunsService, SqlInstancesService, SqlOperationsService,
};
use secrecy::SecretString;
use tokio::sync::OnceCell;

use super::credentials::{self, Counted, SignedIn};
use super::endpoints::Endpoints;
use super::failure::{self, Asked};
use super::sign_in::{Source, Stamp};
use super::traffic::{Service, Traffic};
use crate::adapters::variables::Variables;
use crate::domain::failure::{Failure, FailureKind};

/// How long an answer may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// One attempt.
    pub attempt: Duration,
    /// All attempts of one question, the sign-in included.
    pub total: Duration,
    /// A run or a change, which is sent once.
    pub send: Duration,
    /// SQL through the Data API.
    pub sql: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(10),
            total: Duration::from_secs(15),
            send: Duration::from_secs(20),
            sql: Duration::from_secs(8),
        }
    }
}

/// What the clients need to know; all of it cheap to have.
#[derive(Clone, Debug, Default)]
pub struct GoogleSettings {
    /// Where the services answer.
    pub endpoints: Endpoints,
    /// The environment variables of the process.
    pub variables: Variables,
    /// A token of a sandbox, which wins over every other sign-in.
    pub token: Option<Arc<SecretString>>,
    /// How long an answer may take.
    pub deadlines: Deadlines,
}

/// All clients of one sign-in.
#[derive(Default)]
struct Cells {
    jobs: OnceCell<Jobs>,
    executions: OnceCell<Executions>,
    tasks: OnceCell<Tasks>,
    secrets: OnceCell<SecretManagerService>,
    instances: OnceCell<SqlInstancesService>,
    backups: OnceCell<SqlBackupRunsService>,
    sql_operations: OnceCell<SqlOperationsService>,
    logging: OnceCell<LoggingServiceV2>,
    projects: OnceCell<Projects>,
}

/// One sign-in, and everything that was built on it.
struct Generation {
    source: Source,
    stamp: Stamp,
    signed_in: Result<SignedIn, Failure>,
    cells: Cells,
    /// A refused refresh spoils the credentials for good.
    spoiled: AtomicBool,
    made: Instant,
}

/// How long spoiled credentials are kept, so that a screen full of questions does not
/// become a flood of sign-ins.
const SPOILED_LASTS: Duration = Duration::from_secs(5);

/// The official clients.
pub(super) struct Clients {
    settings: GoogleSettings,
    traffic: Arc<Traffic>,
    current: Mutex<Option<Arc<Generation>>>,
}

/// Makes the accessor of one client.
macro_rules! client {
    ($(#[$doc:meta])* $name:ident: $client:ty, $endpoint:literal, $service:expr) => {
        $(#[$doc])*
        pub(super) async fn $name(&self) -> Result<$client, Failure> {
            let generation = self.generation();
            let credentials = self.credentials(&generation, $service)?;
            let build = || async {
                let mut builder = <$client>::builder()
                    .with_credentials(credentials)
                    .with_attempt_timeout(self.settings.deadlines.attempt)
                    .with_retry_policy(self.retry())
                    .with_backoff_policy(backoff());
                if let Some(endpoint) = self.settings.endpoints.of($endpoint) {
                    builder = builder.with_endpoint(endpoint);
                }
                unbuildable(builder.build().await, $endpoint)
            };
            generation.cells.$name.get_or_try_init(build).await.cloned()
        }
    };
}

impl Clients {
    pub(super) fn new(settings: GoogleSettings, traffic: Arc<Traffic>) -> Self {
        Self {
            settings,
            traffic,
            current: Mutex::new(None),
        }
    }

    client!(/// Cloud Run jobs.
        jobs: Jobs, "run", Service::Run);
    client!(/// Cloud Run executions.
        executions: Executions, "run", Service::Run);
    client!(/// Cloud Run tasks.
        tasks: Tasks, "run", Service::Run);
    client!(/// Secret Manager.
        secrets: SecretManagerService, "secretmanager", Service::Secrets);
    client!(/// Cloud SQL instances.
        instances: SqlInstancesService, "sql", Service::Sql);
    client!(/// Cloud SQL backups.
        backups: SqlBackupRunsService, "sql", Service::Sql);
    client!(/// Cloud SQL operations.
        sql_operations: SqlOperationsService, "sql", Service::Sql);
    client!(/// Cloud Logging.
        logging: LoggingServiceV2, "logging", Service::Logging);
    client!(/// Projects.
        projects: Projects, "cloudresourcemanager", Service::Projects);

    pub(super) fn variables(&self) -> &Variables {
        &self.settings.variables
    }

    pub(super) fn deadlines(&self) -> Deadlines {
        self.settings.deadlines
    }

    pub(super) fn endpoints(&self) -> &Endpoints {
        &self.settings.endpoints
    }

    pub(super) fn traffic(&self) -> &Arc<Traffic> {
        &self.traffic
    }

    /// Where the sign-in comes from, and the sign-in.
    pub(super) fn sign_in(&self) -> (Source, Result<SignedIn, Failure>) {
        let generation = self.generation();
        (generation.source.clone(), generation.signed_in.clone())
    }

    /// Asks a question that may be asked again, within the total time.
    pub(super) async fn ask<T>(
        &self,
        asked: &Asked,
        call: impl Future<Output = google_cloud_gax::Result<T>> + Send,
    ) -> Result<T, Failure> {
        let total = self.settings.deadlines.total;
        match tokio::time::timeout(total, call).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(self.explain(asked, &error)),
            Err(_) => Err(failure::no_answer(asked, total)),
        }
    }

    /// The failure for an error; remembers when the sign-in is spoiled.
    pub(super) fn explain(&self, asked: &Asked, error: &google_cloud_gax::error::Error) -> Failure {
        let failure = failure::explain(asked, &self.generation().source.remedy(), error);
        if failure.kind == FailureKind::SignedOut {
            self.spoil();
        }
        failure
    }

    /// Proves that there is a sign-in, before something is sent that is sent only once.
    pub(super) async fn prove_sign_in(&self, asked: &Asked) -> Result<(), Failure> {
        let signed_in = self.sign_in().1?;
        let total = self.settings.deadlines.total;
        match tokio::time::timeout(total, credentials::sign(&signed_in.credentials)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                let error = google_cloud_gax::error::Error::authentication(error);
                Err(self.explain(asked, &error))
            }
            Err(_) => Err(failure::no_answer(asked, total)),
        }
    }

    fn spoil(&self) {
        if let Some(current) = &*self.current.lock().unwrap_or_else(PoisonError::into_inner) {
            current.spoiled.store(true, Ordering::Relaxed);
        }
    }

    /// The present sign-in; a new one when the credential file has changed, or when a
    /// spoiled one has rested. Reads files at most; the lock is never held over a call.
    fn generation(&self) -> Arc<Generation> {
        let source = Source::find(self.settings.token.as_ref(), &self.settings.variables);
        let stamp = source.stamp();
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = current
            .as_ref()
            .filter(|known| known.is_good(&source, stamp))
        {
            return Arc::clone(known);
        }
        let quota_project = self.settings.variables.get("GOOGLE_CLOUD_QUOTA_PROJECT");
        let signed_in = credentials::of(&source, quota_project);
        let made = Arc::new(Generation {
            spoiled: AtomicBool::new(signed_in.is_err()),
            signed_in,
            source,
            stamp,
            cells: Cells::default(),
            made: Instant::now(),
        });
        *current = Some(Arc::clone(&made));
        made
    }

    fn credentials(
        &self,
        generation: &Generation,
        service: Service,
    ) -> Result<Credentials, Failure> {
        let signed_in = generation.signed_in.as_ref().map_err(Clone::clone)?;
        let inner = signed_in.credentials.clone();
        Ok(Counted::new(inner, Arc::clone(&self.traffic), service).into())
    }

    fn retry(&self) -> RetryPolicyArg {
        Aip194Strict
            .with_attempt_limit(3)
            .with_time_limit(self.settings.deadlines.total)
            .into()
    }
}

impl Generation {
    fn is_good(&self, source: &Source, stamp: Stamp) -> bool {
        let rested = self.spoiled.load(Ordering::Relaxed) && self.made.elapsed() > SPOILED_LASTS;
        let renewable = matches!(
            self.source,
            Source::KeyFile(_) | Source::Adc(_) | Source::Gcloud(_) | Source::Metadata
        );
        self.source.is_same_place(source) && self.stamp == stamp && !(rested && renewable)
    }
}

fn backoff() -> BackoffPolicyArg {
    ExponentialBackoffBuilder::new()
        .with_initial_delay(Duration::from_millis(200))
        .with_maximum_delay(Duration::from_secs(2))
        .clamp()
        .into()
}

fn unbuildable<T>(built: Built<T>, service: &str) -> Result<T, Failure> {
    built.map_err(|error| {
        let why = if error.is_universe_domain_mismatch() {
            "the sign-in belongs to another cloud than googleapis.com"
        } else {
            "the client could not be made"
        };
        Failure::new(
            FailureKind::Config,
            format!("{service}: {why}"),
            "check GOOGLE_CLOUD_UNIVERSE_DOMAIN, the endpoint and this machine's root certificates",
        )
    })
}
