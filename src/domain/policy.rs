//! What a tier demands before a plan may run.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::approval::Terms;
use super::environment::{EnvironmentName, Tier};
use super::preflight::Severity;

/// What a person must do with the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confirm {
    /// Nothing.
    None,
    /// Press one key.
    Key,
    /// Type the environment's name (and the target, where the act has one).
    TypeTarget,
}

impl Confirm {
    /// The word for it, as in config and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Key => "key",
            Self::TypeTarget => "type-target",
        }
    }
}

/// Whether a reason must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonRule {
    /// It is not asked for.
    None,
    /// It may be given.
    Optional,
    /// It must be given.
    Required,
}

impl ReasonRule {
    /// The word for it, as in config and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }
}

/// A time of the week in which nothing may be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeWindow {
    /// Minutes from Monday 00:00 at which it begins.
    pub from: u16,
    /// Minutes from Monday 00:00 at which it ends; before `from` when it spans the week's end.
    pub to: u16,
    /// IANA time zone.
    pub zone: String,
}

impl FreezeWindow {
    /// Whether it holds a minute of the week. The end is outside; a window may span the week's end.
    pub fn holds(&self, minute: u16) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

/// What a tier demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierPolicy {
    /// Read-only until armed.
    pub read_only: bool,
    /// How long an environment stays armed.
    pub armed_for: SignedDuration,
    /// What must be typed or pressed.
    pub confirm: Confirm,
    /// Whether a reason is asked for.
    pub reason: ReasonRule,
    /// Pattern (regex) that the reason must hold.
    pub ticket: Option<String>,
    /// How many other people must agree.
    pub approvals: u32,
    /// How long they may be asked.
    pub approval_expires: SignedDuration,
    /// How long their agreement lasts, from the last of them on.
    pub approval_lasts: SignedDuration,
    /// Whether somebody may go through without what others had to give, and owe a review for it.
    pub break_glass: bool,
    /// Environment in which the target must be proven first.
    pub promote_from: Option<EnvironmentName>,
    /// A backup no older than this must exist.
    pub backup_within: Option<SignedDuration>,
    /// When nothing may be changed.
    pub freeze: Vec<FreezeWindow>,
}

impl TierPolicy {
    /// The safe default of a tier.
    pub fn default_of(tier: Tier) -> Self {
        let open = Self {
            read_only: false,
            armed_for: SignedDuration::from_mins(5),
            confirm: Confirm::None,
            reason: ReasonRule::None,
            ticket: None,
            approvals: 0,
            approval_expires: SignedDuration::from_mins(60),
            approval_lasts: SignedDuration::from_mins(30),
            // Who cannot go through here at 03:00 goes around, where nobody writes it down.
            break_glass: true,
            promote_from: None,
            backup_within: None,
            freeze: Vec::new(),
        };
        match tier {
            Tier::Development => open,
            Tier::Staging => Self {
                confirm: Confirm::Key,
                ..open
            },
            Tier::Production => Self {
                read_only: true,
                confirm: Confirm::TypeTarget,
                reason: ReasonRule::Required,
                ..open
            },
        }
    }

    fn weaker_than(&self, other: &Self, (tier, below): (Tier, Tier)) -> Vec<String> {
        let more = |what: &str, own: &dyn std::fmt::Display, other: &dyn std::fmt::Display| {
            format!("{tier} asks for less than {below}: {what} {own}, there {other}")
        };
        let confirm = (self.confirm < other.confirm)
            .then(|| more("confirm", &self.confirm.word(), &other.confirm.word()));
        let reason = (self.reason < other.reason)
            .then(|| more("reason", &self.reason.word(), &other.reason.word()));
        let approvals = (self.approvals < other.approvals)
            .then(|| more("approvals", &self.approvals, &other.approvals));
        let arm = (!self.read_only && other.read_only)
            .then(|| more("read_only", &self.read_only, &other.read_only));
        [confirm, reason, approvals, arm]
            .into_iter()
            .flatten()
            .collect()
    }

    /// What it wants from other people.
    pub fn terms(&self) -> Terms {
        Terms {
            approvals: self.approvals,
            expires: self.approval_expires,
            lasts: self.approval_lasts,
        }
    }
}

/// The policies of all tiers, and what the config says about single checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policies {
    /// By tier.
    pub tiers: BTreeMap<Tier, TierPolicy>,
    /// Severity by preflight code; `None` switches the check off.
    pub preflight: BTreeMap<String, Option<Severity>>,
}

impl Policies {
    /// The policy of a tier.
    pub fn of(&self, tier: Tier) -> TierPolicy {
        self.tiers
            .get(&tier)
            .cloned()
            .unwrap_or_else(|| TierPolicy::default_of(tier))
    }

    /// What a tier asks for less than a less dangerous one, in words.
    pub fn weaker_than_below(&self, tier: Tier) -> Vec<String> {
        let own = self.of(tier);
        let below = Tier::ALL.into_iter().filter(|below| *below < tier);
        below
            .flat_map(|below| own.weaker_than(&self.of(below), (tier, below)))
            .collect()
    }
}

impl Default for Policies {
    fn default() -> Self {
        let tiers = Tier::ALL
            .map(|tier| (tier, TierPolicy::default_of(tier)))
            .into();
        Self {
            tiers,
            preflight: BTreeMap::new(),
        }
    }
}
