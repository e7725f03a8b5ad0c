//! What a gate demands, and what is given for it.

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::domain::policy::{Confirm, ReasonRule};

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
    /// Whether the glass is broken: without the others, and against the policy's own blocks.
    pub breaks_glass: bool,
}

impl Demand {
    /// Whether a reason satisfies it. One that is not asked for must still hold the ticket, if it is given.
    pub fn check_reason(&self, reason: Option<&str>) -> Result<(), Refusal> {
        let given = reason.map(str::trim).filter(|text| !text.is_empty());
        match (self.reason, given) {
            (ReasonRule::None, _) | (ReasonRule::Optional, None) => Ok(()),
            (ReasonRule::Required, None) => Err(Refusal::NoReason),
            (ReasonRule::Required, Some(reason)) if !says_something(reason) => {
                Err(Refusal::NoReason)
            }
            (_, Some(reason)) => self.check_ticket(reason),
        }
    }

    /// The ticket alone is enough: what there is to say stands there.
    fn check_ticket(&self, reason: &str) -> Result<(), Refusal> {
        match &self.ticket {
            Some(pattern) if !Regex::new(pattern).is_ok_and(|r| r.is_match(reason)) => {
                Err(Refusal::NoTicket(pattern.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Whether what was typed or pressed satisfies it. The environment's name alone is enough for
    /// `type-target`, as the contract says; the console asks for the whole phrase.
    pub(super) fn check_confirmation(
        &self,
        answer: &Answer,
        environment: &str,
    ) -> Result<(), Refusal> {
        let typed = answer.typed.as_deref();
        match self.confirm {
            Confirm::None => Ok(()),
            Confirm::Key if answer.key || typed == Some(environment) => Ok(()),
            Confirm::Key => Err(Refusal::NotConfirmed(
                "press the key, or say --yes".to_owned(),
            )),
            Confirm::TypeTarget => match typed {
                Some(text) if text == environment || text == self.phrase => Ok(()),
                Some(_) => Err(Refusal::Mistyped(self.phrase.clone())),
                None => Err(Refusal::NotConfirmed(format!("type `{}`", self.phrase))),
            },
        }
    }
}

/// Whether it is more than a dot, or one key held down: three letters or digits, not all the same.
pub fn says_something(reason: &str) -> bool {
    let mut said = reason.chars().filter(|c| c.is_alphanumeric());
    let Some(first) = said.next() else {
        return false;
    };
    let rest: Vec<_> = said.collect();
    rest.len() >= 2 && rest.iter().any(|c| *c != first)
}
