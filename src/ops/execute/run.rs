//! A run that is in the ledger: from the call's answer to the outcome.

use jiff::Timestamp;

use crate::domain::act::Act as _;
use crate::domain::environment::Environment;
use crate::domain::execution::{Execution, ExecutionState};
use crate::domain::failure::Failure;
use crate::domain::ledger::EntryKind;
use crate::domain::offline_sql::OfflineSql;
use crate::domain::outcome::Outcome;
use crate::domain::plan::Plan;
use crate::domain::revision::RevisionId;
use crate::ops::plan::Prepared;
use crate::ops::record::{self, Concluded, Journal};
use crate::ops::verify::{self, ReadBack, Wait};
use crate::ops::{causes, follow, marker, offline, survivors};
use crate::ports::World;

use super::claim::only_looks;
use super::report::{Listener, Report, RunEvent};

/// Writes what the read-back of a run that is over says. Only what a later reading may still
/// decide stays open; all else is closed as it is, or it would keep every later run waiting.
pub(in crate::ops) async fn finish(
    world: &World,
    journal: &mut Journal,
    plan: &Plan,
    found: &ReadBack,
) -> Result<Concluded, Failure> {
    if found.may_be_decided_later(plan) {
        return journal.settle(world, found.outcome, &found.why).await;
    }
    journal.close(world, found.outcome, &found.why).await
}

/// A run that is in the ledger, or about to be.
pub(super) struct Run<'a> {
    pub(super) world: &'a World,
    pub(super) environment: &'a Environment,
    pub(super) plan: &'a Plan,
    pub(super) journal: Journal,
    pub(super) id: String,
    pub(super) tell: Listener<'a>,
    sent_at: Timestamp,
}

impl<'a> Run<'a> {
    /// A run of a plan that has passed its gate.
    pub(super) fn new(
        world: &'a World,
        fresh: &'a Prepared,
        journal: Journal,
        id: String,
        tell: Listener<'a>,
    ) -> Self {
        let detail = serde_json::to_string(&fresh.plan).unwrap_or_default();
        Self {
            world,
            environment: &fresh.request.environment,
            plan: &fresh.plan,
            journal: journal.with_detail(detail),
            id,
            tell,
            sent_at: world.clock.now(),
        }
    }

    /// Its id, which travels as its marker.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The platform has it: it is followed, whatever the ledger says now.
    pub(super) async fn started(
        &mut self,
        execution: Execution,
        wait: bool,
    ) -> Result<Report, Failure> {
        self.journal.name_execution(execution.name.as_str());
        let recorded = self.note(EntryKind::Started).await;
        (self.tell)(RunEvent::Started(Box::new(execution.clone())));
        if !wait {
            recorded.map_err(|failure| record::unrecorded("the run was started", &failure))?;
            let why = "it was started and is not waited for";
            return Ok(self.settled(self.report(Some(execution), Outcome::Unknown, None, why)));
        }
        let progress = |p| (self.tell)(RunEvent::Progress(p));
        match follow::follow(self.world, self.environment, &execution.name, &progress).await {
            Ok(over) => self.over(over).await,
            Err(failure) => self.unsettled(Some(execution), &failure).await,
        }
    }

    /// A run that only looks is over for the ledger with the answer; it has no course.
    async fn note(&mut self, kind: EntryKind) -> Result<(), Failure> {
        if only_looks(self.plan) {
            return Ok(());
        }
        self.journal.note(self.world, kind).await
    }

    async fn over(&mut self, execution: Execution) -> Result<Report, Failure> {
        (self.tell)(RunEvent::ReadingBack);
        let alive = |backends| (self.tell)(RunEvent::StillAlive(backends));
        let wait = Wait {
            patience: survivors::PATIENCE,
            tell: &alive,
        };
        let (world, environment) = (self.world, self.environment);
        let found = verify::verify(world, environment, self.plan, &execution, wait).await;
        let (outcome, why) = self.conclude(&found).await.map_err(|failure| {
            let what = format!("the run is over ({})", found.outcome.word());
            record::unrecorded(&what, &failure)
        })?;
        let reading = found.reading;
        let after = reading.ok().map(|r| r.current.unwrap_or_default());
        let sql = match execution.state {
            ExecutionState::Succeeded => self.sql(&execution).await,
            _ => None,
        };
        let causes = causes::of(self.world, self.environment, &execution, outcome).await;
        let report = self.report(Some(execution), outcome, after, &why);
        Ok(self.settled(Report {
            sql,
            causes,
            ..report
        }))
    }

    async fn sql(&self, execution: &Execution) -> Option<OfflineSql> {
        offline::sql(self.world, self.environment, self.plan, &execution.name).await
    }

    /// Writes the outcome. When another process has settled this run meanwhile, its word counts.
    async fn conclude(&mut self, found: &ReadBack) -> Result<(Outcome, String), Failure> {
        let concluded = finish(self.world, &mut self.journal, self.plan, found).await?;
        Ok(match concluded {
            Concluded::Here(_) => (found.outcome, found.why.clone()),
            Concluded::Elsewhere(entry) => (
                entry.record.outcome.unwrap_or(found.outcome),
                "another process has settled it meanwhile".to_owned(),
            ),
        })
    }

    /// The platform refused it.
    pub(super) async fn not_started(&mut self, failure: Failure) -> Result<Report, Failure> {
        self.journal
            .close(self.world, Outcome::Refused, &failure.summary)
            .await?;
        Err(failure)
    }

    /// Looks for the run's marker among the executions; what is not found stays open.
    pub(super) async fn lost(&mut self, failure: Failure, wait: bool) -> Result<Report, Failure> {
        // What may have started is looked for, whatever the ledger says now: `Intended` is in it.
        let _ = self.note(EntryKind::Lost).await;
        (self.tell)(RunEvent::Lost(failure.clone()));
        match marker::wait_for(self.world, self.environment, &self.id).await {
            Some(found) => self.started(found, wait).await,
            None => self.unsettled(None, &failure).await,
        }
    }

    async fn unsettled(
        &mut self,
        execution: Option<Execution>,
        failure: &Failure,
    ) -> Result<Report, Failure> {
        let why = format!("it was lost from sight: {failure}");
        let recorded = if only_looks(self.plan) {
            self.journal.close(self.world, Outcome::Unknown, &why).await
        } else {
            let unknown = Outcome::Unknown;
            self.journal.settle(self.world, unknown, &why).await
        };
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
            causes: Vec::new(),
        }
    }

    fn settled(&self, report: Report) -> Report {
        (self.tell)(RunEvent::Settled(Box::new(report.clone())));
        report
    }
}
