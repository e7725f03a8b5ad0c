//! Watching: an execution that runs already, and logs.

use jiff::SignedDuration;

use super::{Shared, words};
use crate::app::effect::RequestId;
use crate::app::event::{Event, LogAnswer, RunEvent};
use crate::domain::environment::EnvironmentName;
use crate::domain::execution::ExecutionName;
use crate::domain::failure::Failure;
use crate::ops::attach;
use crate::ops::follow::LogReader;
use crate::ports::World;

/// How often a followed log is read: 30 reads a minute of the 60 that are allowed.
const LOG_EVERY: SignedDuration = SignedDuration::from_secs(2);

/// Follows an execution that runs already to its end, reads the database back, and settles its
/// run where the ledger has it open.
pub(super) async fn follow(
    shared: &Shared,
    world: &World,
    id: RequestId,
    (environment, execution): (&EnvironmentName, &ExecutionName),
) -> Result<(), Failure> {
    let environment = shared.environment(environment)?;
    let put = |event| shared.mailbox.put(Event::Run { id, event });
    let tell = |event| {
        if let Some(event) = words::run_event(event) {
            put(event);
        }
    };
    let attached = attach::attach(world, environment, execution, &tell).await?;
    let settlement = words::attached(attached, world.clock.now());
    put(RunEvent::Settled(Box::new(settlement)));
    Ok(())
}

/// Reads a log, and goes on while the execution runs when it is to be followed.
pub(super) async fn log(
    shared: &Shared,
    world: &World,
    id: RequestId,
    (environment, execution, follow): (&EnvironmentName, &ExecutionName, bool),
) -> Result<(), Failure> {
    let environment = shared.environment(environment)?;
    let put = |answer| shared.mailbox.put(Event::Log { id, answer });
    let mut reader = LogReader::new(environment, execution);
    loop {
        // Asked before the log, so that lines of the last moment are not missed.
        let over = !follow
            || world
                .jobs
                .execution(environment, execution)
                .await?
                .state
                .is_over();
        let lines = reader.next(world).await?;
        if !lines.is_empty() {
            put(LogAnswer::Lines(lines));
        }
        if over {
            put(LogAnswer::End);
            return Ok(());
        }
        world.clock.sleep(LOG_EVERY).await;
    }
}
