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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A plan for production that runs two revisions.
    pub(crate) fn plan() -> Plan {
        Plan {
            environment: "prod".into(),
            tier: Tier::Production,
            operation: "upgrade".to_owned(),
            params: BTreeMap::new(),
            risk: Risk::Change,
            job: "projects/p/locations/l/jobs/j".to_owned(),
            etag: "1".to_owned(),
            image: "registry/image:latest".into(),
            image_digest: Some("sha256:4be1".to_owned()),
            service_account: "runner@p.iam".to_owned(),
            args: ["python", "-m", "alembic", "upgrade", "head"]
                .map(String::from)
                .to_vec(),
            secrets: vec![PlannedSecret {
                variable: "DATABASE_URL".to_owned(),
                name: "url".to_owned(),
                reference: "latest".to_owned(),
                version: Some(VersionNumber(2)),
                state: VersionState::Enabled,
            }],
            from: vec!["005".into()],
            from_known: true,
            moves: true,
            target_known: true,
            to: vec!["007".into()],
            pending: vec!["006".into(), "007".into()],
            usual: None,
        }
    }

    #[test]
    fn every_fact_but_the_estimate_is_under_the_digest() {
        let shown = plan();
        let same = Plan {
            usual: Some(SignedDuration::from_secs(40)),
            ..plan()
        };
        assert_eq!(shown.digest(), same.digest());
        let mut secret = plan();
        secret.secrets[0].version = Some(VersionNumber(3));
        let changed = [
            Plan {
                etag: "2".to_owned(),
                ..plan()
            },
            Plan {
                image_digest: None,
                ..plan()
            },
            Plan {
                args: vec![],
                ..plan()
            },
            Plan {
                from: vec![],
                ..plan()
            },
            Plan {
                to: vec!["008".into()],
                ..plan()
            },
            Plan {
                pending: vec![],
                ..plan()
            },
            Plan {
                service_account: "other".to_owned(),
                ..plan()
            },
            secret,
        ];
        for now in changed {
            assert_ne!(shown.digest(), now.digest());
            assert_eq!(differences(&shown, &now).len(), 1, "{now:?}");
        }
    }

    #[test]
    fn a_plan_survives_the_ledger() {
        let json = serde_json::to_string(&plan()).unwrap();
        assert_eq!(
            serde_json::from_str::<Plan>(&json).unwrap().digest(),
            plan().digest()
        );
    }
}
