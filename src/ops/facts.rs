//! The facts that a plan is made from, read side by side.

use std::sync::Arc;

use futures::future::join_all;
use futures::join;
use jiff::SignedDuration;

use crate::domain::backend::Backend;
use crate::domain::database::{Instance, Reading};
use crate::domain::directory::{Checkout, Comparison, Heard, ImageRevisions};
use crate::domain::environment::{Environment, ProbeKind};
use crate::domain::execution::Execution;
use crate::domain::failure::Failure;
use crate::domain::fleet::Identity;
use crate::domain::job::{EnvValue, Job};
use crate::domain::ledger::Entry;
use crate::domain::migration::Directory;
use crate::domain::permission::{Deed, Policy, Resource, needed};
use crate::domain::secret::SecretVersions;
use crate::ports::World;

use super::aside::aside;
use super::database_checks::Outside;
use super::image;
use super::inspect::{self, HISTORY};

/// Executions on a page; whoever may still be active must be among those that are read.
const PAGE: u32 = 100;

/// Pages at most; Cloud Run keeps no more than the newest thousand for sure.
const PAGES: u32 = 10;

/// The longest time limit of a task, a week, and an hour to start it.
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24 + 1);

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
    /// Who has which role on it.
    pub policy: Result<Policy, Failure>,
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
    /// Who else is in the database; `None` when no probe has a session with it.
    pub backends: Option<Result<Vec<Backend>, Failure>>,
    /// What the database of the environment says in which the target must be proven first.
    pub lower: Option<Result<Reading, Failure>>,
    /// The newest executions there.
    pub lower_executions: Vec<Execution>,
    /// Where the database stands, when that is outside of the revisions that will run.
    pub outside: Option<Outside>,
    /// Who asks.
    pub identity: Result<Identity, Failure>,
    /// What they hold on the job, of what a run needs.
    pub held: Result<Vec<String>, Failure>,
    /// What they hold on the project, of what a backup needs; `None` when none is to be taken.
    pub held_on_project: Option<Result<Vec<String>, Failure>>,
    /// Who has which role on the project.
    pub project_policy: Result<Policy, Failure>,
    /// Runs of this environment that the ledger has open.
    pub open_runs: Vec<Entry>,
}

/// Reads the facts; all that does not depend on another is asked at once.
pub async fn gather(
    world: &World,
    environment: &Environment,
    promote_from: Option<&Environment>,
    backup_first: bool,
) -> Result<Facts, Failure> {
    let (job, (executions, heard), instance, (reading, backends), lower, open_runs, here, access) = join!(
        job_and_secrets(world, environment),
        executions_and_logs(world, environment),
        instance(world, environment),
        reading_and_backends(world, environment),
        lower(world, promote_from),
        world.ledger.open_runs(),
        checkout(world),
        access(world, environment, backup_first),
    );
    let (job, secrets) = job?;
    let open_runs = open_runs?
        .into_iter()
        .filter(|e| e.record.environment == environment.name)
        .collect();
    let known = executions.as_deref().unwrap_or_default();
    let image = ImageRevisions::judge(image::told(&heard), &job, known);
    let directory = Comparison::of(&here.0, here.1, image);
    let outside = Outside::of(&directory, &reading, world.migrations.as_ref());
    let (lower, lower_executions) = lower.unzip();
    Ok(Facts {
        outside,
        identity: access.identity,
        held: access.held,
        held_on_project: access.held_on_project,
        project_policy: access.project_policy,
        lower_executions: lower_executions.unwrap_or_default(),
        job,
        executions,
        instance,
        secrets,
        directory,
        reading,
        backends,
        lower,
        open_runs,
    })
}

/// What the database says, and who else is in it. One after the other: a probe that reads a payload
/// to connect shall read it once, and one that does not answer is not asked twice.
async fn reading_and_backends(
    world: &World,
    environment: &Environment,
) -> (
    Result<Reading, Failure>,
    Option<Result<Vec<Backend>, Failure>>,
) {
    let reading = inspect::read_database(world, environment).await;
    let has_session = |probe: &ProbeKind| matches!(probe, ProbeKind::DataApi | ProbeKind::Direct);
    let answered = reading.as_ref().ok().map(|reading| reading.probe);
    let backends = match answered.filter(has_session) {
        Some(probe) => Some(world.databases.backends(environment, probe).await),
        None => None,
    };
    (reading, backends)
}

/// The newest executions, and what the logs of some tell of their images.
async fn executions_and_logs(
    world: &World,
    environment: &Environment,
) -> (Result<Vec<Execution>, Failure>, Vec<Heard>) {
    let executions = executions(world, environment).await;
    let known = executions.as_deref().unwrap_or_default();
    let heard = image::hear(world, environment, known, &[]).await;
    (executions, heard)
}

/// Who asks, and what they and others may do.
struct Access {
    identity: Result<Identity, Failure>,
    held: Result<Vec<String>, Failure>,
    held_on_project: Option<Result<Vec<String>, Failure>>,
    project_policy: Result<Policy, Failure>,
}

async fn access(world: &World, environment: &Environment, backup_first: bool) -> Access {
    let job = Resource::job(environment);
    let project = Resource::project(&environment.project);
    let names = |deed| needed(deed).map(|n| n.permission).collect::<Vec<_>>();
    let (to_run, to_back_up) = (names(Deed::Run), names(Deed::Backup));
    let on_project = async {
        if backup_first {
            Some(world.permissions.held(&project, &to_back_up).await)
        } else {
            None
        }
    };
    let (identity, held, held_on_project, project_policy) = join!(
        world.identity.identity(),
        world.permissions.held(&job, &to_run),
        on_project,
        world.permissions.policy(&project),
    );
    Access {
        identity,
        held,
        held_on_project,
        project_policy,
    }
}

/// The newest executions, as far back as one may still be active: the page goes on while it holds
/// nothing that is over and older than the longest time limit of a task.
async fn executions(world: &World, environment: &Environment) -> Result<Vec<Execution>, Failure> {
    let long_ago = world.clock.now() - LONGEST;
    let mut all = Vec::new();
    let mut page = None;
    for _ in 0..PAGES {
        let answer = world.jobs.executions(environment, PAGE, page.as_deref());
        let answer = answer.await?;
        let reached = |e: &Execution| e.is_over() && e.created_at < long_ago;
        let enough = answer.executions.iter().any(reached);
        all.extend(answer.executions);
        page = answer.next;
        if enough || page.is_none() {
            break;
        }
    }
    Ok(all)
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
        let resource = Resource::secret(&environment.project, secret);
        let (versions, policy) = join!(
            world.secrets.versions(&environment.project, secret),
            world.permissions.policy(&resource),
        );
        SecretReference {
            variable,
            secret: secret.clone(),
            reference: version.clone(),
            versions,
            policy,
        }
    }))
    .await;
    Ok((job, secrets))
}

async fn lower(
    world: &World,
    promote_from: Option<&Environment>,
) -> Option<(Result<Reading, Failure>, Vec<Execution>)> {
    let lower = promote_from?;
    let (reading, page) = join!(
        inspect::read_database(world, lower),
        world.jobs.executions(lower, HISTORY, None),
    );
    let executions = page.map(|page| page.executions).unwrap_or_default();
    Some((reading, executions))
}

async fn instance(world: &World, environment: &Environment) -> Option<Result<Instance, Failure>> {
    environment.sql_instance.as_ref()?;
    Some(world.databases.instance(environment).await)
}
