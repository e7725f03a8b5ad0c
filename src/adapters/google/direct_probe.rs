//! The `direct` probe: the database URL of the job, used from here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::clients::Clients;
use super::payload;
use crate::adapters::database::session;
use crate::adapters::database::url::DatabaseUrl;
use crate::domain::backend::Backend;
use crate::domain::database::Reading;
use crate::domain::environment::Environment;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::job::EnvValue;
use crate::ports::jobs::Jobs;

/// How long a URL is kept in memory: each look at the payload is a line in an audit log.
const KEPT: Duration = Duration::from_mins(5);

/// A database URL, and since when it is kept.
type Kept = (Instant, Arc<DatabaseUrl>);

/// Reads databases in sessions of its own.
pub(super) struct DirectProbe {
    clients: Arc<Clients>,
    jobs: Arc<dyn Jobs>,
    kept: Mutex<HashMap<String, Kept>>,
}

impl DirectProbe {
    pub(super) fn new(clients: Arc<Clients>, jobs: Arc<dyn Jobs>) -> Self {
        Self {
            clients,
            jobs,
            kept: Mutex::default(),
        }
    }

    /// Reads a database in a new session.
    pub(super) async fn read(&self, environment: &Environment) -> Result<Reading, Failure> {
        let (key, url) = self.url(environment).await?;
        self.unless_stale(&key, session::read(environment, &url).await)
    }

    /// Who else is in a database, asked in a new session.
    pub(super) async fn backends(
        &self,
        environment: &Environment,
    ) -> Result<Vec<Backend>, Failure> {
        let (key, url) = self.url(environment).await?;
        self.unless_stale(&key, session::backends(environment, &url).await)
    }

    async fn url(&self, environment: &Environment) -> Result<(String, Arc<DatabaseUrl>), Failure> {
        let Some(secret) = &environment.secret else {
            return Err(super::databases::unnamed(environment, "secret"));
        };
        let key = format!("{}/{}/{secret}", environment.project, environment.job);
        let url = match self.fresh(&key) {
            Some(url) => url,
            None => self.fetch(environment, secret, &key).await?,
        };
        Ok((key, url))
    }

    /// A URL that did not lead to an answer is forgotten: it may have been rotated meanwhile.
    fn unless_stale<T>(&self, key: &str, answer: Result<T, Failure>) -> Result<T, Failure> {
        if answer.is_err() {
            self.kept(|kept| kept.remove(key));
        }
        answer
    }

    fn fresh(&self, key: &str) -> Option<Arc<DatabaseUrl>> {
        self.kept(|kept| {
            kept.retain(|_, (since, _)| since.elapsed() < KEPT);
            kept.get(key).map(|(_, url)| Arc::clone(url))
        })
    }

    async fn fetch(
        &self,
        environment: &Environment,
        secret: &str,
        key: &str,
    ) -> Result<Arc<DatabaseUrl>, Failure> {
        let version = self.version(environment, secret).await;
        let named = (environment.project.as_str(), secret, version.as_str());
        let payload = payload::access(&self.clients, named).await?;
        let url = DatabaseUrl::parse(&payload.text).map_err(|error| {
            Failure::new(
                FailureKind::Config,
                format!("version {} of secret {secret} {error}", payload.version),
                "it must be like postgresql://USER:PASSWORD@HOST/DATABASE",
            )
        })?;
        let url = Arc::new(url);
        self.kept(|kept| kept.insert(key.to_owned(), (Instant::now(), Arc::clone(&url))));
        Ok(url)
    }

    /// The version that the job uses, else `latest`.
    async fn version(&self, environment: &Environment, secret: &str) -> String {
        let job = self.jobs.job(environment).await;
        let used = job.ok().and_then(|job| {
            job.env.into_iter().find_map(|binding| match binding.value {
                EnvValue::Secret {
                    secret: name,
                    version,
                } if name == secret => Some(version),
                _ => None,
            })
        });
        used.unwrap_or_else(|| "latest".to_owned())
    }

    fn kept<T>(&self, look: impl FnOnce(&mut HashMap<String, Kept>) -> T) -> T {
        look(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
