//! The `logs` probe: the revision that the last good run announced on its log.
//!
//! It is the weakest probe: a log says what Alembic meant to do. So it answers only
//! when no later run may have moved the database, and its time is that of the run.

use jiff::Timestamp;

use crate::domain::execution::{Execution, ExecutionState};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::logs::LogLine;
use crate::domain::progress;
use crate::domain::revision::RevisionId;

/// How many good runs are looked through for one that moved something.
pub(super) const LOOKED_THROUGH: usize = 8;

/// The executions whose logs may tell, the newest first.
pub(super) fn candidates(executions: &[Execution]) -> Result<Vec<&Execution>, Failure> {
    let moving: Vec<_> = executions
        .iter()
        .filter(|execution| may_move(execution))
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
pub(super) fn revisions(lines: &[LogLine]) -> Option<Vec<RevisionId>> {
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

/// When the run was over, which is when its log was true.
pub(super) fn told_at(execution: &Execution) -> Timestamp {
    execution.completed_at.unwrap_or(execution.created_at)
}

/// The failure of a probe that cannot tell.
pub(super) fn silent(why: &str, hint: &str) -> Failure {
    Failure::new(
        FailureKind::NotFound,
        format!("the logs cannot tell the revision: {why}"),
        hint,
    )
}

/// Whether a run may have moved the database: all but those known to only look.
fn may_move(execution: &Execution) -> bool {
    const LOOKING: [&str; 6] = ["current", "history", "heads", "show", "branches", "--sql"];
    !execution
        .args
        .iter()
        .any(|arg| LOOKING.contains(&arg.raw()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::execution::ExecutionName;
    use crate::domain::logs::LogSeverity;

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
}
