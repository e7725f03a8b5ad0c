//! Executing a plan: one sequence, in one place, for everybody.
//!
//! 1. `prepare`: the facts again;
//! 2. `admit`: the plan that was shown, or nothing;
//! 3. the gate;
//! 4. `claim`: `Intended` in the ledger, unless another run of the environment is open; of two runs that
//!    rest on the same approval the first one has it;
//! 5. `before`: steps that the plan takes before the run itself, then 1 to 3 again and `Intended` once more;
//! 6. the call, once; `Started` or `Lost` in the ledger; a lost answer is looked for by the run's marker;
//! 7. `run`: follow, read back, outcome in the ledger.
//!
//! No ledger, no act.

mod admit;
mod before;
mod claim;
mod report;
mod run;

pub use admit::{blocked, gate_failure};
pub use report::{Listener, Report, RunEvent};

use crate::domain::failure::Failure;
use crate::domain::gate::Answer;
use crate::domain::plan::Plan;
use crate::domain::policy::Policies;
use crate::ports::World;
use crate::ports::jobs::RunError;

use super::plan::{Request, prepare};
use super::record::{self, Journal};
use super::{approvals, debts};
use run::Run;

pub(super) use admit::refused;
pub(super) use claim::{busy, only_looks};
pub(super) use run::finish;

/// Executes a plan that was shown for a request: it is what runs, or nothing runs.
pub async fn execute(
    world: &World,
    policies: &Policies,
    (request, shown): (&Request, &Plan),
    answer: Answer,
    wait: bool,
    tell: Listener<'_>,
) -> Result<Report, Failure> {
    let actor = record::actor(world).await;
    let run_id = world.clock.new_run_id();
    let mut journal = Journal::open(&actor, &run_id, shown, answer.reason.as_deref());
    // Asked before the facts: a run that comes and goes after them makes them old.
    let known = claim::newest_intent(world, &request.environment.name, None).await?;
    let fresh = match prepare(world, policies, request.clone()).await {
        Ok(fresh) => fresh,
        Err(failure) => return Err(admit::refused(world, &mut journal, failure).await),
    };
    if let Err(failure) = admit::admit(shown, &fresh, answer.breaks_glass) {
        return Err(admit::refused(world, &mut journal, failure).await);
    }
    if !fresh.has_work() {
        return report::unchanged(world, &mut journal, &run_id, &fresh).await;
    }
    // What others gave is read after the facts, and by nobody but the one who acts.
    let again = before::Again {
        policies,
        request,
        answer: answer.clone(),
        actor: &actor,
    };
    let consents = approvals::consents_for(world, &fresh.plan, &actor).await?;
    let now = world.clock.now();
    let approved = match fresh.gate.pass(fresh.plan.clone(), answer, &consents, now) {
        Ok(approved) => approved,
        Err(refusal) => {
            return Err(admit::refused(world, &mut journal, gate_failure(&refusal)).await);
        }
    };
    let mut run = Run::new(world, &fresh, journal, run_id, tell);
    if let Some(overrode) = approved.overrode() {
        debts::break_glass(world, &mut run.journal, overrode, &actor).await?;
    }
    let alone = approved.overrode().is_some();
    run.claim(known).await?;
    if !alone {
        let this = (actor.as_str(), run.id());
        let ours = approvals::still_ours(world, &fresh.gate, &fresh.plan, this).await;
        if let Err(refusal) = ours {
            return run.not_started(gate_failure(&refusal)).await;
        }
    }
    let approved = run.before(approved, &again).await?;
    match world.jobs.run(approved, run.id()).await {
        Ok(execution) => run.started(execution, wait).await,
        Err(RunError::NotStarted(failure)) => run.not_started(failure).await,
        Err(RunError::Lost(failure)) => run.lost(failure, wait).await,
    }
}
