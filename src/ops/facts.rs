//! The facts that a plan is made from, read side by side.

use futures::future::join_all;
use futures::join;

use crate::domain::database::{Instance, Reading};
use crate::domain::environment::Environment;
use crate::domain::execution::Execution;
use crate::domain::failure::Failure;
use crate::domain::job::{EnvValue, Job};
use crate::domain::ledger::Entry;
use crate::domain::secret::SecretVersions;
use crate::ports::World;

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
    let (job, executions, instance, reading, lower, open_runs) = join!(
        job_and_secrets(world, environment),
        world.jobs.executions(environment, HISTORY, None),
        instance(world, environment),
        inspect::read_database(world, environment),
        lower(world, promote_from),
        world.ledger.open_runs(),
    );
    let (job, secrets) = job?;
    let open_runs = open_runs?
        .into_iter()
        .filter(|e| e.record.environment == environment.name)
        .collect();
    let executions = executions.map(|page| page.executions);
    Ok(Facts {
        job,
        executions,
        instance,
        secrets,
        reading,
        lower,
        open_runs,
    })
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
