//! Writing to the ledger: before the call, after it, and when it is refused.

use crate::domain::act::Act;
use crate::domain::digest::Digest;
use crate::domain::environment::EnvironmentName;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::ledger::{Entry, EntryKind, Record};
use crate::domain::outcome::Outcome;
use crate::ports::World;

/// One act on its way through the ledger: every entry of it has the same run id and digest.
#[derive(Clone, Debug)]
pub struct Journal {
    record: Record,
}

impl Journal {
    /// Opens the journal of an act; writes nothing yet.
    pub fn open(actor: &str, run_id: &str, act: &impl Act, reason: Option<&str>) -> Self {
        Self {
            record: Record {
                actor: actor.to_owned(),
                run_id: run_id.to_owned(),
                kind: EntryKind::Intended,
                environment: act.environment().clone(),
                operation: act.verb().to_owned(),
                plan: act.digest(),
                execution: None,
                outcome: None,
                reason: reason.map(str::to_owned),
                detail: None,
            },
        }
    }

    /// Takes up the journal of a run that an earlier process left open.
    pub fn resume(entry: &Entry) -> Self {
        Self {
            record: entry.record.clone(),
        }
    }

    /// Keeps the facts that a later start needs to settle this run.
    #[must_use]
    pub fn with_detail(mut self, detail: String) -> Self {
        self.record.detail = Some(detail);
        self
    }

    /// Names the execution in all entries from here on.
    pub fn name_execution(&mut self, execution: &str) {
        self.record.execution = Some(execution.to_owned());
    }

    /// Writes an entry; when that fails, nothing may be sent.
    pub async fn write(&self, world: &World, kind: EntryKind) -> Result<Entry, Failure> {
        world
            .ledger
            .append(Record {
                kind,
                ..self.record.clone()
            })
            .await
    }

    /// Writes the outcome; one that is not known leaves the run open.
    pub async fn settle(
        &self,
        world: &World,
        outcome: Outcome,
        why: &str,
    ) -> Result<Entry, Failure> {
        let kind = if outcome == Outcome::Unknown {
            EntryKind::Unsettled
        } else {
            EntryKind::Settled
        };
        self.conclude(world, kind, outcome, why).await
    }

    /// Writes the outcome of a run that no read-back can ever decide: it is closed as it is.
    pub async fn close(
        &self,
        world: &World,
        outcome: Outcome,
        why: &str,
    ) -> Result<Entry, Failure> {
        self.conclude(world, EntryKind::Settled, outcome, why).await
    }

    /// Writes a refusal.
    pub async fn refuse(&self, world: &World, why: &str) -> Result<Entry, Failure> {
        self.conclude(world, EntryKind::Refused, Outcome::Refused, why)
            .await
    }

    async fn conclude(
        &self,
        world: &World,
        kind: EntryKind,
        outcome: Outcome,
        why: &str,
    ) -> Result<Entry, Failure> {
        let reason = match &self.record.reason {
            Some(given) if !why.is_empty() => Some(format!("{given} · {why}")),
            Some(given) => Some(given.clone()),
            None if why.is_empty() => None,
            None => Some(why.to_owned()),
        };
        let record = Record {
            kind,
            outcome: Some(outcome),
            reason,
            ..self.record.clone()
        };
        world.ledger.append(record).await
    }
}

/// Who acts: the signed-in e-mail, or that it is not known.
pub async fn actor(world: &World) -> String {
    match world.identity.identity().await {
        Ok(identity) => identity.email.unwrap_or(identity.credential),
        Err(_) => "unknown".to_owned(),
    }
}

/// Records that a gate was left, or stayed closed, before anything was sent.
pub async fn left(
    world: &World,
    environment: &EnvironmentName,
    (verb, digest): (&str, &Digest),
    refusal: Option<&str>,
) -> Result<Entry, Failure> {
    let record = Record {
        actor: actor(world).await,
        run_id: world.clock.new_run_id(),
        kind: if refusal.is_some() {
            EntryKind::Refused
        } else {
            EntryKind::Left
        },
        environment: environment.clone(),
        operation: verb.to_owned(),
        plan: digest.clone(),
        execution: None,
        outcome: Some(Outcome::Refused),
        reason: refusal.map(str::to_owned),
        detail: None,
    };
    world.ledger.append(record).await
}

/// The ledger failed after something was sent: not the failure that promises that nothing was.
pub fn unrecorded(what: &str, failure: &Failure) -> Failure {
    Failure::new(
        FailureKind::OutcomeUnknown,
        format!("{what}, and that could not be recorded: {failure}"),
        "Mend the ledger; `portcullis ledger settle` then reads the database back and records it.",
    )
}
