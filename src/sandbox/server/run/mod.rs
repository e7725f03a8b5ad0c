//! Cloud Run Admin v2: jobs, executions, tasks and operations.

mod overrides;
mod view;

use std::time::Duration;

use serde_json::{Value, json};

pub(super) use overrides::{Dialect, run_request};
use view::View;
pub(super) use view::log_uri;

use super::{
    caller::Caller,
    paging::Page,
    wire::{Message, parse_duration},
};
use crate::sandbox::world::{
    Refusal,
    model::{Execution, Job, Overrides, RunRequest},
};

/// Google waits no longer than this in `operations.wait`.
const LONGEST_WAIT: Duration = Duration::from_mins(2);

/// Answers a call below `/v2/projects/P/locations/L`.
pub(super) async fn answer(
    caller: &Caller<'_>,
    project: &str,
    location: &str,
    rest: &[&str],
) -> Result<Value, Refusal> {
    let desk = Desk {
        caller,
        project,
        location,
    };
    match (caller.call.ask(), rest) {
        (("GET", ""), ["jobs"]) => desk.list_jobs(),
        (("GET", ""), ["jobs", job]) => desk.get_job(job),
        (("PATCH", ""), ["jobs", job]) => desk.patch_job(job),
        (("POST", "run"), ["jobs", job]) => desk.run_job(job),
        (("POST", "testIamPermissions"), ["jobs", job]) => {
            caller.test_permissions(project, &desk.job_name(job))
        }
        (("GET", "getIamPolicy"), ["jobs", job]) => {
            let name = desk.job_name(job);
            desk.job(job)?;
            caller.policy(("run.jobs.getIamPolicy", project, &name), ("", &[]))
        }
        (("GET", ""), ["jobs", job, "executions"]) => desk.list_executions(job),
        (ask, ["jobs", job, "executions", execution, rest @ ..]) => {
            desk.execution(ask, job, execution, rest)
        }
        (("GET", ""), ["operations"]) => desk.list_operations(),
        (("GET", ""), ["operations", id]) => desk.get_operation(id),
        (("POST", "wait"), ["operations", id]) => desk.wait_operation(id).await,
        _ => Err(caller.call.unknown()),
    }
}

/// One call, with the place that its path names.
struct Desk<'a> {
    caller: &'a Caller<'a>,
    project: &'a str,
    location: &'a str,
}

impl Desk<'_> {
    fn view(&self) -> View<'_> {
        View {
            project: &self.caller.project,
            enums: self.caller.call.enums,
        }
    }

    fn job_name(&self, job: &str) -> String {
        format!(
            "projects/{}/locations/{}/jobs/{job}",
            self.project, self.location
        )
    }

    fn may(&self, permission: &str, resource: &str) -> Result<(), Refusal> {
        self.caller.may(permission, self.project, resource)
    }

    fn in_region(&self) -> bool {
        self.location == self.caller.project.region || self.location == "-"
    }

    fn job(&self, id: &str) -> Result<Job, Refusal> {
        let missing =
            || Refusal::not_found(format!("Resource '{}' was not found", self.job_name(id)));
        if self.in_region() {
            self.caller.world.job(id)
        } else {
            Err(missing())
        }
    }

    fn list_jobs(&self) -> Result<Value, Refusal> {
        self.may("run.jobs.list", &self.job_name("-"))?;
        let jobs = if self.in_region() {
            self.caller.world.jobs()
        } else {
            Vec::new()
        };
        let Page { items, next } = self.caller.page(jobs, |job| job.id.clone())?;
        let jobs: Vec<Value> = items.iter().map(|job| self.job_value(job)).collect();
        Ok(Message::new()
            .put("jobs", jobs)
            .put("nextPageToken", next)
            .done())
    }

    fn job_value(&self, job: &Job) -> Value {
        let latest = job.latest_execution.as_deref();
        let latest = latest.and_then(|id| self.caller.world.execution(id).ok());
        self.view().job(job, latest.as_ref())
    }

    fn get_job(&self, id: &str) -> Result<Value, Refusal> {
        self.may("run.jobs.get", &self.job_name(id))?;
        Ok(self.job_value(&self.job(id)?))
    }

    /// Enough of `jobs.patch` to change what a deployment changes.
    fn patch_job(&self, id: &str) -> Result<Value, Refusal> {
        self.may("run.jobs.update", &self.job_name(id))?;
        let job = self.job(id)?;
        if self
            .caller
            .call
            .text("/etag")
            .is_some_and(|etag| etag != job.etag)
        {
            return Err(Refusal::stale_etag(&self.job_name(id)));
        }
        let edits = overrides::template_edits(&self.caller.call.body)?;
        let job = self
            .caller
            .world
            .edit_job(id, &self.caller.who, |template| edits.apply(template))?;
        let job = self.job_value(&job);
        Ok(json!({
            "name": format!("{}/operations/patch-{id}", self.caller.project.location()),
            "done": true,
            "response": typed("Job", job),
        }))
    }

    fn run_job(&self, id: &str) -> Result<Value, Refusal> {
        self.may("run.jobs.run", &self.job_name(id))?;
        let request: RunRequest = run_request(&self.caller.call.body, Dialect::V2)?;
        if request.overrides != Overrides::default() {
            self.may("run.jobs.runWithOverrides", &self.job_name(id))?;
        }
        self.job(id)?;
        let (mut operation, execution) =
            self.caller.world.run_job(id, &request, &self.caller.who)?;
        operation.done |= request.validate_only;
        Ok(self.view().operation(&operation, Some(&execution)))
    }

    fn list_executions(&self, job: &str) -> Result<Value, Refusal> {
        self.may("run.executions.list", &self.job_name(job))?;
        let all = job == "-";
        if !all {
            self.job(job)?;
        }
        let executions = self.caller.world.executions((!all).then_some(job));
        let Page { items, next } = self
            .caller
            .page(executions, |execution| execution.id.clone())?;
        let items: Vec<Value> = items.iter().map(|e| self.view().execution(e)).collect();
        Ok(Message::new()
            .put("executions", items)
            .put("nextPageToken", next)
            .done())
    }

    fn execution(
        &self,
        ask: (&str, &str),
        job: &str,
        id: &str,
        rest: &[&str],
    ) -> Result<Value, Refusal> {
        let name = format!("{}/executions/{id}", self.job_name(job));
        let world = self.caller.world;
        let etag = self
            .caller
            .call
            .param("etag")
            .or(self.caller.call.text("/etag"));
        let validate_only = self.caller.call.flag("validateOnly");
        match (ask, rest) {
            (("GET", ""), []) => {
                self.may("run.executions.get", &name)?;
                Ok(self.view().execution(&self.find(job, id)?))
            }
            (("POST", "cancel"), []) => {
                self.may("run.executions.cancel", &name)?;
                self.find(job, id)?;
                let operation = world.cancel_execution(id, etag)?;
                Ok(self
                    .view()
                    .operation(&operation, world.execution(id).ok().as_ref()))
            }
            (("DELETE", ""), []) => {
                self.may("run.executions.delete", &name)?;
                let execution = self.find(job, id)?;
                if validate_only {
                    return Ok(json!({ "done": true }));
                }
                let operation = world.delete_execution(id, etag)?;
                Ok(self.view().operation(&operation, Some(&execution)))
            }
            (("GET", ""), ["tasks"]) => {
                self.may("run.tasks.list", &name)?;
                self.list_tasks(&self.find(job, id)?)
            }
            (("GET", ""), ["tasks", task]) => {
                self.may("run.tasks.get", &name)?;
                let execution = self.find(job, id)?;
                let found = execution.tasks.iter().find(|found| found.id == **task);
                let found = found.ok_or_else(|| missing(&format!("{name}/tasks/{task}")))?;
                Ok(self.view().task(&execution, found))
            }
            _ => Err(self.caller.call.unknown()),
        }
    }

    fn find(&self, job: &str, id: &str) -> Result<Execution, Refusal> {
        let name = format!("{}/executions/{id}", self.job_name(job));
        let execution = self
            .caller
            .world
            .execution(id)
            .map_err(|_| missing(&name))?;
        let here = self.in_region() && (job == "-" || execution.job == job);
        if here {
            Ok(execution)
        } else {
            Err(missing(&name))
        }
    }

    fn list_tasks(&self, execution: &Execution) -> Result<Value, Refusal> {
        let Page { items, next } = self
            .caller
            .page(execution.tasks.clone(), |task| task.id.clone())?;
        let items: Vec<Value> = items
            .iter()
            .map(|t| self.view().task(execution, t))
            .collect();
        Ok(Message::new()
            .put("tasks", items)
            .put("nextPageToken", next)
            .done())
    }

    fn list_operations(&self) -> Result<Value, Refusal> {
        self.may("run.operations.list", &format!("projects/{}", self.project))?;
        let mut operations = self.caller.world.snapshot().operations;
        operations.reverse();
        let Page { items, next } = self.caller.page(operations, |found| found.id.clone())?;
        let items: Vec<Value> = items
            .iter()
            .map(|found| {
                let execution = self.caller.world.execution(&found.execution).ok();
                self.view().operation(found, execution.as_ref())
            })
            .collect();
        Ok(Message::new()
            .put("operations", items)
            .put("nextPageToken", next)
            .done())
    }

    fn get_operation(&self, id: &str) -> Result<Value, Refusal> {
        self.may(
            "run.operations.get",
            &format!("projects/{}/operations/{id}", self.project),
        )?;
        let operation = self.caller.world.operation(id)?;
        let execution = self.caller.world.execution(&operation.execution).ok();
        Ok(self.view().operation(&operation, execution.as_ref()))
    }

    async fn wait_operation(&self, id: &str) -> Result<Value, Refusal> {
        self.may(
            "run.operations.get",
            &format!("projects/{}/operations/{id}", self.project),
        )?;
        let limit = self.caller.call.text("/timeout").and_then(parse_duration);
        let limit = limit.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
        self.caller.world.wait_operation(id, limit).await?;
        self.get_operation(id)
    }
}

fn missing(name: &str) -> Refusal {
    Refusal::not_found(format!("Resource '{name}' was not found"))
}

/// A message as `google.protobuf.Any`.
fn typed(kind: &str, message: Value) -> Value {
    let mut any = json!({ "@type": format!("type.googleapis.com/google.cloud.run.v2.{kind}") });
    if let (Value::Object(any), Value::Object(fields)) = (&mut any, message) {
        any.extend(fields);
    }
    any
}
