//! Jobs, and how an execution comes into the world.

use std::sync::Arc;

use super::{
    Principal, Refusal, World,
    model::{
        Condition, ConditionState, Counts, Execution, Job, Operation, OperationKind, Overrides,
        RunRequest, Task, Template,
    },
    state::State,
};

const MOST_TASKS: u32 = 10_000;

impl World {
    /// All jobs, by name.
    pub fn jobs(&self) -> Vec<Job> {
        self.state().jobs.clone()
    }

    /// One job.
    pub fn job(&self, id: &str) -> Result<Job, Refusal> {
        find(&self.state(), id).cloned()
    }

    /// Changes the definition of a job, as a deployment would: a new generation and a new etag.
    pub fn edit_job(
        &self,
        id: &str,
        who: &Principal,
        edit: impl FnOnce(&mut Template),
    ) -> Result<Job, Refusal> {
        let now = self.now();
        self.try_change(|state| {
            let etag = state.dice.etag();
            let missing = missing(state, id);
            let job = state
                .jobs
                .iter_mut()
                .find(|job| job.id == id)
                .ok_or(missing)?;
            edit(&mut job.template);
            job.generation += 1;
            job.etag = etag;
            job.updated_at = now;
            job.last_modifier.clone_from(&who.email);
            Ok(job.clone())
        })
    }

    /// `jobs.run`: makes an execution, begins to run it, and gives the operation to follow it by.
    ///
    /// Needs a Tokio runtime. With `validate_only` nothing is kept and nothing runs.
    pub fn run_job(
        self: &Arc<Self>,
        id: &str,
        request: &RunRequest,
        who: &Principal,
    ) -> Result<(Operation, Execution), Refusal> {
        if request.validate_only {
            let mut copy = self.snapshot();
            return self.begin(&mut copy, id, request, who);
        }
        let (operation, execution) =
            self.try_change(|state| self.begin(state, id, request, who))?;
        match self.launcher.get() {
            Some(launcher) => launcher.launch(Arc::clone(self), &execution.id),
            None => self.succeed_at_once(&execution.id),
        }
        Ok((operation, execution))
    }

    fn begin(
        &self,
        state: &mut State,
        id: &str,
        request: &RunRequest,
        who: &Principal,
    ) -> Result<(Operation, Execution), Refusal> {
        let job = find(state, id)?.clone();
        let resource = format!("{}/jobs/{id}", state.project.location());
        if request
            .etag
            .as_deref()
            .is_some_and(|etag| !etag.is_empty() && etag != job.etag)
        {
            return Err(Refusal::stale_etag(&resource));
        }
        let template = overridden(&job.template, &request.overrides)?;
        let execution = self.fresh_execution(state, &job, template, who);
        let operation = Operation {
            id: state.dice.uuid(),
            kind: OperationKind::RunJob,
            execution: execution.id.clone(),
            created_at: execution.created_at,
            done: false,
            error: None,
        };
        state.executions.push(execution.clone());
        state.operations.push(operation.clone());
        if let Some(job) = state.jobs.iter_mut().find(|job| job.id == id) {
            job.execution_count += 1;
            job.latest_execution = Some(execution.id.clone());
        }
        Ok((operation, execution))
    }

    fn fresh_execution(
        &self,
        state: &mut State,
        job: &Job,
        template: Template,
        who: &Principal,
    ) -> Execution {
        let now = self.now();
        let id = format!("{}-{}", job.id, state.dice.suffix());
        let pending = |kind: &str, message: &str| Condition {
            kind: kind.to_owned(),
            state: ConditionState::Pending,
            message: message.to_owned(),
            reason: None,
            changed_at: now,
        };
        let tasks = (0..template.task_count)
            .map(|index| Task {
                id: format!("{id}-task{index}"),
                uid: state.dice.uuid(),
                index,
                created_at: now,
                started_at: None,
                completed_at: None,
                etag: state.dice.etag(),
                conditions: vec![pending("Completed", "Waiting for execution to start.")],
                attempts: Vec::new(),
            })
            .collect();
        let mut labels = job.labels.clone();
        labels.insert("run.googleapis.com/job".to_owned(), job.id.clone());
        Execution {
            job: job.id.clone(),
            uid: state.dice.uuid(),
            generation: 1,
            observed_generation: 1,
            etag: state.dice.etag(),
            creator: who.email.clone(),
            created_at: now,
            started_at: None,
            completed_at: None,
            updated_at: now,
            labels,
            annotations: job.annotations.clone(),
            template,
            counts: Counts::default(),
            conditions: vec![
                pending("Completed", "Waiting for execution to complete."),
                pending("ResourcesAvailable", "Provisioning imported containers."),
            ],
            reconciling: true,
            cancel_requested: false,
            tasks,
            id,
        }
    }
}

fn overridden(template: &Template, overrides: &Overrides) -> Result<Template, Refusal> {
    let mut template = template.clone();
    if !overrides.args.is_empty() {
        template.args.clone_from(&overrides.args);
    } else if overrides.clear_args {
        template.args.clear();
    }
    for var in &overrides.env {
        match template.env.iter_mut().find(|old| old.name == var.name) {
            Some(old) => old.source.clone_from(&var.source),
            None => template.env.push(var.clone()),
        }
    }
    if let Some(count) = overrides.task_count {
        if count == 0 || count > MOST_TASKS {
            return Err(Refusal::invalid(format!(
                "overrides.task_count: must be between 1 and {MOST_TASKS}, is {count}."
            )));
        }
        template.task_count = count;
    }
    if let Some(timeout) = overrides.timeout {
        if timeout.is_zero() {
            return Err(Refusal::invalid(
                "overrides.timeout: must be greater than 0.",
            ));
        }
        template.timeout = timeout;
    }
    Ok(template)
}

fn find<'a>(state: &'a State, id: &str) -> Result<&'a Job, Refusal> {
    state
        .jobs
        .iter()
        .find(|job| job.id == id)
        .ok_or_else(|| missing(state, id))
}

fn missing(state: &State, id: &str) -> Refusal {
    let location = state.project.location();
    Refusal::not_found(format!(
        "Resource 'JOB' was not found: {location}/jobs/{id}"
    ))
}
