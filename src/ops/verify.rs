//! The read-back: what the database itself says, in a new session, after a run.

use jiff::SignedDuration;

use crate::domain::backend::Backend;
use crate::domain::database::Reading;
use crate::domain::environment::{Environment, ProbeKind};
use crate::domain::execution::{Execution, ExecutionState};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::outcome::{self, Outcome};
use crate::domain::plan::Plan;
use crate::domain::revision::RevisionId;
use crate::ports::World;

use super::survivors::{self, Survivors};

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
    /// Whether backends of the run are still at work.
    pub may_still_move: bool,
}

/// How long a run's backends that outlive their job are waited for, and who is told of them.
#[derive(Clone, Copy)]
pub struct Wait<'a> {
    /// How long.
    pub patience: SignedDuration,
    /// Who is told of each look that found some.
    pub tell: &'a (dyn Fn(Vec<Backend>) + Send + Sync),
}

impl Wait<'_> {
    /// One look, and nobody is told.
    pub const NONE: Self = Self {
        patience: SignedDuration::ZERO,
        tell: &|_| {},
    };
}

impl ReadBack {
    /// Whether a later look at the database could say more than this one.
    pub fn may_be_decided_later(&self, plan: &Plan) -> bool {
        let open = self.reading.is_err() || self.may_still_move;
        plan.moves && self.outcome == Outcome::Unknown && open
    }
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
    Err(first_failure.unwrap_or_else(no_probe))
}

/// No probe has a session with the database.
pub(super) fn no_probe() -> Failure {
    Failure::new(
        FailureKind::Config,
        "no probe of this environment reads the database itself",
        "Add `data-api` or `direct` to `probes`.",
    )
}

/// Reads back and decides. After an end that was not clean it looks twice, and waits in between
/// for backends of the run: PostgreSQL may finish, and commit, a statement whose client is gone.
pub async fn verify(
    world: &World,
    environment: &Environment,
    plan: &Plan,
    execution: &Execution,
    wait: Wait<'_>,
) -> ReadBack {
    let first = judge(plan, execution, read_back(world, environment).await);
    let clean = execution.state == ExecutionState::Succeeded;
    let settled = !matches!(first.outcome, Outcome::Failed | Outcome::Unknown);
    if clean || settled || first.reading.is_err() {
        return first;
    }
    let Wait { patience, tell } = wait;
    match survivors::wait_for_end(world, environment, execution, patience, tell).await {
        Survivors::None => {}
        Survivors::Unseen(_) => world.clock.sleep(SECOND_LOOK).await,
        Survivors::Alive(backends) => return undecided(first, &backends),
    }
    judge(plan, execution, read_back(world, environment).await)
}

/// While somebody is still at it, nothing that was read is the last word.
fn undecided(first: ReadBack, alive: &[Backend]) -> ReadBack {
    let who: Vec<_> = alive.iter().map(Backend::who).collect();
    ReadBack {
        outcome: Outcome::Unknown,
        why: format!(
            "its job is over, and {} is still at work in the database: it may still commit",
            who.join("; ")
        ),
        may_still_move: true,
        ..first
    }
}

/// Reads back and decides about a run whose execution the platform does not list any more: it
/// ended, and how is not told.
pub async fn verify_gone(world: &World, environment: &Environment, plan: &Plan) -> ReadBack {
    let reading = read_back(world, environment).await;
    let rows = rows(&reading);
    let outcome = outcome::decide(plan, ExecutionState::Unknown, rows.as_deref());
    let gone = "its execution is not listed any more";
    let why = match (&reading, outcome) {
        (Err(failure), _) => format!("{gone}, and the database could not be read back: {failure}"),
        (Ok(_), Outcome::Applied) => format!("{gone}, and the database is at the target"),
        (Ok(_), _) => format!("{gone}, and the database does not say what it did"),
    };
    ReadBack {
        outcome,
        reading,
        why,
        may_still_move: false,
    }
}

fn rows(reading: &Result<Reading, Failure>) -> Option<Vec<RevisionId>> {
    let reading = reading.as_ref().ok()?;
    Some(reading.current.clone().unwrap_or_default())
}

fn judge(plan: &Plan, execution: &Execution, reading: Result<Reading, Failure>) -> ReadBack {
    let rows = rows(&reading);
    let outcome = outcome::decide(plan, execution.state, rows.as_deref());
    let why = explain(plan, execution, &reading, outcome);
    ReadBack {
        outcome,
        reading,
        why,
        may_still_move: false,
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
