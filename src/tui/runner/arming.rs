//! Arming: an environment is armed once that is in the ledger, and not before.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Shared;
use crate::app::effect::RequestId;
use crate::app::event::Event;
use crate::domain::environment::EnvironmentName;
use crate::domain::failure::Failure;
use crate::ops::arming::{self, Armed};
use crate::ports::World;

/// What is armed, under the id that the ledger has it by.
pub(super) type Kept = Mutex<HashMap<EnvironmentName, Armed>>;

/// Records that an environment is armed for as long as its policy says, or read-only again.
pub(super) async fn turn(
    shared: &Shared,
    world: &World,
    id: RequestId,
    (name, arm): (&EnvironmentName, bool),
) -> Result<(), Failure> {
    let environment = shared.environment(name)?;
    let kept = || shared.armed.lock().unwrap_or_else(PoisonError::into_inner);
    let until = if arm {
        let armed = arming::arm(world, environment, &shared.policies).await?;
        let until = armed.until;
        kept().insert(name.clone(), armed);
        Some(until)
    } else {
        let armed = kept().remove(name);
        if let Some(armed) = armed {
            arming::disarm(world, environment, &armed).await?;
        }
        None
    };
    let answer = Ok(until);
    shared.mailbox.put(Event::Armed { id, answer });
    Ok(())
}
