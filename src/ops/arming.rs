//! Arming: an environment takes changes for a limited time, and the ledger knows since when.

use jiff::Timestamp;
use serde_json::json;

use crate::domain::digest::Digest;
use crate::domain::environment::Environment;
use crate::domain::failure::Failure;
use crate::domain::ledger::{EntryKind, Record};
use crate::domain::operation::Risk;
use crate::domain::policy::Policies;
use crate::ports::World;

use super::record;

/// An environment that takes changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Armed {
    /// Under which id the ledger has it.
    pub id: String,
    /// Until when.
    pub until: Timestamp,
}

/// Arms an environment for as long as its policy says; what is not recorded is not armed. A
/// destructive act is gated one tier higher, so the shorter of the two times counts.
pub async fn arm(
    world: &World,
    environment: &Environment,
    policies: &Policies,
) -> Result<Armed, Failure> {
    let own = policies.of(environment.tier).armed_for;
    let higher = policies.of(Risk::Destructive.gated_as(environment.tier));
    let until = world.clock.now().checked_add(own.min(higher.armed_for));
    let armed = Armed {
        id: world.clock.new_run_id(),
        until: until.unwrap_or(world.clock.now()),
    };
    write(world, environment, EntryKind::Armed, &armed).await?;
    Ok(armed)
}

/// Makes an environment read-only again before its time is over.
pub async fn disarm(
    world: &World,
    environment: &Environment,
    armed: &Armed,
) -> Result<(), Failure> {
    write(world, environment, EntryKind::Disarmed, armed).await
}

async fn write(
    world: &World,
    environment: &Environment,
    kind: EntryKind,
    armed: &Armed,
) -> Result<(), Failure> {
    let record = Record {
        actor: record::actor(world).await,
        run_id: armed.id.clone(),
        kind,
        environment: environment.name.clone(),
        operation: "arm".to_owned(),
        plan: Digest::of(&(&environment.name, environment.job_resource(), armed.until)),
        execution: None,
        outcome: None,
        reason: None,
        detail: Some(json!({ "until": armed.until }).to_string()),
    };
    world.ledger.append(record).await.map(|_| ())
}
