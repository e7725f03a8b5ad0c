//! Runs executions as real processes, by Cloud Run's rules.
//!
//! - [`surroundings`] is what a container would have around it: where programs and databases are on this machine.
//! - `drive` leads one execution through its tasks and attempts; `process` runs one attempt.
//! - [`stray`] ends what an earlier sandbox left behind.

mod drive;
mod lines;
mod process;
pub mod stray;
pub mod surroundings;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, task::JoinHandle};

use self::surroundings::Surroundings;
use super::world::{Launcher, World};

/// Why an execution should end before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// It should not.
    No,
    /// Somebody cancelled it.
    Cancelled,
    /// The sandbox itself ends.
    Shutdown,
}

struct Running {
    stop: watch::Sender<Stop>,
    driver: Option<JoinHandle<()>>,
}

/// Starts, follows and ends the processes of executions.
pub struct Runner {
    surroundings: Arc<dyn Surroundings>,
    grace: Duration,
    running: Mutex<HashMap<String, Running>>,
}

impl Runner {
    /// A runner in these surroundings; a process that is asked to end has this long to do so.
    pub fn new(surroundings: Arc<dyn Surroundings>, grace: Duration) -> Arc<Self> {
        Arc::new(Self {
            surroundings,
            grace,
            running: Mutex::default(),
        })
    }

    /// Ends all executions and waits until their processes are gone.
    pub async fn stop(&self) {
        let drivers: Vec<_> = self
            .running()
            .values_mut()
            .filter_map(|running| {
                running.stop.send_replace(Stop::Shutdown);
                running.driver.take()
            })
            .collect();
        for driver in drivers {
            // A driver that panicked has dropped its processes, which kills them.
            let _ = driver.await;
        }
    }

    fn running(&self) -> MutexGuard<'_, HashMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the world holds: a runner that can be shared with its own tasks.
pub struct RunnerHandle(pub Arc<Runner>);

impl Launcher for RunnerHandle {
    fn launch(&self, world: Arc<World>, execution: &str) {
        let runner = Arc::clone(&self.0);
        let id = execution.to_owned();
        let (stop, stopped) = watch::channel(Stop::No);
        let mut running = self.0.running();
        let driver = tokio::spawn(async move {
            drive::drive(&runner, &world, &id, stopped).await;
            runner.running().remove(&id);
        });
        running.insert(
            execution.to_owned(),
            Running {
                stop,
                driver: Some(driver),
            },
        );
    }

    fn cancel(&self, execution: &str) {
        if let Some(running) = self.0.running().get(execution) {
            running.stop.send_replace(Stop::Cancelled);
        }
    }
}
