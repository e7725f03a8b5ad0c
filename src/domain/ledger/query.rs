//! Asking the ledger, and appending on a condition.

use jiff::Timestamp;

use super::{Entry, EntryKind, Record};
use crate::domain::environment::EnvironmentName;

/// Which entries are asked for; what is empty lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only of this environment.
    pub environment: Option<EnvironmentName>,
    /// Only of these kinds.
    pub kinds: Vec<EntryKind>,
    /// Only of this run.
    pub run_id: Option<String>,
    /// Only about the plan whose digest begins so.
    pub plan: Option<String>,
    /// Only by this actor.
    pub actor: Option<String>,
    /// Only those that hold this text in operation, actor, reason, execution or run id; case does not matter.
    pub text: Option<String>,
    /// Only from this time on.
    pub since: Option<Timestamp>,
    /// Only before this time.
    pub until: Option<Timestamp>,
}

impl Filter {
    /// Whether it lets an entry through.
    pub fn admits(&self, entry: &Entry) -> bool {
        let record = &entry.record;
        let is =
            |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|w| w == found);
        self.environment
            .as_ref()
            .is_none_or(|e| *e == record.environment)
            && (self.kinds.is_empty() || self.kinds.contains(&record.kind))
            && is(&self.run_id, &record.run_id)
            && is(&self.actor, &record.actor)
            && self
                .plan
                .as_deref()
                .is_none_or(|p| record.plan.as_str().starts_with(p))
            && self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at < until)
            && self.text.as_deref().is_none_or(|text| holds(record, text))
    }
}

fn holds(record: &Record, text: &str) -> bool {
    let text = text.to_lowercase();
    [
        Some(record.operation.as_str()),
        Some(record.actor.as_str()),
        Some(record.run_id.as_str()),
        record.reason.as_deref(),
        record.execution.as_deref(),
    ]
    .into_iter()
    .flatten()
    .any(|field| field.to_lowercase().contains(&text))
}

/// What keeps an entry from being appended, looked at in the same step: also between
/// processes and machines nobody appends in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unless {
    /// A run of this environment is open ([`EntryKind::is_open`]).
    Open(EnvironmentName),
    /// There is an entry of this run.
    Known(String),
    /// The last entry of this run is another one than this number: somebody else was faster.
    MovedOn {
        /// The run.
        run_id: String,
        /// The entry that was its last one when it was looked at.
        seq: u64,
    },
}

/// What became of a conditional entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is in the ledger.
    Written(Entry),
    /// It is not: this entry stands in its way, the last one of its run.
    Held(Entry),
}
