//! What is owed for a broken glass: somebody looks at it afterwards, and says so in the ledger.
//! (What a revision does is [`review`](super::review), which is another thing.)
//!
//! A debt begins with the entry that says that the glass was broken. It ends with an entry
//! `Reviewed` of the same run, by a known person: by somebody else than the one who broke it,
//! unless the policy asks for nobody else and the ledger knew nobody else then.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::actor;
use super::environment::EnvironmentName;
use super::gate::Overridden;
use super::ledger::{Entry, EntryKind};

/// What an entry about a broken glass holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glass {
    /// What was overridden.
    #[serde(flatten)]
    pub overrode: Overridden,
    /// Whether the ledger knew another person then.
    pub others: bool,
}

/// A review that is owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debt {
    /// The run that broke the glass.
    pub run_id: String,
    /// Where.
    pub environment: EnvironmentName,
    /// The operation.
    pub operation: String,
    /// Who broke it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// What was overridden; unknown where the entry does not tell.
    pub overrode: Option<Overridden>,
    /// Whether somebody else has to look.
    pub needs_other: bool,
}

/// Why somebody's review does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Who it is is not known, or is no person.
    #[error("a review is a person's: who is signed in is not known, or is a service account")]
    Nobody,
    /// It is the one who broke the glass.
    #[error("whoever broke the glass does not review it")]
    Breaker,
}

impl Debt {
    /// Whether a review by this person pays it.
    pub fn admits(&self, who: &str) -> Result<(), Unfit> {
        if !actor::is_person(who) {
            return Err(Unfit::Nobody);
        }
        if self.needs_other && actor::is_same(who, &self.by) {
            return Err(Unfit::Breaker);
        }
        Ok(())
    }

    /// What was overridden, in words.
    pub fn words(&self) -> String {
        let Some(overrode) = &self.overrode else {
            return "what was overridden is not known".to_owned();
        };
        let others = overrode
            .without_them
            .then(|| format!("without {} approval(s)", overrode.approvals));
        let checks = (!overrode.checks.is_empty())
            .then(|| format!("against {}", overrode.checks.join(", ")));
        let both: Vec<_> = others.into_iter().chain(checks).collect();
        both.join(" and ")
    }
}

/// The reviews that are owed by what some entries tell, the oldest first.
pub fn owed(entries: &[Entry]) -> Vec<Debt> {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_by_key(|entry| entry.seq);
    let mut debts = BTreeMap::new();
    for entry in sorted {
        let record = &entry.record;
        match record.kind {
            EntryKind::BrokeGlass => {
                debts
                    .entry(record.run_id.clone())
                    .or_insert_with(|| debt(entry));
            }
            EntryKind::Reviewed => {
                let paid = debts.get(&record.run_id);
                if paid.is_some_and(|debt: &Debt| debt.admits(&record.actor).is_ok()) {
                    debts.remove(&record.run_id);
                }
            }
            _ => {}
        }
    }
    let mut debts: Vec<_> = debts.into_values().collect();
    debts.sort_by_key(|debt| debt.at);
    debts
}

fn debt(entry: &Entry) -> Debt {
    let record = &entry.record;
    let detail = record.detail.as_deref();
    let glass: Option<Glass> = detail.and_then(|json| serde_json::from_str(json).ok());
    Debt {
        run_id: record.run_id.clone(),
        environment: record.environment.clone(),
        operation: record.operation.clone(),
        by: record.actor.clone(),
        at: entry.at,
        reason: record.reason.clone(),
        needs_other: glass
            .as_ref()
            .is_none_or(|glass| glass.others || glass.overrode.approvals > 0),
        overrode: glass.map(|glass| glass.overrode),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::Digest;
    use crate::domain::ledger::{Record, chain, genesis};

    const RAVI: &str = "ravi@example.com";
    const MIA: &str = "mia@example.com";

    fn entry(seq: u64, kind: EntryKind, actor: &str, glass: Option<&Glass>) -> Entry {
        let record = Record {
            actor: actor.to_owned(),
            run_id: "run-1".to_owned(),
            kind,
            environment: "prod".into(),
            operation: "upgrade".to_owned(),
            plan: Digest::of_bytes(b"plan"),
            execution: None,
            outcome: None,
            reason: Some("OPS-1 nobody answers".to_owned()),
            detail: glass.map(|glass| serde_json::to_string(glass).unwrap()),
        };
        chain(seq, Timestamp::UNIX_EPOCH, record, genesis())
    }

    fn glass(approvals: u32, others: bool) -> Glass {
        Glass {
            overrode: Overridden {
                approvals,
                without_them: approvals > 0,
                checks: vec!["freeze".to_owned()],
            },
            others,
        }
    }

    fn owed_after(glass: Option<&Glass>, reviewer: Option<&str>) -> Vec<Debt> {
        let mut entries = vec![
            entry(1, EntryKind::BrokeGlass, RAVI, glass),
            entry(2, EntryKind::Intended, RAVI, None),
            entry(3, EntryKind::Settled, RAVI, None),
        ];
        entries.extend(reviewer.map(|who| entry(4, EntryKind::Reviewed, who, None)));
        entries.reverse();
        owed(&entries)
    }

    #[test]
    fn a_broken_glass_is_owed_until_somebody_else_has_looked() {
        let glass = glass(1, true);
        let owed = owed_after(Some(&glass), None);
        assert_eq!(owed[0].by, RAVI);
        assert_eq!(owed[0].words(), "without 1 approval(s) and against freeze");
        for does_not_count in [
            RAVI,
            "Ravi@Example.com",
            "unknown",
            "ci@p.iam.gserviceaccount.com",
        ] {
            let left = owed_after(Some(&glass), Some(does_not_count));
            assert_eq!(left.len(), 1, "{does_not_count}");
        }
        assert_eq!(owed_after(Some(&glass), Some(MIA)), []);
    }

    #[test]
    fn only_who_is_alone_reviews_what_is_his_own() {
        assert_eq!(owed_after(Some(&glass(0, false)), Some(RAVI)), []);
        assert_eq!(owed_after(Some(&glass(0, true)), Some(RAVI)).len(), 1);
        assert_eq!(owed_after(Some(&glass(1, false)), Some(RAVI)).len(), 1);
        // An entry that does not tell is taken for the stricter one.
        assert_eq!(owed_after(None, Some(RAVI)).len(), 1);
        assert_eq!(owed_after(None, Some(MIA)), []);
    }

    #[test]
    fn a_review_of_something_else_pays_nothing() {
        let mut entries = vec![
            entry(1, EntryKind::Reviewed, MIA, None),
            entry(2, EntryKind::BrokeGlass, RAVI, Some(&glass(1, true))),
        ];
        assert_eq!(owed(&entries).len(), 1, "it came before");
        let mut other = entry(3, EntryKind::Reviewed, MIA, None);
        other.record.run_id = "run-2".to_owned();
        entries.push(other);
        assert_eq!(owed(&entries).len(), 1, "it is another run's");
    }
}
