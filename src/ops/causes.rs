//! The known causes of a run that did not end well: its log, the platform's words and the live configuration, read together.

use std::sync::LazyLock;

use futures::join;

use crate::domain::environment::Environment;
use crate::domain::execution::Execution;
use crate::domain::logs::LogQuery;
use crate::domain::outcome::Outcome;
use crate::ports::World;
use crate::triage::{Catalogue, Facts, Found, Reader};

/// So many pages of a log are read; the quota is shared with everybody of the project.
const PAGES: usize = 5;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::built_in);

/// What an execution with this outcome shows; nothing is asked where nothing went wrong. What
/// cannot be read is left out: a cause helps, and never decides.
pub async fn of(
    world: &World,
    environment: &Environment,
    execution: &Execution,
    outcome: Outcome,
) -> Vec<Found> {
    if !matches!(outcome, Outcome::Failed | Outcome::Unknown) {
        return Vec::new();
    }
    let query = LogQuery::of(environment, &execution.name);
    let instance = async {
        environment.sql_instance.as_ref()?;
        world.databases.instance(environment).await.ok()
    };
    let (log, tasks, job, instance) = join!(
        world.logs.read_pages(query, PAGES),
        world.jobs.tasks(environment, &execution.name),
        world.jobs.job(environment),
        instance,
    );
    let mut facts = Facts::of(environment).with_execution(execution.name.as_str());
    if let Ok(job) = &job {
        facts = facts.with_job(job);
    }
    if let Some(instance) = &instance {
        facts = facts.with_instance(instance);
    }
    let mut reader = Reader::new(&CATALOGUE);
    for line in log.map(|(lines, _)| lines).unwrap_or_default() {
        feed(&mut reader, line.text.raw());
    }
    feed(&mut reader, execution.message.raw());
    for task in tasks.unwrap_or_default() {
        feed(&mut reader, task.message.raw());
    }
    reader.finish(&facts).1
}

fn feed(reader: &mut Reader<'_>, text: &str) {
    reader.feed(text.as_bytes());
    reader.feed(b"\n");
}
