//! Watching: an execution that runs already, and logs.

use jiff::SignedDuration;

use super::{Shared, words};
use crate::app::effect::RequestId;
use crate::app::event::{Event, LogAnswer, RunEvent, Settlement};
use crate::domain::environment::EnvironmentName;
use crate::domain::execution::ExecutionName;
use crate::domain::failure::Failure;
use crate::ops::follow::{self, LogReader};
use crate::ops::verify;
use crate::ports::World;

/// How often a followed log is read: 30 reads a minute of the 60 that are allowed.
const LOG_EVERY: SignedDuration = SignedDuration::from_secs(2);

/// Follows a run of somebody else to its end and reads the database afterwards.
pub(super) async fn follow(
    shared: &Shared,
    world: &World,
    id: RequestId,
    (environment, execution): (&EnvironmentName, &ExecutionName),
) -> Result<(), Failure> {
    let environment = shared.environment(environment)?;
    let put = |event| shared.mailbox.put(Event::Run { id, event });
    let tell = |progress| put(words::progress(progress));
    let over = follow::follow(world, environment, execution, &tell).await?;
    put(RunEvent::ReadingBack);
    let reading = verify::read_back(world, environment).await;
    let at = world.clock.now();
    let happened = match &reading {
        Ok(_) => format!("the execution is {}", over.state.word()),
        Err(failure) => format!("the database could not be read: {failure}"),
    };
    let read_back = reading.as_ref().ok();
    let settlement = Settlement {
        outcome: None,
        run_id: over.run_id.clone(),
        execution: Some(over.name.clone()),
        before: Vec::new(),
        read_back: read_back.map(|reading| (reading.probe.word().to_owned(), at)),
        after: read_back.map(|reading| reading.current.clone().unwrap_or_default()),
        duration: over.duration(at),
        happened,
        remedy: String::new(),
        causes: Vec::new(),
    };
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
