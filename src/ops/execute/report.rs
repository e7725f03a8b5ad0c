//! What is told while a plan is executed, and how it ended.

use jiff::SignedDuration;

use crate::domain::act::Act as _;
use crate::domain::backend::Backend;
use crate::domain::digest::Digest;
use crate::domain::execution::{Execution, ExecutionName};
use crate::domain::failure::Failure;
use crate::domain::offline_sql::OfflineSql;
use crate::domain::outcome::Outcome;
use crate::domain::revision::RevisionId;
use crate::ops::backup::StepEvent;
use crate::ops::follow::Progress;
use crate::ops::plan::Prepared;
use crate::ops::record::Journal;
use crate::ports::World;
use crate::triage::Found;

/// What happens while a plan is executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEvent {
    /// The intent is in the ledger, under this run id.
    Recorded(String),
    /// A step before the run moved.
    Step(StepEvent),
    /// The platform accepted it.
    Started(Box<Execution>),
    /// The answer was lost; it is being looked for.
    Lost(Failure),
    /// Its state or log moved.
    Progress(Progress),
    /// The platform was asked to cancel it.
    Cancelling(ExecutionName),
    /// Its job is over, and these backends are still at work in the database.
    StillAlive(Vec<Backend>),
    /// It is over; the database is read back.
    ReadingBack,
    /// The outcome.
    Settled(Box<Report>),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The run.
    pub run_id: String,
    /// Digest of the plan.
    pub plan: Digest,
    /// The execution, when there is one.
    pub execution: Option<Execution>,
    /// The outcome.
    pub outcome: Outcome,
    /// Rows before.
    pub before: Vec<RevisionId>,
    /// Rows after, when they could be read.
    pub after: Option<Vec<RevisionId>>,
    /// Why the outcome is what it is.
    pub why: String,
    /// From sending to the end.
    pub duration: SignedDuration,
    /// The SQL that it has rendered, for a run that renders SQL.
    pub sql: Option<OfflineSql>,
    /// Known causes, for a run that did not end well.
    pub causes: Vec<Found>,
}

/// Who listens to a run.
pub type Listener<'a> = &'a (dyn Fn(RunEvent) + Send + Sync);

/// The report of a plan that has nothing to do; that is recorded as well.
pub(super) async fn unchanged(
    world: &World,
    journal: &mut Journal,
    run_id: &str,
    prepared: &Prepared,
) -> Result<Report, Failure> {
    let why = "nothing was to be done: the database is at the target";
    journal.close(world, Outcome::Unchanged, why).await?;
    Ok(Report {
        run_id: run_id.to_owned(),
        plan: prepared.plan.digest(),
        execution: None,
        outcome: Outcome::Unchanged,
        before: prepared.plan.from.clone(),
        after: Some(prepared.plan.from.clone()),
        why: why.to_owned(),
        duration: SignedDuration::ZERO,
        sql: None,
        causes: Vec::new(),
    })
}
