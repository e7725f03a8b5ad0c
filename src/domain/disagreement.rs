//! What the probes of one environment answered, side by side, and whether they contradict each other.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::age;
use super::database::Reading;
use super::environment::ProbeKind;
use super::execution::Execution;
use super::failure::Failure;
use super::fleet::EnvironmentStatus;
use super::revision::RevisionId;

/// What one probe answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeAnswer {
    /// The probe.
    pub probe: ProbeKind,
    /// What it read.
    pub reading: Option<Reading>,
    /// Why it read nothing.
    pub failure: Option<Failure>,
}

impl ProbeAnswer {
    /// The answer of a probe.
    pub fn new(probe: ProbeKind, answer: Result<Reading, Failure>) -> Self {
        let (reading, failure) = match answer {
            Ok(reading) => (Some(reading), None),
            Err(failure) => (None, Some(failure)),
        };
        Self {
            probe,
            reading,
            failure,
        }
    }
}

/// Two answers that cannot both be true, and that no run between them explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The older answer.
    pub older: Reading,
    /// The newer one.
    pub newer: Reading,
}

/// Two probes that ask the database itself within this time ask it at the same time.
const SAME_TIME_S: i64 = 60;

impl Disagreement {
    /// What contradicts what, and what that means, in one sentence.
    pub fn message(&self, now: Timestamp) -> String {
        let told = |reading: &Reading| {
            let age = age::short(now.duration_since(reading.at));
            format!("{} {} {age} ago", reading.probe.word(), reading.told())
        };
        format!(
            "{}, but {}: {}",
            told(&self.newer),
            told(&self.older),
            self.meaning()
        )
    }

    /// What it means.
    pub fn meaning(&self) -> &'static str {
        let gap = self.newer.at.duration_since(self.older.at).as_secs();
        match self.older.probe {
            ProbeKind::Logs => {
                "somebody moved the database without the job after that run, or that run never \
                 committed what it announced"
            }
            ProbeKind::Job => "somebody moved the database without the job after that look",
            _ if gap > SAME_TIME_S => "somebody moved the database without the job between them",
            _ => "they do not read the same database",
        }
    }

    /// What to do.
    pub fn hint(&self) -> &'static str {
        let live = |probe| matches!(probe, ProbeKind::DataApi | ProbeKind::Direct);
        if live(self.older.probe) && live(self.newer.probe) {
            "compare sql_instance and database in the config with the URL in the secret"
        } else {
            "find out who and why before the next run: the audit log of the instance, the ledger, the team"
        }
    }
}

impl EnvironmentStatus {
    /// What every probe answered last, in the order of the config; the one that counts is the
    /// first that answered.
    pub fn probe_answers(&self) -> Vec<ProbeAnswer> {
        let probes = self.environment.probes.iter();
        probes.filter_map(|probe| self.answer_of(*probe)).collect()
    }

    fn answer_of(&self, probe: ProbeKind) -> Option<ProbeAnswer> {
        if let Some(reading) = self.reading.value().filter(|found| found.probe == probe) {
            return Some(ProbeAnswer::new(probe, Ok(reading.clone())));
        }
        let others = self.probes.value()?;
        others.iter().find(|answer| answer.probe == probe).cloned()
    }

    /// The first answer that contradicts the one that counts.
    pub fn disagreement(&self) -> Option<Disagreement> {
        let chosen = self.reading.value()?;
        let executions = self.executions.value().map(Vec::as_slice);
        let mut others = self.probe_answers().into_iter().filter_map(|a| a.reading);
        others.find_map(|other| {
            let (older, newer) = if other.at < chosen.at {
                (other, chosen.clone())
            } else {
                (chosen.clone(), other)
            };
            let explained = is_explained(&older, &newer, executions.unwrap_or_default());
            (!same(&older, &newer) && !explained).then_some(Disagreement { older, newer })
        })
    }
}

/// Whether two readings found the same rows, in whatever order.
fn same(a: &Reading, b: &Reading) -> bool {
    let rows = |reading: &Reading| {
        let mut rows: Vec<RevisionId> = reading.current.clone().unwrap_or_default();
        rows.sort();
        rows
    };
    rows(a) == rows(b)
}

/// Whether a run of the job may have moved the database between two readings.
fn is_explained(older: &Reading, newer: &Reading, executions: &[Execution]) -> bool {
    let between = |execution: &&Execution| {
        let ended_after = execution.completed_at.is_none_or(|at| at > older.at);
        ended_after && execution.created_at < newer.at
    };
    executions
        .iter()
        .filter(|execution| execution.may_move())
        .any(|execution| between(&execution))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::environment::{Environment, Tier};
    use crate::domain::execution::{ExecutionName, ExecutionState};
    use crate::domain::observed::Remote;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn reading(probe: ProbeKind, seconds: i64, rows: &[&str]) -> Reading {
        Reading {
            probe,
            at: at(seconds),
            current: Some(rows.iter().map(|row| (*row).into()).collect()),
            tables: None,
        }
    }

    fn run(created: i64, completed: Option<i64>, verb: &str) -> Execution {
        Execution {
            name: ExecutionName::new("e"),
            job: "j".into(),
            state: ExecutionState::Succeeded,
            message: "".into(),
            timed_out: false,
            cancelling: false,
            created_at: at(created),
            started_at: None,
            completed_at: completed.map(at),
            creator: "".into(),
            args: vec![verb.into()],
            image: "".into(),
            run_id: None,
            retried: 0,
            log_uri: String::new(),
        }
    }

    fn status(chosen: Reading, other: Reading, runs: Vec<Execution>) -> EnvironmentStatus {
        let mut status = EnvironmentStatus::unread(Environment {
            name: "prod".into(),
            tier: Tier::Production,
            project: "p".into(),
            region: "r".into(),
            job: "j".into(),
            sql_instance: None,
            database: None,
            secret: None,
            services: vec![],
            probes: vec![chosen.probe, other.probe],
            direct: None,
            labels: std::collections::BTreeMap::default(),
        });
        status.reading = Remote::ready(chosen, "", at(0));
        let answer = ProbeAnswer::new(other.probe, Ok(other));
        status.probes = Remote::ready(vec![answer], "", at(0));
        status.executions = Remote::ready(runs, "", at(0));
        status
    }

    #[test]
    fn an_older_log_that_says_otherwise_means_that_somebody_moved_it() {
        let chosen = reading(ProbeKind::DataApi, 10_000, &["b"]);
        let log = reading(ProbeKind::Logs, 100, &["a"]);
        let own_run = vec![run(50, Some(100), "upgrade")];
        let found = status(chosen, log, own_run).disagreement().unwrap();
        let message = found.message(at(10_060));
        assert!(message.starts_with("data-api said b"), "{message}");
        assert!(message.contains("logs said a"), "{message}");
        assert!(
            message.contains("without the job after that run"),
            "{message}"
        );
    }

    #[test]
    fn a_run_between_two_answers_explains_them_and_a_look_does_not() {
        let chosen = reading(ProbeKind::DataApi, 10_000, &["b"]);
        let log = reading(ProbeKind::Logs, 100, &["a"]);
        let with = |runs| status(chosen.clone(), log.clone(), runs).disagreement();
        assert_eq!(with(vec![run(200, Some(300), "upgrade")]), None);
        assert_eq!(with(vec![run(90, Some(300), "upgrade")]), None);
        assert_eq!(
            with(vec![run(9_990, None, "upgrade")]),
            None,
            "it still runs"
        );
        assert!(with(vec![run(200, Some(300), "current")]).is_some());
        assert!(with(vec![run(10_001, Some(10_002), "upgrade")]).is_some());
    }

    #[test]
    fn rows_have_no_order_and_live_answers_that_differ_are_of_two_databases() {
        let a = reading(ProbeKind::DataApi, 100, &["a", "b"]);
        let b = reading(ProbeKind::Direct, 101, &["b", "a"]);
        assert_eq!(status(a.clone(), b, vec![]).disagreement(), None);
        let c = reading(ProbeKind::Direct, 101, &["c"]);
        let found = status(a, c, vec![]).disagreement().unwrap();
        assert!(
            found
                .message(at(102))
                .contains("not read the same database")
        );
        assert!(found.hint().contains("secret"));
    }
}
