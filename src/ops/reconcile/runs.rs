//! Settling an open run of a job: its execution is found, or ruled out.

use jiff::SignedDuration;

use crate::domain::execution::Execution;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::ledger::EntryKind;
use crate::domain::outcome::Outcome;
use crate::domain::plan::Plan;
use crate::domain::settlement::Settlement;
use crate::ops::verify::{ReadBack, Wait};
use crate::ops::{execute, marker, survivors, verify};

use super::{Open, Search};

/// Nothing is ruled out while the dates say that it was sent less than so long ago.
const RULED_OUT_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Dates may lie: whoever rules a run out has looked for it so often, so far apart, by his own
/// stopwatch, and each look was answered. Together it is longer than an approval may be used
/// (60 s), the sign-in may take (15 s) and the call may hang (40 s).
const LOOKS: u32 = 13;
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(10);

/// A run whose last entry is younger than this is still written by whoever began it.
const FRESH: SignedDuration = SignedDuration::from_mins(1);

const NOT_FOUND: &str = "no execution carries its marker";

impl Open<'_> {
    pub(super) async fn settle_run(&self, plan: &Plan) -> Result<Settlement, Failure> {
        let found = match self.story.execution() {
            Some(name) => match self.world.jobs.execution(self.environment, &name).await {
                Ok(execution) => Ok(Some(execution)),
                Err(failure) if failure.kind == FailureKind::NotFound => {
                    return self.settle_gone(plan).await;
                }
                Err(failure) => Err(failure),
            },
            None => self.find().await,
        };
        match found {
            Err(failure) => Ok(self.stays(
                self.story.execution(),
                format!("it cannot be looked at now: {failure}"),
            )),
            Ok(Some(execution)) if execution.is_over() => self.settle_over(plan, &execution).await,
            Ok(Some(execution)) => self.goes_on(&execution).await,
            Ok(None) if self.search == Search::Glance => {
                let why =
                    format!("{NOT_FOUND} yet; `portcullis ledger settle` finds it or rules it out");
                Ok(self.stays(None, why))
            }
            Ok(None) => self.rule_out(plan).await,
        }
    }

    async fn find(&self) -> Result<Option<Execution>, Failure> {
        let run_id = &self.story.intent.record.run_id;
        marker::find(self.world, self.environment, run_id).await
    }

    /// Whoever follows it settles it; that it has begun is noted where nobody has done so.
    async fn goes_on(&self, execution: &Execution) -> Result<Settlement, Failure> {
        let nameless = self.story.execution().is_none();
        if nameless && self.story.silence(self.world) > FRESH {
            let mut journal = self.journal().await;
            journal.name_execution(execution.name.as_str());
            journal.note(self.world, EntryKind::Started).await?;
        }
        let why = format!("{} is {}", execution.name, execution.state.word());
        Ok(self.stays(Some(execution.name.clone()), why))
    }

    async fn settle_over(&self, plan: &Plan, execution: &Execution) -> Result<Settlement, Failure> {
        let patience = match self.search {
            Search::Glance => SignedDuration::ZERO,
            Search::UntilRuledOut => survivors::PATIENCE,
        };
        let wait = Wait {
            patience,
            ..Wait::NONE
        };
        let found = verify::verify(self.world, self.environment, plan, execution, wait).await;
        self.finish(plan, Some(execution), &found).await
    }

    /// Deleted, or so old that the platform has forgotten it: over in any case.
    async fn settle_gone(&self, plan: &Plan) -> Result<Settlement, Failure> {
        let found = verify::verify_gone(self.world, self.environment, plan).await;
        self.finish(plan, None, &found).await
    }

    async fn finish(
        &self,
        plan: &Plan,
        execution: Option<&Execution>,
        found: &ReadBack,
    ) -> Result<Settlement, Failure> {
        let name = execution
            .map(|e| e.name.clone())
            .or_else(|| self.story.execution());
        let waits = found.may_be_decided_later(plan);
        if waits && self.story.last.record.kind == EntryKind::Unsettled {
            // It says so already.
            return Ok(self.stays(name, &found.why));
        }
        let mut journal = self.journal().await;
        if let Some(name) = &name {
            journal.name_execution(name.as_str());
        }
        let concluded = execute::finish(self.world, &mut journal, plan, found).await?;
        Ok(self.concluded(name, concluded, (found.outcome, &found.why)))
    }

    /// Looks until it shows or certainly never will.
    async fn rule_out(&self, plan: &Plan) -> Result<Settlement, Failure> {
        if self.story.age(self.world) < RULED_OUT_AFTER {
            let why = format!(
                "{NOT_FOUND} yet; it is not ruled out before {} minutes are over",
                RULED_OUT_AFTER.as_mins()
            );
            return Ok(self.stays(None, why));
        }
        for _ in 1..LOOKS {
            self.world.clock.sleep(LOOK_EVERY).await;
            match self.find().await {
                Ok(None) => {}
                Ok(Some(execution)) if execution.is_over() => {
                    return self.settle_over(plan, &execution).await;
                }
                Ok(Some(execution)) => return self.goes_on(&execution).await,
                Err(failure) => {
                    return Ok(self.stays(None, format!("it cannot be looked for now: {failure}")));
                }
            }
        }
        let why = format!("{NOT_FOUND}: it never began");
        let concluded = self.journal().await.rule_out(self.world, &why).await?;
        Ok(self.concluded(None, concluded, (Outcome::Refused, &why)))
    }
}
