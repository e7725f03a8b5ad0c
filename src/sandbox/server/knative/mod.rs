//! Cloud Run Admin v1: the Knative form of the same jobs, for gcloud.

mod selector;
mod view;

use serde_json::Value;

use selector::Selector;
use view::{View, list, task_labels};

use super::{
    caller::Caller,
    paging::Page,
    run::{Dialect, run_request},
};
use crate::sandbox::world::{
    Refusal,
    model::{Execution, Overrides, Task},
};

/// Answers a call below `/apis/run.googleapis.com/v1/namespaces/N`.
pub(super) fn answer(
    caller: &Caller<'_>,
    namespace: &str,
    rest: &[&str],
) -> Result<Value, Refusal> {
    let desk = Desk { caller, namespace };
    if caller
        .call
        .region
        .as_ref()
        .is_some_and(|region| *region != caller.project.region)
    {
        return desk.elsewhere(rest);
    }
    match (caller.call.ask(), rest) {
        (("GET", ""), ["jobs"]) => desk.list_jobs(),
        (("GET", ""), ["jobs", job]) => desk.get_job(job),
        (("POST", "run"), ["jobs", job]) => desk.run_job(job),
        (("GET", ""), ["executions"]) => desk.list_executions(),
        (("GET", ""), ["executions", id]) => desk.get_execution(id),
        (("POST", "cancel"), ["executions", id]) => desk.cancel_execution(id),
        (("DELETE", ""), ["executions", id]) => desk.delete_execution(id),
        (("GET", ""), ["tasks"]) => desk.list_tasks(),
        (("GET", ""), ["tasks", id]) => desk.get_task(id),
        _ => Err(caller.call.unknown()),
    }
}

/// One call, with the namespace that its path names.
struct Desk<'a> {
    caller: &'a Caller<'a>,
    namespace: &'a str,
}

impl Desk<'_> {
    fn view(&self) -> View<'_> {
        View {
            project: &self.caller.project,
        }
    }

    fn may(&self, permission: &str, collection: &str, id: &str) -> Result<(), Refusal> {
        let resource = format!("namespaces/{}/{collection}/{id}", self.namespace);
        self.caller.may(permission, self.namespace, &resource)
    }

    /// The other regions are empty.
    fn elsewhere(&self, rest: &[&str]) -> Result<Value, Refusal> {
        match (self.caller.call.ask(), rest) {
            (("GET", ""), ["jobs"]) => Ok(list("JobList", &[], None)),
            (("GET", ""), ["executions"]) => Ok(list("ExecutionList", &[], None)),
            (("GET", ""), ["tasks"]) => Ok(list("TaskList", &[], None)),
            _ => Err(Refusal::not_found(format!(
                "Resource '{}' was not found",
                rest.join("/")
            ))),
        }
    }

    fn selector(&self) -> Result<Selector, Refusal> {
        Selector::parse(self.caller.call.param("labelSelector").unwrap_or_default())
    }

    fn list_jobs(&self) -> Result<Value, Refusal> {
        self.may("run.jobs.list", "jobs", "")?;
        let selector = self.selector()?;
        let mut jobs = self.caller.world.jobs();
        jobs.retain(|job| selector.matches(&job.labels));
        let Page { items, next } = self.caller.page(jobs, |job| job.id.clone())?;
        let jobs: Vec<Value> = items
            .iter()
            .map(|job| {
                let latest = job.latest_execution.as_deref();
                let latest = latest.and_then(|id| self.caller.world.execution(id).ok());
                self.view().job(job, latest.as_ref())
            })
            .collect();
        Ok(list("JobList", &jobs, next.as_deref()))
    }

    fn get_job(&self, id: &str) -> Result<Value, Refusal> {
        self.may("run.jobs.get", "jobs", id)?;
        let job = self.caller.world.job(id)?;
        let latest = job.latest_execution.as_deref();
        let latest = latest.and_then(|id| self.caller.world.execution(id).ok());
        Ok(self.view().job(&job, latest.as_ref()))
    }

    fn run_job(&self, id: &str) -> Result<Value, Refusal> {
        self.may("run.jobs.run", "jobs", id)?;
        let request = run_request(&self.caller.call.body, Dialect::Knative)?;
        if request.overrides != Overrides::default() {
            self.may("run.jobs.runWithOverrides", "jobs", id)?;
        }
        let (_, execution) = self.caller.world.run_job(id, &request, &self.caller.who)?;
        Ok(self.view().execution(&execution))
    }

    fn list_executions(&self) -> Result<Value, Refusal> {
        self.may("run.executions.list", "executions", "")?;
        let selector = self.selector()?;
        let mut executions = self.caller.world.executions(None);
        executions.retain(|execution| selector.matches(&execution_labels(execution)));
        let Page { items, next } = self.caller.page(executions, |found| found.id.clone())?;
        let items: Vec<Value> = items
            .iter()
            .map(|found| self.view().execution(found))
            .collect();
        Ok(list("ExecutionList", &items, next.as_deref()))
    }

    fn get_execution(&self, id: &str) -> Result<Value, Refusal> {
        self.may("run.executions.get", "executions", id)?;
        Ok(self.view().execution(&self.caller.world.execution(id)?))
    }

    fn cancel_execution(&self, id: &str) -> Result<Value, Refusal> {
        self.may("run.executions.cancel", "executions", id)?;
        self.caller.world.cancel_execution(id, None)?;
        Ok(self.view().execution(&self.caller.world.execution(id)?))
    }

    fn delete_execution(&self, id: &str) -> Result<Value, Refusal> {
        self.may("run.executions.delete", "executions", id)?;
        self.caller.world.delete_execution(id, None)?;
        Ok(serde_json::json!({ "status": "Success" }))
    }

    fn list_tasks(&self) -> Result<Value, Refusal> {
        self.may("run.tasks.list", "tasks", "")?;
        let selector = self.selector()?;
        let mut tasks = Vec::new();
        for execution in self.caller.world.executions(None) {
            let wanted = |task: &&Task| selector.matches(&task_labels(&execution, task));
            let written = |task: &Task| (task.id.clone(), self.view().task(&execution, task));
            tasks.extend(execution.tasks.iter().filter(wanted).map(written));
        }
        let Page { items, next } = self.caller.page(tasks, |(id, _)| id.clone())?;
        let items: Vec<Value> = items.into_iter().map(|(_, task)| task).collect();
        Ok(list("TaskList", &items, next.as_deref()))
    }

    fn get_task(&self, id: &str) -> Result<Value, Refusal> {
        self.may("run.tasks.get", "tasks", id)?;
        let missing = || Refusal::not_found(format!("Resource 'tasks/{id}' was not found"));
        let execution = id
            .rsplit_once("-task")
            .map_or(id, |(execution, _)| execution);
        let execution = self
            .caller
            .world
            .execution(execution)
            .map_err(|_| missing())?;
        let task = execution
            .tasks
            .iter()
            .find(|task| task.id == id)
            .ok_or_else(missing)?;
        Ok(self.view().task(&execution, task))
    }
}

fn execution_labels(execution: &Execution) -> std::collections::BTreeMap<String, String> {
    let mut labels = execution.labels.clone();
    labels.insert("run.googleapis.com/job".to_owned(), execution.job.clone());
    labels
}
