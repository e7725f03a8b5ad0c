//! Effects that change nothing.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;

use super::{Shared, died, words};
use crate::app::effect::{LedgerAsk, Part, RequestId};
use crate::app::event::{Event, LedgerAnswer, PartAnswer, Prepared};
use crate::domain::environment::EnvironmentName;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::fleet::{EnvironmentStatus, Fleet};
use crate::domain::operation::Operation;
use crate::domain::revision::RevisionId;
use crate::ops::reconcile::{self, Search};
use crate::ops::{approvals, browse, inspect, plan};
use crate::ports::World;

/// How many shown plans are kept.
const SHOWN: usize = 8;

/// One part of an environment, for everybody who waits for it.
pub(super) async fn part(shared: Arc<Shared>, name: EnvironmentName, part: Part) {
    let read = AssertUnwindSafe(read(&shared, &name, part)).catch_unwind();
    let answer = match read.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(failure)) => words::failed_part(part, failure),
        Err(_) => words::failed_part(part, died()),
    };
    for id in shared.flights.landed(&name, part) {
        shared.mailbox.put(Event::Part {
            id,
            environment: name.clone(),
            answer: answer.clone(),
        });
    }
}

async fn read(shared: &Shared, name: &EnvironmentName, part: Part) -> Result<PartAnswer, Failure> {
    let world = shared.world().await?;
    let environment = shared.environment(name)?;
    // Never closed, so a permit always comes.
    let _room = shared.room.acquire().await.map_err(|_| died())?;
    let answer = inspect::read_part(&world, environment, part).await;
    if let PartAnswer::Executions(executions) = &answer
        && let Some(executions) = executions.value()
    {
        // A record that cannot be written now is written with the next look.
        let noted = shared.seen.note(&world, environment, executions);
        let _ = noted.await;
    }
    Ok(answer)
}

/// Who is signed in.
pub(super) async fn identity(shared: &Shared, world: &World, id: RequestId) -> Result<(), Failure> {
    let answer = world.identity.identity().await;
    shared.mailbox.put(Event::Identity { id, answer });
    Ok(())
}

/// Standing and problems; the log of a run and the migration directory may have to be read for them.
pub(super) async fn assess(
    shared: &Shared,
    world: World,
    id: RequestId,
    status: EnvironmentStatus,
) -> Result<(), Failure> {
    let status = inspect::assessed(&world, status).await;
    shared.mailbox.put(Event::Assessed {
        id,
        environment: status.environment.name,
        standing: status.standing,
        heard: status.heard,
        directory: status.directory.map(Box::new),
        problems: status.problems,
    });
    Ok(())
}

/// The migration directory.
pub(super) async fn directory(shared: &Shared, world: World, id: RequestId) -> Result<(), Failure> {
    let answer = aside(move || world.migrations.directory()).await?;
    shared.mailbox.put(Event::Directory { id, answer });
    Ok(())
}

/// What revisions do; their files may have to be read for it.
pub(super) async fn reviews(
    shared: &Shared,
    world: World,
    id: RequestId,
    revisions: Vec<RevisionId>,
) -> Result<(), Failure> {
    let answer = aside(move || world.migrations.reviews(&revisions)).await?;
    shared.mailbox.put(Event::Reviewed { id, answer });
    Ok(())
}

/// The operation of this name.
pub(super) fn operation(shared: &Shared, name: &str) -> Result<Operation, Failure> {
    let found = shared.operations.iter().find(|known| known.name == name);
    found.cloned().ok_or_else(|| {
        Failure::new(
            FailureKind::NotFound,
            format!("there is no operation {name}"),
            "See `[operations]` in the config.",
        )
    })
}

/// A plan with preflight and gate; it is kept, because only what was shown can be executed.
pub(super) async fn plan(
    shared: &Shared,
    world: &World,
    id: RequestId,
    environment: &EnvironmentName,
    (operation, params, backup_first): (Operation, BTreeMap<String, String>, bool),
) -> Result<(), Failure> {
    let around = (shared.environments.as_slice(), &shared.policies);
    let environment = shared.environment(environment)?.clone();
    // What an earlier start left open is settled first, or it would block this plan.
    let here = std::slice::from_ref(&environment);
    reconcile::settle_open_runs(world, here, Search::Glance).await?;
    let request = plan::Request::among(around, environment, operation, params)
        .with_backup_first(backup_first);
    let prepared = plan::prepare(world, &shared.policies, request).await?;
    let consents = approvals::consents(world, &prepared.plan).await?;
    let answer = Prepared {
        plan: prepared.plan.clone(),
        findings: prepared.findings.clone(),
        gate: prepared.gate.clone(),
        consents,
        reviews: prepared.reviews.clone(),
        at: world.clock.now(),
    };
    let mut shown = shared.shown();
    if shown.len() >= SHOWN {
        shown.remove(0);
    }
    shown.push(prepared);
    drop(shown);
    shared.mailbox.put(Event::Planned {
        id,
        answer: Ok(Box::new(answer)),
    });
    Ok(())
}

/// Entries of the ledger.
pub(super) async fn ledger(
    shared: &Shared,
    world: &World,
    id: RequestId,
    ask: LedgerAsk,
) -> Result<(), Failure> {
    let ledger = world.ledger.as_ref();
    let answer = match ask {
        LedgerAsk::Window {
            filter,
            reach,
            size,
        } => LedgerAnswer::Window(browse::window(ledger, &filter, reach, size).await?),
        LedgerAsk::Soundness => LedgerAnswer::Soundness(ledger.soundness().await?),
        LedgerAsk::Story { run_id } => LedgerAnswer::Story(browse::story(ledger, &run_id).await?),
    };
    let answer = Ok(answer);
    shared.mailbox.put(Event::Ledger { id, answer });
    Ok(())
}

/// Keeps the snapshot.
pub(super) async fn save(world: World, fleet: Fleet) -> Result<(), Failure> {
    aside(move || world.snapshots.save(&fleet)).await?
}

/// Work that blocks its thread.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|_| died())
}
