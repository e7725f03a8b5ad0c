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
use super::log_probe;
use super::logs::CloudLogging;
use crate::domain::database::{Instance, Reading};
use crate::domain::environment::{Environment, ProbeKind};
use crate::domain::execution::Execution;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::logs::{LogLine, LogQuery};
use crate::ports::databases::Databases;
use crate::ports::jobs::Jobs;
use crate::ports::logs::Logs as _;

/// Backups that are asked for; the newest good one is among them, or there is trouble.
const BACKUPS: i32 = 10;

/// Executions that the `logs` probe looks at.
const EXECUTIONS: u32 = 25;

/// The most pages of one log that the `logs` probe reads.
const LOG_PAGES: usize = 5;

/// Cloud SQL.
pub(super) struct CloudSql {
    clients: Arc<Clients>,
    jobs: Arc<dyn Jobs>,
    logs: CloudLogging,
    data_api: DataApiProbe,
    direct: DirectProbe,
}

impl CloudSql {
    pub(super) fn new(clients: Arc<Clients>, jobs: Arc<dyn Jobs>, logs: CloudLogging) -> Self {
        let data_api = DataApiProbe::new(Arc::clone(&clients));
        let direct = DirectProbe::new(Arc::clone(&clients), Arc::clone(&jobs));
        Self {
            clients,
            jobs,
            logs,
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

    async fn by_data_api(&self, environment: &Environment) -> Result<Reading, Failure> {
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
        self.data_api.read((question, asked)).await
    }

    async fn by_logs(&self, environment: &Environment) -> Result<Reading, Failure> {
        let page = self.jobs.executions(environment, EXECUTIONS, None).await?;
        for execution in log_probe::candidates(&page.executions)? {
            let lines = self.log_of(environment, execution).await?;
            if let Some(current) = log_probe::revisions(&lines) {
                return Ok(Reading {
                    probe: ProbeKind::Logs,
                    at: log_probe::told_at(execution),
                    current: Some(current),
                    tables: None,
                });
            }
        }
        Err(log_probe::silent(
            "no good run of late moved a revision",
            "read the database by another probe",
        ))
    }

    async fn log_of(
        &self,
        environment: &Environment,
        execution: &Execution,
    ) -> Result<Vec<LogLine>, Failure> {
        let mut query = LogQuery {
            project: environment.project.clone(),
            region: environment.region.clone(),
            job: environment.job.clone(),
            execution: execution.name.as_str().to_owned(),
            since: Some(execution.created_at),
            page: None,
        };
        let mut lines = Vec::new();
        for _ in 0..LOG_PAGES {
            let page = self.logs.read(&query).await?;
            lines.extend(page.lines);
            if page.next.is_none() {
                break;
            }
            query.page = page.next;
        }
        Ok(lines)
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
            ProbeKind::DataApi => self.by_data_api(environment).await,
            ProbeKind::Logs => self.by_logs(environment).await,
            ProbeKind::Job => Err(Failure::new(
                FailureKind::NotFound,
                "the job probe starts a run, and no run starts by itself",
                format!("portcullis run current -e {}", environment.name),
            )),
            ProbeKind::Direct => self.direct.read(environment).await,
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
