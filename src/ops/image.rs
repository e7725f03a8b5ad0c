//! The revisions in the image that a job would run, as finished runs of it told on their logs.
//!
//! A log is read once: the log of a finished run does not change any more, and reads of logs
//! are few. Only one that may still be on its way, or that could not be read, is asked for again.

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};

use crate::alembic::graph::{Direction, Graph, PendingError, Target};
use crate::alembic::revision::Revision;
use crate::domain::directory::{Heard, Told};
use crate::domain::environment::Environment;
use crate::domain::execution::{Execution, ExecutionState};
use crate::domain::failure::Failure;
use crate::domain::history;
use crate::domain::logs::LogQuery;
use crate::domain::migration::RevisionSummary;
use crate::domain::revision::RevisionId;
use crate::domain::run_line::RunLine;
use crate::domain::text::RemoteText;
use crate::ports::World;
use crate::ports::migrations::Path;

/// The longest log of a run that lists its history, in pages.
const LISTING_PAGES: usize = 20;
/// The longest log of another run, in pages: what counts is its last line.
const OTHER_PAGES: usize = 5;
/// How long after the end of a run lines of it may still arrive.
const LAG: SignedDuration = SignedDuration::from_mins(5);
/// How long until a log that is still on its way is read again.
const SOON: SignedDuration = SignedDuration::from_secs(30);
/// How long until a log that could not be read is asked for again.
const LATER: SignedDuration = SignedDuration::from_mins(5);

/// Reads the logs that may tell and were not heard yet; keeps what was heard of the others.
pub async fn hear(
    world: &World,
    environment: &Environment,
    executions: &[Execution],
    heard: &[Heard],
) -> Vec<Heard> {
    let now = world.clock.now();
    let candidates = candidates(executions);
    let answers = candidates.into_iter().map(|execution| async move {
        let known = heard.iter().find(|known| known.execution == execution.name);
        match known.filter(|known| !is_due(known, execution, now)) {
            Some(known) => known.clone(),
            None => Heard {
                execution: execution.name.clone(),
                at: now,
                told: listen(world, environment, execution).await,
            },
        }
    });
    join_all(answers).await
}

/// What was told, the newest first.
pub fn told(heard: &[Heard]) -> impl Iterator<Item = &Told> {
    heard
        .iter()
        .filter_map(|heard| heard.told.as_ref().ok()?.as_ref())
}

/// The newest good run that lists a history, and the newest other one when it is newer: that
/// may end with a line about itself.
fn candidates(executions: &[Execution]) -> Vec<&Execution> {
    let good = |e: &&Execution| e.state == ExecutionState::Succeeded;
    let listing = executions.iter().filter(good).find(|e| lists(e));
    let other = executions
        .iter()
        .filter(good)
        .take_while(|e| listing.is_none_or(|listing| listing.name != e.name))
        .next();
    other.into_iter().chain(listing).collect()
}

/// Whether a run lists the whole history of the directory that the others use.
fn lists(execution: &Execution) -> bool {
    let words: Vec<_> = execution.args.iter().map(RemoteText::raw).collect();
    let Some(at) = words.iter().position(|word| *word == "history") else {
        return false;
    };
    let is_range = |word: &&str| word.starts_with("-r") || word.starts_with("--rev");
    let elsewhere = |word: &&str| matches!(*word, "-n" | "--name" | "-c" | "--config");
    !words[at..].iter().any(is_range) && !words[..at].iter().any(elsewhere)
}

fn is_due(heard: &Heard, execution: &Execution, now: Timestamp) -> bool {
    let age = now.duration_since(heard.at);
    let over = execution.completed_at.unwrap_or(execution.created_at);
    match &heard.told {
        Ok(Some(_)) => false,
        Ok(None) => lists(execution) && heard.at.duration_since(over) < LAG && age >= SOON,
        Err(_) => age >= LATER,
    }
}

async fn listen(
    world: &World,
    environment: &Environment,
    execution: &Execution,
) -> Result<Option<Told>, Failure> {
    let pages = if lists(execution) {
        LISTING_PAGES
    } else {
        OTHER_PAGES
    };
    let query = LogQuery {
        since: Some(execution.created_at),
        ..LogQuery::of(environment, &execution.name)
    };
    let (lines, is_all) = world.logs.read_pages(query, pages).await?;
    let lines: Vec<_> = lines.iter().map(|line| line.text.raw()).collect();
    Ok(is_all.then(|| understand(execution, &lines)).flatten())
}

/// What the lines of a log tell; `None` when nothing, or not all of it.
fn understand(execution: &Execution, lines: &[&str]) -> Option<Told> {
    let told = |heads, revisions| Told {
        execution: execution.name.clone(),
        image: execution.image.clone(),
        at: execution.completed_at.unwrap_or(execution.created_at),
        heads,
        revisions,
    };
    // A log entry may hold several lines.
    let lines = || lines.iter().flat_map(|text| text.split('\n'));
    if lists(execution) {
        let history = history::read(lines()).ok()?;
        let graph = history.revisions.as_deref().and_then(graph);
        return Some(told(history.heads, graph.map(|graph| graph.summaries())));
    }
    let heads = RunLine::last_of(lines().collect::<Vec<_>>().into_iter())?.heads?;
    Some(told(heads, None))
}

/// The graph of what an image holds; `None` where it makes no sound one.
fn graph(revisions: &[RevisionSummary]) -> Option<Graph> {
    Graph::build(revisions.iter().map(Revision::from).collect()).ok()
}

/// The way to a target by the revisions of an image; `None` when they are not known.
pub(super) fn path(
    told: &Told,
    from: &[RevisionId],
    target: &str,
) -> Option<Result<Path, PendingError>> {
    let graph = graph(told.revisions.as_deref()?)?;
    let resolve = || {
        let from = graph.rows(from)?;
        let pending = graph.pending(&from, &Target::new(target))?;
        Ok(Path {
            arrives: graph.rows_after(&from, &pending.revisions, pending.direction),
            from,
            downgrade: pending.direction == Direction::Down,
            steps: pending.revisions,
        })
    };
    Some(resolve())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, state: ExecutionState, args: &[&str]) -> Execution {
        Execution {
            name: name.into(),
            job: "j".to_owned(),
            state,
            message: "".into(),
            timed_out: false,
            cancelling: false,
            created_at: Timestamp::UNIX_EPOCH,
            started_at: None,
            completed_at: None,
            creator: "".into(),
            args: args.iter().map(|arg| (*arg).into()).collect(),
            image: "i@sha256:1".into(),
            run_id: None,
            retried: 0,
            log_uri: String::new(),
        }
    }

    fn good(name: &str, args: &[&str]) -> Execution {
        run(name, ExecutionState::Succeeded, args)
    }

    #[test]
    fn two_logs_at_most_may_tell() {
        let names = |executions: &[Execution]| -> Vec<String> {
            let found = candidates(executions).into_iter();
            found.map(|e| e.name.as_str().to_owned()).collect()
        };
        let list = good("list", &["alembic", "history", "--verbose"]);
        let up = good("up", &["alembic", "upgrade", "head"]);
        let bad = run("bad", ExecutionState::Failed, &["alembic", "history"]);
        assert_eq!(names(&[]), Vec::<String>::new());
        assert_eq!(
            names(&[bad.clone(), up.clone(), up.clone(), list.clone()]),
            ["up", "list"]
        );
        assert_eq!(names(&[bad, list.clone(), up, list]), ["list"]);
    }

    #[test]
    fn a_part_of_a_history_and_another_directory_are_no_list() {
        let is_list = |args: &[&str]| lists(&good("x", args));
        assert!(is_list(&["python", "-m", "alembic", "history", "-v"]));
        assert!(is_list(&["alembic", "-x", "a=b", "history", "-i"]));
        assert!(!is_list(&["alembic", "history", "-r", "a:b"]));
        assert!(!is_list(&["alembic", "history", "--rev-range=a:b"]));
        assert!(!is_list(&["alembic", "-n", "other", "history"]));
        assert!(!is_list(&["alembic", "heads"]));
    }

    #[test]
    fn a_log_tells_all_or_only_the_heads_or_nothing() {
        let list = good("list", &["alembic", "history"]);
        let told = understand(&list, &["a1 -> a2 (head), x\n<base> -> a1, y"]).unwrap();
        assert_eq!(told.heads, ["a2".into()]);
        let up = path(&told, &["a1".into()], "head").unwrap().unwrap();
        assert_eq!(
            (up.steps, up.arrives),
            (vec!["a2".into()], vec!["a2".into()])
        );
        assert!(path(&told, &["zz".into()], "head").unwrap().is_err());
        assert_eq!(understand(&list, &["a1 -> a2 (head), x"]), None, "a part");
        let up = good("up", &["alembic", "upgrade", "head"]);
        let line = r#"{"before":[],"after":["a2"],"heads":["a2"]}"#;
        let told = understand(&up, &["words", line]).unwrap();
        assert_eq!(
            (told.heads.clone(), told.revisions.clone()),
            (vec!["a2".into()], None)
        );
        assert!(path(&told, &[], "head").is_none());
        assert_eq!(understand(&up, &["words"]), None);
    }

    #[test]
    fn a_log_is_read_once_unless_it_was_not_all_there() {
        let list = good("list", &["alembic", "history"]);
        let up = good("up", &["alembic", "upgrade", "head"]);
        let told = understand(&list, &["<base> -> a1 (head), x"]);
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let heard = |told, seconds| Heard {
            execution: "x".into(),
            at: at(seconds),
            told,
        };
        assert!(!is_due(&heard(Ok(told), 1), &list, at(9_999)));
        assert!(is_due(&heard(Ok(None), 1), &list, at(40)), "still arriving");
        assert!(!is_due(&heard(Ok(None), 1), &list, at(20)));
        assert!(
            !is_due(&heard(Ok(None), 400), &list, at(9_999)),
            "it will not come"
        );
        assert!(
            !is_due(&heard(Ok(None), 1), &up, at(9_999)),
            "it never says so"
        );
        let kind = crate::domain::failure::FailureKind::Denied;
        let denied = || Err(Failure::new(kind, "no", ""));
        assert!(!is_due(&heard(denied(), 1), &list, at(200)));
        assert!(is_due(&heard(denied(), 1), &list, at(400)));
    }
}
