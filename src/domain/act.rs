//! What can pass a gate: anything that changes the world.

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::environment::{EnvironmentName, Tier};
use super::execution::ExecutionName;
use super::operation::Risk;
use super::secret::VersionNumber;

/// Something that changes an environment and so must pass its gate.
pub trait Act {
    /// The digest of everything that was shown to the person who agrees.
    fn digest(&self) -> Digest;
    /// Environment that it changes.
    fn environment(&self) -> &EnvironmentName;
    /// How dangerous that environment is.
    fn tier(&self) -> Tier;
    /// What it may do.
    fn risk(&self) -> Risk;
    /// The verb, for the ledger and for refusals.
    fn verb(&self) -> &str;
    /// What must be typed besides the environment's name.
    fn target(&self) -> Option<String>;
    /// Whether other people are asked, where the policy wants it.
    fn asks_others(&self) -> bool {
        true
    }
}

/// What can be done to a secret version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretVerb {
    /// Make it usable.
    Enable,
    /// Make it unusable, for now.
    Disable,
    /// Make it unusable for good.
    Destroy,
}

impl SecretVerb {
    /// The verb as the ledger and the command line name it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Destroy => "destroy",
        }
    }
}

/// A change of the state of one secret version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretChange {
    /// Environment that uses the secret.
    pub environment: EnvironmentName,
    /// How dangerous that environment is.
    pub tier: Tier,
    /// Google Cloud project of the secret.
    pub project: String,
    /// Short name of the secret.
    pub secret: String,
    /// The version.
    pub version: VersionNumber,
    /// Its etag as it was shown.
    pub etag: String,
    /// What is done to it.
    pub verb: SecretVerb,
}

impl Act for SecretChange {
    fn digest(&self) -> Digest {
        Digest::of(self)
    }

    fn environment(&self) -> &EnvironmentName {
        &self.environment
    }

    fn tier(&self) -> Tier {
        self.tier
    }

    fn risk(&self) -> Risk {
        match self.verb {
            SecretVerb::Enable | SecretVerb::Disable => Risk::Change,
            SecretVerb::Destroy => Risk::Destructive,
        }
    }

    fn verb(&self) -> &str {
        match self.verb {
            SecretVerb::Enable => "secret enable",
            SecretVerb::Disable => "secret disable",
            SecretVerb::Destroy => "secret destroy",
        }
    }

    fn target(&self) -> Option<String> {
        None
    }
}

/// The cancellation of an execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// Environment whose job it is.
    pub environment: EnvironmentName,
    /// How dangerous that environment is.
    pub tier: Tier,
    /// Full resource name of the job.
    pub job: String,
    /// The execution.
    pub execution: ExecutionName,
}

impl Act for Cancellation {
    fn digest(&self) -> Digest {
        Digest::of(self)
    }

    fn environment(&self) -> &EnvironmentName {
        &self.environment
    }

    fn tier(&self) -> Tier {
        self.tier
    }

    fn risk(&self) -> Risk {
        Risk::Change
    }

    fn verb(&self) -> &'static str {
        "cancel"
    }

    fn target(&self) -> Option<String> {
        None
    }

    /// Stopping something does not wait for a colleague to wake up.
    fn asks_others(&self) -> bool {
        false
    }
}
