//! The `logs` probe: the revision that the last good run announced on its log.
//!
//! It is the weakest probe: a log says what Alembic meant to do. So it answers only
//! when no later run may have moved the database, and its time is that of the run.

use crate::domain::environment::EnvironmentName;
use crate::domain::execution::{Execution, ExecutionState};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::logs::{LogLine, LogStream};
use crate::domain::revision::RevisionId;
use crate::domain::run_line::RunLine;
use crate::domain::{current, progress};

/// How many good runs are looked through for one that moved something.
pub(super) const LOOKED_THROUGH: usize = 4;

/// The executions whose logs may tell, the newest first.
pub(super) fn candidates(executions: &[Execution]) -> Result<Vec<&Execution>, Failure> {
    let moving: Vec<_> = executions
        .iter()
        .filter(|execution| execution.may_move())
        .collect();
    match moving.first() {
        None => Err(silent("the job has not run yet", "run `current`")),
        Some(newest) if newest.state != ExecutionState::Succeeded => Err(silent(
            &format!(
                "the newest run {} is {}: its log proves nothing",
                newest.name,
                newest.state.word()
            ),
            "read the database by another probe",
        )),
        Some(_) => Ok(moving
            .into_iter()
            .take_while(|execution| execution.state == ExecutionState::Succeeded)
            .take(LOOKED_THROUGH)
            .collect()),
    }
}

/// The revisions after a run, as its log tells them; `None` when it moved nothing.
fn revisions(lines: &[LogLine]) -> Option<Vec<RevisionId>> {
    let steps: Vec<_> = lines
        .iter()
        .filter_map(|line| progress::step(line.text.raw()))
        .collect();
    if steps.is_empty() {
        return None;
    }
    let mut rows: Vec<RevisionId> = Vec::new();
    for step in steps {
        rows.retain(|row| !step.from.contains(row));
        if !step.to.as_str().is_empty() && !rows.contains(&step.to) {
            rows.push(step.to);
        }
    }
    Some(rows)
}

/// The failure of a probe that cannot tell.
pub(super) fn silent(why: &str, hint: &str) -> Failure {
    Failure::new(
        FailureKind::NotFound,
        format!("the logs cannot tell the revision: {why}"),
        hint,
    )
}

/// What the log of one run tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// The line that the image ends with, when it does.
    line: Option<RunLine>,
    /// The rows after the steps that Alembic announced.
    steps: Option<Vec<RevisionId>>,
    /// The rows that were printed, when Alembic was heard at all.
    printed: Option<Vec<RevisionId>>,
}

impl Told {
    /// Reads a log.
    pub(super) fn by(lines: &[LogLine]) -> Self {
        let texts = || lines.iter().map(|line| line.text.raw());
        // What is not known to be logging may be output.
        let output = lines.iter().filter(|line| line.stream != LogStream::Stderr);
        let printed = current::rows(output.map(|line| line.text.raw()));
        let heard = !printed.is_empty() || texts().any(|text| text.contains("Context impl "));
        Self {
            line: RunLine::last_of(texts()),
            steps: revisions(lines),
            printed: heard.then_some(printed),
        }
    }

    /// Whether nothing more can be told: the last line was seen.
    pub(super) fn is_whole(&self) -> bool {
        self.line.is_some()
    }

    /// The rows after a run that moved; its own last line is worth more than Alembic's
    /// announcements, which come before the commit.
    pub(super) fn moved_to(&self) -> Option<&[RevisionId]> {
        let line = self.line.as_ref().map(|line| line.after.as_slice());
        line.or(self.steps.as_deref())
    }

    /// The rows that a run that only looked has seen.
    pub(super) fn looked_at(&self) -> Option<&[RevisionId]> {
        let line = self.line.as_ref().map(|line| line.after.as_slice());
        line.or(self.printed.as_deref())
    }
}

/// The last good `current`, unless a later run may have moved the database since.
pub(super) fn last_look<'a>(
    executions: &'a [Execution],
    environment: &EnvironmentName,
) -> Result<&'a Execution, Failure> {
    for execution in executions {
        if execution.may_move() {
            let why = format!("{} ran since, and may have moved it", execution.name);
            return Err(no_look(environment, &why));
        }
        let looks = execution.args.iter().any(|arg| arg.raw() == "current");
        if looks && execution.state == ExecutionState::Succeeded {
            return Ok(execution);
        }
    }
    Err(no_look(environment, "`current` has not run of late"))
}

/// The failure of the `job` probe: a run never starts by itself.
pub(super) fn no_look(environment: &EnvironmentName, why: &str) -> Failure {
    Failure::new(
        FailureKind::NotFound,
        format!("the last `current` cannot tell the revision: {why}"),
        format!("portcullis run current -e {environment}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::execution::ExecutionName;
    use crate::domain::logs::LogSeverity;
    use jiff::Timestamp;

    fn run(name: &str, state: ExecutionState, args: &[&str]) -> Execution {
        Execution {
            name: ExecutionName::new(name),
            job: "j".into(),
            state,
            message: "".into(),
            timed_out: false,
            cancelling: false,
            created_at: Timestamp::UNIX_EPOCH,
            started_at: None,
            completed_at: None,
            creator: "".into(),
            args: args.iter().map(|arg| (*arg).into()).collect(),
            image: "".into(),
            run_id: None,
            retried: 0,
            log_uri: String::new(),
        }
    }

    fn lines(texts: &[&str]) -> Vec<LogLine> {
        let line = |text: &&str| LogLine {
            at: Timestamp::UNIX_EPOCH,
            insert_id: String::new(),
            severity: LogSeverity::Info,
            stream: LogStream::Other,
            text: (*text).into(),
        };
        texts.iter().map(line).collect()
    }

    #[test]
    fn the_last_step_tells() {
        let log = lines(&[
            "Context impl",
            "Running upgrade  -> a1, first",
            "Running upgrade a1 -> a2, second",
        ]);
        assert_eq!(revisions(&log), Some(vec!["a2".into()]));
        assert_eq!(revisions(&lines(&["nothing to do"])), None);
    }

    #[test]
    fn branches_keep_their_rows_and_a_merge_joins_them() {
        let log = [
            "Running upgrade a1 -> b1, x",
            "Running upgrade a1 -> c1, y",
            "Running upgrade b1, c1 -> m1, z",
        ];
        assert_eq!(
            revisions(&lines(&log[..2])),
            Some(vec!["b1".into(), "c1".into()])
        );
        assert_eq!(revisions(&lines(&log)), Some(vec!["m1".into()]));
    }

    #[test]
    fn a_newer_run_that_ended_badly_silences_the_probe() {
        let good = run("a", ExecutionState::Succeeded, &["upgrade", "head"]);
        let bad = run("b", ExecutionState::Cancelled, &["upgrade", "head"]);
        let look = run("c", ExecutionState::Failed, &["alembic", "current"]);
        assert_eq!(candidates(&[look.clone(), good.clone()]).unwrap().len(), 1);
        let failure = candidates(&[look, bad.clone(), good.clone()]).unwrap_err();
        assert_eq!(failure.kind, FailureKind::NotFound);
        assert_eq!(candidates(&[good.clone(), bad, good]).unwrap().len(), 1);
        assert!(candidates(&[]).is_err());
    }

    #[test]
    fn the_last_line_of_a_run_is_worth_more_than_its_announcements() {
        let log = lines(&[
            "Running upgrade a1 -> a2, second",
            r#"{"before":["a1"],"after":["a1"],"heads":["a2"]}"#,
        ]);
        let told = Told::by(&log);
        assert_eq!(told.moved_to(), Some(["a1".into()].as_slice()));
        assert!(told.is_whole() && !Told::by(&log[..1]).is_whole());
        assert_eq!(
            Told::by(&log[..1]).moved_to(),
            Some(["a2".into()].as_slice())
        );
    }

    #[test]
    fn a_look_tells_what_it_printed_and_an_empty_log_tells_nothing() {
        let looked = |texts: &[&str]| Told::by(&lines(texts)).looked_at().map(<[_]>::to_vec);
        let greeting = "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.";
        assert_eq!(looked(&[greeting, "a2 (head)"]), Some(vec!["a2".into()]));
        assert_eq!(looked(&[greeting]), Some(vec![]));
        assert_eq!(
            looked(&["starting"]).unwrap_or_default(),
            vec!["starting".into()]
        );
        assert_eq!(looked(&[]), None);
    }

    #[test]
    fn a_look_is_good_until_something_may_have_moved() {
        let name = EnvironmentName::new("uat");
        let look = run("c", ExecutionState::Succeeded, &["alembic", "current"]);
        let failed = run("d", ExecutionState::Failed, &["alembic", "current"]);
        let upgrade = run("u", ExecutionState::Failed, &["alembic", "upgrade", "head"]);
        let runs = [failed, look, upgrade.clone()];
        assert_eq!(last_look(&runs, &name).map(|e| e.name.as_str()), Ok("c"));
        let runs = [upgrade, runs[1].clone()];
        for runs in [&runs[..], &[]] {
            let failure = last_look(runs, &name).unwrap_err();
            assert_eq!(failure.hint, "portcullis run current -e uat");
        }
    }
}
