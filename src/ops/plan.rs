//! Making a plan: an operation with everything resolved, its preflight and its gate.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::domain::directory::Comparison;
use crate::domain::environment::Environment;
use crate::domain::execution::{Execution, ExecutionState};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::gate::Gate;
use crate::domain::operation::{Operation, Risk};
use crate::domain::plan::{Override, Plan, PlannedRevision, PlannedSecret, Step};
use crate::domain::policy::Policies;
use crate::domain::preflight::{Finding, fit};
use crate::domain::review::Review;
use crate::domain::revision::RevisionId;
use crate::domain::secret::VersionState;
use crate::domain::settings::Settings;
use crate::domain::text::RemoteText;
use crate::ports::World;
use crate::ports::migrations::{Migrations, Path};

use super::directory_check::ResolvedBy;
use super::facts::{self, Facts, SecretReference};
use super::seen::Seen;
use super::{doubts, image, lock_checks, offline, preflight};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Where.
    pub environment: Environment,
    /// What.
    pub operation: Operation,
    /// With which parameters.
    pub params: BTreeMap<String, String>,
    /// The environment in which the target must be proven first, when the policy names one.
    pub promote_from: Option<Environment>,
    /// Whether a backup is taken first, as a step of the plan.
    pub backup_first: bool,
    /// The run that asks, once it is in the ledger: it is not in its own way.
    pub run: Option<String>,
}

impl Request {
    /// A request by names, as people and scripts make it.
    pub fn new(
        settings: &Settings,
        environment: &str,
        operation: &str,
        params: BTreeMap<String, String>,
    ) -> Result<Self, Failure> {
        let environment = settings.environment(environment)?.clone();
        let operation = settings.operation(operation)?.clone();
        let around = (settings.environments.as_slice(), &settings.policies);
        Ok(Self::among(around, environment, operation, params))
    }

    /// A request among the configured environments; the config has made sure that the
    /// one to promote from is there.
    pub fn among(
        (environments, policies): (&[Environment], &Policies),
        environment: Environment,
        operation: Operation,
        params: BTreeMap<String, String>,
    ) -> Self {
        let risk = operation.risk.at_least_of(&operation.args);
        let policy = policies.of(risk.gated_as(environment.tier));
        let lower = policy
            .promote_from
            .filter(|lower| *lower != environment.name);
        let promote_from = environments
            .iter()
            .find(|e| Some(&e.name) == lower.as_ref())
            .cloned();
        Self {
            environment,
            operation,
            params,
            promote_from,
            backup_first: false,
            run: None,
        }
    }

    /// The same with a backup as its first step, or without one.
    #[must_use]
    pub fn with_backup_first(self, backup_first: bool) -> Self {
        Self {
            backup_first,
            ..self
        }
    }
}

/// A plan, what preflight found, and the gate in front of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The request that it answers.
    pub request: Request,
    /// The plan.
    pub plan: Plan,
    /// What preflight found, the worst first.
    pub findings: Vec<Finding>,
    /// The gate.
    pub gate: Gate,
    /// What the pending revisions do, as far as the checkout has them; what decides of it is in the plan.
    pub reviews: Vec<Arc<Review>>,
}

/// Reads the facts and makes the plan; changes nothing.
pub async fn prepare(
    world: &World,
    policies: &Policies,
    request: Request,
) -> Result<Prepared, Failure> {
    let mut values = request.operation.values(&request.params).map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            error.to_string(),
            "See `[operations]` in the config.",
        )
    })?;
    let (environment, lower) = (&request.environment, request.promote_from.as_ref());
    let mut facts = facts::gather(world, environment, lower, request.backup_first).await?;
    let is_ours = |run_id: &String| request.run.as_ref() == Some(run_id);
    facts
        .open_runs
        .retain(|entry| !is_ours(&entry.record.run_id));
    if let Ok(executions) = &facts.executions {
        // A record that cannot be written now is written with the next look; the plan needs none.
        let seen = Seen::default();
        let _ = seen.note(world, environment, executions).await;
    }
    offline::fill_ranges(&request.operation, &mut values, &facts.reading)?;
    let (mut plan, by) = resolve(&request, &values, &facts, world.migrations.as_ref())?;
    let reviews = reviews(&plan, world.migrations.as_ref());
    plan.revisions = reviews.iter().map(|r| PlannedRevision::of(r)).collect();
    plan.overrides = overrides(policies);
    let mut findings =
        preflight::check(&request, (&plan, &by), &facts, policies, world.clock.now());
    let shared = world.ledger.is_shared();
    findings.extend(doubts::check(&request, &plan, policies, shared));
    let locks = lock_checks::check(&plan, &reviews, &facts);
    findings.extend(locks.and_then(|found| fit(found, plan.tier, policies)));
    findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    let gate = Gate::before(&plan, policies, &findings);
    Ok(Prepared {
        request,
        plan,
        findings,
        gate,
        reviews,
    })
}

/// The weights that the config gives to checks, which are part of what is agreed to.
fn overrides(policies: &Policies) -> Vec<Override> {
    let given = policies.preflight.iter();
    given
        .map(|(code, severity)| Override {
            code: code.clone(),
            severity: *severity,
        })
        .collect()
}

/// What is done before the run. A step that was asked for stays in the plan also when it has just
/// been done: reading the facts again must not make another plan of it.
fn steps(request: &Request) -> Vec<Step> {
    let instance = request.environment.sql_instance.as_ref();
    let wanted = request.backup_first && request.operation.risk != Risk::Read;
    let backup = instance.filter(|_| wanted).map(|instance| Step::Backup {
        instance: instance.clone(),
    });
    backup.into_iter().collect()
}

/// Each by itself: one that cannot be read hides no other.
fn reviews(plan: &Plan, migrations: &dyn Migrations) -> Vec<Arc<Review>> {
    plan.pending
        .iter()
        .filter_map(|id| migrations.reviews(std::slice::from_ref(id)).ok())
        .flatten()
        .collect()
}

/// What the arguments do to the revision of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Move<'a> {
    /// Runs revisions up or down to a target.
    Run(&'a str),
    /// Writes the version row without running anything.
    Stamp(&'a str),
    /// Runs revisions of another directory, named by `-n`: what they are is not known here.
    Elsewhere,
    /// Nothing.
    Stay,
}

/// Reads the move from the arguments: Alembic's verb and the first word after it that is no option.
fn read_move(args: &[String]) -> Move<'_> {
    let Some(at) = args
        .iter()
        .position(|a| matches!(a.as_str(), "upgrade" | "downgrade" | "stamp"))
    else {
        return Move::Stay;
    };
    let target = args[at + 1..].iter().find(|a| !a.starts_with("--"));
    match target {
        _ if args.iter().any(|a| a == "--sql") => Move::Stay,
        None => Move::Stay,
        Some(_) if args[..at].iter().any(|a| a == "-n" || a == "--name") => Move::Elsewhere,
        Some(target) if args[at] == "stamp" => Move::Stamp(target),
        Some(target) => Move::Run(target),
    }
}

fn resolve(
    request: &Request,
    values: &BTreeMap<String, String>,
    facts: &Facts,
    migrations: &dyn Migrations,
) -> Result<(Plan, ResolvedBy), Failure> {
    let environment = &request.environment;
    let args = request.operation.render(values);
    let from = facts
        .reading
        .as_ref()
        .ok()
        .map(|r| r.current.clone().unwrap_or_default());
    let moves = read_move(&args) != Move::Stay;
    let mut by = ResolvedBy::Checkout;
    let route = |from: &[RevisionId], target: &str| {
        let path = route(&facts.directory, migrations, from, target);
        path.map(|(path, whose)| {
            by = whose;
            path
        })
    };
    // From outside of the revisions there is no way; what was meant can be told all the same.
    let within = from.as_deref().filter(|_| facts.outside.is_none());
    let path = resolve_path(&args, within, route)?;
    let executions = facts.executions.as_deref().unwrap_or_default();
    let plan = Plan {
        environment: environment.name.clone(),
        tier: environment.tier,
        operation: request.operation.name.clone(),
        params: values.clone(),
        risk: request.operation.risk.at_least_of(&args),
        job: environment.job_resource(),
        etag: facts.job.etag.clone(),
        image: facts.job.image.clone(),
        image_digest: image_digest(facts, executions),
        service_account: facts.job.service_account.clone(),
        egress: Some(facts.job.egress.clone()),
        secrets: facts.secrets.iter().map(planned_secret).collect(),
        from_known: from.is_some(),
        from: from.unwrap_or_default(),
        moves,
        target_known: path.is_some(),
        to: path.as_ref().map(|p| p.arrives.clone()).unwrap_or_default(),
        pending: path.map(|p| p.steps).unwrap_or_default(),
        revisions: Vec::new(),
        steps: steps(request),
        overrides: Vec::new(),
        usual: usual_duration(executions, &args),
        args,
    };
    Ok((plan, by))
}

/// The way to a target by the revisions that will run: the image's own where they are known and
/// are not the checkout's, else those of the checkout. Where the image's lead nowhere, the
/// checkout's tell what was meant, and preflight says why it will not work.
fn route(
    directory: &Comparison,
    migrations: &dyn Migrations,
    from: &[RevisionId],
    target: &str,
) -> Result<(Path, ResolvedBy), Failure> {
    let alone = directory.heads.is_empty() || directory.difference().is_some();
    let told = directory.image.known().filter(|_| alone);
    let here = || migrations.path(from, target);
    match told.and_then(|told| image::path(told, from, target)) {
        None => Ok((here()?, ResolvedBy::Checkout)),
        Some(Ok(path)) => Ok((path, ResolvedBy::Image)),
        Some(Err(error)) if directory.heads.is_empty() => Err(Failure::new(
            FailureKind::NotFound,
            format!("the image's revisions do not lead there: {error}"),
            "the log of the last `history` run shows the revisions that the image has",
        )),
        Some(Err(error)) => {
            let why = error.to_string();
            Ok((here()?, ResolvedBy::CheckoutAlone { why }))
        }
    }
}

/// Without a reading of the database only a target that does not depend on it can be
/// resolved; the plan then names no pending revisions, and preflight says so.
fn resolve_path(
    args: &[String],
    from: Option<&[RevisionId]>,
    mut route: impl FnMut(&[RevisionId], &str) -> Result<Path, Failure>,
) -> Result<Option<Path>, Failure> {
    match (read_move(args), from) {
        (Move::Stay | Move::Elsewhere, _) => Ok(None),
        (Move::Run(target), Some(from)) => route(from, target).map(Some),
        (Move::Run(target), None) if target.contains(['+', '-']) => Ok(None),
        (Move::Run(target) | Move::Stamp(target), _) => {
            let path = route(&[], target)?;
            Ok(Some(Path {
                steps: Vec::new(),
                ..path
            }))
        }
    }
}

fn planned_secret(reference: &SecretReference) -> PlannedSecret {
    let version = reference
        .versions
        .as_ref()
        .ok()
        .and_then(|v| v.resolve(&reference.reference));
    PlannedSecret {
        variable: reference.variable.clone(),
        name: reference.secret.clone(),
        reference: reference.reference.clone(),
        version: version.map(|v| v.version),
        state: version.map_or(VersionState::Unknown, |v| v.state),
    }
}

/// The digest that the definition pins, else the one that the newest run resolved the same tag to.
fn image_digest(facts: &Facts, executions: &[Execution]) -> Option<String> {
    if let Some(digest) = facts.job.image_digest() {
        return Some(digest.to_owned());
    }
    let tagged = facts.job.image.raw();
    let name = tagged.rsplit_once(':').map_or(tagged, |(name, _)| name);
    executions
        .iter()
        .filter_map(|e| e.image.raw().split_once('@'))
        .find(|(image, _)| image.starts_with(name))
        .map(|(_, digest)| digest.to_owned())
}

/// The median duration of good runs with the same verb.
fn usual_duration(executions: &[Execution], args: &[String]) -> Option<SignedDuration> {
    let durations = durations(executions, args);
    durations.get(durations.len() / 2).copied()
}

/// How long good runs with the same verb took, the shortest first.
pub(super) fn durations(executions: &[Execution], args: &[String]) -> Vec<SignedDuration> {
    let same_verb = |e: &&Execution| {
        e.state == ExecutionState::Succeeded
            && e.args
                .iter()
                .take(4)
                .map(RemoteText::raw)
                .eq(args.iter().take(4).map(String::as_str))
    };
    let mut durations: Vec<_> = executions
        .iter()
        .filter(same_verb)
        .filter_map(|e| Some(e.completed_at?.duration_since(e.started_at?)))
        .collect();
    durations.sort_unstable();
    durations
}

impl Prepared {
    /// Whether the plan has work to do: a move that would run nothing has none.
    pub fn has_work(&self) -> bool {
        let arrived = self.plan.pending.is_empty() && self.plan.from == self.plan.to;
        let known = self.plan.from_known && self.plan.target_known;
        self.plan.risk == Risk::Read || !(self.plan.moves && known && arrived)
    }
}
