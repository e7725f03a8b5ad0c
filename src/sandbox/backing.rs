//! What stands behind the world: found and started while the server answers already.

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::sync::watch;

use super::{
    runner::surroundings::{Launch, Surroundings},
    world::{Code, Databases, Refusal, model::SqlAnswer},
};

/// How long a question to a database waits for the backend to come up.
const PATIENCE: Duration = Duration::from_secs(5);

/// A backend that is up.
#[async_trait]
pub(super) trait Engine: Databases + Surroundings {
    /// Ends what it has started.
    async fn stop(&self);
}

#[derive(Clone)]
enum Stage {
    Starting,
    Up(Arc<dyn Engine>),
    Failed(String),
}

/// A backend that may still be starting.
pub(super) struct Backing(watch::Sender<Stage>);

impl Backing {
    /// A backend that nothing is known of yet.
    pub(super) fn starting() -> Arc<Self> {
        Arc::new(Self(watch::Sender::new(Stage::Starting)))
    }

    /// It is up, or will never be.
    pub(super) fn settle(&self, outcome: Result<Arc<dyn Engine>, String>) {
        self.0.send_replace(match outcome {
            Ok(engine) => Stage::Up(engine),
            Err(message) => Stage::Failed(message),
        });
    }

    /// Waits until it is up.
    pub(super) async fn engine(&self) -> Result<Arc<dyn Engine>, String> {
        let mut stage = self.0.subscribe();
        let settled = stage
            .wait_for(|stage| !matches!(stage, Stage::Starting))
            .await;
        match settled.map(|stage| stage.clone()) {
            Ok(Stage::Up(engine)) => Ok(engine),
            Ok(Stage::Failed(message)) => Err(message),
            Ok(Stage::Starting) | Err(_) => Err("the sandbox ends".to_owned()),
        }
    }

    fn stage(&self) -> Stage {
        self.0.borrow().clone()
    }
}

#[async_trait]
impl Databases for Backing {
    async fn execute(
        &self,
        environment: &str,
        database: &str,
        sql: &str,
        row_limit: usize,
    ) -> Result<SqlAnswer, Refusal> {
        match tokio::time::timeout(PATIENCE, self.engine()).await {
            Ok(Ok(engine)) => engine.execute(environment, database, sql, row_limit).await,
            Ok(Err(message)) => Err(Refusal::new(Code::Unavailable, message)),
            Err(_) => Err(Refusal::new(Code::Unavailable, "The database is starting.")),
        }
    }

    fn label(&self) -> String {
        match self.stage() {
            Stage::Starting => "sandbox: starting".to_owned(),
            Stage::Up(engine) => engine.label(),
            Stage::Failed(_) => "sandbox without databases".to_owned(),
        }
    }

    fn ready(&self) -> bool {
        matches!(self.stage(), Stage::Up(_))
    }
}

#[async_trait]
impl Surroundings for Backing {
    async fn wait_ready(&self) -> Result<(), String> {
        self.engine().await.map(drop)
    }

    fn launch(&self, environment: &str, words: &[String], env: Vec<(String, String)>) -> Launch {
        match self.stage() {
            Stage::Up(engine) => engine.launch(environment, words, env),
            // Nobody launches before `wait_ready`; a launch of nothing fails with a clear error.
            Stage::Starting | Stage::Failed(_) => Launch {
                program: "the backend is not up".into(),
                args: Vec::new(),
                env: Vec::new(),
                folder: Path::new("/").to_owned(),
            },
        }
    }
}
