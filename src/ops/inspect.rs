//! Reading everything that is known of the environments, part by part, side by side.

use std::sync::Arc;

use futures::future::join_all;
use futures::join;
use jiff::{SignedDuration, Timestamp};

use crate::domain::database::Reading;
use crate::domain::directory::{Comparison, ImageRevisions};
use crate::domain::disagreement::ProbeAnswer;
use crate::domain::environment::{Environment, ProbeKind};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::fleet::{EnvironmentStatus, Fleet, Part, PartAnswer};
use crate::domain::ledger::Entry;
use crate::domain::migration::{MigrationState, Standing};
use crate::domain::observed::Remote;
use crate::domain::problem::Problem;
use crate::domain::{problem, text};
use crate::ports::World;
use crate::ports::migrations::Migrations;

use super::aside::aside;
use super::debts;
use super::execute::busy;
use super::image;

/// How many executions a look at an environment brings.
pub const HISTORY: u32 = 20;

/// How long a run may take to name its execution before it counts as left open.
const JUST_BEGUN: SignedDuration = SignedDuration::from_secs(30);

/// Reads one part of one environment.
pub async fn read_part(world: &World, environment: &Environment, part: Part) -> PartAnswer {
    let seen = |source: &str| (source.to_owned(), world.clock.now());
    match part {
        Part::Job => {
            let answer = world.jobs.job(environment).await;
            PartAnswer::Job(Box::new(remote(answer, seen("run"))))
        }
        Part::Executions => {
            let page = world.jobs.executions(environment, HISTORY, None).await;
            PartAnswer::Executions(remote(page.map(|page| page.executions), seen("run")))
        }
        Part::Instance => {
            let answer = world.databases.instance(environment).await;
            PartAnswer::Instance(remote(answer, seen("sql")))
        }
        Part::Secret => {
            let answer = match &environment.secret {
                Some(secret) => world.secrets.versions(&environment.project, secret).await,
                None => Err(not_configured(environment, "secret")),
            };
            PartAnswer::Secret(remote(answer, seen("secretmanager")))
        }
        Part::Reading => PartAnswer::Reading(match read_database(world, environment).await {
            Ok(reading) => {
                let source = reading.probe.word();
                let at = reading.at;
                Remote::ready(reading, source, at)
            }
            Err(failure) => Remote::failed(failure),
        }),
        Part::Probes => {
            let answers = ask_probes(world, environment, &environment.probes).await;
            PartAnswer::Probes(Remote::ready(answers, "probes", world.clock.now()))
        }
    }
}

/// Asks probes side by side, whatever each of them answers.
async fn ask_probes(
    world: &World,
    environment: &Environment,
    probes: &[ProbeKind],
) -> Vec<ProbeAnswer> {
    let ask = |probe: ProbeKind| async move {
        ProbeAnswer::new(probe, world.databases.read(environment, probe).await)
    };
    join_all(probes.iter().copied().map(ask)).await
}

/// The answer that counts, then those of the other probes, which are asked for comparison.
async fn read_probes(world: &World, environment: &Environment) -> [PartAnswer; 2] {
    let reading = read_part(world, environment, Part::Reading).await;
    let counts = match &reading {
        PartAnswer::Reading(answer) => answer.value().map(|reading| reading.probe),
        _ => None,
    };
    let others: Vec<_> = environment
        .probes
        .iter()
        .copied()
        .filter(|probe| Some(*probe) != counts)
        .collect();
    let answers = ask_probes(world, environment, &others).await;
    let probes = PartAnswer::Probes(Remote::ready(answers, "probes", world.clock.now()));
    [reading, probes]
}

/// Reads the database by the environment's probes in their order; the first answer counts.
pub async fn read_database(world: &World, environment: &Environment) -> Result<Reading, Failure> {
    let mut first_failure = None;
    for probe in &environment.probes {
        match world.databases.read(environment, *probe).await {
            Ok(reading) => return Ok(reading),
            Err(failure) => {
                first_failure.get_or_insert(failure);
            }
        }
    }
    Err(first_failure.unwrap_or_else(|| not_configured(environment, "probes")))
}

/// Reads all parts of an environment side by side, and assesses it.
pub async fn read_environment(world: &World, environment: &Environment) -> EnvironmentStatus {
    let parts = Part::ALL
        .into_iter()
        .filter(|part| !matches!(part, Part::Reading | Part::Probes))
        .map(|part| read_part(world, environment, part));
    let (answers, probes) = join!(join_all(parts), read_probes(world, environment));
    let mut status = EnvironmentStatus::unread(environment.clone());
    for answer in answers.into_iter().chain(probes) {
        answer.apply(&mut status);
    }
    assessed(world, status).await
}

/// Draws the conclusions of what was read, off the threads that wait for the network: the
/// migration directory may have to be read for them. The logs that tell of an image are read first.
pub async fn assessed(world: &World, mut status: EnvironmentStatus) -> EnvironmentStatus {
    if let Some(executions) = status.executions.value() {
        let (environment, heard) = (&status.environment, &status.heard);
        status.heard = image::hear(world, environment, executions, heard).await;
    }
    // A ledger that cannot be read has paid no debt.
    if let Ok(owed) = debts::owed(world, Some(&status.environment.name)).await {
        status.debts = owed;
    }
    let (migrations, now) = (Arc::clone(&world.migrations), world.clock.now());
    let open = open_runs(world, &status).await;
    aside(move || {
        assess(&mut status, migrations.as_ref(), now);
        status.problems.extend(open);
        status
    })
    .await
}

/// Runs that were left open in the ledger: each keeps the next one waiting, and so is a problem.
/// One that goes on is none, nor one that was just begun.
async fn open_runs(world: &World, status: &EnvironmentStatus) -> Vec<Problem> {
    let (environment, now) = (&status.environment, world.clock.now());
    let executions = status.executions.value().map(Vec::as_slice);
    let goes_on = |entry: &Entry| {
        let name = entry.record.execution.as_deref();
        let mut active = executions
            .unwrap_or_default()
            .iter()
            .filter(|e| !e.is_over());
        now.duration_since(entry.at).abs() < JUST_BEGUN
            || active.any(|e| Some(e.name.as_str()) == name)
    };
    let of_it = |entry: &Entry| entry.record.environment == environment.name && !goes_on(entry);
    let problem = |failure: Failure| problem::open_run(environment, &failure);
    match world.ledger.open_runs().await {
        Ok(open) => open
            .iter()
            .filter(|e| of_it(e))
            .map(|e| problem(busy(e)))
            .collect(),
        Err(failure) => vec![problem(failure)],
    }
}

/// Reads all environments side by side.
pub async fn read_fleet(world: &World, environments: &[Environment]) -> Fleet {
    let environments = join_all(environments.iter().map(|e| read_environment(world, e))).await;
    Fleet {
        generated_at: Some(world.clock.now()),
        environments,
    }
}

/// Draws the conclusions: where the database stands, and what is wrong.
pub fn assess(status: &mut EnvironmentStatus, migrations: &dyn Migrations, now: Timestamp) {
    let (standing, complaint) = match status.reading.value() {
        Some(reading) => match standing(reading, migrations) {
            Ok(standing) => (Some(standing), None),
            Err(failure) => (None, Some(failure)),
        },
        None => (None, migrations.directory().err()),
    };
    status.standing = standing;
    status.directory = compare(status, migrations);
    status.problems = problem::find(status, now);
    if let Some(failure) = complaint {
        status
            .problems
            .push(problem::unreadable_directory(&status.environment, &failure));
    }
}

/// Compares the checkout with the image of the job, when there is a directory to compare.
fn compare(status: &EnvironmentStatus, migrations: &dyn Migrations) -> Option<Comparison> {
    let here = migrations.directory().ok()?;
    let executions = status.executions.value().map(Vec::as_slice);
    let image = status.job.value().map(|job| {
        let told = image::told(&status.heard);
        ImageRevisions::judge(told, job, executions.unwrap_or_default())
    });
    let image = image.unwrap_or_default();
    Some(Comparison::of(&here, migrations.checkout(), image))
}

/// Where a database stands, by what a probe read.
pub fn standing(reading: &Reading, migrations: &dyn Migrations) -> Result<Standing, Failure> {
    let current = reading.current.clone().unwrap_or_default();
    let mut standing = migrations.standing(&current)?;
    if reading.is_unversioned() {
        standing.state = MigrationState::Unversioned;
        let tables = reading.tables.as_deref().unwrap_or_default();
        standing.baseline = migrations.baseline(tables);
    }
    reading.probe.word().clone_into(&mut standing.source);
    standing.tables = reading.table_count();
    standing.observed_at = reading.at;
    Ok(standing)
}

fn remote<T>(answer: Result<T, Failure>, (source, at): (String, Timestamp)) -> Remote<T> {
    match answer {
        Ok(value) => Remote::ready(value, source, at),
        Err(failure) => Remote::failed(failure),
    }
}

fn not_configured(environment: &Environment, key: &str) -> Failure {
    let name = text::clean(environment.name.as_str()).into_owned();
    Failure::new(
        FailureKind::Config,
        format!("{name} has no `{key}` in the config"),
        format!("Add `{key} = …` to [environments.{name}]."),
    )
}
