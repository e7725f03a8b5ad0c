//! Runs: what is known of one that Portcullis started or follows, from its first step to its outcome.

use jiff::{SignedDuration, Timestamp};

use super::effect::RequestId;
use super::event::{RunEvent, Settlement};
use super::logs::{LogBuffer, LogView};
use crate::domain::backend::Backend;
use crate::domain::database::Reading;
use crate::domain::environment::{EnvironmentName, Tier};
use crate::domain::execution::Execution;
use crate::domain::failure::Failure;
use crate::domain::logs::LogLine;
use crate::domain::observed::Remote;
use crate::domain::plan::Plan;
use crate::domain::progress;
use crate::domain::revision::RevisionId;

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The facts are read again and the intent is recorded.
    Recording,
    /// It was recorded and is being sent.
    Sending,
    /// The answer was lost; it is looked for.
    Searching,
    /// The execution goes on.
    Running,
    /// The database is being asked.
    ReadingBack,
    /// It is over.
    Over,
}

/// A revision that the log says is being run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepSeen {
    /// The revision.
    pub to: RevisionId,
    /// Whether it goes up.
    pub upgrade: bool,
    /// When its line was written.
    pub at: Timestamp,
    /// When the next line of its kind, or the end, came.
    pub ended: Option<Timestamp>,
}

/// What is known of a run.
#[derive(Clone, Debug)]
pub struct Run {
    /// The request that carries it out, or follows it.
    pub id: RequestId,
    /// Its environment.
    pub environment: EnvironmentName,
    /// How dangerous that is.
    pub tier: Tier,
    /// What is run, for the title.
    pub title: String,
    /// The plan, when Portcullis started it.
    pub plan: Option<Plan>,
    /// When it was approved, or first followed.
    pub opened_at: Timestamp,
    /// How far it has come.
    pub phase: Phase,
    /// The step that is taken before it is sent.
    pub before: Option<String>,
    /// Its run id.
    pub run_id: Option<String>,
    /// The execution, once it is known.
    pub execution: Option<Execution>,
    /// Why the answer was lost.
    pub lost: Option<Failure>,
    /// What the watching meets; gone with the next good answer.
    pub trouble: Option<Failure>,
    /// Revisions that the log says were run.
    pub steps: Vec<StepSeen>,
    /// Its log.
    pub log: LogBuffer,
    /// What is looked at in its log.
    pub view: LogView,
    /// What the database said afterwards.
    pub reading: Remote<Reading>,
    /// How it ended.
    pub settlement: Option<Settlement>,
    /// Why it never ran.
    pub refused: Option<Failure>,
    /// When it was over here.
    pub over_at: Option<Timestamp>,
    /// Whether cancellation was asked for.
    pub cancelling: bool,
    /// Backends that are still at work in the database after the execution is over.
    pub alive: Vec<Backend>,
}

impl Run {
    /// A run of which nothing is known yet.
    pub fn new(
        id: RequestId,
        environment: EnvironmentName,
        tier: Tier,
        title: String,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            environment,
            tier,
            title,
            plan: None,
            opened_at: now,
            phase: Phase::Recording,
            before: None,
            run_id: None,
            execution: None,
            lost: None,
            trouble: None,
            steps: Vec::new(),
            log: LogBuffer::default(),
            view: LogView::default(),
            reading: Remote::default(),
            settlement: None,
            refused: None,
            over_at: None,
            cancelling: false,
            alive: Vec::new(),
        }
    }

    /// Whether it goes on.
    pub fn is_live(&self) -> bool {
        self.phase < Phase::Over
    }

    /// How long it has taken.
    pub fn elapsed(&self, now: Timestamp) -> SignedDuration {
        let end = self.over_at.unwrap_or(now);
        end.duration_since(self.opened_at).max(SignedDuration::ZERO)
    }

    /// How long a run like this usually takes.
    pub fn usual(&self) -> Option<SignedDuration> {
        self.plan.as_ref().and_then(|plan| plan.usual)
    }

    /// Takes the next step.
    pub fn apply(&mut self, event: RunEvent, now: Timestamp) {
        match event {
            RunEvent::Recorded { run_id } => {
                self.run_id = Some(run_id);
                self.advance(Phase::Sending);
            }
            RunEvent::Step { words, over } => self.before = (!over).then_some(words),
            RunEvent::Started(execution) | RunEvent::State(execution) => {
                self.before = None;
                self.cancelling |= execution.cancelling;
                self.execution = Some(*execution);
                self.trouble = None;
                self.lost = None;
                if self.phase < Phase::ReadingBack {
                    self.phase = Phase::Running;
                }
            }
            RunEvent::Lost(failure) => {
                self.lost = Some(failure);
                self.advance(Phase::Searching);
            }
            RunEvent::Lines(lines) => self.lines(lines),
            RunEvent::ReadingBack => self.advance(Phase::ReadingBack),
            RunEvent::ReadBack(reading) => self.reading.absorb(reading),
            RunEvent::Alive(backends) => self.alive = backends,
            RunEvent::Trouble(failure) => self.trouble = Some(failure),
            RunEvent::Settled(settlement) => {
                self.settlement = Some(*settlement);
                self.end(now);
            }
            RunEvent::Refused(failure) => {
                self.refused = Some(failure);
                self.end(now);
            }
        }
    }

    fn advance(&mut self, phase: Phase) {
        self.phase = self.phase.max(phase);
    }

    fn end(&mut self, now: Timestamp) {
        self.phase = Phase::Over;
        self.over_at = Some(now);
        self.trouble = None;
        if let Some(last) = self.steps.last_mut() {
            last.ended.get_or_insert(now);
        }
    }

    fn lines(&mut self, lines: Vec<LogLine>) {
        for line in &lines {
            let Some(step) = progress::step(line.text.raw()) else {
                continue;
            };
            if let Some(last) = self.steps.last_mut() {
                last.ended.get_or_insert(line.at);
            }
            self.steps.push(StepSeen {
                to: step.to,
                upgrade: step.upgrade,
                at: line.at,
                ended: None,
            });
        }
        self.log.extend(lines);
    }
}
