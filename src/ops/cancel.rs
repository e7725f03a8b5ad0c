//! Cancelling an execution: gated, recorded, waited for, and read back.
//!
//! A job that is gone proves nothing: its statement may go on in the database and commit. So its
//! backends are looked for, and what the cancelled run did is for its own read-back to say.

use jiff::SignedDuration;

use crate::domain::act::{Act, Cancellation};
use crate::domain::approval::Consents;
use crate::domain::environment::Environment;
use crate::domain::execution::{Execution, ExecutionName, ExecutionState};
use crate::domain::failure::Failure;
use crate::domain::gate::{Answer, Gate};
use crate::domain::ledger::EntryKind;
use crate::domain::outcome::Outcome;
use crate::domain::policy::Policies;
use crate::domain::settlement::Settlement;
use crate::ports::World;

use super::execute::{Listener, RunEvent, gate_failure};
use super::record::{self, Journal};
use super::survivors::{self, Survivors};
use super::{follow, reconcile};

/// How often an execution is looked at whose cancellation got no clear answer, and how far apart.
const LOOKS: u32 = 10;
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(2);

/// What became of a cancellation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancelled {
    /// The execution at its end.
    pub execution: Execution,
    /// Backends that were still alive in the database at last.
    pub survivors: Survivors,
    /// What became of the run itself, when the ledger had it open.
    pub run: Option<Settlement>,
}

/// The cancellation of an execution, with the gate in front of it.
pub fn prepare(
    environment: &Environment,
    execution: &ExecutionName,
    policies: &Policies,
) -> (Cancellation, Gate) {
    let cancellation = Cancellation {
        environment: environment.name.clone(),
        tier: environment.tier,
        job: environment.job_resource(),
        execution: execution.clone(),
    };
    let gate = Gate::before(&cancellation, policies, &[]);
    (cancellation, gate)
}

/// Passes the gate, records, asks the platform once, waits for the end of the execution and of
/// its backends, and settles the cancelled run by the read-back.
pub async fn cancel(
    world: &World,
    environment: &Environment,
    (cancellation, gate): (Cancellation, &Gate),
    answer: Answer,
    tell: Listener<'_>,
) -> Result<Cancelled, Failure> {
    let actor = record::actor(world).await;
    let run_id = world.clock.new_run_id();
    let mut journal = Journal::open(&actor, &run_id, &cancellation, answer.reason.as_deref());
    let name = cancellation.execution.clone();
    journal.name_execution(name.as_str());
    let consents = Consents::unasked(&cancellation.digest(), &actor);
    let now = world.clock.now();
    let approved = match gate.pass(cancellation, answer, &consents, now) {
        Ok(approved) => approved,
        Err(refusal) => {
            journal.refuse(world, &refusal.to_string()).await?;
            return Err(gate_failure(&refusal));
        }
    };
    journal.write(world, EntryKind::Intended).await?;
    tell(RunEvent::Recorded(run_id));
    if let Err(failure) = world.jobs.cancel(approved).await
        && !took(world, environment, &name, &failure).await
    {
        let outcome = Outcome::of_failed_call(&failure);
        journal.settle(world, outcome, &failure.summary).await?;
        return Err(failure);
    }
    tell(RunEvent::Cancelling(name.clone()));
    let progress = |p| tell(RunEvent::Progress(p));
    let over = match follow::follow(world, environment, &name, &progress).await {
        Ok(over) => over,
        Err(failure) => {
            let why = format!("its end could not be watched: {failure}");
            journal.settle(world, Outcome::Unknown, &why).await?;
            return Err(failure);
        }
    };
    let (outcome, why) = judge(&over);
    let recorded = journal.close(world, outcome, &why).await;
    recorded.map_err(|failure| record::unrecorded("cancellation was asked for", &failure))?;
    tell(RunEvent::ReadingBack);
    let alive = |backends| tell(RunEvent::StillAlive(backends));
    let survivors =
        survivors::wait_for_end(world, environment, &over, survivors::PATIENCE, &alive).await;
    let of_run = (&name, over.run_id.as_deref());
    let run = reconcile::settle_run_of(world, environment, of_run).await?;
    Ok(Cancelled {
        execution: over,
        survivors,
        run,
    })
}

/// Whether a cancellation got through whose answer does not say so: it is looked for at the
/// execution, and not asked for again.
async fn took(
    world: &World,
    environment: &Environment,
    name: &ExecutionName,
    failure: &Failure,
) -> bool {
    let looks = if failure.kind.is_passing() { LOOKS } else { 1 };
    for look in 0..looks {
        if look > 0 {
            world.clock.sleep(LOOK_EVERY).await;
        }
        let seen = world.jobs.execution(environment, name).await;
        if seen.is_ok_and(|e| e.is_over() || e.cancelling) {
            return true;
        }
    }
    false
}

fn judge(over: &Execution) -> (Outcome, String) {
    match over.state {
        ExecutionState::Cancelled => (Outcome::Applied, format!("{} was cancelled", over.name)),
        state => (
            Outcome::Unchanged,
            format!("{} had ended by itself: {}", over.name, state.word()),
        ),
    }
}
