//! Effects: requests to the world, as plain data. The runner turns each into a task.

use std::collections::BTreeMap;

use super::consent::ConsentAsk;
use crate::domain::act::{Cancellation, SecretChange};
use crate::domain::digest::Digest;
use crate::domain::environment::EnvironmentName;
use crate::domain::execution::ExecutionName;
pub use crate::domain::fleet::Part;
use crate::domain::fleet::{EnvironmentStatus, Fleet};
use crate::domain::gate::{Answer, Gate, Refusal};
use crate::domain::ledger::{Filter, Reach};
use crate::domain::plan::Plan;
use crate::domain::revision::RevisionId;

/// Names one request; its answers carry it, and one that nobody waits for is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// An act in front of its gate, with what the person gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gated<A> {
    /// What is to be done.
    pub act: A,
    /// The gate in front of it.
    pub gate: Gate,
    /// What the person gave; the gate has the last word.
    pub answer: Answer,
}

/// A request to the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read who is signed in. Answer: [`Event::Identity`](super::event::Event).
    Identity {
        /// The request.
        id: RequestId,
    },
    /// Read one part of an environment. Answer: `Event::Part`.
    Read {
        /// The request.
        id: RequestId,
        /// The environment.
        environment: EnvironmentName,
        /// The part.
        part: Part,
    },
    /// Work out standing and problems of what is known. Answer: `Event::Assessed`.
    Assess {
        /// The request.
        id: RequestId,
        /// What is known.
        status: Box<EnvironmentStatus>,
    },
    /// Read the migration directory. Answer: `Event::Directory`.
    Directory {
        /// The request.
        id: RequestId,
    },
    /// Read what revisions do. Answer: `Event::Reviewed`.
    Review {
        /// The request.
        id: RequestId,
        /// The revisions.
        revisions: Vec<RevisionId>,
    },
    /// Resolve an operation, run the preflight and build the gate. Answer: `Event::Planned`.
    MakePlan {
        /// The request.
        id: RequestId,
        /// The environment.
        environment: EnvironmentName,
        /// The operation by name.
        operation: String,
        /// Parameters that differ from their defaults.
        params: BTreeMap<String, String>,
        /// Whether a backup is taken first, as a step of the plan.
        backup_first: bool,
    },
    /// Carry out a plan through its gate. Answers: `Event::Run`, up to `Settled` or `Refused`.
    Execute {
        /// The request.
        id: RequestId,
        /// The plan, as it was shown.
        run: Box<Gated<Plan>>,
    },
    /// Ask for cancellation. Answer: `Event::Cancelled`.
    Cancel {
        /// The request.
        id: RequestId,
        /// Which execution.
        cancel: Box<Gated<Cancellation>>,
    },
    /// Change the state of a secret version. Answer: `Event::SecretChanged`.
    ChangeSecret {
        /// The request.
        id: RequestId,
        /// Which version, and how.
        change: Box<Gated<SecretChange>>,
    },
    /// Follow an execution that is running already. Answers: `Event::Run`.
    Follow {
        /// The request.
        id: RequestId,
        /// Its environment.
        environment: EnvironmentName,
        /// Its name.
        execution: ExecutionName,
    },
    /// Read the log of an execution, and go on reading while `follow`. Answers: `Event::Log`.
    ReadLog {
        /// The request.
        id: RequestId,
        /// Its environment.
        environment: EnvironmentName,
        /// Its name.
        execution: ExecutionName,
        /// Whether to wait for more lines.
        follow: bool,
    },
    /// Read the ledger. Answer: `Event::Ledger`.
    Ledger {
        /// The request.
        id: RequestId,
        /// What is asked.
        ask: LedgerAsk,
    },
    /// Something about the second person. Answer: `Event::Consent`.
    Consent {
        /// The request.
        id: RequestId,
        /// What is asked, or said.
        ask: ConsentAsk,
    },
    /// Settle what an earlier start left open. Answers: `Event::Earlier`, when there was something.
    SettleEarlier,
    /// Arm an environment, or make it read-only again; recorded first. Answer: `Event::Armed`.
    Arm {
        /// The request.
        id: RequestId,
        /// The environment.
        environment: EnvironmentName,
        /// Whether it is to be armed.
        arm: bool,
    },
    /// Nobody waits for this answer any more: stop asking. Never sent for an act.
    Abandon {
        /// The request that is not waited for.
        id: RequestId,
    },
    /// Record that a gate was left, or refused, without an answer to wait for.
    RecordLeft(Box<LeftGate>),
    /// Keep what is known for the first frame of the next start.
    SaveSnapshot(Box<Fleet>),
    /// Show text in the pager; the console steps aside and comes back.
    Pager {
        /// Text without control characters.
        text: String,
    },
    /// Step aside for the shell.
    Suspend,
    /// Leave.
    Quit,
}

/// A question to the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerAsk {
    /// Some of the entries that a filter lets through.
    Window {
        /// The filter.
        filter: Box<Filter>,
        /// Which of them.
        reach: Reach,
        /// How many at most.
        size: u32,
    },
    /// All entries of a run.
    Story {
        /// The run.
        run_id: String,
    },
    /// Whether the chain holds, and what its seals say.
    Soundness,
}

/// A gate that was left or that stayed closed; refusals are recorded too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftGate {
    /// Environment concerned.
    pub environment: EnvironmentName,
    /// The verb of the act.
    pub verb: String,
    /// Digest of the act.
    pub digest: Digest,
    /// Why it stayed closed; `None` when it was left.
    pub refusal: Option<Refusal>,
}
