//! One entry of the catalogue.

use std::collections::BTreeMap;

use regex::bytes::Regex;
use serde::{Deserialize, Serialize};

use super::facts::{Facts, fill};

/// What a cause says about the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// Nothing can have been changed.
    Nothing,
    /// Only the database knows: read it back.
    Unknown,
}

impl Changed {
    /// The word for it, as in JSON and in the catalogue.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Unknown => "unknown",
        }
    }
}

/// A known cause: what shows it, what it means, and what to do.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Its id: `KC-23` for those that come with the program.
    pub id: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// Why, in whole sentences.
    pub cause: String,
    /// What to do first.
    pub remedy: String,
    /// What it says about the database.
    pub changed: Changed,
    /// Where more is written.
    pub links: Vec<String>,
    /// Whether it only says that something is wrong, and so yields to every other cause.
    pub symptom: bool,
    /// Where two causes fit a line, the lower one is meant.
    pub precedence: u32,
    /// The same cause under facts that say more.
    pub(super) variants: Vec<Variant>,
    /// What a line must hold.
    pub(super) pattern: Regex,
    /// What must stand in the line or close to it as well.
    pub(super) near: Option<Regex>,
    /// The part of the line that must not be shown.
    pub(super) hides: Option<Regex>,
    /// Texts that have this cause, and this one first.
    pub(super) fixtures: Vec<String>,
}

/// What a cause means when these facts are known.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    pub(super) conditions: BTreeMap<String, bool>,
    pub(super) cause: Option<String>,
    pub(super) remedy: Option<String>,
    pub(super) changed: Option<Changed>,
}

/// What a cause says, with every placeholder filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) cause: String,
    pub(super) remedy: String,
    pub(super) changed: Changed,
}

impl Cause {
    /// What it says when these facts are known; `captures` are the named parts of the line.
    pub(super) fn tell(&self, facts: &Facts, captures: &BTreeMap<String, String>) -> Told {
        let variant = self.variants.iter().find(|v| facts.meet(&v.conditions));
        let cause = variant
            .and_then(|v| v.cause.as_ref())
            .unwrap_or(&self.cause);
        let remedy = variant
            .and_then(|v| v.remedy.as_ref())
            .unwrap_or(&self.remedy);
        Told {
            cause: fill(cause, facts, captures),
            remedy: fill(remedy, facts, captures),
            changed: variant.and_then(|v| v.changed).unwrap_or(self.changed),
        }
    }
}
