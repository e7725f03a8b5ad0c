//! A plan: an operation with everything resolved, and its digest.

mod differences;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::act::Act;
use super::digest::Digest;
use super::environment::{EnvironmentName, Tier};
use super::job::Egress;
use super::operation::Risk;
use super::preflight::Severity;
use super::review::{Review, Undo};
use super::revision::RevisionId;
use super::secret::{VersionNumber, VersionState};
use super::text::RemoteText;

pub use differences::differences;

/// One secret that a run will read, resolved to a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedSecret {
    /// Environment variable that receives it.
    pub variable: String,
    /// Short name of the secret.
    pub name: String,
    /// How the job refers to it: a number, an alias, or `latest`.
    pub reference: String,
    /// The version that this is now; `None` when there is none.
    pub version: Option<VersionNumber>,
    /// The state of that version.
    pub state: VersionState,
}

/// What the checkout holds of one pending revision. The image may hold another of the same id;
/// preflight's `directory` says what is known of that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedRevision {
    /// The revision.
    pub id: RevisionId,
    /// Digest of its file with the line ends of Unix, so that every machine has the same.
    pub script: Option<Digest>,
    /// Whether `downgrade` takes it back.
    pub undo: Undo,
    /// Whether rows or values are lost by it.
    pub destroys: bool,
    /// What the rules found that nobody silenced.
    pub verdicts: Vec<PlannedVerdict>,
}

/// A rule that found something in a pending revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedVerdict {
    /// The rule.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
}

impl PlannedRevision {
    /// What of a review belongs into a plan: messages and lines may change without meaning.
    pub fn of(review: &Review) -> Self {
        let verdicts = review.standing().map(|verdict| PlannedVerdict {
            rule: verdict.rule.clone(),
            severity: verdict.severity,
        });
        Self {
            id: review.id.clone(),
            script: review.script.clone(),
            undo: review.undo,
            destroys: review.destroys(),
            verdicts: verdicts.collect(),
        }
    }
}

/// Something that is done before the run, and followed to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Step {
    /// A backup is taken.
    Backup {
        /// The instance, by its short name.
        instance: String,
    },
}

impl Step {
    /// What it does, for a person.
    pub fn words(&self) -> String {
        match self {
            Self::Backup { instance } => format!("take a backup of {instance}"),
        }
    }
}

/// A preflight check that the config has given another weight, or switched off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The check.
    pub code: String,
    /// What it weighs instead; `None` when it is off.
    pub severity: Option<Severity>,
}

impl Override {
    /// The word in the config.
    pub fn word(&self) -> &'static str {
        self.severity.map_or("off", Severity::word)
    }
}

/// An operation with everything resolved. Its digest covers every field but
/// the estimate, which may change without changing what would run.
///
/// Fields that came later have a default and are left out while they are empty: a plan of an old
/// ledger still reads, and keeps its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Environment that it would change.
    pub environment: EnvironmentName,
    /// How dangerous that is.
    pub tier: Tier,
    /// Operation by name.
    pub operation: String,
    /// Parameters with their values.
    pub params: BTreeMap<String, String>,
    /// What the operation may do.
    pub risk: Risk,
    /// Full resource name of the job.
    pub job: String,
    /// Version of the job's definition.
    pub etag: String,
    /// Image as the definition names it.
    pub image: RemoteText,
    /// Digest of the image: pinned by the definition, or what the last run resolved the tag to.
    pub image_digest: Option<String>,
    /// Service account that it runs as.
    pub service_account: String,
    /// How it reaches the VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub egress: Option<Egress>,
    /// Arguments of the container.
    pub args: Vec<String>,
    /// Secrets, each resolved to a number.
    pub secrets: Vec<PlannedSecret>,
    /// Whether it moves the revision of the database; then only a read-back proves it.
    pub moves: bool,
    /// Revisions that the database is at; empty when it has none or when they are not known.
    pub from: Vec<RevisionId>,
    /// Whether `from` was read from the database.
    pub from_known: bool,
    /// Whether `to` could be resolved.
    pub target_known: bool,
    /// Revisions that the database will be at.
    pub to: Vec<RevisionId>,
    /// Revisions that will be run, in order.
    pub pending: Vec<RevisionId>,
    /// What the checkout holds of them; one that it does not have is not among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<PlannedRevision>,
    /// What is done before the run, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Preflight checks to which the config gives another weight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
    /// How long it usually takes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub usual: Option<SignedDuration>,
}

impl Plan {
    /// Whether the pending revisions are taken back, not run.
    pub fn goes_down(&self) -> bool {
        self.args.iter().any(|arg| arg == "downgrade")
    }
}

impl Act for Plan {
    fn digest(&self) -> Digest {
        Digest::of(&Self {
            usual: None,
            ..self.clone()
        })
    }

    fn environment(&self) -> &EnvironmentName {
        &self.environment
    }

    fn tier(&self) -> Tier {
        self.tier
    }

    /// Whatever the plan was made with, its verb decides.
    fn risk(&self) -> Risk {
        self.risk.at_least_of(&self.args)
    }

    fn verb(&self) -> &str {
        &self.operation
    }

    /// The target revision, when there is exactly one.
    fn target(&self) -> Option<String> {
        match self.to.as_slice() {
            [one] if !self.pending.is_empty() => Some(one.as_str().to_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
