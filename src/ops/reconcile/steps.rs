//! Settling a run that was left in a step before it: it was never sent, whatever became of the step.

use jiff::SignedDuration;

use crate::domain::failure::Failure;
use crate::domain::outcome::Outcome;
use crate::domain::settlement::Settlement;
use crate::domain::sql_operation::BackupState;
use crate::ops::backup;

use super::Open;

/// So long a backup that does not show may still be asked for.
const LATE: SignedDuration = SignedDuration::from_mins(2);

impl Open<'_> {
    /// While its backup goes on it stays open: the process that follows it may be alive. One that
    /// is, and comes later, finds the run closed and does not go on.
    pub(super) async fn settle_step(&self) -> Result<Settlement, Failure> {
        let run_id = &self.story.intent.record.run_id;
        let found = match backup::find(self.world, self.environment, run_id).await {
            Ok(found) => found,
            Err(failure) => {
                return Ok(self.stays(None, format!("it cannot be looked at now: {failure}")));
            }
        };
        let what = match found.map(|backup| backup.state) {
            Some(BackupState::Successful) => "its backup was made",
            Some(BackupState::Failed) => "its backup failed",
            None if self.story.age(self.world) > LATE => "no backup carries its id",
            Some(BackupState::Running | BackupState::Unknown) => {
                return Ok(self.stays(None, "its backup is being made; nothing else was sent"));
            }
            None => {
                return Ok(self.stays(None, "its backup does not show yet; nothing else was sent"));
            }
        };
        let why = format!("{what}; the run itself was never sent");
        // Any other word about it stands in the way of this one: then it was sent after all.
        let concluded = self.journal().await.rule_out(self.world, &why).await?;
        Ok(self.concluded(None, concluded, (Outcome::Refused, &why)))
    }
}
