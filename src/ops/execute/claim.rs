//! The claim: of all who try to run something in an environment at one time, one does.
//!
//! `Intended` is appended in one step with the look whether a run of the environment is open, so
//! that also two machines with one ledger cannot both go on.

use crate::domain::act::Act as _;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::ledger::{Appended, Entry, EntryKind};
use crate::domain::operation::Risk;
use crate::domain::plan::Plan;
use crate::domain::text::clean;
use crate::ops::execute::RunEvent;

use super::admit::refused;
use super::run::Run;

/// Whether a run of this plan only looks. Such a run is recorded and is no claim: it keeps no
/// other waiting, and there is nothing to settle after it.
pub(super) fn only_looks(plan: &Plan) -> bool {
    plan.risk() == Risk::Read && !plan.moves
}

impl Run<'_> {
    /// Writes the intent, or fails with who is in the way.
    pub(super) async fn claim(&mut self) -> Result<(), Failure> {
        if only_looks(self.plan) {
            self.journal.write(self.world, EntryKind::Looked).await?;
        } else if let Appended::Held(entry) = self.journal.claim(self.world).await? {
            let failure = busy(&entry);
            return Err(refused(self.world, &mut self.journal, failure).await);
        }
        (self.tell)(RunEvent::Recorded(self.id.clone()));
        Ok(())
    }
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
