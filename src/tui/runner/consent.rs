//! The second person, and what an earlier start left open: from the console's words to the use cases.

use super::{Shared, reads};
use crate::app::consent::{ConsentAnswer, ConsentAsk, Desk, OpenRequest, RequestSeen};
use crate::app::effect::RequestId;
use crate::app::event::{Event, Prepared};
use crate::domain::act::Act;
use crate::domain::approval::{Asked, Standing};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::gate::Gate;
use crate::domain::plan::{Plan, differences};
use crate::ops::approvals::{self, Listed};
use crate::ops::{debts, plan, record};
use crate::ports::World;

/// Asks, answers or looks.
pub(super) async fn carry_out(
    shared: &Shared,
    world: &World,
    id: RequestId,
    ask: ConsentAsk,
) -> Result<(), Failure> {
    let policies = &shared.policies;
    let around = |asked: &Asked| as_asked(shared, &asked.plan);
    let answer = match ask {
        ConsentAsk::Standing { plan } => {
            ConsentAnswer::Consents(approvals::consents(world, &*plan).await?)
        }
        ConsentAsk::Others { plan, reason } => others(shared, world, *plan, &reason).await?,
        ConsentAsk::Desk => ConsentAnswer::Desk(desk(shared, world).await?),
        ConsentAsk::Look { plan, .. } => {
            let listed = approvals::find(world, policies, plan.as_str()).await?;
            ConsentAnswer::Seen(Box::new(seen(shared, world, listed).await?))
        }
        ConsentAsk::Word {
            plan,
            agrees: true,
            environment,
            reason,
            ..
        } => {
            let given = (Some(environment.as_str()), reason.as_deref());
            approvals::approve(world, policies, &around, plan.as_str(), given).await?;
            ConsentAnswer::Recorded
        }
        ConsentAsk::Word { plan, reason, .. } => {
            let why = reason.unwrap_or_default();
            approvals::decline(world, policies, plan.as_str(), &why).await?;
            ConsentAnswer::Recorded
        }
        ConsentAsk::Review { run_id, reason } => {
            debts::review(world, &run_id, &reason).await?;
            ConsentAnswer::Recorded
        }
    };
    let answer = Ok(answer);
    shared.mailbox.put(Event::Consent { id, answer });
    Ok(())
}

/// The request for a plan, as it was made where it was asked for.
fn as_asked(shared: &Shared, plan: &Plan) -> Result<plan::Request, Failure> {
    let around = (shared.environments.as_slice(), &shared.policies);
    let environment = shared.environment(&plan.environment)?.clone();
    let operation = reads::operation(shared, &plan.operation)?;
    let request = plan::Request::among(around, environment, operation, plan.params.clone());
    Ok(request.with_backup_first(!plan.steps.is_empty()))
}

/// Others are asked for the plan that was shown, and for no other.
async fn others(
    shared: &Shared,
    world: &World,
    shown: Plan,
    reason: &str,
) -> Result<ConsentAnswer, Failure> {
    let request = as_asked(shared, &shown)?;
    let fresh = plan::prepare(world, &shared.policies, request.clone()).await?;
    let moved = differences(&shown, &fresh.plan);
    if fresh.plan.digest() != shown.digest() {
        return Err(Failure::new(
            FailureKind::Stale,
            format!("nobody was asked: {}", moved.join("; ")),
            "Plan again, and look at it.",
        ));
    }
    approvals::request(world, &shared.policies, request, Some(reason)).await?;
    Ok(ConsentAnswer::Consents(
        approvals::consents(world, &shown).await?,
    ))
}

async fn desk(shared: &Shared, world: &World) -> Result<Desk, Failure> {
    let who = record::actor(world).await;
    let listed = approvals::list(world, &shared.policies, None).await?;
    let open = listed.into_iter().filter_map(|listed| {
        let Standing::Waiting { until, missing, .. } = listed.standing else {
            return None;
        };
        let plan = &listed.asked.plan;
        let to: Vec<_> = plan.to.iter().map(ToString::to_string).collect();
        let arrow = if to.is_empty() { "" } else { " → " };
        Some(OpenRequest {
            environment: plan.environment.clone(),
            title: format!("{}{arrow}{}", plan.operation, to.join(", ")),
            heard: listed.request.admits(&who).is_ok(),
            request: listed.request,
            until,
            missing,
        })
    });
    Ok(Desk {
        requests: open.collect(),
    })
}

/// A request as its author saw it, with what is found about it here.
async fn seen(shared: &Shared, world: &World, listed: Listed) -> Result<RequestSeen, Failure> {
    let who = record::actor(world).await;
    let asked = listed.asked;
    let fresh = match as_asked(shared, &asked.plan) {
        Ok(request) => plan::prepare(world, &shared.policies, request).await,
        Err(failure) => Err(failure),
    };
    let gate = Gate::before(&asked.plan, &shared.policies, &[]);
    let until = listed.request.until(gate.terms());
    let consents = approvals::consents(world, &asked.plan).await?;
    let (findings, reviews, here) = match fresh {
        Ok(fresh) => {
            let found = differences(&asked.plan, &fresh.plan);
            (fresh.findings, fresh.reviews, Ok(found))
        }
        Err(failure) => (Vec::new(), Vec::new(), Err(failure)),
    };
    Ok(RequestSeen {
        request: listed.request,
        until,
        prepared: Prepared {
            plan: asked.plan,
            findings,
            gate,
            consents,
            reviews,
            at: world.clock.now(),
        },
        here,
        who,
    })
}
