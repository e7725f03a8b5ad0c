//! Settling an open act that is no run: a cancellation, the change of a secret.

use jiff::SignedDuration;

use crate::domain::act::{SecretChange, SecretVerb};
use crate::domain::execution::ExecutionState;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::outcome::Outcome;
use crate::domain::secret::VersionState;
use crate::domain::settlement::Settlement;

use super::Open;

/// The verb of a cancellation.
pub(super) const CANCEL: &str = "cancel";

/// So long an act that does not show may still arrive.
const LATE: SignedDuration = SignedDuration::from_mins(2);

impl Open<'_> {
    /// A cancellation is known by its execution. One that cannot be seen is never called refused:
    /// it may have been asked for and still be on its way.
    pub(super) async fn settle_cancellation(&self) -> Result<Settlement, Failure> {
        let Some(name) = self.story.execution() else {
            let why = "what it was about is not in the record";
            return self.close(None, Outcome::Unknown, why).await;
        };
        let answer = self.world.jobs.execution(self.environment, &name).await;
        let (outcome, why) = match answer {
            Err(failure) if failure.kind == FailureKind::NotFound => {
                (Outcome::Unknown, format!("{name} is not listed any more"))
            }
            Err(failure) => {
                return Ok(self.stays(Some(name), format!("it cannot be looked at now: {failure}")));
            }
            Ok(execution) if execution.state == ExecutionState::Cancelled => {
                (Outcome::Applied, format!("{name} was cancelled"))
            }
            Ok(execution) if execution.is_over() => (
                Outcome::Unchanged,
                format!("{name} had ended by itself: {}", execution.state.word()),
            ),
            Ok(execution) if execution.cancelling => {
                return Ok(self.stays(Some(name.clone()), format!("{name} is being cancelled")));
            }
            Ok(_) if self.story.age(self.world) < LATE => {
                let why = format!("{name} runs, and whether it will be cancelled shows soon");
                return Ok(self.stays(Some(name), why));
            }
            Ok(_) => (
                Outcome::Unknown,
                format!("{name} runs on; whether its end was asked for is not known"),
            ),
        };
        self.close(Some(name), outcome, &why).await
    }

    /// The change of a secret is known by the state of the version.
    pub(super) async fn settle_secret(&self, change: &SecretChange) -> Result<Settlement, Failure> {
        let secrets = &self.world.secrets;
        let versions = match secrets.versions(&change.project, &change.secret).await {
            Ok(versions) => versions,
            Err(failure) => {
                return Ok(self.stays(None, format!("it cannot be looked at now: {failure}")));
            }
        };
        let found = versions
            .versions
            .iter()
            .find(|v| v.version == change.version);
        let Some(version) = found else {
            let why = format!("{} has no such version any more", change.secret);
            return self.close(None, Outcome::Unknown, &why).await;
        };
        let why = format!(
            "{} {} is {}",
            change.secret,
            change.version,
            version.state.word()
        );
        let wanted = match change.verb {
            SecretVerb::Enable => VersionState::Enabled,
            SecretVerb::Disable => VersionState::Disabled,
            SecretVerb::Destroy => VersionState::Destroyed,
        };
        if version.state == wanted {
            return self.close(None, Outcome::Applied, &why).await;
        }
        if self.story.age(self.world) < LATE {
            return Ok(self.stays(None, why));
        }
        self.close(None, Outcome::Unknown, &why).await
    }
}
