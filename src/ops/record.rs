//! Writing to the ledger: before the call, after it, and when it is refused.

use crate::domain::act::Act;
use crate::domain::digest::Digest;
use crate::domain::environment::EnvironmentName;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::ledger::{Appended, Entry, EntryKind, Filter, Record, Unless};
use crate::domain::outcome::Outcome;
use crate::ports::World;

/// One act on its way through the ledger: every entry of it has the same run id and digest.
#[derive(Clone, Debug)]
pub struct Journal {
    record: Record,
    /// The number of the last entry of this run that is known here.
    last: Option<u64>,
}

/// What became of the last word about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concluded {
    /// It was written here.
    Here(Entry),
    /// Another process has had the last word already: this is it.
    Elsewhere(Entry),
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
            last: None,
        }
    }

    /// Takes up the journal of a run that an earlier process left open: what was intended, the
    /// number of its last entry, and who writes from here on.
    pub fn resume(intent: &Entry, last: &Entry, actor: String) -> Self {
        Self {
            record: Record {
                actor,
                execution: last.record.execution.clone(),
                ..intent.record.clone()
            },
            last: Some(last.seq),
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
    pub async fn write(&mut self, world: &World, kind: EntryKind) -> Result<Entry, Failure> {
        let entry = world.ledger.append(self.entry(kind)).await?;
        self.last = Some(entry.seq);
        Ok(entry)
    }

    /// Writes an entry with facts of its own.
    pub async fn write_with(
        &mut self,
        world: &World,
        kind: EntryKind,
        detail: String,
    ) -> Result<Entry, Failure> {
        let detail = Some(detail);
        let record = Record {
            detail,
            ..self.entry(kind)
        };
        let entry = world.ledger.append(record).await?;
        self.last = Some(entry.seq);
        Ok(entry)
    }

    /// Writes the intent of an act that nobody else may be in the middle of, in one step for all
    /// processes and machines; else gives the entry that stands in its way.
    pub async fn claim(&mut self, world: &World) -> Result<Appended, Failure> {
        let unless = Unless::Open(self.record.environment.clone());
        let record = self.entry(EntryKind::Intended);
        let appended = world.ledger.append_unless(record, unless).await?;
        if let Appended::Written(entry) = &appended {
            self.last = Some(entry.seq);
        }
        Ok(appended)
    }

    /// Writes how a run goes on, unless another process has said so or has had the last word. A
    /// run that was ruled out, and exists all the same, is open again.
    pub async fn note(&mut self, world: &World, kind: EntryKind) -> Result<(), Failure> {
        loop {
            let record = self.entry(kind);
            match world
                .ledger
                .append_unless(record, self.unless_moved_on())
                .await?
            {
                Appended::Written(entry) => {
                    self.last = Some(entry.seq);
                    return Ok(());
                }
                Appended::Held(entry) => {
                    self.last = Some(entry.seq);
                    let named = self.record.execution.as_ref();
                    let known = named.is_none() || named == entry.record.execution.as_ref();
                    let ruled_out = !known && entry.record.outcome == Some(Outcome::Refused);
                    if !ruled_out && (known || !entry.record.kind.is_open()) {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Writes how a run goes on of which nothing was sent yet, with facts of its own when there are
    /// any. When another process has had a word on it meanwhile, this one must not go on.
    pub async fn go_on(
        &mut self,
        world: &World,
        kind: EntryKind,
        detail: Option<String>,
    ) -> Result<(), Failure> {
        let mut record = self.entry(kind);
        record.detail = detail.or(record.detail);
        match world
            .ledger
            .append_unless(record, self.unless_moved_on())
            .await?
        {
            Appended::Written(entry) => {
                self.last = Some(entry.seq);
                Ok(())
            }
            Appended::Held(_) => Err(Failure::new(
                FailureKind::Busy,
                "another process has settled this run meanwhile; it was not sent",
                "Look at `portcullis ledger list`, then decide again.",
            )),
        }
    }

    /// Writes the outcome; one that is not known leaves the run open.
    pub async fn settle(
        &mut self,
        world: &World,
        outcome: Outcome,
        why: &str,
    ) -> Result<Concluded, Failure> {
        let kind = if outcome == Outcome::Unknown {
            EntryKind::Unsettled
        } else {
            EntryKind::Settled
        };
        self.conclude(world, kind, outcome, why).await
    }

    /// Writes the outcome of a run that no read-back can ever decide: it is closed as it is.
    pub async fn close(
        &mut self,
        world: &World,
        outcome: Outcome,
        why: &str,
    ) -> Result<Concluded, Failure> {
        self.conclude(world, EntryKind::Settled, outcome, why).await
    }

    /// Rules a run out: it never began. Any other word about it, also one that leaves it open,
    /// stands in the way of that.
    pub async fn rule_out(&mut self, world: &World, why: &str) -> Result<Concluded, Failure> {
        let record = self.last_word(EntryKind::Settled, Outcome::Refused, why);
        let appended = world
            .ledger
            .append_unless(record, self.unless_moved_on())
            .await?;
        Ok(match appended {
            Appended::Written(entry) => Concluded::Here(entry),
            Appended::Held(entry) => Concluded::Elsewhere(entry),
        })
    }

    /// Writes a refusal.
    pub async fn refuse(&mut self, world: &World, why: &str) -> Result<Concluded, Failure> {
        self.conclude(world, EntryKind::Refused, Outcome::Refused, why)
            .await
    }

    /// Writes the last word, unless another process has had it: of several that settle the same
    /// run, one writes. Entries that leave the run open do not stop it.
    async fn conclude(
        &mut self,
        world: &World,
        kind: EntryKind,
        outcome: Outcome,
        why: &str,
    ) -> Result<Concluded, Failure> {
        let record = self.last_word(kind, outcome, why);
        loop {
            let unless = self.unless_moved_on();
            match world.ledger.append_unless(record.clone(), unless).await? {
                Appended::Written(entry) => {
                    self.last = Some(entry.seq);
                    return Ok(Concluded::Here(entry));
                }
                Appended::Held(entry) if entry.record.kind.is_open() => self.last = Some(entry.seq),
                Appended::Held(entry) => return Ok(Concluded::Elsewhere(entry)),
            }
        }
    }

    fn unless_moved_on(&self) -> Unless {
        let run_id = self.record.run_id.clone();
        match self.last {
            Some(seq) => Unless::MovedOn { run_id, seq },
            None => Unless::Known(run_id),
        }
    }

    fn last_word(&self, kind: EntryKind, outcome: Outcome, why: &str) -> Record {
        Record {
            outcome: Some(outcome),
            reason: self.reason_with(why),
            ..self.entry(kind)
        }
    }

    fn entry(&self, kind: EntryKind) -> Record {
        Record {
            kind,
            ..self.record.clone()
        }
    }

    fn reason_with(&self, why: &str) -> Option<String> {
        match &self.record.reason {
            Some(given) if !why.is_empty() => Some(format!("{given} · {why}")),
            Some(given) => Some(given.clone()),
            None if why.is_empty() => None,
            None => Some(why.to_owned()),
        }
    }
}

/// Who acts: the signed-in e-mail; where the sign-in does not tell it, the account of this machine.
pub async fn actor(world: &World) -> String {
    let identity = world.identity.identity().await.ok();
    identity
        .and_then(|identity| identity.email)
        .unwrap_or_else(|| world.identity.local())
}

/// How many entries are read at once.
const PAGE: u32 = 200;

/// All entries that a filter lets through, the newest first.
pub async fn all(world: &World, filter: &Filter) -> Result<Vec<Entry>, Failure> {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let before = entries.last().map(|entry| entry.seq);
        let page = world.ledger.page(filter, before, PAGE).await?;
        let last = page.len() < PAGE as usize;
        entries.extend(page);
        if last {
            return Ok(entries);
        }
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
