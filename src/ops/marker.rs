//! Looking for the execution that carries a run's marker.

use jiff::{SignedDuration, Timestamp};

use crate::domain::environment::Environment;
use crate::domain::execution::Execution;
use crate::domain::failure::Failure;
use crate::ports::World;

/// Executions on one page of the search.
const PAGE: u32 = 100;

/// How far the platform's clock and that of the ledger may be apart.
const SKEW: SignedDuration = SignedDuration::from_mins(10);

/// How often an answered look may find nothing, how far apart the looks are, and how long they
/// go on where nothing answers.
const LOOKS: u32 = 10;
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(2);
const PATIENCE: SignedDuration = SignedDuration::from_mins(2);

/// The execution that carries a run id, among all that were created since the run was intended;
/// `None` is an answer, and no answer is a failure.
pub async fn find(
    world: &World,
    environment: &Environment,
    run_id: &str,
    since: Timestamp,
) -> Result<Option<Execution>, Failure> {
    let mut page = None;
    loop {
        let answer = world
            .jobs
            .executions(environment, PAGE, page.as_deref())
            .await?;
        let newest = answer.executions.first().map(|e| e.created_at);
        let is_ours = |e: &Execution| e.run_id.as_deref() == Some(run_id);
        if let Some(found) = answer.executions.into_iter().find(is_ours) {
            return Ok(Some(found));
        }
        let older = newest.is_none_or(|newest| since.duration_since(newest) > SKEW);
        page = answer.next.filter(|_| !older);
        if page.is_none() {
            return Ok(None);
        }
    }
}

/// Waits, within bounds, until the execution that carries a run id shows.
pub(super) async fn wait_for(
    world: &World,
    environment: &Environment,
    run_id: &str,
    since: Timestamp,
) -> Option<Execution> {
    let begun = world.clock.now();
    let mut looks = 0;
    while looks < LOOKS && world.clock.now().duration_since(begun) < PATIENCE {
        match find(world, environment, run_id, since).await {
            Ok(Some(found)) => return Some(found),
            Ok(None) => looks += 1,
            Err(_) => {}
        }
        world.clock.sleep(LOOK_EVERY).await;
    }
    None
}
