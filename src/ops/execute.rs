//! Executing a plan: one sequence, in one place, for everybody.
//!
//! Facts again, compare the digest, `Intended` in the ledger, the call, `Started`
//! or `Lost`, follow, read back, outcome in the ledger. A lost answer is
//! searched for by the run's marker; it is never sent again. No ledger, no act.

use jiff::SignedDuration;

use crate::domain::act::Act;
use crate::domain::digest::Digest;
use crate::domain::environment::Environment;
use crate::domain::execution::{Execution, ExecutionState};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::gate::{Answer, Refusal};
use crate::domain::ledger::EntryKind;
use crate::domain::offline_sql::OfflineSql;
use crate::domain::outcome::Outcome;
use crate::domain::plan::{self, Plan};
use crate::domain::policy::Policies;
use crate::domain::preflight::{Finding, Severity};
use crate::domain::revision::RevisionId;
use crate::ports::World;
use crate::ports::jobs::RunError;

use super::approvals;
use super::follow::{self, Progress};
use super::offline;
use super::plan::{Prepared, Request, prepare};
use super::record::{self, Journal};
use super::verify::{self, ReadBack};

/// How often, and how far apart, a lost run is looked for.
const SEARCHES: u32 = 10;
const SEARCH_EVERY: SignedDuration = SignedDuration::from_secs(2);

/// What happens while a plan is executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEvent {
    /// The intent is in the ledger, under this run id.
    Recorded(String),
    /// The platform accepted it.
    Started(Box<Execution>),
    /// The answer was lost; it is being looked for.
    Lost(Failure),
    /// Its state or log moved.
    Progress(Progress),
    /// It is over; the database is read back.
    ReadingBack,
    /// The outcome.
    Settled(Box<Report>),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The run.
    pub run_id: String,
    /// Digest of the plan.
    pub plan: Digest,
    /// The execution, when there is one.
    pub execution: Option<Execution>,
    /// The outcome.
    pub outcome: Outcome,
    /// Rows before.
    pub before: Vec<RevisionId>,
    /// Rows after, when they could be read.
    pub after: Option<Vec<RevisionId>>,
    /// Why the outcome is what it is.
    pub why: String,
    /// From sending to the end.
    pub duration: SignedDuration,
    /// The SQL that it has rendered, for a run that renders SQL.
    pub sql: Option<OfflineSql>,
}

/// Who listens to a run.
pub type Listener<'a> = &'a (dyn Fn(RunEvent) + Send + Sync);

/// Executes a plan that was shown for a request: it is what runs, or nothing runs.
pub async fn execute(
    world: &World,
    policies: &Policies,
    (request, shown): (&Request, &Plan),
    answer: Answer,
    wait: bool,
    tell: Listener<'_>,
) -> Result<Report, Failure> {
    let actor = record::actor(world).await;
    let run_id = world.clock.new_run_id();
    let journal = Journal::open(&actor, &run_id, shown, answer.reason.as_deref());
    let fresh = match prepare(world, policies, request.clone()).await {
        Ok(fresh) => fresh,
        Err(failure) => return Err(refused(world, &journal, failure).await),
    };
    let admitted = admit(shown, &fresh, answer.breaks_glass);
    if let Err(failure) = admitted {
        return Err(refused(world, &journal, failure).await);
    }
    if !fresh.has_work() {
        return unchanged(world, &journal, &run_id, &fresh).await;
    }
    // What others gave is read after the facts, and by nobody but the one who acts.
    let consents = approvals::consents_for(world, &fresh.plan, &actor).await?;
    let now = world.clock.now();
    let approved = match fresh.gate.pass(fresh.plan.clone(), answer, &consents, now) {
        Ok(approved) => approved,
        Err(refusal) => return Err(refused(world, &journal, gate_failure(&refusal)).await),
    };
    let detail = serde_json::to_string(&fresh.plan).unwrap_or_default();
    let mut run = Run {
        world,
        environment: &fresh.request.environment,
        plan: &fresh.plan,
        journal: journal.with_detail(detail),
        id: run_id,
        tell,
        sent_at: world.clock.now(),
    };
    if let Some(overrode) = approved.overrode() {
        approvals::break_glass(world, &run.journal, overrode).await?;
    }
    run.journal.write(world, EntryKind::Intended).await?;
    tell(RunEvent::Recorded(run.id.clone()));
    match world.jobs.run(approved, &run.id).await {
        Ok(execution) => run.started(execution, wait).await,
        Err(RunError::NotStarted(failure)) => run.not_started(failure).await,
        Err(RunError::Lost(failure)) => run.lost(failure, wait).await,
    }
}

/// Whether the fresh plan is the one that was shown, and preflight lets it through.
fn admit(shown: &Plan, fresh: &Prepared, glass_broken: bool) -> Result<(), Failure> {
    if shown.digest() != fresh.plan.digest() {
        let changes = plan::differences(shown, &fresh.plan).join("; ");
        return Err(Failure::new(
            FailureKind::Stale,
            format!("something changed since the plan was shown: {changes}"),
            "Look at the new plan and decide again.",
        ));
    }
    let standing = fresh.gate.blocks(glass_broken);
    let mut findings = fresh.findings.clone();
    findings.retain(|f| standing.contains(&f.code.as_str()));
    blocked(&findings).map_or(Ok(()), Err)
}

/// The failure that blocking findings amount to; an active run has its own kind.
pub fn blocked(findings: &[Finding]) -> Option<Failure> {
    let worst: Vec<_> = findings
        .iter()
        .filter(|f| f.severity == Severity::Block)
        .collect();
    let first = worst.first()?;
    let busy = worst.iter().all(|f| f.code.starts_with("run-"));
    let kind = if busy {
        FailureKind::Busy
    } else {
        FailureKind::Preflight
    };
    let messages = worst
        .iter()
        .map(|f| f.message.clone())
        .collect::<Vec<_>>()
        .join("; ");
    Some(Failure::new(kind, messages, first.remedy.clone()))
}

/// A gate's refusal as a failure.
pub fn gate_failure(refusal: &Refusal) -> Failure {
    let hint = match refusal {
        Refusal::NotArmed(environment) => {
            format!("Headless, `--confirm {environment}` arms it for this run.")
        }
        Refusal::NotConfirmed(_) | Refusal::Mistyped(_) => {
            "Headless: `--confirm ENVIRONMENT`; `--yes` where one key is enough.".to_owned()
        }
        Refusal::NoReason | Refusal::NoTicket(_) => "Give it with `--reason`.".to_owned(),
        Refusal::NeedsApproval(_) => "`portcullis approvals list` shows who was asked.".to_owned(),
        Refusal::NotAsked(_)
        | Refusal::ApprovalExpired(_)
        | Refusal::Declined { .. }
        | Refusal::Used { .. } => {
            "Ask with `portcullis approvals request`; a colleague approves it.".to_owned()
        }
        Refusal::NobodyBreaks => {
            "Sign in with a credential that tells its e-mail address.".to_owned()
        }
        Refusal::NothingToBreak => "Say it without `--break-glass`.".to_owned(),
        Refusal::NoGlass => "`break_glass = true` in the tier's policy would.".to_owned(),
        Refusal::AnotherAct => "Make the plan again.".to_owned(),
        Refusal::Blocked(_) | Refusal::Expired => String::new(),
    };
    Failure::new(FailureKind::Gate, refusal.to_string(), hint)
}

/// Records a refusal. The act is refused all the same when the record fails, and says so.
async fn refused(world: &World, journal: &Journal, failure: Failure) -> Failure {
    match journal.refuse(world, &failure.summary).await {
        Ok(_) => failure,
        Err(unwritten) => Failure {
            hint: format!(
                "{} (The refusal could not be recorded: {unwritten})",
                failure.hint
            ),
            ..failure
        },
    }
}

async fn unchanged(
    world: &World,
    journal: &Journal,
    run_id: &str,
    prepared: &Prepared,
) -> Result<Report, Failure> {
    let why = "nothing was to be done: the database is at the target";
    journal.close(world, Outcome::Unchanged, why).await?;
    Ok(Report {
        run_id: run_id.to_owned(),
        plan: prepared.plan.digest(),
        execution: None,
        outcome: Outcome::Unchanged,
        before: prepared.plan.from.clone(),
        after: Some(prepared.plan.from.clone()),
        why: why.to_owned(),
        duration: SignedDuration::ZERO,
        sql: None,
    })
}

/// A run that is in the ledger.
struct Run<'a> {
    world: &'a World,
    environment: &'a Environment,
    plan: &'a Plan,
    journal: Journal,
    id: String,
    tell: Listener<'a>,
    sent_at: jiff::Timestamp,
}

impl Run<'_> {
    async fn started(&mut self, execution: Execution, wait: bool) -> Result<Report, Failure> {
        self.journal.name_execution(execution.name.as_str());
        // The execution exists whatever the ledger says now, so it is followed in any case.
        let recorded = self.journal.write(self.world, EntryKind::Started).await;
        (self.tell)(RunEvent::Started(Box::new(execution.clone())));
        if !wait {
            recorded.map_err(|failure| record::unrecorded("the run was started", &failure))?;
            let why = "it was started and is not waited for";
            let report = self.report(Some(execution), Outcome::Unknown, None, why);
            return Ok(self.settled(report));
        }
        let progress = |p| (self.tell)(RunEvent::Progress(p));
        match follow::follow(self.world, self.environment, &execution.name, &progress).await {
            Ok(over) => self.over(over).await,
            Err(failure) => self.unsettled(Some(execution), &failure).await,
        }
    }

    async fn over(&self, execution: Execution) -> Result<Report, Failure> {
        (self.tell)(RunEvent::ReadingBack);
        let ReadBack {
            outcome,
            reading,
            why,
        } = verify::verify(self.world, self.environment, self.plan, &execution).await;
        let recorded = self.record(outcome, &why).await;
        recorded.map_err(|failure| {
            record::unrecorded(&format!("the run is over ({})", outcome.word()), &failure)
        })?;
        let after = reading.ok().map(|r| r.current.unwrap_or_default());
        let sql = match execution.state {
            ExecutionState::Succeeded => self.sql(&execution).await,
            _ => None,
        };
        let report = self.report(Some(execution), outcome, after, &why);
        Ok(self.settled(Report { sql, ..report }))
    }

    async fn sql(&self, execution: &Execution) -> Option<OfflineSql> {
        offline::sql(self.world, self.environment, self.plan, &execution.name).await
    }

    /// Writes the outcome, unless another process has settled this run meanwhile.
    async fn record(&self, outcome: Outcome, why: &str) -> Result<(), Failure> {
        let open = self.world.ledger.open_runs().await?;
        if open.iter().all(|entry| entry.record.run_id != self.id) {
            return Ok(());
        }
        if self.plan.moves {
            self.journal.settle(self.world, outcome, why).await?;
        } else {
            self.journal.close(self.world, outcome, why).await?;
        }
        Ok(())
    }

    async fn not_started(&self, failure: Failure) -> Result<Report, Failure> {
        self.journal
            .close(self.world, Outcome::Refused, &failure.summary)
            .await?;
        Err(failure)
    }

    /// Looks for the run's marker among the executions; what is not found stays open.
    async fn lost(&mut self, failure: Failure, wait: bool) -> Result<Report, Failure> {
        // What may have started is looked for, whatever the ledger says now: `Intended` is in it.
        let _ = self.journal.write(self.world, EntryKind::Lost).await;
        (self.tell)(RunEvent::Lost(failure.clone()));
        for _ in 0..SEARCHES {
            if let Some(found) = find_marker(self.world, self.environment, &self.id).await {
                return self.started(found, wait).await;
            }
            self.world.clock.sleep(SEARCH_EVERY).await;
        }
        self.unsettled(None, &failure).await
    }

    async fn unsettled(
        &self,
        execution: Option<Execution>,
        failure: &Failure,
    ) -> Result<Report, Failure> {
        let why = format!("it was lost from sight: {failure}");
        let recorded = self
            .journal
            .settle(self.world, Outcome::Unknown, &why)
            .await;
        recorded.map_err(|failure| record::unrecorded("the run was lost from sight", &failure))?;
        let report = self.report(execution, Outcome::Unknown, None, &why);
        Ok(self.settled(report))
    }

    fn report(
        &self,
        execution: Option<Execution>,
        outcome: Outcome,
        after: Option<Vec<RevisionId>>,
        why: &str,
    ) -> Report {
        Report {
            run_id: self.id.clone(),
            plan: self.plan.digest(),
            execution,
            outcome,
            before: self.plan.from.clone(),
            after,
            why: why.to_owned(),
            duration: self.world.clock.now().duration_since(self.sent_at),
            sql: None,
        }
    }

    fn settled(&self, report: Report) -> Report {
        (self.tell)(RunEvent::Settled(Box::new(report.clone())));
        report
    }
}

/// The execution that carries a run id, if the newest ones hold it.
pub async fn find_marker(
    world: &World,
    environment: &Environment,
    run_id: &str,
) -> Option<Execution> {
    let page = world
        .jobs
        .executions(environment, super::inspect::HISTORY, None)
        .await
        .ok()?;
    page.executions
        .into_iter()
        .find(|e| e.run_id.as_deref() == Some(run_id))
}
