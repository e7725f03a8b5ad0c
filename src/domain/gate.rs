//! The gate: what a person must do before an act, and the proof that it was done.
//!
//! [`Approved`] is that proof. Only [`Gate::pass`] makes one, it cannot be
//! cloned, it carries the act's digest, and it expires. Ports that change
//! something take it by value, so code that skips the gate does not compile:
//!
//! ```compile_fail
//! use portcullis::domain::{gate::Approved, plan::Plan};
//! fn forge(plan: Plan) -> Approved<Plan> {
//!     Approved { act: plan }
//! }
//! ```
//!
//! ```compile_fail
//! use portcullis::domain::{gate::Approved, plan::Plan};
//! fn twice(once: Approved<Plan>) -> (Approved<Plan>, Approved<Plan>) {
//!     (once.clone(), once)
//! }
//! ```
//!
//! ```compile_fail
//! async fn ungated(jobs: &dyn portcullis::ports::jobs::Jobs, plan: portcullis::domain::plan::Plan) {
//!     let _ = jobs.run(plan, "run id").await;
//! }
//! ```

use jiff::{SignedDuration, Timestamp};
use regex::Regex;
use serde::{Deserialize, Serialize};

use super::act::Act;
use super::digest::Digest;
use super::operation::Risk;
use super::policy::{Confirm, Policies, ReasonRule};
use super::preflight::{Finding, Severity};

/// How long an approval may be used.
pub const APPROVAL_LASTS: SignedDuration = SignedDuration::from_secs(60);

/// The proof that an act passed its gate.
#[derive(Debug)]
pub struct Approved<A: Act> {
    act: A,
    digest: Digest,
    reason: Option<String>,
    at: Timestamp,
}

impl<A: Act> Approved<A> {
    /// The act that was approved.
    pub fn act(&self) -> &A {
        &self.act
    }

    /// Its digest at the moment of approval.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The reason that was given.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Gives the act up for execution, unless the approval is too old.
    pub fn redeem(self, now: Timestamp) -> Result<A, Refusal> {
        if now.duration_since(self.at) > APPROVAL_LASTS {
            return Err(Refusal::Expired);
        }
        Ok(self.act)
    }
}

/// What a gate demands, for showing it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// What must be typed or pressed.
    pub confirm: Confirm,
    /// The exact text that must be typed; empty unless `confirm` is `type-target`.
    pub phrase: String,
    /// Whether a reason is asked for.
    pub reason: ReasonRule,
    /// Pattern that the reason must hold.
    pub ticket: Option<String>,
    /// How many other people must agree.
    pub approvals: u32,
    /// Read-only until armed.
    pub arm: bool,
}

/// What a person or a script gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What was typed.
    pub typed: Option<String>,
    /// Whether one key was pressed (`--yes` headless).
    pub key: bool,
    /// The reason.
    pub reason: Option<String>,
    /// Whether the environment is armed.
    pub armed: bool,
}

/// Why a gate stays closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The environment is read-only and was not armed.
    #[error("{0} is read-only until it is armed")]
    NotArmed(String),
    /// The confirmation is missing.
    #[error("this needs a confirmation: {0}")]
    NotConfirmed(String),
    /// Something else was typed.
    #[error("what was typed is not `{0}`")]
    Mistyped(String),
    /// The reason is missing or says nothing.
    #[error("a reason is required, of at least one word")]
    NoReason,
    /// The reason does not hold the ticket pattern.
    #[error("the reason must hold a ticket that matches `{0}`")]
    NoTicket(String),
    /// Other people must agree.
    #[error("{0} more approval(s) by somebody else are needed")]
    NeedsApproval(u32),
    /// A check blocks it.
    #[error("blocked by preflight: {0}")]
    Blocked(String),
    /// The approval is too old.
    #[error("the approval is older than a minute; confirm again")]
    Expired,
}

/// A gate in front of one act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    demand: Demand,
    environment: String,
    blocks: Vec<String>,
}

impl Gate {
    /// The gate that the policies put in front of an act. Reading needs none.
    pub fn before(act: &impl Act, policies: &Policies, findings: &[Finding]) -> Self {
        let policy = policies.of(act.risk().gated_as(act.tier()));
        let reads = act.risk() == Risk::Read;
        let environment = act.environment().as_str().to_owned();
        let confirm = if reads { Confirm::None } else { policy.confirm };
        let phrase = match (confirm, act.target()) {
            (Confirm::TypeTarget, Some(target)) => format!("{environment} {target}"),
            (Confirm::TypeTarget, None) => environment.clone(),
            _ => String::new(),
        };
        let demand = Demand {
            confirm,
            phrase,
            reason: if reads {
                ReasonRule::None
            } else {
                policy.reason
            },
            ticket: if reads { None } else { policy.ticket },
            approvals: if reads { 0 } else { policy.approvals },
            arm: policy.read_only && !reads,
        };
        let blocks = findings
            .iter()
            .filter(|f| f.severity == Severity::Block)
            .map(|f| f.code.clone())
            .collect();
        Self {
            demand,
            environment,
            blocks,
        }
    }

    /// What it demands.
    pub fn demand(&self) -> &Demand {
        &self.demand
    }

    /// Whether the answer opens it. Headless, `--confirm ENV` alone is enough
    /// for `type-target`, as the contract says; the console asks for the whole phrase.
    pub fn check(&self, answer: &Answer) -> Result<(), Refusal> {
        if !self.blocks.is_empty() {
            return Err(Refusal::Blocked(self.blocks.join(", ")));
        }
        if self.demand.arm && !answer.armed {
            return Err(Refusal::NotArmed(self.environment.clone()));
        }
        self.check_confirmation(answer)?;
        self.check_reason(answer.reason.as_deref())?;
        match self.demand.approvals {
            0 => Ok(()),
            missing => Err(Refusal::NeedsApproval(missing)),
        }
    }

    fn check_confirmation(&self, answer: &Answer) -> Result<(), Refusal> {
        let typed = answer.typed.as_deref();
        let names_it = |text: &str| text == self.environment || text == self.demand.phrase;
        match self.demand.confirm {
            Confirm::None => Ok(()),
            Confirm::Key if answer.key || typed == Some(&self.environment) => Ok(()),
            Confirm::Key => Err(Refusal::NotConfirmed(
                "press the key, or say --yes".to_owned(),
            )),
            Confirm::TypeTarget => match typed {
                Some(text) if names_it(text) => Ok(()),
                Some(_) => Err(Refusal::Mistyped(self.demand.phrase.clone())),
                None => Err(Refusal::NotConfirmed(format!(
                    "type `{}`",
                    self.demand.phrase
                ))),
            },
        }
    }

    /// Whether a reason satisfies the policy.
    pub fn check_reason(&self, reason: Option<&str>) -> Result<(), Refusal> {
        if self.demand.reason != ReasonRule::Required {
            return Ok(());
        }
        let reason = reason.unwrap_or_default();
        if reason.chars().filter(|c| c.is_alphanumeric()).count() < 3 {
            return Err(Refusal::NoReason);
        }
        match &self.demand.ticket {
            Some(pattern) if !Regex::new(pattern).is_ok_and(|r| r.is_match(reason)) => {
                Err(Refusal::NoTicket(pattern.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Passes the gate: checks the answer and turns the act into an approved one.
    pub fn pass<A: Act>(
        &self,
        act: A,
        answer: Answer,
        now: Timestamp,
    ) -> Result<Approved<A>, Refusal> {
        self.check(&answer)?;
        let digest = act.digest();
        Ok(Approved {
            act,
            digest,
            reason: answer.reason,
            at: now,
        })
    }
}

#[cfg(test)]
mod tests;
