//! Arming: an environment is armed once that is in the ledger, and not before.

use super::Shared;
use crate::app::effect::RequestId;
use crate::app::event::Event;
use crate::domain::digest::Digest;
use crate::domain::environment::EnvironmentName;
use crate::domain::failure::Failure;
use crate::domain::ledger::{EntryKind, Record};
use crate::ops::record;
use crate::ports::World;

/// Records that an environment is armed for as long as its policy says, or read-only again.
pub(super) async fn turn(
    shared: &Shared,
    world: &World,
    id: RequestId,
    (environment, arm): (&EnvironmentName, bool),
) -> Result<(), Failure> {
    let tier = shared.environment(environment)?.tier;
    let lasts = shared.policies.of(tier).armed_for;
    let until = world.clock.now().checked_add(lasts).ok().filter(|_| arm);
    let record = Record {
        actor: record::actor(world).await,
        run_id: world.clock.new_run_id(),
        kind: match until {
            Some(_) => EntryKind::Armed,
            None => EntryKind::Disarmed,
        },
        environment: environment.clone(),
        operation: "arm".to_owned(),
        plan: Digest::of(&(environment, until)),
        execution: None,
        outcome: None,
        reason: until.map(|until| format!("until {until:.0}")),
        detail: None,
    };
    world.ledger.append(record).await?;
    let answer = Ok(until);
    shared.mailbox.put(Event::Armed { id, answer });
    Ok(())
}
