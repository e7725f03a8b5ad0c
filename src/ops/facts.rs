//! The facts that a plan is made from, read side by side.

use std::sync::Arc;

use futures::future::join_all;
use futures::join;

use crate::domain::database::{Instance, Reading};
use crate::domain::directory::{Checkout, Comparison, Heard, ImageRevisions};
use crate::domain::environment::Environment;
use crate::domain::execution::Execution;
use crate::domain::failure::Failure;
use crate::domain::job::{EnvValue, Job};
use crate::domain::ledger::Entry;
use crate::domain::migration::Directory;
use crate::domain::secret::SecretVersions;
use crate::ports::World;

use super::aside::aside;
use super::image;
use super::inspect::{self, HISTORY};

/// A secret that the job's environment refers to.
#[derive(Clone, Debug)]
pub struct SecretReference {
    /// Environment variable that receives it.
    pub variable: String,
    /// Short name of the secret.
    pub secret: String,
    /// Number, alias or `latest`.
    pub reference: String,
    /// Its versions.
    pub versions: Result<SecretVersions, Failure>,
}

/// What is known before a run; the job must be there, the rest may be missing.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The job's definition.
    pub job: Job,
    /// The newest executions.
    pub executions: Result<Vec<Execution>, Failure>,
    /// The instance; `None` when the config names none.
    pub instance: Option<Result<Instance, Failure>>,
    /// The secrets of the job.
    pub secrets: Vec<SecretReference>,
    /// Whose revisions are meant, and whether the image has the same.
    pub directory: Comparison,
    /// What the database says.
    pub reading: Result<Reading, Failure>,
    /// What the database of the environment says in which the target must be proven first.
    pub lower: Option<Result<Reading, Failure>>,
    /// Runs of this environment that the ledger has open.
    pub open_runs: Vec<Entry>,
}

/// Reads the facts; all that does not depend on another is asked at once.
pub async fn gather(
    world: &World,
    environment: &Environment,
    promote_from: Option<&Environment>,
) -> Result<Facts, Failure> {
    let (job, (executions, heard), instance, reading, lower, open_runs, here) = join!(
        job_and_secrets(world, environment),
        executions_and_logs(world, environment),
        instance(world, environment),
        inspect::read_database(world, environment),
        lower(world, promote_from),
        world.ledger.open_runs(),
        checkout(world),
    );
    let (job, secrets) = job?;
    let open_runs = open_runs?
        .into_iter()
        .filter(|e| e.record.environment == environment.name)
        .collect();
    let known = executions.as_deref().unwrap_or_default();
    let image = ImageRevisions::judge(image::told(&heard), &job, known);
    let directory = Comparison::of(&here.0, here.1, image);
    Ok(Facts {
        job,
        executions,
        instance,
        secrets,
        directory,
        reading,
        lower,
        open_runs,
    })
}

/// The newest executions, and what the logs of some tell of their images.
async fn executions_and_logs(
    world: &World,
    environment: &Environment,
) -> (Result<Vec<Execution>, Failure>, Vec<Heard>) {
    let page = world.jobs.executions(environment, HISTORY, None).await;
    let executions = page.map(|page| page.executions);
    let known = executions.as_deref().unwrap_or_default();
    let heard = image::hear(world, environment, known, &[]).await;
    (executions, heard)
}

/// The directory with its commit, off the threads that wait for the network. One that cannot be
/// read is empty here: whoever needs a target resolved fails by it.
async fn checkout(world: &World) -> (Arc<Directory>, Option<Checkout>) {
    let migrations = Arc::clone(&world.migrations);
    aside(move || {
        let directory = migrations.directory().unwrap_or_default();
        (directory, migrations.checkout())
    })
    .await
}

async fn job_and_secrets(
    world: &World,
    environment: &Environment,
) -> Result<(Job, Vec<SecretReference>), Failure> {
    let job = world.jobs.job(environment).await?;
    let references = job.env.iter().filter_map(|binding| match &binding.value {
        EnvValue::Secret { secret, version } => Some((binding.name.clone(), secret, version)),
        EnvValue::Literal => None,
    });
    let secrets = join_all(references.map(|(variable, secret, version)| async move {
        SecretReference {
            variable,
            secret: secret.clone(),
            reference: version.clone(),
            versions: world.secrets.versions(&environment.project, secret).await,
        }
    }))
    .await;
    Ok((job, secrets))
}

async fn lower(
    world: &World,
    promote_from: Option<&Environment>,
) -> Option<Result<Reading, Failure>> {
    Some(inspect::read_database(world, promote_from?).await)
}

async fn instance(world: &World, environment: &Environment) -> Option<Result<Instance, Failure>> {
    environment.sql_instance.as_ref()?;
    Some(world.databases.instance(environment).await)
}
