//! The second person, and what an earlier start left open: from the console's words to the use cases.

use super::Shared;
use crate::app::consent::{ConsentAnswer, ConsentAsk, Desk, SettledRun};
use crate::app::effect::RequestId;
use crate::app::event::Event;
use crate::domain::failure::{Failure, FailureKind};
use crate::ops::{approvals, reconcile};
use crate::ports::World;

/// Asks, answers or looks.
pub(super) async fn carry_out(
    shared: &Shared,
    world: &World,
    id: RequestId,
    ask: ConsentAsk,
) -> Result<(), Failure> {
    let answer = match ask {
        ConsentAsk::Standing { plan } => {
            ConsentAnswer::Consents(approvals::consents(world, &*plan).await?)
        }
        ConsentAsk::Desk => ConsentAnswer::Desk(Desk::default()),
        _ => {
            return Err(Failure::new(
                FailureKind::Internal,
                "this cannot be done yet",
                "",
            ));
        }
    };
    let answer = Ok(answer);
    shared.mailbox.put(Event::Consent { id, answer });
    Ok(())
}

/// Settles what an earlier start left open, and tells what was found.
pub(super) async fn settle(shared: &Shared, world: &World, id: RequestId) -> Result<(), Failure> {
    let open = world.ledger.open_runs().await?;
    let found = reconcile::settle_open_runs(world, &shared.environments).await?;
    let told = open.into_iter().filter_map(|entry| {
        let found = found.iter().find(|run| run.run_id == entry.record.run_id)?;
        Some(SettledRun {
            run_id: entry.record.run_id,
            environment: entry.record.environment,
            operation: entry.record.operation,
            at: entry.at,
            outcome: found.outcome,
            why: found.why.clone(),
        })
    });
    let answer = Ok(told.collect());
    shared.mailbox.put(Event::SettledOpen { id, answer });
    Ok(())
}
