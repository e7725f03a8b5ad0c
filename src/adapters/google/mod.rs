//! Google Cloud through the official clients, one file for each port.

mod clients;
mod credentials;
mod data_api;
mod data_api_probe;
mod databases;
mod direct_probe;
mod endpoints;
mod execution_shape;
mod failure;
mod gcloud_token;
mod identity;
mod instance_shape;
mod job_shape;
mod jobs;
mod log_probe;
mod logs;
mod newest;
mod past_runs;
mod payload;
mod permissions;
mod secrets;
mod sign_in;
mod traffic;
mod wire;

use std::sync::Arc;

pub use clients::{Deadlines, GoogleSettings};
pub use endpoints::{Endpoints, SERVICES};
pub use traffic::{Service, Traffic};

use crate::ports::databases::Databases;
use crate::ports::identity::Identities;
use crate::ports::jobs::Jobs;
use crate::ports::logs::Logs;
use crate::ports::permissions::Permissions;
use crate::ports::secrets::Secrets;
use clients::Clients;

/// The ports that Google Cloud answers.
#[derive(Clone)]
pub struct GoogleWorld {
    /// Cloud Run Jobs.
    pub jobs: Arc<dyn Jobs>,
    /// Secret Manager.
    pub secrets: Arc<dyn Secrets>,
    /// Cloud SQL and the probes.
    pub databases: Arc<dyn Databases>,
    /// Cloud Logging.
    pub logs: Arc<dyn Logs>,
    /// Who is signed in.
    pub identity: Arc<dyn Identities>,
    /// What the caller may do.
    pub permissions: Arc<dyn Permissions>,
    /// Requests sent so far.
    pub traffic: Arc<Traffic>,
}

impl GoogleWorld {
    /// Connects nothing yet: every client is built when it is first needed.
    pub fn connect(settings: GoogleSettings) -> Self {
        let traffic = Arc::new(Traffic::default());
        let clients = Arc::new(Clients::new(settings, Arc::clone(&traffic)));
        let logs = logs::CloudLogging::new(Arc::clone(&clients));
        let newest = Arc::new(newest::Newest::default());
        let jobs: Arc<dyn Jobs> =
            Arc::new(jobs::Run::new(Arc::clone(&clients), Arc::clone(&newest)));
        let past = past_runs::PastRuns::new(Arc::clone(&jobs), logs.clone(), newest);
        Self {
            databases: Arc::new(databases::CloudSql::new(
                Arc::clone(&clients),
                Arc::clone(&jobs),
                past,
            )),
            jobs,
            secrets: Arc::new(secrets::SecretManager::new(Arc::clone(&clients))),
            logs: Arc::new(logs),
            permissions: Arc::new(permissions::Iam::new(Arc::clone(&clients))),
            identity: Arc::new(identity::SignInInfo::new(clients)),
            traffic,
        }
    }
}
