//! Looking for the execution that carries a run's marker.
//!
//! No date narrows the search: the clocks of two machines and of the platform may differ by more
//! than anybody thinks. The platform keeps the newest thousand executions, and all of a week.

use jiff::{SignedDuration, Timestamp};

use crate::domain::environment::Environment;
use crate::domain::execution::Execution;
use crate::domain::failure::Failure;
use crate::ports::World;

/// Executions on one page of the search.
const PAGE: u32 = 100;

/// How often an answered look may find nothing, how far apart the looks are, and how long they
/// go on where nothing answers.
const LOOKS: u32 = 10;
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(2);
const PATIENCE: SignedDuration = SignedDuration::from_mins(2);

/// The execution that carries a run id, among all that there are; `None` is an answer, and no
/// answer is a failure.
pub async fn find(
    world: &World,
    environment: &Environment,
    run_id: &str,
) -> Result<Option<Execution>, Failure> {
    let mut page = None;
    loop {
        let (found, next) = on_page(world, environment, run_id, page.as_deref()).await?;
        page = next;
        if found.is_some() || page.is_none() {
            return Ok(found);
        }
    }
}

async fn on_page(
    world: &World,
    environment: &Environment,
    run_id: &str,
    page: Option<&str>,
) -> Result<(Option<Execution>, Option<String>), Failure> {
    let answer = world.jobs.executions(environment, PAGE, page).await?;
    let is_ours = |e: &Execution| e.run_id.as_deref() == Some(run_id);
    let found = answer.executions.into_iter().find(is_ours);
    Ok((found, answer.next))
}

/// Waits, within bounds, until the execution that carries a run id shows: among the newest first,
/// and among all of them before it gives up.
pub(super) async fn wait_for(
    world: &World,
    environment: &Environment,
    run_id: &str,
) -> Option<Execution> {
    let begun = world.clock.now();
    let mut looks = 0;
    while looks < LOOKS && is_within(world, begun) {
        match on_page(world, environment, run_id, None).await {
            Ok((Some(found), _)) => return Some(found),
            Ok((None, _)) => looks += 1,
            Err(_) => {}
        }
        world.clock.sleep(LOOK_EVERY).await;
    }
    find(world, environment, run_id).await.ok().flatten()
}

fn is_within(world: &World, begun: Timestamp) -> bool {
    world.clock.now().duration_since(begun).abs() < PATIENCE
}
