//! Cloud Run Jobs: the definition that every execution is made from.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::execution::ExecutionName;
use super::text::RemoteText;

/// The definition of a Cloud Run Job, as far as a migration depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Short name.
    pub name: String,
    /// Version of the definition; a run sent with an old one is refused.
    pub etag: String,
    /// Image as the definition names it, with tag or digest.
    pub image: RemoteText,
    /// Entry point; empty means that of the image.
    pub command: Vec<RemoteText>,
    /// Arguments without overrides.
    pub args: Vec<RemoteText>,
    /// Environment variables of the container.
    pub env: Vec<EnvBinding>,
    /// How often a failed task is tried again; the platform's default is 3.
    pub max_retries: u32,
    /// Tasks of one execution.
    pub task_count: u32,
    /// Tasks at the same time; 0 is no limit.
    pub parallelism: u32,
    /// Time limit of one attempt.
    pub timeout: SignedDuration,
    /// Service account that it runs as.
    pub service_account: String,
    /// How it reaches the VPC.
    pub egress: Egress,
    /// Cloud SQL instances mounted below `/cloudsql`, as `project:region:instance`.
    pub cloud_sql_instances: Vec<String>,
    /// When the definition last changed.
    pub updated_at: Option<Timestamp>,
    /// The newest execution, as the job itself remembers it.
    pub latest_execution: Option<ExecutionName>,
}

impl Job {
    /// The digest part of the image, when the definition pins one.
    pub fn image_digest(&self) -> Option<&str> {
        self.image.raw().split_once('@').map(|(_, digest)| digest)
    }
}

/// One environment variable of a job's container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvBinding {
    /// Variable name.
    pub name: String,
    /// Where its value comes from.
    pub value: EnvValue,
}

/// Where the value of an environment variable comes from. Literal values are
/// not kept: they may be secrets that somebody did not store as such.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvValue {
    /// Written in the definition.
    Literal,
    /// A Secret Manager version, resolved when an instance starts.
    Secret {
        /// Short name of the secret.
        secret: String,
        /// Version number, alias, or `latest`.
        version: String,
    },
}

/// How a job reaches the VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Egress {
    /// Not at all.
    None,
    /// Through a Serverless VPC Access connector.
    Connector {
        /// Full resource name of the connector.
        connector: String,
        /// What goes through it.
        #[serde(default)]
        traffic: VpcTraffic,
    },
    /// Directly, with an interface in the network.
    Direct {
        /// Network and subnetwork.
        network: String,
        /// What goes through it.
        #[serde(default)]
        traffic: VpcTraffic,
    },
}

impl Egress {
    /// How, for a person.
    pub fn words(&self) -> String {
        match self {
            Self::None => "none".to_owned(),
            Self::Connector { connector, traffic } => {
                format!("connector {connector}, {}", traffic.word())
            }
            Self::Direct { network, traffic } => format!("direct, {network}, {}", traffic.word()),
        }
    }
}

/// What of a job's traffic goes into the VPC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VpcTraffic {
    /// What is for private addresses; the platform's default.
    #[default]
    PrivateRangesOnly,
    /// Everything.
    AllTraffic,
}

impl VpcTraffic {
    /// The word for it, as gcloud spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::PrivateRangesOnly => "private-ranges-only",
            Self::AllTraffic => "all-traffic",
        }
    }
}
