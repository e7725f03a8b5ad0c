//! The read-back: what the database itself says, in a new session, after a run.

use jiff::SignedDuration;

use crate::domain::database::Reading;
use crate::domain::environment::{Environment, ProbeKind};
use crate::domain::execution::{Execution, ExecutionState};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::outcome::{self, Outcome};
use crate::domain::plan::Plan;
use crate::ports::World;

/// How long a statement that outlives its cancelled client is given to end.
const SECOND_LOOK: SignedDuration = SignedDuration::from_secs(2);

/// What the read-back says about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadBack {
    /// The outcome.
    pub outcome: Outcome,
    /// What was read; or why nothing could be read.
    pub reading: Result<Reading, Failure>,
    /// Why the outcome is what it is, in one sentence.
    pub why: String,
}

/// Reads the database in a new session. Log lines are not asked: they are what
/// the run said of itself.
pub async fn read_back(world: &World, environment: &Environment) -> Result<Reading, Failure> {
    let mut first_failure = None;
    let probes = environment
        .probes
        .iter()
        .filter(|p| matches!(p, ProbeKind::DataApi | ProbeKind::Direct));
    for probe in probes {
        match world.databases.read(environment, *probe).await {
            Ok(reading) => return Ok(reading),
            Err(failure) => {
                first_failure.get_or_insert(failure);
            }
        }
    }
    Err(first_failure.unwrap_or_else(|| {
        Failure::new(
            FailureKind::Config,
            "no probe of this environment reads the database itself",
            "Add `data-api` or `direct` to `probes`.",
        )
    }))
}

/// Reads back and decides. After an end that was not clean it looks twice, because
/// PostgreSQL may finish a statement whose client is gone.
pub async fn verify(
    world: &World,
    environment: &Environment,
    plan: &Plan,
    execution: &Execution,
) -> ReadBack {
    let first = judge(plan, execution, read_back(world, environment).await);
    let clean = execution.state == ExecutionState::Succeeded;
    if clean || first.outcome != Outcome::Failed {
        return first;
    }
    world.clock.sleep(SECOND_LOOK).await;
    judge(plan, execution, read_back(world, environment).await)
}

fn judge(plan: &Plan, execution: &Execution, reading: Result<Reading, Failure>) -> ReadBack {
    let rows = reading
        .as_ref()
        .ok()
        .map(|r| r.current.clone().unwrap_or_default());
    let outcome = outcome::decide(plan, execution.state, rows.as_deref());
    let why = explain(plan, execution, &reading, outcome);
    ReadBack {
        outcome,
        reading,
        why,
    }
}

fn explain(
    plan: &Plan,
    execution: &Execution,
    reading: &Result<Reading, Failure>,
    outcome: Outcome,
) -> String {
    match (outcome, reading) {
        (Outcome::Unknown, Err(failure)) => {
            format!("the database could not be read back: {failure}")
        }
        (Outcome::Unknown, Ok(_)) => {
            format!(
                "the execution is {}, and nothing in the database proves what it did",
                execution.state.word()
            )
        }
        (Outcome::Applied, Ok(_)) if plan.moves => {
            "read back from the database: it is at the target".to_owned()
        }
        (Outcome::Failed, Ok(_)) if execution.state == ExecutionState::Succeeded => {
            "it exited with 0, but the database is not at the target".to_owned()
        }
        (Outcome::Failed, Ok(reading))
            if reading.current.as_deref().unwrap_or_default() == plan.from =>
        {
            format!(
                "the execution {}, and the database is where it was before",
                ended(execution)
            )
        }
        (Outcome::Failed, Ok(_)) => {
            format!(
                "the execution {}, and the database is not at the target: part was applied",
                ended(execution)
            )
        }
        _ => format!("the execution {}", ended(execution)),
    }
}

fn ended(execution: &Execution) -> &'static str {
    match execution.state {
        ExecutionState::Succeeded => "succeeded",
        ExecutionState::Failed if execution.timed_out => "reached its time limit",
        ExecutionState::Failed => "failed",
        ExecutionState::Cancelled => "was cancelled",
        _ => "is not over",
    }
}
