//! A backup as a step before a run: asked for once, followed to its end, found again after a loss.
//!
//! In the ledger a run with steps is `intended`, then for each step `step` before it is asked for and
//! `step` when it is over, then `intended` once more, and only then the call. So a run whose last
//! entry is a `step` was never sent, and neither a second process nor a later start need look for
//! an execution of it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::environment::Environment;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::gate::Approved;
use crate::domain::plan::Step;
use crate::domain::sql_operation::{Backup, BackupRun, BackupState};
use crate::ports::World;

/// How often a backup is looked at.
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(2);
/// Looks that may not find a backup that was asked for.
const MISSES: u32 = 15;
/// How long nothing may be readable before the backup counts as lost from sight.
const UNREADABLE: SignedDuration = SignedDuration::from_mins(15);
/// How long a backup may take.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);

/// How far a step is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It is about to be asked for.
    Begun,
    /// It was asked for, and the answer was lost; it is looked for, never asked for again.
    Lost,
    /// It goes on.
    GoesOn,
    /// It is over, and good.
    Done,
}

/// A step of a run, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepEvent {
    /// The step.
    pub step: Step,
    /// How far it is.
    pub state: StepState,
    /// Since when it goes on.
    pub since: Timestamp,
}

/// What the ledger keeps of a step; never a payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDetail {
    /// The step.
    pub step: Step,
    /// How far it was.
    pub state: StepState,
    /// The number of the backup, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<i64>,
}

impl StepDetail {
    /// As the ledger keeps it.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Asks for a backup once and follows it to its end. An answer that is lost is looked for by the
/// run id in the description. A failure means that there is no backup to rely on.
pub(super) async fn take(
    world: &World,
    environment: &Environment,
    backup: Approved<Backup>,
    tell: &(dyn Fn(StepState) + Send + Sync),
) -> Result<BackupRun, Failure> {
    let run_id = backup.act().run_id.clone();
    let instance = backup.act().instance.clone();
    match world.databases.start_backup(backup).await {
        Ok(_) => tell(StepState::GoesOn),
        Err(failure) if failure.kind.is_passing() => tell(StepState::Lost),
        Err(failure) => return Err(failure),
    }
    let mut watch = Watch::new(world.clock.now());
    loop {
        let found = find(world, environment, &run_id).await;
        let now = world.clock.now();
        match found {
            Ok(Some(found)) => match found.state {
                BackupState::Successful => return Ok(found),
                BackupState::Failed => return Err(failed(&instance, &found)),
                BackupState::Running | BackupState::Unknown => {
                    watch.seen();
                    tell(StepState::GoesOn);
                }
            },
            Ok(None) => watch.missed(),
            Err(failure) if failure.kind.is_passing() => watch.unreadable(now),
            Err(failure) => return Err(failure),
        }
        if watch.gives_up(now) {
            return Err(out_of_sight(&instance));
        }
        world.clock.sleep(LOOK_EVERY).await;
    }
}

/// The backup that a run has asked for, if there is one.
pub(super) async fn find(
    world: &World,
    environment: &Environment,
    run_id: &str,
) -> Result<Option<BackupRun>, Failure> {
    let backups = world.databases.backups(environment).await?;
    Ok(backups.into_iter().find(|backup| backup.is_of(run_id)))
}

/// The patience with a backup.
struct Watch {
    begun: Timestamp,
    misses: u32,
    unreadable_since: Option<Timestamp>,
}

impl Watch {
    fn new(begun: Timestamp) -> Self {
        Self {
            begun,
            misses: 0,
            unreadable_since: None,
        }
    }

    fn seen(&mut self) {
        self.misses = 0;
        self.unreadable_since = None;
    }

    fn missed(&mut self) {
        self.misses += 1;
        self.unreadable_since = None;
    }

    fn unreadable(&mut self, now: Timestamp) {
        self.unreadable_since.get_or_insert(now);
    }

    fn gives_up(&self, now: Timestamp) -> bool {
        let over = |since: Timestamp, limit| now.duration_since(since) > limit;
        self.misses > MISSES
            || self.unreadable_since.is_some_and(|s| over(s, UNREADABLE))
            || over(self.begun, LONGEST)
    }
}

fn failed(instance: &str, backup: &BackupRun) -> Failure {
    Failure::new(
        FailureKind::Preflight,
        format!(
            "the backup of {instance} ({}) failed; the run was not sent",
            backup.id
        ),
        format!(
            "gcloud sql backups describe {} --instance {instance} says why",
            backup.id
        ),
    )
}

fn out_of_sight(instance: &str) -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("whether a backup of {instance} is made is not known; the run was not sent"),
        format!(
            "gcloud sql backups list --instance {instance}; with a fresh one run it without `--backup`"
        ),
    )
}
