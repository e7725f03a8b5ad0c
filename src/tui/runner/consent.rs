//! The second person, and what an earlier start left open: from the console's words to the use cases.

use super::Shared;
use crate::app::consent::{ConsentAnswer, ConsentAsk, Desk, SettledRun};
use crate::app::effect::RequestId;
use crate::app::event::Event;
use crate::domain::failure::{Failure, FailureKind};
use crate::ops::approvals;
use crate::ops::reconcile::{self, Search};
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
    let search = Search::UntilRuledOut;
    let found = reconcile::settle_open_runs(world, &shared.environments, search).await?;
    let told = found.into_iter().map(|run| SettledRun {
        run_id: run.run_id,
        environment: run.environment,
        operation: run.operation,
        at: run.begun_at,
        outcome: run.outcome,
        why: run.why,
    });
    let answer = Ok(told.collect());
    shared.mailbox.put(Event::SettledOpen { id, answer });
    Ok(())
}
