//! Why a gate stays closed, in words.

use serde::{Deserialize, Serialize};

use crate::domain::approval::Standing;
use crate::domain::text::clean;

/// Why a gate stays closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The environment is read-only and was not armed.
    #[error("{0} is read-only until it is armed")]
    NotArmed(String),
    /// The confirmation is missing.
    #[error("this needs a confirmation: {0}")]
    NotConfirmed(String),
    /// Something else was typed.
    #[error("what was typed is not `{0}`")]
    Mistyped(String),
    /// The reason is missing or says nothing.
    #[error("a reason is required, of at least one word")]
    NoReason,
    /// The reason does not hold the ticket pattern.
    #[error("the reason must hold a ticket that matches `{0}`")]
    NoTicket(String),
    /// Other people must agree, and were not asked.
    #[error("{0} more approval(s) by somebody else are needed, and nobody was asked")]
    NotAsked(u32),
    /// Other people were asked, and have not all agreed yet.
    #[error("{0} more approval(s) by somebody else are needed")]
    NeedsApproval(u32),
    /// What others agreed to, or were asked, is too old.
    #[error("the approval expired at {0}; ask again")]
    ApprovalExpired(jiff::Timestamp),
    /// Somebody disagreed.
    #[error("{by} declined it: {why}")]
    Declined {
        /// Who.
        by: String,
        /// Why.
        why: String,
    },
    /// What others agreed to was used already.
    #[error("the approval served run {run_id} of {by}, and serves no second one; ask again")]
    Used {
        /// Who ran it.
        by: String,
        /// In which run.
        run_id: String,
    },
    /// A check blocks it.
    #[error("blocked by preflight: {0}")]
    Blocked(String),
    /// The policy has no glass to break.
    #[error("the policy of this tier does not let anybody break the glass")]
    NoGlass,
    /// There is nothing that would have to be overridden.
    #[error("there is nothing to break the glass for: this gate opens without")]
    NothingToBreak,
    /// Nobody in particular can break it: there would be nobody to ask about it.
    #[error("who is signed in is not known, and nobody in particular cannot break the glass")]
    NobodyBreaks,
    /// What was approved is too old.
    #[error("the approval is older than a minute; confirm again")]
    Expired,
    /// This gate stands in front of another act.
    #[error("this gate was made for another act; make the plan again")]
    AnotherAct,
}

impl Refusal {
    /// What is missing where a request stands so; nothing when it is granted.
    pub(super) fn of(standing: Standing, approvals: u32) -> Option<Self> {
        match standing {
            Standing::Granted { .. } => None,
            Standing::NotAsked => Some(Self::NotAsked(approvals)),
            Standing::Waiting { missing, .. } => Some(Self::NeedsApproval(missing)),
            Standing::Expired { at } => Some(Self::ApprovalExpired(at)),
            Standing::Declined { by, why } => Some(Self::Declined {
                by: clean(&by).into_owned(),
                why: clean(&why).into_owned(),
            }),
            Standing::Used { by, run_id } => Some(Self::Used {
                by: clean(&by).into_owned(),
                run_id: clean(&run_id).into_owned(),
            }),
        }
    }
}
