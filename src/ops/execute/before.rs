//! The steps that a plan takes before the run itself, such as a backup.

use crate::domain::failure::Failure;
use crate::domain::gate::{Answer, Approved};
use crate::domain::ledger::EntryKind;
use crate::domain::plan::{Plan, Step};
use crate::domain::policy::Policies;
use crate::ops::approvals;
use crate::ops::backup::{self, StepDetail, StepEvent, StepState};
use crate::ops::plan::{Request, prepare};

use super::admit::{admit, gate_failure, refused};
use super::report::RunEvent;
use super::run::Run;

/// What is needed to pass the gate once more when the steps are over.
pub(super) struct Again<'a> {
    pub(super) policies: &'a Policies,
    pub(super) request: &'a Request,
    pub(super) answer: Answer,
    pub(super) actor: &'a str,
}

impl Run<'_> {
    /// Takes the steps in order; one that fails ends the run before anything was sent. What was
    /// approved may be hours old then, so facts and gate are looked at again.
    pub(super) async fn before(
        &mut self,
        approved: Approved<Plan>,
        again: &Again<'_>,
    ) -> Result<Approved<Plan>, Failure> {
        let Some(step) = self.plan.steps.first().cloned() else {
            return Ok(approved);
        };
        let taken = match self.take(&step, approved).await {
            Ok(()) => self.approve(again).await,
            Err(failure) => Err(failure),
        };
        match taken {
            Ok(approved) => Ok(approved),
            Err(failure) => Err(refused(self.world, &mut self.journal, failure).await),
        }
    }

    async fn take(&mut self, step: &Step, approved: Approved<Plan>) -> Result<(), Failure> {
        let Some(backup) = approved.into_backup(&self.id) else {
            return Ok(());
        };
        let since = self.world.clock.now();
        self.record_step(step, StepState::Begun, None).await?;
        let tell = self.tell;
        let say = |state| {
            let step = step.clone();
            tell(RunEvent::Step(StepEvent { step, state, since }));
        };
        say(StepState::Begun);
        let made = backup::take(self.world, self.environment, backup, &say).await?;
        self.record_step(step, StepState::Done, Some(made.id))
            .await?;
        say(StepState::Done);
        Ok(())
    }

    async fn record_step(
        &mut self,
        step: &Step,
        state: StepState,
        backup: Option<i64>,
    ) -> Result<(), Failure> {
        let step = step.clone();
        let detail = StepDetail {
            step,
            state,
            backup,
        };
        let journal = &mut self.journal;
        journal
            .go_on(self.world, EntryKind::Step, Some(detail.json()))
            .await
    }

    /// The facts again, the same plan, the gate again; then the intent to send it.
    async fn approve(&mut self, again: &Again<'_>) -> Result<Approved<Plan>, Failure> {
        let request = Request {
            run: Some(self.id.clone()),
            ..again.request.clone()
        };
        let fresh = prepare(self.world, again.policies, request).await?;
        admit(self.plan, &fresh, again.answer.breaks_glass)?;
        let consents =
            approvals::consents_within(self.world, &fresh.plan, again.actor, &self.id).await?;
        let (answer, now) = (again.answer.clone(), self.world.clock.now());
        let passed = fresh.gate.pass(fresh.plan.clone(), answer, &consents, now);
        let approved = passed.map_err(|refusal| gate_failure(&refusal))?;
        self.journal
            .go_on(self.world, EntryKind::Intended, None)
            .await?;
        Ok(approved)
    }
}
