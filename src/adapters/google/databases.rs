//! Cloud SQL through the official clients, and the probes that read a database.

use std::sync::Arc;

use async_trait::async_trait;
use google_cloud_gax::options::RequestOptionsBuilder as _;
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_sql_v1::model;

use super::clients::Clients;
use super::data_api::Question;
use super::data_api_probe::DataApiProbe;
use super::direct_probe::DirectProbe;
use super::failure::Asked;
use super::instance_shape;
use super::jobs::redeem;
use super::past_runs::PastRuns;
use crate::domain::backend::Backend;
use crate::domain::database::{Instance, Reading};
use crate::domain::environment::{Environment, ProbeKind};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::gate::Approved;
use crate::domain::sql_operation::{self, Backup, BackupRun, SqlOperation};
use crate::ports::databases::Databases;
use crate::ports::jobs::Jobs;

/// Backups that are asked for; the newest good one is among them, or there is trouble.
const BACKUPS: i32 = 20;

/// Operations that are asked for; one that goes on is among the newest.
const OPERATIONS: u32 = 20;

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

    async fn list_backups(&self, project: &str, instance: &str) -> Result<Vec<BackupRun>, Failure> {
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
        let found = self.clients.ask(&asked, call).await?.items;
        Ok(found.iter().map(instance_shape::backup).collect())
    }

    /// What is being done to an instance now.
    async fn unfinished(
        &self,
        project: &str,
        instance: &str,
    ) -> Result<Vec<SqlOperation>, Failure> {
        let asked = asked(
            project,
            format!("listing the operations on {instance}"),
            "cloudsql.instances.get",
        );
        let client = self.clients.sql_operations().await?;
        let call = client
            .list()
            .set_project(project)
            .set_instance(instance)
            .set_max_results(OPERATIONS)
            .send();
        let found = self.clients.ask(&asked, call).await?.items;
        let all = found.iter().map(instance_shape::operation);
        Ok(all.filter(|operation| !operation.done).collect())
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
        let (found, backups, operations) = futures::join!(
            self.clients.ask(&asked, call),
            self.list_backups(project, name),
            self.unfinished(project, name),
        );
        let mut instance = instance_shape::instance(&found?);
        // Without the right to see backups the rest is still worth showing.
        instance.last_backup_at = instance_shape::last_backup(&backups.unwrap_or_default());
        instance.operations = operations.ok();
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

    async fn backups(&self, environment: &Environment) -> Result<Vec<BackupRun>, Failure> {
        let instance = instance_of(environment)?;
        self.list_backups(&environment.project, instance).await
    }

    async fn start_backup(&self, backup: Approved<Backup>) -> Result<SqlOperation, Failure> {
        let Backup {
            project,
            instance,
            run_id,
            ..
        } = redeem(backup)?;
        let mut asked = asked(
            &project,
            format!("starting a backup of {instance}"),
            "cloudsql.backupRuns.create",
        );
        asked.role = "roles/cloudsql.editor";
        let client = self.clients.backups().await?;
        self.clients.prove_sign_in(&asked).await?;
        let body = model::BackupRun::new().set_description(sql_operation::description(&run_id));
        let call = client
            .insert()
            .set_project(&project)
            .set_instance(&instance)
            .set_body(body)
            .with_retry_policy(NeverRetry)
            .with_attempt_timeout(self.clients.deadlines().send)
            .send();
        let wire = self.clients.ask(&asked, call).await?;
        Ok(instance_shape::operation(&wire))
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
