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
        let told: Vec<_> = told.into_iter().collect();
        let now = image_now(job, executions);
        let same = || {
            told.iter()
                .filter(|told| now.is_some() && told.digest() == now)
        };
        let best = same()
            .find(|told| told.revisions.is_some())
            .or(same().next());
        match (best, told.first()) {
            (Some(told), _) => Self::Known((*told).clone()),
            (None, Some(newest)) => Self::Changed((*newest).clone()),
            (None, None) => Self::Untold,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn revision(id: &str, down: &[&str]) -> RevisionSummary {
        RevisionSummary {
            id: id.into(),
            down: down.iter().map(|id| (*id).into()).collect(),
            depends_on: Vec::new(),
            branch_labels: Vec::new(),
            message: String::new(),
        }
    }

    fn here(heads: &[&str], revisions: Vec<RevisionSummary>) -> Directory {
        Directory {
            heads: heads.iter().map(|id| (*id).into()).collect(),
            revisions,
            ..Directory::default()
        }
    }

    fn told(image: &str, heads: &[&str], revisions: Option<Vec<RevisionSummary>>) -> Told {
        Told {
            execution: "run-1".into(),
            image: image.into(),
            at: Timestamp::UNIX_EPOCH,
            heads: heads.iter().map(|id| (*id).into()).collect(),
            revisions,
        }
    }

    fn job(image: &str, updated: i64) -> Job {
        Job {
            name: "j".to_owned(),
            etag: String::new(),
            image: image.into(),
            command: Vec::new(),
            args: Vec::new(),
            env: Vec::new(),
            max_retries: 0,
            task_count: 1,
            parallelism: 1,
            timeout: jiff::SignedDuration::from_secs(600),
            service_account: String::new(),
            egress: crate::domain::job::Egress::None,
            cloud_sql_instances: Vec::new(),
            updated_at: Timestamp::from_second(updated).ok(),
            latest_execution: None,
        }
    }

    fn ran(image: &str, at: i64) -> Execution {
        Execution {
            name: "run-2".into(),
            job: "j".to_owned(),
            state: crate::domain::execution::ExecutionState::Succeeded,
            message: "".into(),
            timed_out: false,
            cancelling: false,
            created_at: Timestamp::from_second(at).unwrap(),
            started_at: None,
            completed_at: None,
            creator: "".into(),
            args: Vec::new(),
            image: image.into(),
            run_id: None,
            retried: 0,
            log_uri: String::new(),
        }
    }

    fn is_known(job: &Job, newest: &Execution, told: &Told) -> bool {
        let judged = ImageRevisions::judge([told], job, std::slice::from_ref(newest));
        assert_eq!(judged.told(), Some(told));
        judged.known().is_some()
    }

    #[test]
    fn what_was_told_counts_for_the_same_digest_alone() {
        let told = told("r.dev:5000/x/i@sha256:1", &["a"], None);
        let newest = ran("r.dev:5000/x/i@sha256:1", 100);
        let pinned = |digest| job(&format!("r.dev:5000/x/i@sha256:{digest}"), 200);
        assert!(is_known(&pinned(1), &newest, &told));
        assert!(!is_known(&pinned(2), &newest, &told));
        let tagged = |updated| job("r.dev:5000/x/i:latest", updated);
        assert!(is_known(&tagged(50), &newest, &told));
        assert!(!is_known(&tagged(200), &newest, &told), "deployed since");
        let moved = ran("r.dev:5000/x/i@sha256:2", 100);
        assert!(!is_known(&tagged(50), &moved, &told), "the tag moved");
        assert!(!is_known(
            &job("r.dev:5000/x/other:latest", 50),
            &newest,
            &told
        ));
        assert!(!is_known(&job("r.dev:5000/x/i", 200), &newest, &told));
        let judged = ImageRevisions::judge([], &pinned(1), &[]);
        assert_eq!(judged, ImageRevisions::Untold);
    }

    #[test]
    fn of_two_that_told_of_the_image_the_one_that_told_more_counts() {
        let line = told("i@sha256:1", &["a"], None);
        let list = told("i@sha256:1", &["a"], Some(vec![revision("a", &[])]));
        let judged = ImageRevisions::judge([&line, &list], &job("i@sha256:1", 1), &[]);
        assert_eq!(judged.known(), Some(&list));
    }

    #[test]
    fn every_difference_is_found_and_named() {
        let ours = vec![
            revision("a", &[]),
            revision("b", &["a"]),
            revision("c", &["b"]),
        ];
        let mut theirs = ours.clone();
        let compare = |there: &[RevisionSummary], heads: &[&str]| {
            let told = told("i@sha256:1", heads, Some(there.to_vec()));
            Differences::between(&here(&["c"], ours.clone()), &told)
        };
        assert!(compare(&theirs, &["c"]).is_none());
        theirs[2].down = vec!["a".into()];
        let found = compare(&theirs, &["b", "c"]);
        assert_eq!(found.other_parents, ["c".into()]);
        let words = "other parents have c; only in the image a head is b";
        assert_eq!(found.words(), words);
        theirs[2] = revision("d\u{1b}[2J", &["b"]);
        let found = compare(&theirs, &["d\u{1b}[2J"]);
        assert_eq!(
            found.words(),
            "only the image has d; only the checkout has c"
        );
        let heads = Differences::between(&here(&["c"], ours.clone()), &told("i", &["x"], None));
        assert_eq!(
            (heads.heads_here, heads.heads_there),
            (vec!["c".into()], vec!["x".into()])
        );
    }

    #[test]
    fn a_checkout_in_one_line() {
        let checkout = Checkout {
            commit: "1a2b3c4".to_owned(),
            committed_at: Timestamp::UNIX_EPOCH,
            branch: Some("main".to_owned()),
            edited: Some(true),
        };
        let now = Timestamp::from_second(3 * 86_400).unwrap();
        assert_eq!(
            checkout.line(now),
            "checkout 1a2b3c4 · main · 3d ago · edited"
        );
        let bare = Checkout {
            branch: None,
            edited: None,
            ..checkout
        };
        assert_eq!(bare.line(now), "checkout 1a2b3c4 · 3d ago · edited?");
    }
}
