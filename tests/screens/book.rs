//! A ledger in memory, behind the port.

use async_trait::async_trait;
use futures::executor::block_on;
use jiff::{SignedDuration, Timestamp};
use portcullis::app::consent::{Desk, OpenRequest};
use portcullis::app::effect::LedgerAsk;
use portcullis::app::event::LedgerAnswer;
use portcullis::domain::act::Act as _;
use portcullis::domain::approval::{self, Asked, Consents, Request, Standing};
use portcullis::domain::digest::Digest;
use portcullis::domain::environment::EnvironmentName;
use portcullis::domain::failure::Failure;
use portcullis::domain::ledger::{
    Appended, Entry, EntryKind, Filter, Record, SealState, Soundness, Unless, chain, genesis,
};
use portcullis::domain::outcome::Outcome;
use portcullis::domain::plan::Plan;
use portcullis::domain::policy::Policies;
use portcullis::ops::browse;
use portcullis::ports::ledger::Ledger;

use crate::world::START;

/// The ledger of a stage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    pub(crate) entries: Vec<Entry>,
    /// Why nothing can be read or written.
    pub(crate) broken: Option<Failure>,
    /// What a check of the chain finds, where it is not that all is well.
    pub(crate) found: Option<Soundness>,
}

impl Book {
    /// Writes an entry as if nothing could go wrong.
    pub(crate) fn write(&mut self, at: Timestamp, record: Record) {
        let previous = self.entries.last().map_or_else(genesis, |e| e.hash.clone());
        let seq = self.entries.len() as u64 + 1;
        self.entries.push(chain(seq, at, record, previous));
    }

    /// A ledger of so many entries, three for a run.
    pub(crate) fn long(count: u64) -> Self {
        let mut book = Self::default();
        for n in 0..count {
            let ago = i64::try_from(count - n).expect("a test");
            let at = START
                .checked_sub(SignedDuration::from_secs(ago * 60))
                .expect("a test");
            let environment = ["prod", "uat", "demo"][usize::try_from(n / 3 % 3).expect("a test")];
            let (kind, outcome) = match n % 3 {
                0 => (EntryKind::Intended, None),
                1 => (EntryKind::Started, None),
                _ if n % 30 == 29 => (EntryKind::Refused, Some(Outcome::Refused)),
                _ => (EntryKind::Settled, Some(Outcome::Applied)),
            };
            let run_id = format!("run{}", n / 3);
            book.write(
                at,
                Record {
                    run_id,
                    kind,
                    outcome,
                    ..record(environment, "upgrade")
                },
            );
        }
        book
    }

    pub(crate) fn answer(&self, ask: LedgerAsk) -> Result<LedgerAnswer, Failure> {
        block_on(async {
            Ok(match ask {
                LedgerAsk::Window {
                    filter,
                    reach,
                    size,
                } => LedgerAnswer::Window(browse::window(self, &filter, reach, size).await?),
                LedgerAsk::Story { run_id } => {
                    LedgerAnswer::Story(browse::story(self, &run_id).await?)
                }
                LedgerAsk::Soundness => LedgerAnswer::Soundness(self.soundness().await?),
            })
        })
    }

    pub(crate) fn arm(
        &mut self,
        at: Timestamp,
        environment: &EnvironmentName,
        arm: bool,
    ) -> Result<Option<Timestamp>, Failure> {
        self.check()?;
        let kind = if arm {
            EntryKind::Armed
        } else {
            EntryKind::Disarmed
        };
        let record = Record {
            kind,
            ..record(environment.as_str(), "arm")
        };
        self.write(at, record);
        let until = at.checked_add(SignedDuration::from_mins(5));
        Ok(arm.then(|| until.expect("a test")))
    }

    pub(crate) fn consents(&self, plan: &Digest, who: &str) -> Consents {
        Consents::read(&self.entries, plan, who)
    }

    /// Somebody asks others to agree to a plan.
    pub(crate) fn request(
        &mut self,
        at: Timestamp,
        plan: &Plan,
        who: &str,
        reason: &str,
    ) -> Result<(), Failure> {
        self.check()?;
        let asked = Asked {
            plan: plan.clone(),
            expires_at: at + SignedDuration::from_mins(60),
        };
        let record = Record {
            actor: who.into(),
            run_id: format!("request{}", self.entries.len()),
            kind: EntryKind::Requested,
            plan: plan.digest(),
            reason: Some(reason.into()),
            detail: Some(serde_json::to_string(&asked).expect("a test")),
            ..record(plan.environment.as_str(), &plan.operation)
        };
        self.write(at, record);
        Ok(())
    }

    /// Somebody's word about a request.
    pub(crate) fn word(
        &mut self,
        at: Timestamp,
        request: &str,
        who: &str,
        agrees: bool,
        reason: Option<String>,
    ) -> Result<(), Failure> {
        self.check()?;
        let (found, _) = self.asked(request);
        let kind = if agrees {
            EntryKind::Approved
        } else {
            EntryKind::Declined
        };
        let record = Record {
            actor: who.into(),
            run_id: request.into(),
            kind,
            plan: found.plan,
            reason,
            ..record("prod", "upgrade")
        };
        self.write(at, record);
        Ok(())
    }

    pub(crate) fn review(
        &mut self,
        at: Timestamp,
        run_id: &str,
        who: &str,
        reason: &str,
    ) -> Result<(), Failure> {
        self.check()?;
        let record = Record {
            actor: who.into(),
            run_id: run_id.into(),
            kind: EntryKind::Reviewed,
            reason: Some(reason.into()),
            ..record("prod", "upgrade")
        };
        self.write(at, record);
        Ok(())
    }

    /// The id of the newest request.
    pub(crate) fn newest_request(&self) -> Option<String> {
        let mut all = self.entries.iter().rev();
        let newest = all.find(|e| e.record.kind == EntryKind::Requested);
        newest.map(|entry| entry.record.run_id.clone())
    }

    /// A request by its id, with its plan.
    pub(crate) fn asked(&self, request: &str) -> (Request, Asked) {
        let is_it =
            |e: &&Entry| e.record.run_id == request && e.record.kind == EntryKind::Requested;
        let entry = self.entries.iter().find(is_it).expect("a test");
        // Of each act the newest request counts.
        let mut all = approval::requests(&self.entries).into_iter();
        let found = all.find(|r| r.plan == entry.record.plan).expect("a test");
        (found, approval::asked(entry).expect("a test"))
    }

    /// What waits for somebody's word.
    pub(crate) fn desk(&self, policies: &Policies, who: &str, now: Timestamp) -> Desk {
        let open = approval::requests(&self.entries)
            .into_iter()
            .filter_map(|request| {
                let (_, asked) = self.asked(&request.id);
                let terms = policies.of(asked.plan.tier).terms();
                let Standing::Waiting { until, missing, .. } = request.standing(None, &terms, now)
                else {
                    return None;
                };
                Some(OpenRequest {
                    environment: asked.plan.environment.clone(),
                    title: asked.plan.operation.clone(),
                    heard: request.admits(who).is_ok(),
                    request,
                    until,
                    missing,
                })
            });
        Desk {
            requests: open.collect(),
        }
    }

    fn check(&self) -> Result<(), Failure> {
        self.broken.clone().map_or(Ok(()), Err)
    }
}

/// A record to begin with.
pub(crate) fn record(environment: &str, operation: &str) -> Record {
    Record {
        actor: "ravi@example.com".into(),
        run_id: "run".into(),
        kind: EntryKind::Intended,
        environment: environment.into(),
        operation: operation.into(),
        plan: Digest::of_bytes(b"plan"),
        execution: None,
        outcome: None,
        reason: Some("OPS-412 audit logs for the gateway".into()),
        detail: None,
    }
}

#[async_trait]
impl Ledger for Book {
    async fn append(&self, _: Record) -> Result<Entry, Failure> {
        unreachable!("the stage writes itself")
    }

    async fn append_unless(&self, _: Record, _: Unless) -> Result<Appended, Failure> {
        unreachable!("the stage writes itself")
    }

    async fn page(
        &self,
        filter: &Filter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Entry>, Failure> {
        self.check()?;
        let below = |entry: &&Entry| before.is_none_or(|before| entry.seq < before);
        let found = self.entries.iter().rev().filter(below);
        let found = found.filter(|entry| filter.admits(entry));
        Ok(found.take(limit as usize).cloned().collect())
    }

    async fn all(&self) -> Result<Vec<Entry>, Failure> {
        self.check()?;
        Ok(self.entries.clone())
    }

    async fn open_runs(&self) -> Result<Vec<Entry>, Failure> {
        Ok(Vec::new())
    }

    async fn soundness(&self) -> Result<Soundness, Failure> {
        self.check()?;
        Ok(self.found.clone().unwrap_or(Soundness {
            entries: self.entries.len() as u64,
            broken: None,
            seal: SealState::Sealed {
                seq: self.entries.len() as u64,
            },
        }))
    }
}
