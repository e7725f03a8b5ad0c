//! Settling what an earlier process left open: its execution is found or ruled out,
//! and the database says what became of it.

use jiff::{SignedDuration, Timestamp};

use crate::domain::environment::Environment;
use crate::domain::execution::{Execution, ExecutionName};
use crate::domain::failure::Failure;
use crate::domain::ledger::{Entry, Filter};
use crate::domain::outcome::Outcome;
use crate::domain::plan::Plan;
use crate::ports::World;

use super::record::Journal;
use super::{marker, verify};

/// A run that nobody has seen among the executions for this long never started.
const RULED_OUT_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// More entries than a run has.
const STORY: u32 = 1_000;

/// What became of an open run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The run.
    pub run_id: String,
    /// Its execution, if it has one.
    pub execution: Option<Execution>,
    /// Its outcome; `Unknown` when it stays open.
    pub outcome: Outcome,
    /// Why.
    pub why: String,
}

/// Settles every open run of the given environments that can be settled now.
pub async fn settle_open_runs(
    world: &World,
    environments: &[Environment],
) -> Result<Vec<Settlement>, Failure> {
    let mut settlements = Vec::new();
    for entry in world.ledger.open_runs().await? {
        let environment = environments
            .iter()
            .find(|e| e.name == entry.record.environment);
        if let Some(environment) = environment {
            settlements.push(settle(world, environment, &entry).await?);
        }
    }
    Ok(settlements)
}

async fn settle(
    world: &World,
    environment: &Environment,
    entry: &Entry,
) -> Result<Settlement, Failure> {
    let run_id = entry.record.run_id.clone();
    let plan: Option<Plan> = entry
        .record
        .detail
        .as_deref()
        .and_then(|json| serde_json::from_str(json).ok());
    let mut journal = Journal::resume(entry);
    let Some(execution) = find(world, environment, entry).await? else {
        let old = world.clock.now().duration_since(entry.at) > RULED_OUT_AFTER;
        let why = "no execution carries its marker";
        let outcome = if old {
            Outcome::Refused
        } else {
            Outcome::Unknown
        };
        if old {
            journal.close(world, outcome, why).await?;
        }
        return Ok(Settlement {
            run_id,
            execution: None,
            outcome,
            why: why.to_owned(),
        });
    };
    journal.name_execution(execution.name.as_str());
    let (Some(plan), true) = (plan, execution.is_over()) else {
        let why = format!("{} is {}", execution.name, execution.state.word());
        return Ok(Settlement {
            run_id,
            execution: Some(execution),
            outcome: Outcome::Unknown,
            why,
        });
    };
    let verdict = verify::verify(world, environment, &plan, &execution).await;
    if verdict.outcome != Outcome::Unknown {
        journal.close(world, verdict.outcome, &verdict.why).await?;
    }
    Ok(Settlement {
        run_id,
        execution: Some(execution),
        outcome: verdict.outcome,
        why: verdict.why,
    })
}

async fn find(
    world: &World,
    environment: &Environment,
    entry: &Entry,
) -> Result<Option<Execution>, Failure> {
    if let Some(name) = &entry.record.execution {
        let name = ExecutionName::new(name);
        return world.jobs.execution(environment, &name).await.map(Some);
    }
    let since = begun(world, entry).await?;
    marker::find(world, environment, &entry.record.run_id, since).await
}

/// When the first entry of a run was written.
async fn begun(world: &World, entry: &Entry) -> Result<Timestamp, Failure> {
    let filter = Filter {
        run_id: Some(entry.record.run_id.clone()),
        ..Filter::default()
    };
    let story = world.ledger.page(&filter, None, STORY).await?;
    Ok(story.last().map_or(entry.at, |first| first.at))
}
