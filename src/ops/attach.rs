//! Attaching to an execution that runs already, whoever started it, from any machine.

use jiff::SignedDuration;

use crate::domain::environment::Environment;
use crate::domain::execution::{Execution, ExecutionName, ExecutionState};
use crate::domain::failure::Failure;
use crate::domain::ledger::{EntryKind, Filter};
use crate::domain::outcome::Outcome;
use crate::domain::plan::Plan;
use crate::domain::revision::RevisionId;
use crate::ports::World;

use super::execute::{Listener, RunEvent};
use super::{follow, reconcile, verify};

/// How an execution ended that was attached to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// The execution.
    pub execution: Execution,
    /// The run of the ledger that it belongs to.
    pub run: Option<RunOfLedger>,
    /// Rows that the database has now, when they could be read.
    pub after: Option<Vec<RevisionId>>,
    /// What happened, in one clause.
    pub why: String,
    /// From its start to its end.
    pub duration: Option<SignedDuration>,
}

/// What the ledger says of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOfLedger {
    /// The run.
    pub run_id: String,
    /// Its outcome.
    pub outcome: Outcome,
    /// Rows before it, as its plan had them.
    pub before: Vec<RevisionId>,
}

impl Attached {
    /// Its outcome: what the ledger says of the run; of a run that is not in it only the
    /// platform's word is known, and that proves no success.
    pub fn outcome(&self) -> Option<Outcome> {
        self.run.as_ref().map(|run| run.outcome)
    }
}

/// Follows an execution to its end, reads the database back, and settles the run where the ledger
/// has it open.
pub async fn attach(
    world: &World,
    environment: &Environment,
    name: &ExecutionName,
    tell: Listener<'_>,
) -> Result<Attached, Failure> {
    let progress = |p| tell(RunEvent::Progress(p));
    let execution = follow::follow(world, environment, name, &progress).await?;
    tell(RunEvent::ReadingBack);
    let marker = execution.run_id.as_deref();
    let settled = reconcile::settle_run_of(world, environment, (name, marker)).await?;
    let reading = verify::read_back(world, environment).await;
    let run = run_of(world, &execution).await?;
    let why = match (settled, &run, &reading) {
        (Some(settled), _, _) => settled.why,
        (None, Some(_), _) => "it was settled before".to_owned(),
        (None, None, Ok(_)) => format!("the execution {}", word(execution.state)),
        (None, None, Err(failure)) => format!("the database could not be read: {failure}"),
    };
    Ok(Attached {
        run,
        after: reading.ok().map(|r| r.current.unwrap_or_default()),
        why,
        duration: execution.duration(world.clock.now()),
        execution,
    })
}

fn word(state: ExecutionState) -> &'static str {
    match state {
        ExecutionState::Succeeded => "succeeded",
        ExecutionState::Failed => "failed",
        ExecutionState::Cancelled => "was cancelled",
        _ => "is over, and how is not told",
    }
}

/// The run that an execution belongs to: by its marker, as far as this ledger knows it.
async fn run_of(world: &World, execution: &Execution) -> Result<Option<RunOfLedger>, Failure> {
    let Some(run_id) = &execution.run_id else {
        return Ok(None);
    };
    let filter = Filter {
        run_id: Some(run_id.clone()),
        ..Filter::default()
    };
    let entries = world.ledger.page(&filter, None, 1_000).await?;
    let Some(last) = entries.first() else {
        return Ok(None);
    };
    let sends = |kind| matches!(kind, EntryKind::Intended | EntryKind::Looked);
    let plan: Option<Plan> = entries
        .iter()
        .find(|entry| sends(entry.record.kind))
        .and_then(|entry| serde_json::from_str(entry.record.detail.as_deref()?).ok());
    Ok(Some(RunOfLedger {
        run_id: run_id.clone(),
        outcome: last.record.outcome.unwrap_or(Outcome::Unknown),
        before: plan.map(|plan| plan.from).unwrap_or_default(),
    }))
}
