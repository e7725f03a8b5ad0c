//! The second person on the screen: what others are asked, what they are shown, what is owed.

use jiff::Timestamp;

use super::event::Prepared;
use crate::domain::approval::{Consents, Request};
use crate::domain::digest::Digest;
use crate::domain::environment::EnvironmentName;
use crate::domain::failure::Failure;
use crate::domain::plan::Plan;

/// A question about consent, or somebody's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsentAsk {
    /// What others gave for a plan by now.
    Standing {
        /// The plan.
        plan: Box<Plan>,
    },
    /// Others are asked to agree to a plan.
    Others {
        /// The plan, as it was shown.
        plan: Box<Plan>,
        /// Why.
        reason: String,
    },
    /// The requests that wait for anybody.
    Desk,
    /// A request with the plan as it was shown to its author, and what differs here.
    Look {
        /// The request.
        request: String,
        /// Its plan.
        plan: Digest,
    },
    /// Somebody agrees, or does not.
    Word {
        /// The request.
        request: String,
        /// Its plan.
        plan: Digest,
        /// Its environment.
        environment: EnvironmentName,
        /// Whether they agree.
        agrees: bool,
        /// Why.
        reason: Option<String>,
    },
    /// The review of a run that went through broken glass.
    Review {
        /// The run.
        run_id: String,
        /// What was found.
        reason: String,
    },
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsentAnswer {
    /// What others gave.
    Consents(Consents),
    /// What waits.
    Desk(Desk),
    /// A request.
    Seen(Box<RequestSeen>),
    /// The word is in the ledger.
    Recorded,
}

/// What waits for somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desk {
    /// Requests that can still be answered, the newest first.
    pub requests: Vec<OpenRequest>,
}

/// A request that can still be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRequest {
    /// The request.
    pub request: Request,
    /// Where.
    pub environment: EnvironmentName,
    /// What, in words: `upgrade → 007`.
    pub title: String,
    /// Until when it can be answered.
    pub until: Timestamp,
    /// How many are missing.
    pub missing: u32,
    /// Whether the word of the one who is signed in would count.
    pub heard: bool,
}

/// A request as it is shown to whoever may agree to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestSeen {
    /// The request.
    pub request: Request,
    /// Until when it can be answered.
    pub until: Timestamp,
    /// The plan as its author saw it, with what is found about it here.
    pub prepared: Prepared,
    /// What differs from the plan that is made here now; or why none could be made.
    pub here: Result<Vec<String>, Failure>,
    /// Who would answer.
    pub who: String,
}
