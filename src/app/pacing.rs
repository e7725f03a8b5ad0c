//! Pacing: which part of which environment is due to be read again, and what is on its way.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::effect::{Part, RequestId};
use crate::domain::revision::RevisionId;

/// What an open request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Who is signed in.
    Identity,
    /// A part of an environment.
    Part(usize, Part),
    /// Standing and problems of an environment.
    Assess(usize),
    /// The migration directory.
    Directory,
    /// What these revisions do.
    Reviews(Vec<RevisionId>),
    /// A plan, for the gate screen that waits for it.
    Plan,
    /// The cancellation of a run of an environment.
    Cancel(usize),
    /// The change of a secret version of an environment.
    Secret(usize),
    /// The log of a log screen.
    Log,
    /// Entries for the ledger's screen.
    Ledger,
    /// The story of a run, for its screen.
    Story,
    /// What others gave, for the gate that waits for it.
    Consents,
    /// What waits for somebody's word.
    Desk,
    /// That somebody's word is in the ledger: what is said then.
    Word(String),
    /// Whether the chain of the ledger holds.
    Soundness,
    /// That an environment is armed, or read-only again.
    Arm(usize, bool),
}

/// Open requests; an answer to anything else is dropped.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    last: u64,
    open: BTreeMap<RequestId, Wanted>,
    /// When parts were asked for, within the last minute.
    recent: VecDeque<Timestamp>,
}

impl Requests {
    /// A new id that is not kept open here: runs keep their own.
    pub fn next_id(&mut self) -> RequestId {
        self.last += 1;
        RequestId(self.last)
    }

    /// Opens a request.
    pub fn open(&mut self, wanted: Wanted) -> RequestId {
        let id = self.next_id();
        self.open.insert(id, wanted);
        id
    }

    /// Counts a read of the world.
    pub fn count(&mut self, now: Timestamp) {
        self.recent.push_back(now);
        while self
            .recent
            .front()
            .is_some_and(|at| now.duration_since(*at) > SignedDuration::from_mins(1))
        {
            self.recent.pop_front();
        }
    }

    /// How many reads there were in the minute before the last one.
    pub fn per_minute(&self) -> usize {
        self.recent.len()
    }

    /// Closes a request; `None` when nobody waits for it.
    pub fn close(&mut self, id: RequestId) -> Option<Wanted> {
        self.open.remove(&id)
    }

    /// What a request is for, while it stays open.
    pub fn wanted(&self, id: RequestId) -> Option<&Wanted> {
        self.open.get(&id)
    }

    /// How many requests are open.
    pub fn open_count(&self) -> usize {
        self.open.len()
    }

    /// Whether something like this is on its way.
    pub fn is_open(&self, like: &Wanted) -> bool {
        self.is_open_like(|wanted| wanted == like)
    }

    /// Whether something of this kind is on its way.
    pub fn is_open_like(&self, like: impl Fn(&Wanted) -> bool) -> bool {
        self.open.values().any(like)
    }

    /// Whether a part of this environment is on its way.
    pub fn reads(&self, station: usize) -> bool {
        self.open
            .values()
            .any(|wanted| matches!(wanted, Wanted::Part(of, _) if *of == station))
    }
}

/// When the parts of one environment are due.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    due: [Option<Timestamp>; Part::ALL.len()],
}

/// How many refreshes a part sits out: what moves fast is read often, what hardly moves seldom.
pub fn weight(part: Part) -> i32 {
    match part {
        Part::Executions => 1,
        Part::Reading => 2,
        Part::Job | Part::Instance | Part::Secret => 4,
        // A second opinion costs log reads, of which there are 60 a minute for everybody.
        Part::Probes => 40,
    }
}

impl Pace {
    /// Whether a part is due now.
    pub fn is_due(&self, part: Part, now: Timestamp) -> bool {
        self.due[part as usize].is_none_or(|due| due <= now)
    }

    /// Puts a part off.
    pub fn put_off(&mut self, part: Part, until: Timestamp) {
        self.due[part as usize] = Some(until);
    }

    /// Makes a part due at once.
    pub fn hasten(&mut self, part: Part) {
        self.due[part as usize] = None;
    }

    /// The next moment at which a part is due.
    pub fn next(&self) -> Option<Timestamp> {
        self.due.iter().flatten().min().copied()
    }
}
