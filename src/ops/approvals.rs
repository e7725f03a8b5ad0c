//! The second person: asking others to agree to a plan, and agreeing, through the ledger.
//!
//! Nothing here depends on where the ledger is: whoever reads the same one can answer.

use crate::domain::act::Act;
use crate::domain::actor;
use crate::domain::approval::{self, Asked, Consents, Request, Standing};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::gate::{Gate, Refusal};
use crate::domain::ledger::{Entry, EntryKind, Filter, Record};
use crate::domain::policy::Policies;
use crate::ports::World;

use super::plan::{self, Prepared, prepare};
use super::record::{self, Journal};

/// The entries that say who was asked, who agreed, and what has used it up.
const KINDS: [EntryKind; 4] = [
    EntryKind::Requested,
    EntryKind::Approved,
    EntryKind::Declined,
    EntryKind::Intended,
];

/// A request as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The request.
    pub request: Request,
    /// The plan that it is about.
    pub asked: Asked,
    /// How many must agree.
    pub approvals: u32,
    /// Where it stands.
    pub standing: Standing,
}

/// What others gave for an act, for the one who is signed in.
pub async fn consents(world: &World, act: &impl Act) -> Result<Consents, Failure> {
    consents_for(world, act, &record::actor(world).await).await
}

/// What others gave for an act, for the one who would do it.
pub async fn consents_for(world: &World, act: &impl Act, who: &str) -> Result<Consents, Failure> {
    let plan = act.digest();
    let entries = about(world, Some(plan.as_str())).await?;
    Ok(Consents::read(&entries, &plan, who))
}

/// What was granted serves one run. Two that began at the same time both saw it unused; the ledger
/// knows which of them was first, and the other one stops here, before anything is sent.
pub async fn still_ours(
    world: &World,
    gate: &Gate,
    act: &impl Act,
    (who, run_id): (&str, &str),
) -> Result<(), Refusal> {
    if gate.terms().approvals == 0 {
        return Ok(());
    }
    let unread = || Refusal::NeedsApproval(gate.terms().approvals);
    let consents = consents_for(world, act, who).await.map_err(|_| unread())?;
    match consents.request().and_then(|request| request.used.clone()) {
        Some((by, other)) if other != run_id => Err(Refusal::Used { by, run_id: other }),
        _ => Ok(()),
    }
}

/// The same, when the one who would do it has begun a run of it: that run has not used up itself.
pub async fn consents_within(
    world: &World,
    act: &impl Act,
    who: &str,
    run_id: &str,
) -> Result<Consents, Failure> {
    let plan = act.digest();
    let mut entries = about(world, Some(plan.as_str())).await?;
    entries.retain(|e| e.record.run_id != run_id || e.record.kind != EntryKind::Intended);
    Ok(Consents::read(&entries, &plan, who))
}

/// Asks others to agree to a plan. One that waits already is not asked for twice: it is what comes back.
pub async fn request(
    world: &World,
    policies: &Policies,
    request: plan::Request,
    reason: Option<&str>,
) -> Result<(Prepared, Listed), Failure> {
    let prepared = prepare(world, policies, request).await?;
    let who = record::actor(world).await;
    let id = world.clock.new_run_id();
    let mut journal = Journal::open(&who, &id, &prepared.plan, reason);
    if let Some(listed) = open_request(world, policies, &prepared).await? {
        return Ok((prepared, listed));
    }
    if let Err(failure) = may_ask(&prepared, &who, reason) {
        return Err(super::execute::refused(world, &mut journal, failure).await);
    }
    let expires = prepared.gate.terms().expires;
    let asked = Asked {
        plan: prepared.plan.clone(),
        expires_at: world.clock.now().checked_add(expires).unwrap_or_default(),
    };
    let detail = serde_json::to_string(&asked).unwrap_or_default();
    journal
        .write_with(world, EntryKind::Requested, detail)
        .await?;
    let listed = open_request(world, policies, &prepared).await?;
    let listed = listed.ok_or_else(|| refused("the request was overtaken by another entry", ""))?;
    Ok((prepared, listed))
}

async fn open_request(
    world: &World,
    policies: &Policies,
    prepared: &Prepared,
) -> Result<Option<Listed>, Failure> {
    let digest = prepared.plan.digest();
    let all = list(world, policies, Some(digest.as_str())).await?;
    Ok(all.into_iter().find(|listed| listed.standing.is_open()))
}

fn may_ask(prepared: &Prepared, who: &str, reason: Option<&str>) -> Result<(), Failure> {
    if prepared.gate.terms().approvals == 0 {
        return Err(Failure::new(
            FailureKind::Usage,
            "nobody else has to agree to this plan",
            "Run it.",
        ));
    }
    if !prepared.has_work() {
        return Err(Failure::new(
            FailureKind::Usage,
            "nothing is to be done: the database is at the target",
            "There is nothing to agree to.",
        ));
    }
    if !actor::is_known(who) {
        return Err(refused(
            "who is signed in is not known, and nobody in particular cannot ask",
            "Sign in with a credential that tells its e-mail address.",
        ));
    }
    let demand = prepared.gate.demand();
    demand
        .check_reason(reason)
        .map_err(|refusal| super::execute::gate_failure(&refusal))
}

/// The requests about one plan, or about any, as they stand now, the newest first.
pub async fn list(
    world: &World,
    policies: &Policies,
    plan: Option<&str>,
) -> Result<Vec<Listed>, Failure> {
    let entries = about(world, plan).await?;
    let now = world.clock.now();
    let requests = approval::requests(&entries);
    let listed = requests.into_iter().filter_map(|request| {
        // A request that does not hold the plan that its digest names is nothing that anybody could agree to.
        let asked = entries
            .iter()
            .find(|e| e.record.kind == EntryKind::Requested && e.record.run_id == request.id)
            .and_then(approval::asked)?;
        let gate = Gate::before(&asked.plan, policies, &[]);
        Some(Listed {
            approvals: gate.terms().approvals,
            standing: request.standing(None, gate.terms(), now),
            request,
            asked,
        })
    });
    Ok(listed.collect())
}

/// The request about the plan whose digest is so, or begins so.
pub async fn find(world: &World, policies: &Policies, given: &str) -> Result<Listed, Failure> {
    let prefix: String = given.chars().filter(|c| *c != '·').collect();
    let named = |listed: &Listed| listed.request.plan.is_named_by(&prefix);
    let mut found = list(world, policies, Some(&prefix.to_lowercase())).await?;
    found.retain(named);
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Failure::new(
            FailureKind::NotFound,
            "nobody was asked to agree to a plan with this digest",
            "`portcullis approvals list` shows what was asked; a digest is named by eight digits at least.",
        )
        .called("unknown_request")),
        _ => Err(Failure::new(
            FailureKind::Usage,
            "this digest names more than one plan",
            "Say more of its digits.",
        )),
    }
}

/// The plan of a request, made again from the facts as they are here and now.
pub async fn again(
    world: &World,
    policies: &Policies,
    around: &impl Fn(&Asked) -> Result<plan::Request, Failure>,
    listed: &Listed,
) -> Result<Prepared, Failure> {
    prepare(world, policies, around(&listed.asked)?).await
}

/// Agrees to a plan: to that which was asked for, made again here, and to no other.
pub async fn approve(
    world: &World,
    policies: &Policies,
    around: &impl Fn(&Asked) -> Result<plan::Request, Failure>,
    given: &str,
    (confirm, reason): (Option<&str>, Option<&str>),
) -> Result<(Prepared, Listed), Failure> {
    let listed = find(world, policies, given).await?;
    let who = record::actor(world).await;
    let mut journal = answer_to(world, &listed, &who, reason);
    let admitted = may_approve(&listed, &who, confirm);
    if let Err(failure) = admitted {
        return Err(super::execute::refused(world, &mut journal, failure).await);
    }
    let fresh = match again(world, policies, around, &listed).await {
        Ok(fresh) => fresh,
        Err(failure) => return Err(super::execute::refused(world, &mut journal, failure).await),
    };
    if let Err(failure) = is_the_same(&listed, &fresh) {
        return Err(super::execute::refused(world, &mut journal, failure).await);
    }
    world
        .ledger
        .append(word(&listed, &who, EntryKind::Approved, reason))
        .await?;
    let digest = listed.request.plan.as_str();
    Ok((fresh, find(world, policies, digest).await?))
}

fn may_approve(listed: &Listed, who: &str, confirm: Option<&str>) -> Result<(), Failure> {
    is_open(listed)?;
    let environment = listed.asked.plan.environment.as_str();
    if let Err(unheard) = listed.request.admits(who) {
        return Err(refused(&unheard.to_string(), "Somebody else has to agree."));
    }
    if confirm != Some(environment) {
        let summary = format!("this needs a confirmation: name the environment, {environment}");
        let hint = format!("`--confirm {environment}`, once you have looked at the plan.");
        return Err(refused(&summary, &hint));
    }
    Ok(())
}

fn is_open(listed: &Listed) -> Result<(), Failure> {
    let (summary, hint) = match &listed.standing {
        Standing::Waiting { .. } => return Ok(()),
        Standing::Granted { until, .. } => {
            (format!("enough have agreed already, until {until}"), "")
        }
        Standing::Expired { at } => (
            format!("the request expired at {at}"),
            "Whoever asked can ask again.",
        ),
        Standing::Declined { by, .. } => {
            (format!("{by} declined it"), "Whoever asked can ask again.")
        }
        Standing::Used { run_id, .. } => (
            format!("it served run {run_id} already"),
            "Whoever asked can ask again.",
        ),
        Standing::NotAsked => ("nobody was asked".to_owned(), ""),
    };
    Err(refused(&summary, hint))
}

fn is_the_same(listed: &Listed, fresh: &Prepared) -> Result<(), Failure> {
    if fresh.plan.digest() == listed.request.plan {
        return Ok(());
    }
    let mut changes = crate::domain::plan::differences(&listed.asked.plan, &fresh.plan).join("; ");
    if changes.is_empty() {
        "the config here makes another plan of it".clone_into(&mut changes);
    }
    Err(Failure::new(
        FailureKind::Stale,
        format!("the plan is not what was asked for any more: {changes}"),
        "Whoever asked can ask again, for the plan as it is now.",
    ))
}

/// Disagrees; by the author it takes the request back.
pub async fn decline(
    world: &World,
    policies: &Policies,
    given: &str,
    reason: &str,
) -> Result<Listed, Failure> {
    let listed = find(world, policies, given).await?;
    let who = record::actor(world).await;
    if !listed.standing.is_open() {
        is_open(&listed)?;
    }
    if !actor::is_known(&who) {
        return Err(refused(
            "who is signed in is not known, and nobody in particular cannot decline",
            "Sign in with a credential that tells its e-mail address.",
        ));
    }
    if !crate::domain::gate::says_something(reason) {
        let refusal = Refusal::NoReason;
        return Err(super::execute::gate_failure(&refusal));
    }
    let record = word(&listed, &who, EntryKind::Declined, Some(reason));
    world.ledger.append(record).await?;
    find(world, policies, listed.request.plan.as_str()).await
}

/// The journal of an answer, for the case that it is refused: an entry of its own, about the same plan.
fn answer_to(world: &World, listed: &Listed, who: &str, reason: Option<&str>) -> Journal {
    let id = world.clock.new_run_id();
    Journal::open(who, &id, &listed.asked.plan, reason)
}

fn word(listed: &Listed, who: &str, kind: EntryKind, reason: Option<&str>) -> Record {
    let plan = &listed.asked.plan;
    Record {
        actor: who.to_owned(),
        run_id: listed.request.id.clone(),
        kind,
        environment: plan.environment.clone(),
        operation: plan.operation.clone(),
        plan: listed.request.plan.clone(),
        execution: None,
        outcome: None,
        reason: reason.map(|reason| reason.trim().to_owned()),
        detail: None,
    }
}

/// The entries about plans whose digest begins so, or about any.
async fn about(world: &World, plan: Option<&str>) -> Result<Vec<Entry>, Failure> {
    let filter = Filter {
        kinds: KINDS.to_vec(),
        plan: plan.map(str::to_owned),
        ..Filter::default()
    };
    record::all(world, &filter).await
}

fn refused(summary: &str, hint: &str) -> Failure {
    Failure::new(FailureKind::Gate, summary, hint)
}
