//! Backends of a run that are still alive in the database after its job has died.
//!
//! PostgreSQL goes on with a statement whose client is gone, and may still commit it. So they are
//! waited for, within bounds, before the database is read back; ending them is a person's decision.

use jiff::{SignedDuration, Timestamp};

use crate::domain::backend::{Backend, Belongs, Window};
use crate::domain::environment::{Environment, ProbeKind};
use crate::domain::execution::Execution;
use crate::domain::failure::Failure;
use crate::ports::World;

/// How long they are waited for, and how often they are looked at.
pub(super) const PATIENCE: SignedDuration = SignedDuration::from_mins(2);
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(2);

/// The server's clock and the platform's are not the same.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

/// What was seen of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Survivors {
    /// None is left.
    None,
    /// These are still alive; the run may still commit.
    Alive(Vec<Backend>),
    /// It could not be looked at.
    Unseen(Failure),
}

impl Survivors {
    /// What to do about those that are alive, for a person to decide.
    pub fn remedy(&self) -> Option<String> {
        let Self::Alive(backends) = self else {
            return None;
        };
        let first = backends.first()?;
        Some(format!(
            "wait for it, or end it in the database: `SELECT pg_terminate_backend({})`; what it has not committed is then undone",
            first.pid
        ))
    }
}

/// Waits until no busy backend of an execution is left; tells of each look that found some.
pub(super) async fn wait_for_end(
    world: &World,
    environment: &Environment,
    execution: &Execution,
    patience: SignedDuration,
    tell: &(dyn Fn(Vec<Backend>) + Send + Sync),
) -> Survivors {
    let begun = world.clock.now();
    loop {
        let alive = match look(world, environment, execution).await {
            Ok(alive) => alive,
            Err(failure) => return Survivors::Unseen(failure),
        };
        if alive.is_empty() {
            return Survivors::None;
        }
        tell(alive.clone());
        if world.clock.now().duration_since(begun).abs() >= patience {
            return Survivors::Alive(alive);
        }
        world.clock.sleep(LOOK_EVERY).await;
    }
}

async fn look(
    world: &World,
    environment: &Environment,
    execution: &Execution,
) -> Result<Vec<Backend>, Failure> {
    let window = window(execution);
    let run_id = execution.run_id.as_deref().unwrap_or_default();
    let mut failure = None;
    for probe in &environment.probes {
        if !matches!(probe, ProbeKind::DataApi | ProbeKind::Direct) {
            continue;
        }
        match world.databases.backends(environment, *probe).await {
            Ok(mut backends) => {
                backends.retain(|b| survives(b, b.belongs_to(run_id, window), window));
                return Ok(backends);
            }
            Err(found) => {
                failure.get_or_insert(found);
            }
        }
    }
    Err(failure.unwrap_or_else(super::verify::no_probe))
}

/// A guess counts only for a transaction that was begun while the run went on: a service that
/// connected then has begun others since.
fn survives(backend: &Backend, belongs: Belongs, window: Window) -> bool {
    let begun_within = |at: Timestamp| window.until.is_none_or(|until| at <= until);
    backend.is_busy()
        && match belongs {
            Belongs::Certain => true,
            Belongs::Likely => backend.transaction_at.is_some_and(begun_within),
            Belongs::No => false,
        }
}

fn window(execution: &Execution) -> Window {
    let from = execution.started_at.unwrap_or(execution.created_at);
    let later = |at: Timestamp| at.checked_add(SKEW).unwrap_or(at);
    Window {
        from: from.checked_sub(SKEW).unwrap_or(from),
        until: execution.completed_at.map(later),
    }
}
