//! Cloud SQL through the official clients, and the probes that read a database.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::clients::Clients;
use super::data_api::Question;
use super::data_api_probe::DataApiProbe;
use super::direct_probe::DirectProbe;
use super::failure::Asked;
use super::instance_shape;
use super::past_runs::PastRuns;
use crate::domain::backend::Backend;
use crate::domain::database::{Instance, Reading};
use crate::domain::environment::{Environment, ProbeKind};
use crate::domain::failure::{Failure, FailureKind};
use crate::ports::databases::Databases;
use crate::ports::jobs::Jobs;

/// Backups that are asked for; the newest good one is among them, or there is trouble.
const BACKUPS: i32 = 10;

/// Cloud SQL.
pub(super) struct CloudSql {
    clients: Arc<Clients>,
    past: PastRuns,
    data_api: DataApiProbe,
    direct: DirectProbe,
}

impl CloudSql {
    pub(super) fn new(clients: Arc<Clients>, jobs: Arc<dyn Jobs>, past: PastRuns) -> Self {
        let data_api = DataApiProbe::new(Arc::clone(&clients));
        let direct = DirectProbe::new(Arc::clone(&clients), jobs);
        Self {
            clients,
            past,
            data_api,
            direct,
        }
    }

    async fn last_backup(
        &self,
        project: &str,
        instance: &str,
    ) -> Result<Option<Timestamp>, Failure> {
        let asked = asked(
            project,
            format!("listing the backups of {instance}"),
            "cloudsql.backupRuns.list",
        );
        let client = self.clients.backups().await?;
        let call = client
            .list()
            .set_project(project)
            .set_instance(instance)
            .set_max_results(BACKUPS)
            .send();
        Ok(instance_shape::last_backup(
            &self.clients.ask(&asked, call).await?.items,
        ))
    }

    /// A question for the Data API, and what it is about.
    fn question<'a>(&self, environment: &'a Environment) -> Result<(Question<'a>, Asked), Failure> {
        let Some(database) = &environment.database else {
            return Err(unnamed(environment, "database"));
        };
        let question = Question {
            project: &environment.project,
            instance: instance_of(environment)?,
            database,
            deadline: self.clients.deadlines().sql,
        };
        let mut asked = asked(
            &environment.project,
            format!(
                "reading database {database} on {} by the Data API",
                question.instance
            ),
            "cloudsql.instances.executeSql",
        );
        asked.role = "roles/cloudsql.instanceUser";
        Ok((question, asked))
    }
}

#[async_trait]
impl Databases for CloudSql {
    async fn instance(&self, environment: &Environment) -> Result<Instance, Failure> {
        let name = instance_of(environment)?;
        let project = &environment.project;
        let asked = asked(
            project,
            format!("reading instance {name}"),
            "cloudsql.instances.get",
        );
        let client = self.clients.instances().await?;
        let call = client.get().set_project(project).set_instance(name).send();
        let (found, backup) = futures::join!(
            self.clients.ask(&asked, call),
            self.last_backup(project, name)
        );
        let mut instance = instance_shape::instance(&found?);
        // Without the right to see backups the rest is still worth showing.
        instance.last_backup_at = backup.unwrap_or_default();
        Ok(instance)
    }

    async fn read(&self, environment: &Environment, probe: ProbeKind) -> Result<Reading, Failure> {
        match probe {
            ProbeKind::DataApi => self.data_api.read(self.question(environment)?).await,
            ProbeKind::Logs => self.past.by_logs(environment).await,
            ProbeKind::Job => self.past.by_job(environment).await,
            ProbeKind::Direct => self.direct.read(environment).await,
        }
    }

    async fn backends(
        &self,
        environment: &Environment,
        probe: ProbeKind,
    ) -> Result<Vec<Backend>, Failure> {
        match probe {
            ProbeKind::DataApi => self.data_api.backends(self.question(environment)?).await,
            ProbeKind::Direct => self.direct.backends(environment).await,
            ProbeKind::Logs | ProbeKind::Job => Err(Failure::new(
                FailureKind::Config,
                format!(
                    "the `{}` probe has no session with the database",
                    probe.word()
                ),
                "add `data-api` or `direct` to `probes`",
            )),
        }
    }
}

fn instance_of(environment: &Environment) -> Result<&str, Failure> {
    environment
        .sql_instance
        .as_deref()
        .ok_or_else(|| unnamed(environment, "sql_instance"))
}

pub(super) fn unnamed(environment: &Environment, key: &str) -> Failure {
    Failure::new(
        FailureKind::Config,
        format!("environment {} names no {key}", environment.name),
        format!("add {key} to [environments.{}]", environment.name),
    )
}

fn asked(project: &str, doing: String, permission: &'static str) -> Asked {
    Asked {
        doing,
        permission,
        role: "roles/cloudsql.viewer",
        project: project.to_owned(),
        api: "sqladmin.googleapis.com",
        missing: format!(
            "check project, sql_instance and database in the config; gcloud sql instances list --project {project}"
        ),
    }
}
