//! Effects that change the world: through the gate, recorded, never abandoned.

use std::sync::Mutex;

use tokio::sync::watch;

use super::{Shared, arming, words};
use crate::app::consent::ConsentAsk;
use crate::app::effect::{Effect, Gated, LeftGate, RequestId};
use crate::app::event::{Event, RunEvent};
use crate::domain::act::{Act, Cancellation, SecretChange};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::plan::Plan;
use crate::ops::execute::RunEvent as RunStep;
use crate::ops::reconcile::{self, Search};
use crate::ops::{cancel, execute, record, secrets};
use crate::ports::World;

/// Counts acts that are on their way out, so that the end can wait for them.
#[derive(Debug)]
pub(super) struct Sending(watch::Sender<usize>);

/// An act on its way out; dropped once it is known to have been sent, or not.
#[derive(Debug)]
pub(super) struct Sent(watch::Sender<usize>);

impl Default for Sending {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Sending {
    /// One more.
    pub(super) fn begin(&self) -> Sent {
        self.0.send_modify(|count| *count += 1);
        Sent(self.0.clone())
    }

    /// Returns once all are sent.
    pub(super) async fn all_sent(&self) {
        let mut count = self.0.subscribe();
        let _ = count.wait_for(|count| *count == 0).await;
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Whether an effect changes the world or the record.
pub(super) fn is_act(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Execute { .. }
            | Effect::Cancel { .. }
            | Effect::ChangeSecret { .. }
            | Effect::RecordLeft(_)
            | Effect::Arm { .. }
            | Effect::Consent {
                ask: ConsentAsk::Others { .. }
                    | ConsentAsk::Word { .. }
                    | ConsentAsk::Review { .. },
                ..
            }
    )
}

/// Carries out an act.
pub(super) async fn carry_out(
    shared: &Shared,
    world: &World,
    act: Effect,
    sent: Option<Sent>,
) -> Result<(), Failure> {
    match act {
        Effect::Execute { id, run } => run_plan(shared, world, id, *run, sent).await,
        Effect::Cancel { id, cancel } => cancel_run(shared, world, id, *cancel, sent).await,
        Effect::ChangeSecret { id, change } => change_secret(shared, world, id, *change).await,
        Effect::RecordLeft(left) => record_left(world, *left).await,
        Effect::SettleEarlier => settle_earlier(shared, world).await,
        Effect::Arm {
            id,
            environment,
            arm,
        } => arming::turn(shared, world, id, (&environment, arm)).await,
        // The loop's own, and those that the runner took before.
        _ => Ok(()),
    }
}

async fn run_plan(
    shared: &Shared,
    world: &World,
    id: RequestId,
    Gated { act, answer, .. }: Gated<Plan>,
    sent: Option<Sent>,
) -> Result<(), Failure> {
    let shown = shown(shared, &act)?;
    let put = |event| shared.mailbox.put(Event::Run { id, event });
    // Let go with the first answer: from then on the run is somebody else's to end.
    let sent = Mutex::new(sent);
    let tell = |event| {
        if !matches!(event, execute::RunEvent::Recorded(_)) {
            drop(sent.lock().map(|mut sent| sent.take()));
        }
        if let Some(event) = words::run_event(event) {
            put(event);
        }
    };
    let report = execute::execute(
        world,
        &shared.policies,
        (&shown.request, &shown.plan),
        answer,
        true,
        &tell,
    )
    .await?;
    let settlement = words::settlement(report, world.clock.now());
    put(RunEvent::Settled(Box::new(settlement)));
    Ok(())
}

/// The plan as it was shown; what was not shown is not executed.
fn shown(shared: &Shared, act: &Plan) -> Result<crate::ops::plan::Prepared, Failure> {
    let digest = act.digest();
    let shown = shared.shown();
    let found = shown
        .iter()
        .rev()
        .find(|known| known.plan.digest() == digest);
    found.cloned().ok_or_else(|| {
        Failure::new(
            FailureKind::Stale,
            "this plan is not one of the last that were shown",
            "Make the plan again.",
        )
    })
}

/// Tells that cancellation was asked for as soon as that is known; the end of it, and what the
/// run's read-back says, comes later.
async fn cancel_run(
    shared: &Shared,
    world: &World,
    id: RequestId,
    Gated { act, gate, answer }: Gated<Cancellation>,
    sent: Option<Sent>,
) -> Result<(), Failure> {
    let environment = shared.environment(&act.environment)?;
    let execution = act.execution.clone();
    let sent = Mutex::new(sent);
    let tell = |event| match event {
        RunStep::Cancelling(_) => {
            drop(sent.lock().map(|mut sent| sent.take()));
            shared.mailbox.put(Event::Cancelled { id, answer: Ok(()) });
        }
        RunStep::StillAlive(backends) => {
            shared.mailbox.put(Event::Alive {
                execution: execution.clone(),
                backends,
            });
        }
        _ => {}
    };
    let cancelled = cancel::cancel(world, environment, (act, &gate), answer, &tell).await;
    let accepted = sent.lock().is_ok_and(|sent| sent.is_none());
    match cancelled {
        Err(failure) if accepted => {
            shared.mailbox.put(Event::Notice(failure));
            Ok(())
        }
        answer => {
            let run = answer?.run.into_iter().collect();
            shared.mailbox.put(Event::Earlier(run));
            Ok(())
        }
    }
}

/// Settles what an earlier start left open, and tells when there was something.
async fn settle_earlier(shared: &Shared, world: &World) -> Result<(), Failure> {
    let environments = &shared.environments;
    let glance = reconcile::settle_open_runs(world, environments, Search::Glance).await?;
    let unfound = glance.iter().any(|run| !run.closed);
    let put = |settled: Vec<_>| {
        if !settled.is_empty() {
            shared.mailbox.put(Event::Earlier(settled));
        }
    };
    put(glance);
    if unfound {
        // It may take minutes, and what is known already was told.
        put(reconcile::settle_open_runs(world, environments, Search::UntilRuledOut).await?);
    }
    Ok(())
}

async fn change_secret(
    shared: &Shared,
    world: &World,
    id: RequestId,
    Gated { act, gate, answer }: Gated<SecretChange>,
) -> Result<(), Failure> {
    let version = secrets::change(world, act, &gate, answer).await?;
    shared.mailbox.put(Event::SecretChanged {
        id,
        answer: Ok(version),
    });
    Ok(())
}

/// A gate that was left is in the record as well.
async fn record_left(world: &World, left: LeftGate) -> Result<(), Failure> {
    let why = left.refusal.map(|refusal| refusal.to_string());
    let act = (left.verb.as_str(), &left.digest);
    record::left(world, &left.environment, act, why.as_deref())
        .await
        .map(|_| ())
}
