//! Everything known of the environments: what the fleet screen and `status` show.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::database::{Instance, Reading};
use super::directory::{Comparison, Heard};
use super::disagreement::ProbeAnswer;
use super::environment::Environment;
use super::execution::Execution;
use super::failure::Failure;
use super::job::Job;
use super::migration::Standing;
use super::observed::Remote;
use super::problem::Problem;
use super::review_debt::Debt;
use super::secret::SecretVersions;

/// Everything known of one environment; each part is there, on its way, or failed by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentStatus {
    /// What the config says.
    pub environment: Environment,
    /// The job's definition.
    pub job: Remote<Job>,
    /// The newest executions, the newest first.
    pub executions: Remote<Vec<Execution>>,
    /// The instance.
    pub instance: Remote<Instance>,
    /// The versions of the secret.
    pub secret: Remote<SecretVersions>,
    /// What a probe read from the database.
    pub reading: Remote<Reading>,
    /// What all configured probes answered when they were last asked together.
    #[serde(default)]
    pub probes: Remote<Vec<ProbeAnswer>>,
    /// Where the database stands in the migration directory.
    pub standing: Option<Standing>,
    /// What the logs of finished runs told of the revisions in their images, the newest first.
    #[serde(default)]
    pub heard: Vec<Heard>,
    /// Whose revisions it is compared with, and whether its image has the same.
    #[serde(default)]
    pub directory: Option<Comparison>,
    /// Reviews that are owed for broken glass.
    #[serde(default)]
    pub debts: Vec<Debt>,
    /// What is wrong, worst first.
    pub problems: Vec<Problem>,
}

impl EnvironmentStatus {
    /// An environment of which nothing is known yet.
    pub fn unread(environment: Environment) -> Self {
        Self {
            environment,
            job: Remote::default(),
            executions: Remote::default(),
            instance: Remote::default(),
            secret: Remote::default(),
            reading: Remote::default(),
            probes: Remote::default(),
            standing: None,
            heard: Vec::new(),
            directory: None,
            debts: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// The newest execution.
    pub fn last_execution(&self) -> Option<&Execution> {
        self.executions.value().and_then(|list| list.first())
    }
}

/// All environments at one time; also the snapshot on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fleet {
    /// When it was put together.
    pub generated_at: Option<Timestamp>,
    /// The environments in the order of the config.
    pub environments: Vec<EnvironmentStatus>,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// E-mail of the person or service account; `None` when it could not be learnt.
    pub email: Option<String>,
    /// By which credential, for a person.
    pub credential: String,
    /// When the sign-in ends, if that is known.
    pub expires_at: Option<Timestamp>,
}

/// One part of what is known of an environment; each is read by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The job's definition.
    Job,
    /// The newest executions.
    Executions,
    /// The instance.
    Instance,
    /// The versions of the secret.
    Secret,
    /// What a probe reads from the database.
    Reading,
    /// What all configured probes read, for comparison; asked for seldom.
    Probes,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 6] = [
        Self::Job,
        Self::Executions,
        Self::Instance,
        Self::Secret,
        Self::Reading,
        Self::Probes,
    ];
}

/// The answer about one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartAnswer {
    /// The job's definition.
    Job(Box<Remote<Job>>),
    /// The newest executions.
    Executions(Remote<Vec<Execution>>),
    /// The instance.
    Instance(Remote<Instance>),
    /// The versions of the secret.
    Secret(Remote<SecretVersions>),
    /// What a probe read from the database.
    Reading(Remote<Reading>),
    /// What all configured probes read.
    Probes(Remote<Vec<ProbeAnswer>>),
}

impl PartAnswer {
    /// Puts the answer into its place; a failure leaves the older value there.
    pub fn apply(self, status: &mut EnvironmentStatus) {
        match self {
            Self::Job(answer) => status.job.absorb(*answer),
            Self::Executions(answer) => status.executions.absorb(answer),
            Self::Instance(answer) => status.instance.absorb(answer),
            Self::Secret(answer) => status.secret.absorb(answer),
            Self::Reading(answer) => absorb_reading(&mut status.reading, answer),
            Self::Probes(answer) => status.probes.absorb(answer),
        }
    }

    /// Why it brought nothing.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Job(answer) => answer.failure.as_ref(),
            Self::Executions(answer) => answer.failure.as_ref(),
            Self::Instance(answer) => answer.failure.as_ref(),
            Self::Secret(answer) => answer.failure.as_ref(),
            Self::Reading(answer) => answer.failure.as_ref(),
            Self::Probes(answer) => answer.failure.as_ref(),
        }
    }
}

/// A probe that answers second best may know only what was long ago (the last run's log):
/// such an answer does not replace what was read from the database since.
fn absorb_reading(known: &mut Remote<Reading>, mut answer: Remote<Reading>) {
    let newer = known.last.as_ref().map(|seen| seen.at);
    if answer
        .last
        .as_ref()
        .is_some_and(|seen| newer.is_some_and(|newer| seen.at < newer))
    {
        answer.last = None;
    }
    known.absorb(answer);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::environment::ProbeKind;

    fn reading(probe: ProbeKind, seconds: i64) -> Remote<Reading> {
        let at = Timestamp::from_second(seconds).expect("a small number of seconds");
        let reading = Reading {
            probe,
            at,
            current: Some(Vec::new()),
            tables: None,
        };
        Remote::ready(reading, probe.word(), at)
    }

    #[test]
    fn an_older_reading_does_not_replace_a_newer_one() {
        let mut known = reading(ProbeKind::DataApi, 100);
        absorb_reading(&mut known, reading(ProbeKind::Logs, 10));
        assert_eq!(known.value().map(|r| r.probe), Some(ProbeKind::DataApi));
        absorb_reading(&mut known, reading(ProbeKind::Logs, 110));
        assert_eq!(known.value().map(|r| r.probe), Some(ProbeKind::Logs));
    }
}
