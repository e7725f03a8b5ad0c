//! The wire, asked by Google's own clients for Rust, and by plain HTTP where those are too polite.

mod any_request;
mod http;
mod logging;
mod run;
mod secrets;
mod sql;

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use ::http::{Extensions, HeaderMap, HeaderValue, header::AUTHORIZATION};
use async_trait::async_trait;
use google_cloud_auth::credentials::{
    CacheableResource, Credentials, CredentialsProvider, EntityTag,
};
use google_cloud_auth::errors::CredentialsError;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::sandbox::world::{
    Code, Databases, Launcher, Refusal, Status, World,
    model::{SqlAnswer, SqlColumn},
};

pub(super) const JOB: &str =
    "projects/waooaw-oauth/locations/asia-south1/jobs/plant-db-migrations-uat";

/// A sandbox on a free port, gone when dropped.
pub(super) struct Sandbox {
    pub(super) world: Arc<World>,
    pub(super) url: String,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// One whose runs succeed at once.
    pub(super) async fn start() -> Self {
        Self::serve(World::detached()).await
    }

    /// One whose runs stay pending until they are cancelled, and whose databases know one table.
    pub(super) async fn with_hands() -> Self {
        let world = World::detached();
        world.attach(Arc::new(Patient::default()), Arc::new(OneTable));
        Self::serve(world).await
    }

    async fn serve(world: Arc<World>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = super::router(Arc::clone(&world));
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("serving");
        });
        Self { world, url, server }
    }

    /// The endpoint behind which these faults strike.
    pub(super) fn troubled(&self, faults: &str) -> String {
        format!("{}/faults/{faults}", self.url)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Runs nothing, but ends what is cancelled.
#[derive(Default)]
struct Patient(Mutex<Option<Arc<World>>>);

impl Launcher for Patient {
    fn launch(&self, world: Arc<World>, execution: &str) {
        world.execution_started(execution);
        world.attempt_started(execution, 0, None);
        *self.0.lock().expect("no panic before") = Some(world);
    }

    fn cancel(&self, execution: &str) {
        use crate::sandbox::world::executions::{AttemptEnd, ExecutionEnd};
        let world = self
            .0
            .lock()
            .expect("no panic before")
            .clone()
            .expect("launched before");
        let end = AttemptEnd {
            exit_code: None,
            term_signal: Some(15),
            error: None,
        };
        world.attempt_ended(execution, 0, &end);
        world.task_ended(execution, 0, &ExecutionEnd::Cancelled);
        world.execution_ended(execution, &ExecutionEnd::Cancelled);
    }
}

/// Knows `alembic_version` and nothing else.
struct OneTable;

#[async_trait]
impl Databases for OneTable {
    async fn execute(
        &self,
        environment: &str,
        _database: &str,
        sql: &str,
        _row_limit: usize,
    ) -> Result<SqlAnswer, Refusal> {
        if !sql.contains("alembic_version") {
            let message = "ERROR: relation \"x\" does not exist (SQLSTATE 42P01)".to_owned();
            let error = Some(Status {
                code: Code::InvalidArgument,
                message,
            });
            return Ok(SqlAnswer {
                error,
                ..SqlAnswer::default()
            });
        }
        let columns = vec![SqlColumn {
            name: "version_num".to_owned(),
            kind: "VARCHAR".to_owned(),
        }];
        let rows = vec![vec![Some(format!("rev-{environment}"))], vec![None]];
        Ok(SqlAnswer {
            columns,
            rows,
            ..SqlAnswer::default()
        })
    }

    fn label(&self) -> String {
        "one table".to_owned()
    }

    fn ready(&self) -> bool {
        true
    }
}

/// A token that needs no refresh.
struct StaticToken(&'static str);

impl fmt::Debug for StaticToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StaticToken")
    }
}

impl CredentialsProvider for StaticToken {
    async fn headers(
        &self,
        _extensions: Extensions,
    ) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        let mut data = HeaderMap::new();
        let value = HeaderValue::from_str(&format!("Bearer {}", self.0)).expect("plain text");
        data.insert(AUTHORIZATION, value);
        Ok(CacheableResource::New {
            entity_tag: EntityTag::new(),
            data,
        })
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}

/// Credentials with this token.
pub(super) fn token(token: &'static str) -> Credentials {
    Credentials::from(StaticToken(token))
}

/// A client of this kind for this sandbox.
macro_rules! client {
    ($kind:ty, $endpoint:expr) => {
        client!($kind, $endpoint, "sandbox-token")
    };
    ($kind:ty, $endpoint:expr, $token:expr) => {
        <$kind>::builder()
            .with_endpoint($endpoint)
            .with_credentials($crate::sandbox::server::tests::token($token))
            .with_retry_policy(google_cloud_gax::retry_policy::NeverRetry)
            .build()
            .await
            .expect("a client")
    };
}
pub(super) use client;
