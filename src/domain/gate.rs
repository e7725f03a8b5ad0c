//! The gate: what a person must do before an act, and the proof that it was done.
//!
//! [`Approved`] is that proof. Only [`Gate::pass`] makes one, it cannot be
//! cloned, it carries the act's digest, and it expires. Ports that change
//! something take it by value:
//!
//! ```
//! use portcullis::domain::{gate::Approved, plan::Plan};
//! async fn gated(jobs: &dyn portcullis::ports::jobs::Jobs, plan: Approved<Plan>) {
//!     let _ = jobs.run(plan, "run id").await;
//! }
//! ```
//!
//! The same with a plan that nobody approved does not compile:
//!
//! ```compile_fail
//! use portcullis::domain::{gate::Approved, plan::Plan};
//! async fn ungated(jobs: &dyn portcullis::ports::jobs::Jobs, plan: Plan) {
//!     let _ = jobs.run(plan, "run id").await;
//! }
//! ```
//!
//! Nor can an approval be forged, copied, or read from somewhere:
//!
//! ```compile_fail
//! use portcullis::domain::{gate::Approved, plan::Plan};
//! fn forge(plan: Plan, gate: portcullis::domain::gate::Approved<Plan>) -> Approved<Plan> {
//!     Approved { act: plan, ..gate }
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
//! use portcullis::domain::{gate::Approved, plan::Plan};
//! fn read(json: &str) -> Approved<Plan> {
//!     serde_json::from_str(json).unwrap()
//! }
//! ```
//!
//! What other people gave is [`Consents`], which are read from the ledger: a number will not do.
//!
//! ```
//! use portcullis::domain::{approval::Consents, gate::{Answer, Approved, Gate}, plan::Plan};
//! fn pass(gate: &Gate, plan: Plan, consents: &Consents, now: jiff::Timestamp) -> Option<Approved<Plan>> {
//!     gate.pass(plan, Answer::default(), consents, now).ok()
//! }
//! ```
//!
//! ```compile_fail
//! use portcullis::domain::{approval::Consents, gate::{Answer, Approved, Gate}, plan::Plan};
//! fn pass(gate: &Gate, plan: Plan, consents: u32, now: jiff::Timestamp) -> Option<Approved<Plan>> {
//!     gate.pass(plan, Answer::default(), consents, now).ok()
//! }
//! ```
//!
//! A gate itself is made from an act and the policies, and from nothing else:
//!
//! ```compile_fail
//! use portcullis::domain::gate::{Demand, Gate};
//! fn lower(gate: Gate, demand: Demand) -> Gate {
//!     Gate { demand, ..gate }
//! }
//! ```

mod backup;
mod demand;
mod refusal;

pub use demand::{Answer, Demand, says_something};
pub use refusal::Refusal;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::act::Act;
use super::actor;
use super::approval::{Consents, Standing, Terms};
use super::digest::Digest;
use super::operation::Risk;
use super::policy::{Confirm, Policies, ReasonRule, TierPolicy};
use super::preflight::{Finding, POLICY, Severity};

/// How long what passed the gate may be used.
pub const APPROVAL_LASTS: SignedDuration = SignedDuration::from_secs(60);

/// The proof that an act passed its gate.
#[derive(Debug)]
pub struct Approved<A: Act> {
    act: A,
    digest: Digest,
    reason: Option<String>,
    overrode: Option<Overridden>,
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

    /// What was overridden when the glass was broken; it is recorded before the act.
    pub fn overrode(&self) -> Option<&Overridden> {
        self.overrode.as_ref()
    }

    /// Gives the act up for execution, unless the approval is too old.
    pub fn redeem(self, now: Timestamp) -> Result<A, Refusal> {
        if now.duration_since(self.at) > APPROVAL_LASTS {
            return Err(Refusal::Expired);
        }
        Ok(self.act)
    }
}

/// What somebody went through without, or against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overridden {
    /// How many other people had to agree.
    pub approvals: u32,
    /// Whether they had not.
    pub without_them: bool,
    /// The checks of the policy that blocked it.
    pub checks: Vec<String>,
}

/// A gate in front of one act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    demand: Demand,
    /// What is demanded from whoever breaks the glass; none where the policy has no glass.
    glass: Option<Demand>,
    terms: Terms,
    environment: String,
    digest: Digest,
    blocks: Vec<String>,
    /// Blocks that the policy itself puts up.
    yields: Vec<String>,
}

impl Gate {
    /// The gate that the policies put in front of an act. Reading needs none.
    pub fn before(act: &impl Act, policies: &Policies, findings: &[Finding]) -> Self {
        let policy = policies.of(act.risk().gated_as(act.tier()));
        let demand = demand(act, &policy);
        let reads = act.risk() == Risk::Read;
        let glass = (policy.break_glass && !reads).then(|| broken(act, &demand));
        let terms = Terms {
            approvals: demand.approvals,
            ..policy.terms()
        };
        let blocks = findings.iter().filter(|f| f.severity == Severity::Block);
        let (yields, blocks) = blocks
            .map(|f| f.code.clone())
            .partition(|code| POLICY.contains(&code.as_str()));
        Self {
            demand,
            glass,
            terms,
            environment: act.environment().as_str().to_owned(),
            digest: act.digest(),
            blocks,
            yields,
        }
    }

    /// What it demands.
    pub fn demand(&self) -> &Demand {
        &self.demand
    }

    /// What it demands from whoever breaks the glass; none where the policy has no glass, or
    /// where nothing could be overridden.
    pub fn glass(&self) -> Option<&Demand> {
        let worth = self.terms.approvals > 0 || !self.yields.is_empty();
        self.glass.as_ref().filter(|_| worth)
    }

    /// What it wants from other people.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The checks that block it, whatever is given; what the policy alone blocks yields to a broken glass.
    pub fn blocks(&self, glass_broken: bool) -> Vec<&str> {
        let policy = self.yields.iter().filter(|_| !glass_broken);
        self.blocks
            .iter()
            .chain(policy)
            .map(String::as_str)
            .collect()
    }

    /// Whether what was given opens it.
    pub fn check(
        &self,
        answer: &Answer,
        consents: &Consents,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.judge(answer, consents, now).map(|_| ())
    }

    /// Passes the gate: checks what was given and turns the act into an approved one.
    pub fn pass<A: Act>(
        &self,
        act: A,
        answer: Answer,
        consents: &Consents,
        now: Timestamp,
    ) -> Result<Approved<A>, Refusal> {
        let digest = act.digest();
        if digest != self.digest {
            return Err(Refusal::AnotherAct);
        }
        let overrode = self.judge(&answer, consents, now)?;
        Ok(Approved {
            act,
            digest,
            reason: answer.reason,
            overrode,
            at: now,
        })
    }

    fn judge(
        &self,
        answer: &Answer,
        consents: &Consents,
        now: Timestamp,
    ) -> Result<Option<Overridden>, Refusal> {
        if *consents.plan() != self.digest {
            return Err(Refusal::AnotherAct);
        }
        let blocks = self.blocks(answer.breaks_glass);
        if !blocks.is_empty() {
            return Err(Refusal::Blocked(blocks.join(", ")));
        }
        let missing = self.missing(consents, now);
        if answer.breaks_glass && missing.is_none() && self.yields.is_empty() {
            return Err(Refusal::NothingToBreak);
        }
        let demand = self.demand_of(answer, consents)?;
        if demand.arm && !answer.armed {
            return Err(Refusal::NotArmed(self.environment.clone()));
        }
        demand.check_confirmation(answer, &self.environment)?;
        demand.check_reason(answer.reason.as_deref())?;
        if !answer.breaks_glass {
            return missing.map_or(Ok(None), Err);
        }
        Ok(Some(Overridden {
            approvals: self.terms.approvals,
            without_them: missing.is_some(),
            checks: self.yields.clone(),
        }))
    }

    fn demand_of(&self, answer: &Answer, consents: &Consents) -> Result<&Demand, Refusal> {
        if !answer.breaks_glass {
            return Ok(&self.demand);
        }
        if !actor::is_known(consents.who()) {
            return Err(Refusal::NobodyBreaks);
        }
        self.glass.as_ref().ok_or(Refusal::NoGlass)
    }

    /// What other people still have to give.
    fn missing(&self, consents: &Consents, now: Timestamp) -> Option<Refusal> {
        if self.terms.approvals == 0 {
            return None;
        }
        Refusal::of(self.standing(consents, now), self.terms.approvals)
    }

    /// Where the request for this act stands.
    pub fn standing(&self, consents: &Consents, now: Timestamp) -> Standing {
        consents.standing(&self.terms, now)
    }
}

fn demand(act: &impl Act, policy: &TierPolicy) -> Demand {
    let reads = act.risk() == Risk::Read;
    let confirm = if reads { Confirm::None } else { policy.confirm };
    Demand {
        confirm,
        phrase: match confirm {
            Confirm::TypeTarget => phrase(act),
            _ => String::new(),
        },
        reason: if reads {
            ReasonRule::None
        } else {
            policy.reason
        },
        ticket: policy.ticket.clone().filter(|_| !reads),
        approvals: if reads || !act.asks_others() {
            0
        } else {
            policy.approvals
        },
        arm: policy.read_only && !reads,
    }
}

/// Louder: the whole phrase and a reason, whatever the tier asks for otherwise.
fn broken(act: &impl Act, demand: &Demand) -> Demand {
    Demand {
        confirm: Confirm::TypeTarget,
        phrase: format!("break glass {}", phrase(act)),
        reason: ReasonRule::Required,
        approvals: 0,
        ..demand.clone()
    }
}

fn phrase(act: &impl Act) -> String {
    let environment = act.environment().as_str();
    match act.target() {
        Some(target) => format!("{environment} {target}"),
        None => environment.to_owned(),
    }
}

#[cfg(test)]
mod tests;
