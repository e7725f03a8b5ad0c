//! The state of the sandbox and the rules by which it changes.
//!
//! All methods take `&self`: the state is behind a mutex that is held for short moments and never across an `await`.
//! Reads give copies. What the world does not do comes back as a [`Refusal`], ready for the wire.
//! Permissions are not checked here: the server asks [`World::authorize`] first, as Google's front end does.

pub mod access;
pub mod audit;
pub mod executions;
pub mod faults;
mod jobs;
pub mod logs;
pub mod model;
mod policies;
pub mod refusal;
mod secrets;
pub mod seed;
mod sql;
mod sql_work;
pub mod state;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;

pub use access::{Access, Denial, Principal};
pub use faults::{Condition, Fault, FaultKind, Faults};
pub use model::Project;
pub use refusal::{Code, Refusal, Status};
pub use sql::Databases;
pub use state::State;

/// Starts and ends the processes of executions.
pub trait Launcher: Send + Sync {
    /// Begins to work on an execution that has been made.
    fn launch(&self, world: Arc<World>, execution: &str);
    /// Ends the processes of an execution.
    fn cancel(&self, execution: &str);
}

/// The whole local cloud.
pub struct World {
    state: Mutex<State>,
    changes: watch::Sender<u64>,
    faults: Faults,
    launcher: OnceLock<Arc<dyn Launcher>>,
    databases: OnceLock<Arc<dyn Databases>>,
}

impl World {
    /// A world with this state, not yet able to run or to query anything.
    pub fn new(state: State) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(state),
            changes: watch::Sender::new(0),
            faults: Faults::default(),
            launcher: OnceLock::new(),
            databases: OnceLock::new(),
        })
    }

    /// A freshly seeded world for tests: runs succeed at once and without a process, databases are "starting".
    pub fn detached() -> Arc<Self> {
        Self::new(seed::state(Timestamp::now()))
    }

    /// Gives the world hands: who runs executions, and who answers SQL.
    pub fn attach(&self, launcher: Arc<dyn Launcher>, databases: Arc<dyn Databases>) {
        // A second attachment is a mistake of the caller and changes nothing.
        let _ = self.launcher.set(launcher);
        let _ = self.databases.set(databases);
    }

    /// The project.
    pub fn project(&self) -> Project {
        self.state().project.clone()
    }

    /// The time of this world.
    pub fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// Troubles on purpose.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Counts changes; wait on it instead of polling.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Whose token this is; see [`Access::principal`].
    pub fn principal(&self, token: Option<&str>) -> Result<Principal, Refusal> {
        self.state().access.principal(token)
    }

    /// Refuses unless somebody has a permission on a resource, named in full or in part.
    pub fn authorize(
        &self,
        who: &Principal,
        permission: &str,
        resource: &str,
    ) -> Result<(), Refusal> {
        if self.state().access.allows(who, permission, resource) {
            Ok(())
        } else {
            Err(Refusal::denied(permission, resource))
        }
    }

    /// Which of these permissions somebody has on a resource: `testIamPermissions`.
    pub fn granted(&self, who: &Principal, permissions: &[String], resource: &str) -> Vec<String> {
        let state = self.state();
        let granted = |permission: &&String| state.access.allows(who, permission, resource);
        permissions.iter().filter(granted).cloned().collect()
    }

    /// Takes a permission away.
    pub fn deny(&self, denial: Denial) {
        self.change(|state| state.access.denials.push(denial));
    }

    /// Gives all permissions back.
    pub fn allow_everything(&self) {
        self.change(|state| state.access.denials.clear());
    }

    /// A copy of everything except the log, to be written down.
    pub fn snapshot(&self) -> State {
        self.state().without_log()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, how: impl FnOnce(&mut State) -> T) -> T {
        let answer = how(&mut self.state());
        self.changes.send_modify(|count| *count += 1);
        answer
    }

    fn try_change<T>(
        &self,
        how: impl FnOnce(&mut State) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let answer = how(&mut self.state())?;
        self.changes.send_modify(|count| *count += 1);
        Ok(answer)
    }
}
