//! The runner: each effect becomes a task beside the loop, each answer a letter in the mailbox.
//!
//! Reads are bounded and shared: the same part of the same environment is never fetched twice
//! at one time. Acts are never abandoned.

mod acts;
mod arming;
mod consent;
mod flights;
mod reads;
mod watch;
mod words;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, watch as latest};
use tokio::task::AbortHandle;

use super::mailbox::Mailbox;
use crate::app::effect::{Effect, RequestId};
use crate::app::model::Setup;
use crate::domain::environment::{Environment, EnvironmentName};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::operation::Operation;
use crate::domain::policy::Policies;
use crate::ops::plan::Prepared;
use crate::ops::seen::Seen;
use crate::ports::World;

use acts::Sending;
use flights::Flights;

/// Opens the world: builds clients, starts what has to be started. It runs beside the first
/// frame and not before it.
pub type OpenWorld = Box<dyn FnOnce() -> BoxFuture<'static, Result<World, Failure>> + Send>;

/// How many requests are under way at one time.
const AT_ONCE: usize = 24;
/// How long the end waits for what is being sent or written.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Turns effects into tasks.
pub(super) struct Runner {
    runtime: Runtime,
    shared: Arc<Shared>,
    tasks: HashMap<RequestId, AbortHandle>,
}

/// What every task may use.
struct Shared {
    mailbox: Mailbox,
    environments: Vec<Environment>,
    operations: Vec<Operation>,
    policies: Policies,
    world: latest::Receiver<Option<Result<World, Failure>>>,
    room: Semaphore,
    flights: Flights,
    /// Plans as they were shown, the newest last: what may be executed.
    shown: Mutex<Vec<Prepared>>,
    sending: Sending,
    /// Executions that the ledger was asked about already.
    seen: Seen,
    armed: arming::Kept,
}

impl Runner {
    /// Starts the runtime and, on it, the opening of the world.
    pub(super) fn start(setup: &Setup, mailbox: Mailbox, open: OpenWorld) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("world")
            .enable_all()
            .build()?;
        let (opened, world) = latest::channel(None);
        runtime.spawn(async move {
            // Nobody is left to tell when the console ended meanwhile.
            let _ = opened.send(Some(open().await));
            opened.closed().await;
        });
        let shared = Arc::new(Shared {
            mailbox,
            environments: setup.environments.clone(),
            operations: setup.operations.clone(),
            policies: setup.policies.clone(),
            world,
            room: Semaphore::new(AT_ONCE),
            flights: Flights::default(),
            shown: Mutex::default(),
            sending: Sending::default(),
            seen: Seen::default(),
            armed: arming::Kept::default(),
        });
        Ok(Self {
            runtime,
            shared,
            tasks: HashMap::new(),
        })
    }

    /// Lets something happen beside the loop, until the console ends.
    pub(super) fn later(&self, what: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(what);
    }

    /// Carries out an effect; those that concern the terminal are the loop's own.
    pub(super) fn dispatch(&mut self, effect: Effect) {
        self.tasks.retain(|_, task| !task.is_finished());
        match effect {
            Effect::Abandon { id } => self.abandon(id),
            Effect::Read {
                id,
                environment,
                part,
            } => {
                if self.shared.flights.board(&environment, part, id) {
                    let shared = Arc::clone(&self.shared);
                    let task = self
                        .runtime
                        .spawn(reads::part(shared, environment.clone(), part));
                    self.shared
                        .flights
                        .started(&environment, part, task.abort_handle());
                }
            }
            effect => self.spawn(effect),
        }
    }

    fn spawn(&mut self, effect: Effect) {
        let shared = Arc::clone(&self.shared);
        let id = words::abandonable(&effect);
        // What is known is kept for the next start also by the one who leaves at once.
        let is_waited_for = acts::is_act(&effect) || matches!(effect, Effect::SaveSnapshot(_));
        let sending = is_waited_for.then(|| shared.sending.begin());
        let task = self.runtime.spawn(async move {
            let without_answer = effect.clone();
            let done = AssertUnwindSafe(carry_out(&shared, effect, sending)).catch_unwind();
            let failure = match done.await {
                Ok(Ok(())) => return,
                Ok(Err(failure)) => failure,
                Err(_) => died(),
            };
            if let Some(event) = words::unanswered(&without_answer, failure) {
                shared.mailbox.put(event);
            }
        });
        if let Some(id) = id {
            self.tasks.insert(id, task.abort_handle());
        }
    }

    fn abandon(&mut self, id: RequestId) {
        if let Some(task) = self.tasks.remove(&id) {
            task.abort();
        }
        self.shared.flights.leave(id);
    }

    /// Waits, for a short while, for acts that are being sent and for files that are being written.
    pub(super) fn finish(self) {
        let shared = self.shared;
        self.runtime.block_on(async {
            let _ = tokio::time::timeout(LAST_WORDS, shared.sending.all_sent()).await;
        });
        self.runtime.shutdown_timeout(LAST_WORDS);
    }
}

impl Shared {
    /// The world, once it is open.
    async fn world(&self) -> Result<World, Failure> {
        let mut world = self.world.clone();
        let opened = world.wait_for(Option::is_some).await;
        match opened.as_deref() {
            Ok(Some(opened)) => opened.clone(),
            _ => Err(died()),
        }
    }

    fn environment(&self, name: &EnvironmentName) -> Result<&Environment, Failure> {
        self.environments
            .iter()
            .find(|environment| environment.name == *name)
            .ok_or_else(|| {
                Failure::new(
                    FailureKind::NotFound,
                    format!("the config has no environment {name}"),
                    "Restart after a change of the config.",
                )
            })
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, Vec<Prepared>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Carries out one effect to its end.
async fn carry_out(
    shared: &Arc<Shared>,
    effect: Effect,
    sending: Option<acts::Sent>,
) -> Result<(), Failure> {
    let world = shared.world().await?;
    match effect {
        Effect::Identity { id } => reads::identity(shared, &world, id).await,
        Effect::Assess { id, status } => reads::assess(shared, world, id, *status).await,
        Effect::Directory { id } => reads::directory(shared, world, id).await,
        Effect::Review { id, revisions } => reads::reviews(shared, world, id, revisions).await,
        Effect::MakePlan {
            id,
            environment,
            operation,
            params,
            backup_first,
        } => {
            let operation = reads::operation(shared, &operation)?;
            let asked = (operation, params, backup_first);
            reads::plan(shared, &world, id, &environment, asked).await
        }
        Effect::Follow {
            id,
            environment,
            execution,
        } => watch::follow(shared, &world, id, (&environment, &execution)).await,
        Effect::ReadLog {
            id,
            environment,
            execution,
            follow,
        } => watch::log(shared, &world, id, (&environment, &execution, follow)).await,
        Effect::Consent { id, ask } => consent::carry_out(shared, &world, id, ask).await,
        Effect::Ledger { id, ask } => reads::ledger(shared, &world, id, ask).await,
        Effect::SaveSnapshot(fleet) => reads::save(world, *fleet).await,
        // A run is a long road, and its future as large as all of it.
        act => Box::pin(acts::carry_out(shared, &world, act, sending)).await,
    }
}

/// A task panicked; the report is on disk.
fn died() -> Failure {
    Failure::new(
        FailureKind::Internal,
        "a fault of Portcullis itself",
        "A report is in the state directory. Nothing is sent twice: try again.",
    )
}
