//! A plan: an operation with everything resolved, and its digest.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::act::Act;
use super::digest::Digest;
use super::environment::{EnvironmentName, Tier};
use super::operation::Risk;
use super::revision::RevisionId;
use super::secret::{VersionNumber, VersionState};
use super::text::RemoteText;

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

/// An operation with everything resolved. Its digest covers every field but
/// the estimate, which may change without changing what would run.
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
    /// How long it usually takes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub usual: Option<SignedDuration>,
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

    fn risk(&self) -> Risk {
        self.risk
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

/// What changed between two plans for the same operation, in words for a person.
pub fn differences(shown: &Plan, now: &Plan) -> Vec<String> {
    let mut out = Vec::new();
    let mut note = |what: &str, old: String, new: String| {
        if old != new {
            out.push(format!("{what} was {old}, is now {new}"));
        }
    };
    note("the job definition", shown.etag.clone(), now.etag.clone());
    note("the image", shown.image.to_string(), now.image.to_string());
    note(
        "the image digest",
        or_none(shown.image_digest.as_deref()),
        or_none(now.image_digest.as_deref()),
    );
    note(
        "the service account",
        shown.service_account.clone(),
        now.service_account.clone(),
    );
    note("the arguments", shown.args.join(" "), now.args.join(" "));
    note(
        "the secrets",
        secrets(&shown.secrets),
        secrets(&now.secrets),
    );
    note("the database", ids(&shown.from), ids(&now.from));
    note("the target", ids(&shown.to), ids(&now.to));
    note(
        "the pending revisions",
        ids(&shown.pending),
        ids(&now.pending),
    );
    out
}

fn or_none(text: Option<&str>) -> String {
    text.unwrap_or("unknown").to_owned()
}

fn ids(revisions: &[RevisionId]) -> String {
    if revisions.is_empty() {
        return "none".to_owned();
    }
    revisions
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn secrets(secrets: &[PlannedSecret]) -> String {
    let one = |s: &PlannedSecret| {
        let version = s
            .version
            .map_or_else(|| "missing".to_owned(), |v| v.to_string());
        format!("{} {version} {}", s.name, s.state.word())
    };
    secrets.iter().map(one).collect::<Vec<_>>().join(", ")
}
