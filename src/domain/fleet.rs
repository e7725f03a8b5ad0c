//! Everything known of the environments: what the fleet screen and `status` show.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::database::{Instance, Reading};
use super::environment::Environment;
use super::execution::Execution;
use super::job::Job;
use super::migration::Standing;
use super::observed::Remote;
use super::problem::Problem;
use super::secret::SecretVersions;

/// Everything known of one environment; each part is there, on its way, or failed by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentStatus {
    /// What the config says.
    pub environment: Environment,
    /// The job's definition.
    pub job: Remote<Job>,
    /// The newest executions, the newest first.
    pub executions: Remote<Vec<Execution>>,
    /// The instance.
    pub instance: Remote<Instance>,
    /// The versions of the secret.
    pub secret: Remote<SecretVersions>,
    /// What a probe read from the database.
    pub reading: Remote<Reading>,
    /// Where the database stands in the migration directory.
    pub standing: Option<Standing>,
    /// What is wrong, worst first.
    pub problems: Vec<Problem>,
}

impl EnvironmentStatus {
    /// An environment of which nothing is known yet.
    pub fn unread(environment: Environment) -> Self {
        Self {
            environment,
            job: Remote::default(),
            executions: Remote::default(),
            instance: Remote::default(),
            secret: Remote::default(),
            reading: Remote::default(),
            standing: None,
            problems: Vec::new(),
        }
    }

    /// The newest execution.
    pub fn last_execution(&self) -> Option<&Execution> {
        self.executions.value().and_then(|list| list.first())
    }
}

/// All environments at one time; also the snapshot on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fleet {
    /// When it was put together.
    pub generated_at: Option<Timestamp>,
    /// The environments in the order of the config.
    pub environments: Vec<EnvironmentStatus>,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// E-mail of the person or service account; `None` when it could not be learnt.
    pub email: Option<String>,
    /// By which credential, for a person.
    pub credential: String,
    /// When the sign-in ends, if that is known.
    pub expires_at: Option<Timestamp>,
}
