//! The second person: who was asked to agree to a plan, and who did, as the ledger has it.
//!
//! Nothing here is believed because a screen says so. [`Consents`] are read from entries of the
//! ledger, for one digest and one person who would act, and a gate takes nothing else.
//!
//! - A request is bound to the digest of one act. The newest request for it counts.
//! - It expires; from then on nobody can agree to it.
//! - Its author cannot agree, nor can the one who acts, nor a service account, nor somebody whose
//!   name is not known; one person counts once.
//! - What was agreed lasts from the last approval that was needed, not from the question.
//! - It serves one run: an act with this digest that was begun after the request has used it up.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::actor;
use super::digest::Digest;
use super::ledger::{Entry, EntryKind};
use super::plan::Plan;

/// What a policy wants from other people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// How many must agree.
    pub approvals: u32,
    /// How long they may be asked.
    pub expires: SignedDuration,
    /// How long their agreement lasts, from the last of them on.
    pub lasts: SignedDuration,
}

/// What travels with a request, so that others can look at what they agree to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The plan.
    pub plan: Plan,
    /// When the request expires.
    pub expires_at: Timestamp,
}

/// What is read of it where only the clock matters.
#[derive(Deserialize)]
struct Clock {
    expires_at: Timestamp,
}

/// A request to agree to an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its own id.
    pub id: String,
    /// The act.
    pub plan: Digest,
    /// Who asked.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// Until when it may be answered, as it was asked.
    pub expires_at: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// Who agreed, in order; everybody once.
    pub agreed: Vec<Agreement>,
    /// Who ended it, and why.
    pub declined: Option<(String, String)>,
    /// Who used it up, and in which run.
    pub used: Option<(String, String)>,
}

/// Somebody's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Whose.
    pub by: String,
    /// When it was given.
    pub at: Timestamp,
}

/// Where a request stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody was asked.
    NotAsked,
    /// It waits for others.
    Waiting {
        /// Who asked.
        by: String,
        /// Until when it can be answered.
        until: Timestamp,
        /// How many are missing.
        missing: u32,
        /// Who agreed so far.
        agreed: Vec<String>,
    },
    /// Enough agreed.
    Granted {
        /// Until when it holds.
        until: Timestamp,
        /// Who agreed.
        agreed: Vec<String>,
    },
    /// It was not answered, or not used, in time.
    Expired {
        /// Since when.
        at: Timestamp,
    },
    /// Somebody disagreed, or the author took it back.
    Declined {
        /// Who.
        by: String,
        /// Why.
        why: String,
    },
    /// A run has used it up.
    Used {
        /// Who ran it.
        by: String,
        /// In which run.
        run_id: String,
    },
}

impl Standing {
    /// The word for it, as in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotAsked => "not_asked",
            Self::Waiting { .. } => "waiting",
            Self::Granted { .. } => "granted",
            Self::Expired { .. } => "expired",
            Self::Declined { .. } => "declined",
            Self::Used { .. } => "used",
        }
    }

    /// Whether others can still do something about it.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Waiting { .. } | Self::Granted { .. })
    }
}

/// What the ledger says about an act, for the one who would do it.
///
/// ```compile_fail
/// use portcullis::domain::approval::Consents;
/// fn forge(json: &str) -> Consents {
///     serde_json::from_str(json).unwrap()
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consents {
    plan: Digest,
    who: String,
    request: Option<Request>,
    /// The latest time that the ledger tells of: a clock that was put back makes nothing young again.
    newest: Timestamp,
}

impl Consents {
    /// Nobody was asked.
    pub fn unasked(plan: &Digest, who: &str) -> Self {
        Self::read(&[], plan, who)
    }

    /// Reads the entries of the ledger about an act; others are passed over, in whatever order they come.
    pub fn read(entries: &[Entry], plan: &Digest, who: &str) -> Self {
        let mut about: Vec<_> = entries.iter().filter(|e| e.record.plan == *plan).collect();
        about.sort_by_key(|entry| entry.seq);
        let mut request = None;
        for entry in &about {
            follow(&mut request, entry);
        }
        Self {
            plan: plan.clone(),
            who: who.to_owned(),
            request,
            newest: about.iter().map(|e| e.at).max().unwrap_or_default(),
        }
    }

    /// The act that they are about.
    pub fn plan(&self) -> &Digest {
        &self.plan
    }

    /// Who would act.
    pub fn who(&self) -> &str {
        &self.who
    }

    /// The request that counts.
    pub fn request(&self) -> Option<&Request> {
        self.request.as_ref()
    }

    /// Where it stands.
    pub fn standing(&self, terms: &Terms, now: Timestamp) -> Standing {
        let now = now.max(self.newest);
        match &self.request {
            Some(request) => request.standing(Some(&self.who), terms, now),
            None => Standing::NotAsked,
        }
    }
}

impl Request {
    /// Until when it can be answered: as it was asked, and never longer than the policy allows now.
    pub fn until(&self, terms: &Terms) -> Timestamp {
        let allowed = later(self.at, terms.expires);
        self.expires_at.min(allowed)
    }

    /// Where it stands; the word of the one who would act does not count.
    pub fn standing(&self, who: Option<&str>, terms: &Terms, now: Timestamp) -> Standing {
        if let Some((by, run_id)) = self.used.clone() {
            return Standing::Used { by, run_id };
        }
        if let Some((by, why)) = self.declined.clone() {
            return Standing::Declined { by, why };
        }
        let until = self.until(terms);
        let counts =
            |a: &&Agreement| a.at < until && who.is_none_or(|who| !actor::is_same(&a.by, who));
        let agreed: Vec<_> = self.agreed.iter().filter(counts).collect();
        let needed = terms.approvals.max(1);
        let at = usize::try_from(needed).unwrap_or(usize::MAX) - 1;
        let names = || agreed.iter().map(|a| a.by.clone()).collect();
        match agreed.get(at).map(|last| later(last.at, terms.lasts)) {
            Some(until) if now < until => Standing::Granted {
                until,
                agreed: names(),
            },
            Some(at) => Standing::Expired { at },
            None if now >= until => Standing::Expired { at: until },
            None => Standing::Waiting {
                by: self.author.clone(),
                until,
                missing: needed - u32::try_from(agreed.len()).unwrap_or_default(),
                agreed: names(),
            },
        }
    }

    /// Whether this word would count, and if not, why.
    pub fn admits(&self, who: &str) -> Result<(), Unheard> {
        if !actor::is_known(who) {
            return Err(Unheard::Nobody);
        }
        if !actor::is_person(who) {
            return Err(Unheard::Machine);
        }
        if actor::is_same(&self.author, who) {
            return Err(Unheard::Author);
        }
        if self.agreed.iter().any(|a| actor::is_same(&a.by, who)) {
            return Err(Unheard::Twice);
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.used.is_some() || self.declined.is_some()
    }
}

/// Why somebody's word does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unheard {
    /// Who it is is not known.
    #[error("who is signed in is not known, and nobody in particular cannot agree")]
    Nobody,
    /// A service account is no person.
    #[error("a service account is no second person")]
    Machine,
    /// It is the author's.
    #[error("whoever asks cannot agree to it")]
    Author,
    /// It was given before.
    #[error("one person counts once, and this one has agreed already")]
    Twice,
}

/// All requests that some entries tell of, the newest first; of each act the newest request.
pub fn requests(entries: &[Entry]) -> Vec<Request> {
    let asked = entries
        .iter()
        .filter(|entry| entry.record.kind == EntryKind::Requested);
    let mut plans: Vec<_> = asked.map(|entry| (&entry.record.plan, entry.seq)).collect();
    plans.sort_by_key(|(_, seq)| std::cmp::Reverse(*seq));
    let mut seen = std::collections::HashSet::new();
    plans
        .into_iter()
        .filter(|(plan, _)| seen.insert(*plan))
        .filter_map(|(plan, _)| Consents::read(entries, plan, "").request)
        .collect()
}

/// The plan that a request is about, if it is what its digest says.
pub fn asked(entry: &Entry) -> Option<Asked> {
    use super::act::Act as _;
    let asked: Asked = serde_json::from_str(entry.record.detail.as_deref()?).ok()?;
    (asked.plan.digest() == entry.record.plan).then_some(asked)
}

/// What an entry does to the request that counts.
fn follow(request: &mut Option<Request>, entry: &Entry) {
    let record = &entry.record;
    if record.kind == EntryKind::Requested {
        if let Some(new) = opened(entry) {
            *request = Some(new);
        }
        return;
    }
    let Some(open) = request.as_mut().filter(|request| !request.is_over()) else {
        return;
    };
    match record.kind {
        EntryKind::Intended => open.used = Some((record.actor.clone(), record.run_id.clone())),
        EntryKind::Approved if record.run_id == open.id && open.admits(&record.actor).is_ok() => {
            open.agreed.push(Agreement {
                by: record.actor.clone(),
                at: entry.at,
            });
        }
        EntryKind::Declined if record.run_id == open.id => {
            let why = record.reason.clone().unwrap_or_default();
            open.declined = Some((record.actor.clone(), why));
        }
        _ => {}
    }
}

/// A request that somebody in particular made, and that says when it ends.
fn opened(entry: &Entry) -> Option<Request> {
    let record = &entry.record;
    let clock: Clock = serde_json::from_str(record.detail.as_deref()?).ok()?;
    actor::is_known(&record.actor).then(|| Request {
        id: record.run_id.clone(),
        plan: record.plan.clone(),
        author: record.actor.clone(),
        at: entry.at,
        expires_at: clock.expires_at,
        reason: record.reason.clone(),
        agreed: Vec::new(),
        declined: None,
        used: None,
    })
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
pub(crate) mod tests;
