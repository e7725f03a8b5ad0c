//! The model: everything that the console knows and shows. Only `update` changes it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::effect::RequestId;
use super::place::Place;
use crate::domain::environment::Environment;
use crate::domain::fleet::{EnvironmentStatus, Fleet, Identity};
use crate::domain::migration::Directory;
use crate::domain::observed::Remote;
use crate::domain::operation::Operation;
use crate::domain::policy::Policies;

/// What the console starts with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What the title says of the world behind: empty for Google Cloud, `sandbox · PostgreSQL` and the like otherwise.
    pub backend: String,
    /// The environments in the order of the config.
    pub environments: Vec<Environment>,
    /// The operations that may be planned.
    pub operations: Vec<Operation>,
    /// The policies of the gates.
    pub policies: Policies,
    /// What was last seen.
    pub snapshot: Option<Fleet>,
    /// How often everything is read again.
    pub refresh_every: SignedDuration,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
}

/// Everything that the console knows.
#[derive(Clone, Debug)]
pub struct Model {
    /// What it started with; the snapshot is taken out of it.
    pub setup: Setup,
    /// What is known of the environments, in the order of the config.
    pub stations: Vec<EnvironmentStatus>,
    /// Who is signed in.
    pub identity: Remote<Identity>,
    /// The migration directory.
    pub directory: Remote<Arc<Directory>>,
    next_request: u64,
}

impl Model {
    /// The model of the first frame: what was last seen, before any answer.
    pub fn new(mut setup: Setup) -> Self {
        let snapshot = setup.snapshot.take().unwrap_or_default();
        let stations = setup
            .environments
            .iter()
            .map(|environment| {
                snapshot
                    .environments
                    .iter()
                    .find(|known| known.environment.name == environment.name)
                    .map_or_else(
                        || EnvironmentStatus::unread(environment.clone()),
                        |known| EnvironmentStatus {
                            environment: environment.clone(),
                            ..known.clone()
                        },
                    )
            })
            .collect();
        Self {
            setup,
            stations,
            identity: Remote::default(),
            directory: Remote::default(),
            next_request: 0,
        }
    }

    /// Where the keyboard is.
    pub fn place(&self) -> Place {
        Place::Fleet
    }

    /// When the loop must send [`Terminal::Tick`](super::event::Terminal): the next moment at which something on
    /// the screen, or what is due, changes by itself.
    pub fn wakes_at(&self, now: Timestamp) -> Option<Timestamp> {
        now.checked_add(self.setup.refresh_every).ok()
    }

    /// A new request.
    pub(super) fn request(&mut self) -> RequestId {
        self.next_request += 1;
        RequestId(self.next_request)
    }
}
