//! Whose revisions are meant: those of the checkout, or those of the image that will run.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::age;
use super::execution::{Execution, ExecutionName};
use super::failure::Failure;
use super::job::Job;
use super::migration::{Directory, RevisionSummary};
use super::revision::RevisionId;
use super::text::{RemoteText, clean};

/// The commit that the migration directory of this machine is checked out at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkout {
    /// Its short hash.
    pub commit: String,
    /// When it was committed.
    pub committed_at: Timestamp,
    /// The branch; `None` when no branch is checked out.
    pub branch: Option<String>,
    /// Whether the migration directory differs from the commit; `None` when that is not known.
    pub edited: Option<bool>,
}

impl Checkout {
    /// The commit in one line: `checkout 1a2b3c4 · main · 2d ago · edited`.
    pub fn line(&self, now: Timestamp) -> String {
        let age = age::short(now.duration_since(self.committed_at));
        let mut line = format!("checkout {}", clean(&self.commit));
        if let Some(branch) = &self.branch {
            line.push_str(" · ");
            line.push_str(&clean(branch));
        }
        line.push_str(" · ");
        line.push_str(&age);
        line.push_str(match self.edited {
            Some(true) => " ago · edited",
            Some(false) => " ago",
            None => " ago · edited?",
        });
        line
    }

    /// The commit in a sentence: `checkout 1a2b3c4`, with a word when it is edited.
    pub fn name(&self) -> String {
        let edited = if self.edited == Some(true) {
            ", edited"
        } else {
            ""
        };
        format!("checkout {}{edited}", clean(&self.commit))
    }
}

/// What a run told about the revisions in its image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The run.
    pub execution: ExecutionName,
    /// The image that ran, by its digest.
    pub image: RemoteText,
    /// When the run was over.
    pub at: Timestamp,
    /// The heads.
    pub heads: Vec<RevisionId>,
    /// Every revision, in the order of the files; `None` when the run told only the heads.
    pub revisions: Option<Vec<RevisionSummary>>,
}

impl Told {
    /// The digest of the image that ran.
    pub fn digest(&self) -> Option<&str> {
        digest(self.image.raw())
    }

    /// Whether the image has a revision; `None` when the run told too little to say.
    pub fn has(&self, id: &RevisionId) -> Option<bool> {
        if self.heads.contains(id) {
            return Some(true);
        }
        let revisions = self.revisions.as_ref()?;
        Some(revisions.iter().any(|revision| revision.id == *id))
    }
}

/// What a look at the log of one finished run brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The run.
    pub execution: ExecutionName,
    /// When its log was read.
    pub at: Timestamp,
    /// What it told; `None` when it told nothing of the revisions.
    pub told: Result<Option<Told>, Failure>,
}

/// What is known of the revisions in the image that a job would run now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageRevisions {
    /// No run of late told anything.
    #[default]
    Untold,
    /// A run told, but the job would run another image now, or may.
    Changed(Told),
    /// A run of this very image told.
    Known(Told),
}

impl ImageRevisions {
    /// What the image that would run now holds.
    pub fn known(&self) -> Option<&Told> {
        match self {
            Self::Known(told) => Some(told),
            Self::Untold | Self::Changed(_) => None,
        }
    }

    /// What a run told, whichever image it ran.
    pub fn told(&self) -> Option<&Told> {
        match self {
            Self::Known(told) | Self::Changed(told) => Some(told),
            Self::Untold => None,
        }
    }

    /// Judges what runs told, the newest first, by the image that the job would run now.
    pub fn judge<'a>(
        told: impl IntoIterator<Item = &'a Told>,
        job: &Job,
        executions: &[Execution],
    ) -> Self {
        let now = image_now(job, executions);
        let mut newest = None;
        for told in told {
            if now.is_some() && told.digest() == now {
                return Self::Known(told.clone());
            }
            newest.get_or_insert(told);
        }
        newest.map_or(Self::Untold, |told| Self::Changed(told.clone()))
    }
}

/// The digest that a job would run now: pinned by its definition, or what its tag stood for when
/// the newest run started. A definition that changed since may mean another image.
fn image_now<'a>(job: &'a Job, executions: &'a [Execution]) -> Option<&'a str> {
    if let Some(digest) = job.image_digest() {
        return Some(digest);
    }
    let newest = executions.first()?;
    let ran = newest.image.raw();
    let same_name = ran.split('@').next().map(name) == Some(name(job.image.raw()));
    let unchanged = job
        .updated_at
        .is_none_or(|updated| updated <= newest.created_at);
    digest(ran).filter(|_| same_name && unchanged)
}

fn digest(image: &str) -> Option<&str> {
    image.split_once('@').map(|(_, digest)| digest)
}

/// An image without its tag; a colon before the last slash is that of a port.
fn name(image: &str) -> &str {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

/// How the revisions of an image differ from those of the checkout.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differences {
    /// Heads of the checkout that are no heads of the image.
    pub heads_here: Vec<RevisionId>,
    /// Heads of the image that are no heads of the checkout.
    pub heads_there: Vec<RevisionId>,
    /// Revisions that only the checkout has.
    pub only_here: Vec<RevisionId>,
    /// Revisions that only the image has.
    pub only_there: Vec<RevisionId>,
    /// Revisions that both have, with other parents or other dependencies.
    pub other_parents: Vec<RevisionId>,
}

impl Differences {
    /// Compares a checkout with what a run told of an image.
    pub fn between(here: &Directory, there: &Told) -> Self {
        let mut found = Self {
            heads_here: missing(&here.heads, &there.heads),
            heads_there: missing(&there.heads, &here.heads),
            ..Self::default()
        };
        let Some(revisions) = &there.revisions else {
            return found;
        };
        let ours = by_id(&here.revisions);
        let theirs = by_id(revisions);
        let only = |these: &[RevisionSummary], others: &BTreeMap<_, _>| -> Vec<RevisionId> {
            let ids = these.iter().map(|revision| &revision.id);
            ids.filter(|id| !others.contains_key(id)).cloned().collect()
        };
        found.only_here = only(&here.revisions, &theirs);
        found.only_there = only(revisions, &ours);
        found.other_parents = here
            .revisions
            .iter()
            .filter(|ours| theirs.get(&ours.id).is_some_and(|r| !same_place(r, ours)))
            .map(|revision| revision.id.clone())
            .collect();
        found
    }

    /// Whether nothing differs.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// What differs, in words: at most three ids of a kind by name.
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        let mut note = |ids: &[RevisionId], words: &str| {
            if !ids.is_empty() {
                parts.push(format!("{words} {}", some(ids)));
            }
        };
        note(&self.only_there, "only the image has");
        note(&self.only_here, "only the checkout has");
        note(&self.other_parents, "other parents have");
        if self.only_there.is_empty() && self.only_here.is_empty() {
            note(&self.heads_there, "only in the image a head is");
            note(&self.heads_here, "only in the checkout a head is");
        }
        parts.join("; ")
    }
}

/// The first ids of a list, and how many more there are.
fn some(ids: &[RevisionId]) -> String {
    let first: Vec<_> = ids.iter().take(3).map(ToString::to_string).collect();
    match ids.len() {
        0..4 => first.join(", "),
        all => format!("{} and {} more", first.join(", "), all - first.len()),
    }
}

fn missing(these: &[RevisionId], others: &[RevisionId]) -> Vec<RevisionId> {
    let ids = these.iter().filter(|id| !others.contains(id));
    ids.cloned().collect()
}

fn by_id(revisions: &[RevisionSummary]) -> BTreeMap<&RevisionId, &RevisionSummary> {
    revisions.iter().map(|r| (&r.id, r)).collect()
}

/// Whether a revision has the same parents and dependencies; their order means nothing here.
fn same_place(one: &RevisionSummary, other: &RevisionSummary) -> bool {
    let set = |ids: &[RevisionId]| ids.iter().cloned().collect::<BTreeSet<_>>();
    set(&one.down) == set(&other.down) && set(&one.depends_on) == set(&other.depends_on)
}

/// Whose revisions an environment is compared with, and whether its image has the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Where the checkout's revisions were read from.
    pub origin: String,
    /// The checkout's commit.
    pub checkout: Option<Checkout>,
    /// The heads of the checkout.
    pub heads: Vec<RevisionId>,
    /// What is known of the image.
    pub image: ImageRevisions,
    /// How it differs; `None` when the image's revisions are not known.
    pub differences: Option<Differences>,
}

impl Comparison {
    /// Compares a checkout with the image of a job.
    pub fn of(here: &Directory, checkout: Option<Checkout>, image: ImageRevisions) -> Self {
        let differences = image
            .known()
            .filter(|_| !here.revisions.is_empty())
            .map(|told| Differences::between(here, told));
        Self {
            origin: here.origin.clone(),
            checkout,
            heads: here.heads.clone(),
            image,
            differences,
        }
    }

    /// The differences, when there are any.
    pub fn difference(&self) -> Option<&Differences> {
        self.differences.as_ref().filter(|found| !found.is_none())
    }

    /// The checkout, as a sentence names it.
    pub fn here(&self) -> String {
        let checkout = self.checkout.as_ref();
        checkout.map_or_else(|| "the checkout".to_owned(), Checkout::name)
    }
}
