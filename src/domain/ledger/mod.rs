//! The ledger: an append-only record of intents, decisions and outcomes, chained by hashes.

mod chain;
mod query;
mod seal;
mod window;

pub use chain::{Broken, Link, Walk, chain, genesis, verify};
pub use query::{Appended, Filter, Unless};
pub use seal::{Checked, Head, Seal, SealKey, SealState, Soundness, Witness};
pub use window::{Reach, Window};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::environment::EnvironmentName;
use super::outcome::Outcome;

/// What an entry records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// An act is about to be sent.
    Intended,
    /// A run that only looks is about to be sent; it is never open.
    Looked,
    /// A step before the run itself, such as a backup, was begun or is over.
    Step,
    /// It was sent, and the answer arrived.
    Started,
    /// It was sent, and the answer was lost: it may have started.
    Lost,
    /// It is over or lost, and its outcome is not known yet; it stays open.
    Unsettled,
    /// Its outcome is known.
    Settled,
    /// A gate or a preflight check refused it.
    Refused,
    /// It was left at the gate.
    Left,
    /// An environment was armed.
    Armed,
    /// It is read-only again.
    Disarmed,
    /// Other people were asked to agree to a plan.
    Requested,
    /// Somebody else agreed.
    Approved,
    /// Somebody disagreed, or the author took the request back.
    Declined,
    /// A plan goes through without what others had to give; a review is owed.
    BrokeGlass,
    /// That review was done.
    Reviewed,
    /// An execution was seen that this ledger did not start.
    Seen,
}

impl EntryKind {
    /// All kinds.
    pub const ALL: [Self; 17] = [
        Self::Intended,
        Self::Looked,
        Self::Step,
        Self::Started,
        Self::Lost,
        Self::Unsettled,
        Self::Settled,
        Self::Refused,
        Self::Left,
        Self::Armed,
        Self::Disarmed,
        Self::Requested,
        Self::Approved,
        Self::Declined,
        Self::BrokeGlass,
        Self::Reviewed,
        Self::Seen,
    ];

    /// Whether a run whose last entry is of this kind is open: something may have been sent,
    /// and what became of it is not known.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Intended | Self::Step | Self::Started | Self::Lost | Self::Unsettled
        )
    }

    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Looked => "looked",
            Self::Step => "step",
            Self::Started => "started",
            Self::Lost => "lost",
            Self::Unsettled => "unsettled",
            Self::Settled => "settled",
            Self::Refused => "refused",
            Self::Left => "left",
            Self::Armed => "armed",
            Self::Disarmed => "disarmed",
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::BrokeGlass => "broke_glass",
            Self::Reviewed => "reviewed",
            Self::Seen => "seen",
        }
    }
}

/// What is appended; the store adds sequence, time and hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Who acts.
    pub actor: String,
    /// Run that it belongs to.
    pub run_id: String,
    /// What is recorded.
    pub kind: EntryKind,
    /// Environment concerned.
    pub environment: EnvironmentName,
    /// Operation or verb.
    pub operation: String,
    /// Digest of the act.
    pub plan: Digest,
    /// Execution, once it has a name.
    pub execution: Option<String>,
    /// Outcome, once there is one.
    pub outcome: Option<Outcome>,
    /// The reason given, or why it was refused.
    pub reason: Option<String>,
    /// Facts that a later start needs to settle an open intent, as JSON; never a payload.
    pub detail: Option<String>,
}

/// An entry of the ledger. Every field is under the hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Position, from 1, without gaps.
    pub seq: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What was recorded.
    #[serde(flatten)]
    pub record: Record,
    /// Hash of the entry before.
    pub previous: Digest,
    /// Hash over all of the above.
    pub hash: Digest,
}
