//! The `logs` and the `job` probe: what past runs said, each log read once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::log_probe::{self, Told};
use super::logs::CloudLogging;
use super::newest::Newest;
use crate::domain::database::Reading;
use crate::domain::environment::{Environment, ProbeKind};
use crate::domain::execution::{Execution, ExecutionState};
use crate::domain::failure::Failure;
use crate::domain::logs::{LogLine, LogQuery};
use crate::domain::revision::RevisionId;
use crate::ports::jobs::Jobs;
use crate::ports::logs::Logs as _;

/// Executions that are looked at.
const EXECUTIONS: u32 = 25;

/// The most pages of one log that are read.
const LOG_PAGES: usize = 5;

/// After this time no more lines of a log are expected: ingestion was seen to take two minutes.
const COMPLETE_AFTER: SignedDuration = SignedDuration::from_mins(3);

/// More logs than this are not remembered.
const REMEMBERED: usize = 500;

/// Reads what past runs said.
pub(super) struct PastRuns {
    jobs: Arc<dyn Jobs>,
    logs: CloudLogging,
    newest: Arc<Newest>,
    told: Mutex<HashMap<(String, ExecutionState), Arc<Told>>>,
}

impl PastRuns {
    pub(super) fn new(jobs: Arc<dyn Jobs>, logs: CloudLogging, newest: Arc<Newest>) -> Self {
        Self {
            jobs,
            logs,
            newest,
            told: Mutex::default(),
        }
    }

    /// The revision that the last good run announced.
    pub(super) async fn by_logs(&self, environment: &Environment) -> Result<Reading, Failure> {
        let executions = self.executions(environment).await?;
        for execution in log_probe::candidates(&executions)? {
            let told = self.told_by(environment, execution).await?;
            if let Some(rows) = told.moved_to() {
                return Ok(reading(ProbeKind::Logs, execution, rows));
            }
        }
        Err(log_probe::silent(
            "no good run of late moved a revision",
            "read the database by another probe",
        ))
    }

    /// The rows that the last `current` printed, unless a later run may have moved them.
    pub(super) async fn by_job(&self, environment: &Environment) -> Result<Reading, Failure> {
        let executions = self.executions(environment).await?;
        let execution = log_probe::last_look(&executions, &environment.name)?;
        let told = self.told_by(environment, execution).await?;
        match told.looked_at() {
            Some(rows) => Ok(reading(ProbeKind::Job, execution, rows)),
            None => Err(log_probe::no_look(
                &environment.name,
                &format!("the log of {} does not say it (yet)", execution.name),
            )),
        }
    }

    async fn executions(&self, environment: &Environment) -> Result<Vec<Execution>, Failure> {
        if let Some(fresh) = self.newest.fresh(&environment.job_resource()).await {
            return Ok(fresh);
        }
        let page = self.jobs.executions(environment, EXECUTIONS, None).await?;
        Ok(page.executions)
    }

    /// What the log of an execution tells; a complete log is read once.
    async fn told_by(
        &self,
        environment: &Environment,
        execution: &Execution,
    ) -> Result<Arc<Told>, Failure> {
        let name = format!("{}/{}", environment.job_resource(), execution.name.as_str());
        let key = (name, execution.state);
        if let Some(known) = self.remembered(|told| told.get(&key).cloned()) {
            return Ok(known);
        }
        let told = Arc::new(Told::by(&self.log_of(environment, execution).await?));
        let ended = execution.completed_at;
        let old = ended.is_some_and(|at| Timestamp::now().duration_since(at) > COMPLETE_AFTER);
        if old || (ended.is_some() && told.is_whole()) {
            self.remembered(|all| {
                if all.len() >= REMEMBERED {
                    all.clear();
                }
                all.insert(key, Arc::clone(&told));
            });
        }
        Ok(told)
    }

    fn remembered<T>(
        &self,
        look: impl FnOnce(&mut HashMap<(String, ExecutionState), Arc<Told>>) -> T,
    ) -> T {
        look(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn log_of(
        &self,
        environment: &Environment,
        execution: &Execution,
    ) -> Result<Vec<LogLine>, Failure> {
        let query = LogQuery {
            since: Some(execution.created_at),
            ..LogQuery::of(environment, &execution.name)
        };
        let (lines, _) = self.logs.read_pages(query, LOG_PAGES).await?;
        Ok(lines)
    }
}

/// Its time is that of the run: then it was true.
fn reading(probe: ProbeKind, execution: &Execution, rows: &[RevisionId]) -> Reading {
    Reading {
        probe,
        at: execution.completed_at.unwrap_or(execution.created_at),
        current: Some(rows.to_vec()),
        tables: None,
    }
}
