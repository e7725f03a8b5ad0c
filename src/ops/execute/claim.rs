//! The claim: of all who try to run something in an environment at one time, one does.
//!
//! `Intended` is appended in one step with the look whether a run of the environment is open, so
//! that also two machines with one ledger cannot both go on.

use crate::domain::act::Act as _;
use crate::domain::environment::EnvironmentName;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::ledger::{Appended, Entry, EntryKind, Filter};
use crate::domain::operation::Risk;
use crate::domain::outcome::Outcome;
use crate::domain::plan::Plan;
use crate::domain::text::clean;
use crate::ops::execute::RunEvent;
use crate::ports::World;

use super::admit::refused;
use super::run::Run;

/// Whether a run of this plan only looks. Such a run is recorded and is no claim: it keeps no
/// other waiting, and there is nothing to settle after it.
pub(in crate::ops) fn only_looks(plan: &Plan) -> bool {
    plan.risk() == Risk::Read && !plan.moves
}

impl Run<'_> {
    /// Writes the intent, or fails with who is in the way. `known` is the environment's newest
    /// intent from before the facts were read: a newer one, also of a run that is over, may have
    /// moved what they say.
    pub(super) async fn claim(&mut self, known: Option<u64>) -> Result<(), Failure> {
        if only_looks(self.plan) {
            self.journal.write(self.world, EntryKind::Looked).await?;
        } else {
            match self.journal.claim(self.world).await? {
                Appended::Held(entry) => {
                    let failure = busy(&entry);
                    return Err(refused(self.world, &mut self.journal, failure).await);
                }
                Appended::Written(entry) => self.still_fresh(known, entry.seq).await?,
            }
        }
        (self.tell)(RunEvent::Recorded(self.id.clone()));
        Ok(())
    }

    async fn still_fresh(&mut self, known: Option<u64>, own: u64) -> Result<(), Failure> {
        let newest = newest_intent(self.world, &self.plan.environment, Some(own)).await?;
        if newest == known {
            return Ok(());
        }
        let why = "another act in this environment came in between, and what was shown may be old";
        let closed = self.journal.close(self.world, Outcome::Refused, why);
        closed.await?;
        let hint = "Look at the new plan and decide again.";
        Err(Failure::new(FailureKind::Stale, why, hint))
    }
}

/// The number of the newest intent in an environment, of those before an entry.
pub(super) async fn newest_intent(
    world: &World,
    environment: &EnvironmentName,
    before: Option<u64>,
) -> Result<Option<u64>, Failure> {
    let filter = Filter {
        environment: Some(environment.clone()),
        kinds: vec![EntryKind::Intended],
        ..Filter::default()
    };
    let newest = world.ledger.page(&filter, before, 1).await?;
    Ok(newest.first().map(|entry| entry.seq))
}

/// The failure that an open run is for another one: who, since when, what, and how to follow it.
pub(in crate::ops) fn busy(open: &Entry) -> Failure {
    let record = &open.record;
    let (actor, operation) = (clean(&record.actor), clean(&record.operation));
    let since = open.at.strftime("%Y-%m-%d %H:%M:%SZ");
    let environment = &record.environment;
    let (execution, hint) = match record.execution.as_deref().map(clean) {
        Some(name) => (
            format!(", execution {name}"),
            format!(
                "`portcullis executions attach {name} -e {environment}` follows it to its end."
            ),
        ),
        None => (
            String::new(),
            format!(
                "`portcullis executions list -e {environment}` shows whether it has begun; \
                 `portcullis ledger settle` settles it once that is known."
            ),
        ),
    };
    let summary = format!(
        "{environment} has an open run: {operation} by {actor}, {} since {since}, run {}{execution}",
        record.kind.word(),
        clean(&record.run_id),
    );
    Failure::new(FailureKind::Busy, summary, hint)
}
