//! Cloud Run Jobs through the official client.

use async_trait::async_trait;
use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::Code;
use google_cloud_gax::options::RequestOptionsBuilder as _;
use google_cloud_gax::paginator::ItemPaginator as _;
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_run_v2::model;
use google_cloud_run_v2::model::run_job_request::Overrides;
use google_cloud_run_v2::model::run_job_request::overrides::ContainerOverride;
use jiff::Timestamp;

use super::clients::Clients;
use super::execution_shape;
use super::failure::{self, Asked};
use super::job_shape;
use super::newest::{self, Newest};
use crate::domain::act::{Act as _, Cancellation};
use crate::domain::backend;
use crate::domain::environment::Environment;
use crate::domain::execution::{Execution, ExecutionName, ExecutionPage, Task};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::gate::Approved;
use crate::domain::job::Job;
use crate::domain::plan::Plan;
use crate::ports::jobs::{DATABASE_NAME_VARIABLE, Jobs, RUN_ID_VARIABLE, RunError};
use std::sync::Arc;

/// Cloud Run Jobs.
pub(super) struct Run {
    clients: Arc<Clients>,
    newest: Arc<Newest>,
}

impl Run {
    pub(super) fn new(clients: Arc<Clients>, newest: Arc<Newest>) -> Self {
        Self { clients, newest }
    }

    async fn list(
        &self,
        environment: &Environment,
        size: u32,
        page: Option<&str>,
    ) -> Result<ExecutionPage, Failure> {
        let asked = of_job(
            environment,
            "listing the executions of",
            "run.executions.list",
        );
        let client = self.clients.executions().await?;
        let call = client
            .list_executions()
            .set_parent(environment.job_resource())
            .set_page_size(i32::try_from(size).unwrap_or(i32::MAX))
            .set_page_token(page.unwrap_or_default())
            .send();
        let answer = self.clients.ask(&asked, call).await?;
        let mut executions: Vec<_> = answer
            .executions
            .iter()
            .map(execution_shape::execution)
            .collect();
        executions.sort_by(|a, b| b.created_at.cmp(&a.created_at).then(b.name.cmp(&a.name)));
        let next = Some(answer.next_page_token).filter(|token| !token.is_empty());
        Ok(ExecutionPage { executions, next })
    }

    /// Sends a run; the error still has to be judged.
    async fn send(
        &self,
        asked: &Asked,
        plan: Approved<Plan>,
        run_id: &str,
    ) -> Result<model::Execution, RunError> {
        let client = self.clients.jobs().await?;
        self.clients.prove_sign_in(asked).await?;
        // Given up last: what waited too long, also on a machine that slept, is not sent.
        let plan = redeem(plan)?;
        let deadline = self.clients.deadlines().send;
        let call = client
            .run_job()
            .set_name(&plan.job)
            .set_etag(&plan.etag)
            .set_overrides(overrides(&plan, run_id))
            .with_retry_policy(NeverRetry)
            .with_attempt_timeout(deadline)
            .send();
        // The attempt's own deadline ends a hang; this one ends what it does not cover.
        let answer = tokio::time::timeout(deadline * 2, call).await;
        let operation = answer
            .map_err(|_| RunError::Lost(failure::no_answer(asked, deadline * 2)))?
            .map_err(|error| self.judge(asked, &error))?;
        let says = [
            operation.metadata.as_ref(),
            operation.response().map(|r| &**r),
        ];
        says.into_iter().flatten().find_map(named).ok_or_else(|| {
            let what = "does not name the execution in a way that can be read";
            RunError::Lost(failure::nonsense(&asked.doing, what))
        })
    }

    /// Whether the error proves that nothing was started.
    fn judge(&self, asked: &Asked, error: &Error) -> RunError {
        let failure = self.clients.explain(asked, error);
        if proves_refusal(failure::root(error)) {
            RunError::NotStarted(failure)
        } else {
            RunError::Lost(failure)
        }
    }
}

/// The execution that an operation is about, by what it says of itself or of its end.
fn named(told: &google_cloud_wkt::Any) -> Option<model::Execution> {
    let execution = told.to_msg::<model::Execution>().ok()?;
    (!execution.name.is_empty()).then_some(execution)
}

/// Whether nothing can have been started: the request never left, or Google refused it.
///
/// Only Google's own word is one: whatever stands in between may answer as it likes while the
/// service behind it goes on. A gateway's 5xx is no word, nor is a request that was given up.
fn proves_refusal(error: &Error) -> bool {
    if error.is_connect()
        || error.is_binding()
        || error.is_serialization()
        || error.is_authentication()
    {
        return true;
    }
    let code = error.http_status_code();
    match error.status() {
        Some(status) => {
            !matches!(
                status.code,
                Code::Ok
                    | Code::Unknown
                    | Code::Internal
                    | Code::Unavailable
                    | Code::DeadlineExceeded
                    | Code::Cancelled
                    | Code::DataLoss
            ) && code.is_none_or(|code| (400..500).contains(&code) && code != 408 && code != 499)
        }
        // A proxy that wants a sign-in of its own passes nothing on.
        None => code == Some(407),
    }
}

fn overrides(plan: &Plan, run_id: &str) -> Overrides {
    let marker = model::EnvVar::new()
        .set_name(RUN_ID_VARIABLE)
        .set_value(run_id);
    // libpq passes it on as `application_name`: so the run is found among the backends.
    let name = model::EnvVar::new()
        .set_name(DATABASE_NAME_VARIABLE)
        .set_value(backend::application_name(run_id));
    let mut container = ContainerOverride::new().set_env([marker, name]);
    container = if plan.args.is_empty() {
        // An empty list would mean the definition's own arguments, not none.
        container.set_clear_args(true)
    } else {
        container.set_args(&plan.args)
    };
    Overrides::new().set_container_overrides([container])
}

#[async_trait]
impl Jobs for Run {
    async fn job(&self, environment: &Environment) -> Result<Job, Failure> {
        let asked = of_job(environment, "reading", "run.jobs.get");
        let client = self.clients.jobs().await?;
        let call = client.get_job().set_name(environment.job_resource()).send();
        Ok(job_shape::job(&self.clients.ask(&asked, call).await?))
    }

    async fn executions(
        &self,
        environment: &Environment,
        size: u32,
        page: Option<&str>,
    ) -> Result<ExecutionPage, Failure> {
        if page.is_some() || size < newest::ENOUGH {
            return self.list(environment, size, page).await;
        }
        // Whoever else asks at this moment does not wait for us, and probes share our answer.
        let slot = self.newest.slot(&environment.job_resource());
        let mut slot = slot.try_lock();
        let answer = self.list(environment, size, page).await?;
        if let Ok(slot) = &mut slot {
            slot.put(&answer.executions);
        }
        Ok(answer)
    }

    async fn execution(
        &self,
        environment: &Environment,
        name: &ExecutionName,
    ) -> Result<Execution, Failure> {
        let asked = of_execution(environment, name, "reading", "run.executions.get");
        let client = self.clients.executions().await?;
        let call = client
            .get_execution()
            .set_name(execution_resource(environment, name))
            .send();
        Ok(execution_shape::execution(
            &self.clients.ask(&asked, call).await?,
        ))
    }

    async fn tasks(
        &self,
        environment: &Environment,
        name: &ExecutionName,
    ) -> Result<Vec<Task>, Failure> {
        let asked = of_execution(environment, name, "listing the tasks of", "run.tasks.list");
        let client = self.clients.tasks().await?;
        let mut items = client
            .list_tasks()
            .set_parent(execution_resource(environment, name))
            .set_page_size(100)
            .by_item();
        let all = async {
            let mut tasks = Vec::new();
            while let Some(task) = items.next().await {
                tasks.push(execution_shape::task(&task?));
            }
            Ok(tasks)
        };
        let mut tasks = self.clients.ask(&asked, all).await?;
        tasks.sort_by_key(|task| task.index);
        Ok(tasks)
    }

    async fn run(&self, plan: Approved<Plan>, run_id: &str) -> Result<Execution, RunError> {
        let act = plan.act();
        let asked = of_resource(
            &act.job,
            format!("running {} on {}", act.verb(), act.environment),
            "run.jobs.runWithOverrides",
            "roles/run.jobsExecutorWithOverrides",
        );
        let wire = self.send(&asked, plan, run_id).await?;
        Ok(execution_shape::execution(&wire))
    }

    async fn cancel(&self, cancellation: Approved<Cancellation>) -> Result<(), Failure> {
        let act = redeem(cancellation)?;
        let asked = of_resource(
            &act.job,
            format!("cancelling {}", act.execution),
            "run.executions.cancel",
            "roles/run.developer",
        );
        let client = self.clients.executions().await?;
        let call = client
            .cancel_execution()
            .set_name(format!("{}/executions/{}", act.job, act.execution.as_str()))
            .with_attempt_timeout(self.clients.deadlines().send)
            .send();
        self.clients.ask(&asked, call).await.map(|_| ())
    }
}

/// Gives up an approved act, unless it waited too long.
pub(super) fn redeem<A: crate::domain::act::Act>(approved: Approved<A>) -> Result<A, Failure> {
    approved.redeem(Timestamp::now()).map_err(|refusal| {
        Failure::new(
            FailureKind::Gate,
            refusal.to_string(),
            "confirm it again; nothing was sent",
        )
    })
}

fn execution_resource(environment: &Environment, name: &ExecutionName) -> String {
    format!(
        "{}/executions/{}",
        environment.job_resource(),
        name.as_str()
    )
}

fn of_job(environment: &Environment, verb: &str, permission: &'static str) -> Asked {
    let doing = format!("{verb} job {}", environment.job);
    of_resource(
        &environment.job_resource(),
        doing,
        permission,
        "roles/run.viewer",
    )
}

fn of_execution(
    environment: &Environment,
    name: &ExecutionName,
    verb: &str,
    permission: &'static str,
) -> Asked {
    let doing = format!("{verb} execution {name}");
    let mut asked = of_resource(
        &environment.job_resource(),
        doing,
        permission,
        "roles/run.viewer",
    );
    asked.missing = format!(
        "it may have been deleted; portcullis executions list -e {}",
        environment.name
    );
    asked
}

/// What is asked about the job with this resource name.
fn of_resource(job: &str, doing: String, permission: &'static str, role: &'static str) -> Asked {
    let part = |name| {
        job.split('/')
            .skip_while(|part| *part != name)
            .nth(1)
            .unwrap_or_default()
    };
    Asked {
        doing,
        permission,
        role,
        project: part("projects").to_owned(),
        api: "run.googleapis.com",
        missing: format!(
            "check project, region and job in the config; gcloud run jobs list --project {} --region {}",
            part("projects"),
            part("locations"),
        ),
    }
}
