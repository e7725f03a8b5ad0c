//! Settling what an earlier process left open: what it meant to do is found or ruled out, and the
//! world says what became of it.
//!
//! A process that is alive may be at it as well, also on another machine. So what still goes on
//! is left alone, and of those who settle the same run at one time one has the last word.

mod acts;
mod runs;
mod steps;
mod story;

use crate::domain::act::SecretChange;
use crate::domain::environment::Environment;
use crate::domain::execution::ExecutionName;
use crate::domain::failure::Failure;
use crate::domain::ledger::{Entry, EntryKind};
use crate::domain::outcome::Outcome;
use crate::domain::plan::Plan;
use crate::domain::settlement::Settlement;
use crate::ports::World;

use super::record::{Concluded, Journal};
use story::Story;

/// How hard a run is looked for that does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// One look; what does not show stays open.
    Glance,
    /// Until it shows, or certainly never will.
    UntilRuledOut,
}

/// Settles every open run of the given environments that can be settled now. Where the world
/// cannot be asked, a run stays open; only a ledger that fails is a failure.
pub async fn settle_open_runs(
    world: &World,
    environments: &[Environment],
    search: Search,
) -> Result<Vec<Settlement>, Failure> {
    let mut settlements = Vec::new();
    for entry in world.ledger.open_runs().await? {
        let of_it = |e: &&Environment| e.name == entry.record.environment;
        if let Some(environment) = environments.iter().find(of_it) {
            settlements.push(settle(world, environment, &entry, search).await?);
        }
    }
    Ok(settlements)
}

/// Settles the open run of an execution, if there is one.
pub async fn settle_run_of(
    world: &World,
    environment: &Environment,
    (execution, run_id): (&ExecutionName, Option<&str>),
) -> Result<Option<Settlement>, Failure> {
    let open = world.ledger.open_runs().await?;
    let is_it = |entry: &&Entry| {
        let record = &entry.record;
        let named = record.execution.as_deref() == Some(execution.as_str());
        let is_run = record.operation != acts::CANCEL;
        is_run && (named || run_id == Some(record.run_id.as_str()))
    };
    match open.iter().find(is_it) {
        Some(entry) => settle(world, environment, entry, Search::Glance)
            .await
            .map(Some),
        None => Ok(None),
    }
}

async fn settle(
    world: &World,
    environment: &Environment,
    last: &Entry,
    search: Search,
) -> Result<Settlement, Failure> {
    let story = Story::of(world, last).await?;
    let open = Open {
        world,
        environment,
        story,
        search,
    };
    if open.story.last.record.kind == EntryKind::Step {
        return open.settle_step().await;
    }
    if let Some(plan) = open.story.meant::<Plan>() {
        return open.settle_run(&plan).await;
    }
    if let Some(change) = open.story.meant::<SecretChange>() {
        return open.settle_secret(&change).await;
    }
    open.settle_cancellation().await
}

/// An open run that is being looked at.
struct Open<'a> {
    world: &'a World,
    environment: &'a Environment,
    story: Story,
    search: Search,
}

impl Open<'_> {
    async fn journal(&self) -> Journal {
        let actor = super::record::actor(self.world).await;
        Journal::resume(&self.story.intent, &self.story.last, actor)
    }

    /// It stays open.
    fn stays(&self, execution: Option<ExecutionName>, why: impl Into<String>) -> Settlement {
        self.settlement(execution, (Outcome::Unknown, false), why.into())
    }

    /// It is closed with this outcome, or with the word of whoever was faster.
    async fn close(
        &self,
        execution: Option<ExecutionName>,
        outcome: Outcome,
        why: &str,
    ) -> Result<Settlement, Failure> {
        let mut journal = self.journal().await;
        if let Some(name) = &execution {
            journal.name_execution(name.as_str());
        }
        let concluded = journal.close(self.world, outcome, why).await?;
        Ok(self.concluded(execution, concluded, (outcome, why)))
    }

    fn concluded(
        &self,
        execution: Option<ExecutionName>,
        concluded: Concluded,
        (outcome, why): (Outcome, &str),
    ) -> Settlement {
        match concluded {
            Concluded::Here(entry) => {
                let closed = !entry.record.kind.is_open();
                self.settlement(execution, (outcome, closed), why.to_owned())
            }
            Concluded::Elsewhere(entry) => {
                let closed = !entry.record.kind.is_open();
                let outcome = entry.record.outcome.unwrap_or(Outcome::Unknown);
                let why = "another process has said so meanwhile";
                self.settlement(execution, (outcome, closed), why.to_owned())
            }
        }
    }

    fn settlement(
        &self,
        execution: Option<ExecutionName>,
        (outcome, closed): (Outcome, bool),
        why: String,
    ) -> Settlement {
        let intent = &self.story.intent;
        Settlement {
            run_id: intent.record.run_id.clone(),
            environment: intent.record.environment.clone(),
            operation: intent.record.operation.clone(),
            actor: intent.record.actor.clone(),
            begun_at: intent.at,
            execution,
            outcome,
            closed,
            why,
        }
    }
}
