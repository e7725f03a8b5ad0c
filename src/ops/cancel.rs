//! Cancelling an execution: gated, recorded, waited for, and read back.

use crate::domain::act::Cancellation;
use crate::domain::environment::Environment;
use crate::domain::execution::{Execution, ExecutionName};
use crate::domain::failure::Failure;
use crate::domain::gate::{Answer, Gate};
use crate::domain::ledger::EntryKind;
use crate::domain::outcome::Outcome;
use crate::domain::policy::Policies;
use crate::ports::World;

use super::execute::gate_failure;
use super::follow::{self, Progress};
use super::record::{self, Journal};

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

/// Passes the gate, asks the platform, and waits for the end. What the run did to the
/// database is for its own read-back to say, so this settles only the asking.
pub async fn cancel(
    world: &World,
    environment: &Environment,
    (cancellation, gate): (Cancellation, Gate),
    answer: Answer,
    tell: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Execution, Failure> {
    let actor = record::actor(world).await;
    let run_id = world.clock.new_run_id();
    let name = cancellation.execution.clone();
    let mut journal = Journal::open(&actor, &run_id, &cancellation, answer.reason.as_deref());
    journal.name_execution(name.as_str());
    let approved = match gate.pass(cancellation, answer, world.clock.now()) {
        Ok(approved) => approved,
        Err(refusal) => {
            journal.refuse(world, &refusal.to_string()).await?;
            return Err(gate_failure(&refusal));
        }
    };
    journal.write(world, EntryKind::Intended).await?;
    if let Err(failure) = world.jobs.cancel(approved).await {
        journal
            .close(world, Outcome::Unknown, &failure.summary)
            .await?;
        return Err(failure);
    }
    let over = follow::follow(world, environment, &name, tell).await;
    let outcome = if over.is_ok() {
        Outcome::Applied
    } else {
        Outcome::Unknown
    };
    journal.close(world, outcome, "").await?;
    over
}
