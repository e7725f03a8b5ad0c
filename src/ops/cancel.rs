//! Cancelling an execution: gated and recorded.

use crate::domain::act::{Act, Cancellation};
use crate::domain::approval::Consents;
use crate::domain::environment::Environment;
use crate::domain::execution::ExecutionName;
use crate::domain::failure::Failure;
use crate::domain::gate::{Answer, Gate};
use crate::domain::ledger::EntryKind;
use crate::domain::outcome::Outcome;
use crate::domain::policy::Policies;
use crate::ports::World;

use super::execute::gate_failure;
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

/// Passes the gate, records, and asks the platform; does not wait for the end. What the
/// run did to the database is for its own read-back to say.
pub async fn cancel(
    world: &World,
    cancellation: Cancellation,
    gate: &Gate,
    answer: Answer,
) -> Result<(), Failure> {
    let actor = record::actor(world).await;
    let run_id = world.clock.new_run_id();
    let mut journal = Journal::open(&actor, &run_id, &cancellation, answer.reason.as_deref());
    journal.name_execution(cancellation.execution.as_str());
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
    match world.jobs.cancel(approved).await {
        Ok(()) => {
            let recorded = journal.close(world, Outcome::Applied, "").await;
            recorded
                .map_err(|failure| record::unrecorded("cancellation was asked for", &failure))?;
            Ok(())
        }
        Err(failure) => {
            journal
                .close(world, Outcome::of_failed_call(&failure), &failure.summary)
                .await?;
            Err(failure)
        }
    }
}
