//! Alembic's arithmetic over the sandbox's own revisions.

use std::collections::BTreeSet;

use super::revisions::{REVISIONS, Revision};

/// What Alembic would complain about; its exit code is 255.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// There is no such revision.
    #[error("Can't locate revision identified by '{0}'")]
    Unknown(String),
    /// The words go further than the revisions do.
    #[error("Relative revision {0} didn't produce {1} migrations")]
    TooFar(String, usize),
}

/// The one head of these revisions.
pub fn head() -> &'static Revision {
    &REVISIONS[REVISIONS.len() - 1]
}

/// A revision by its id.
pub fn find(id: &str) -> Option<&'static Revision> {
    REVISIONS.iter().find(|revision| revision.id == id)
}

/// A revision by its id or the beginning of it.
fn locate(word: &str) -> Result<&'static Revision, PlanError> {
    let mut starting = REVISIONS
        .iter()
        .filter(|revision| revision.id.starts_with(word));
    let found = find(word).or_else(|| starting.next().filter(|_| starting.next().is_none()));
    found.ok_or_else(|| PlanError::Unknown(word.to_owned()))
}

/// These revisions and everything below them.
pub fn applied(heads: &[String]) -> Result<BTreeSet<&'static str>, PlanError> {
    let mut found = BTreeSet::new();
    let mut open = Vec::new();
    for head in heads {
        open.push(find(head).ok_or_else(|| PlanError::Unknown(head.clone()))?);
    }
    while let Some(revision) = open.pop() {
        if found.insert(revision.id) {
            open.extend(revision.down.iter().filter_map(|id| find(id)));
        }
    }
    Ok(found)
}

/// What `upgrade TARGET` would run on a database with these rows.
pub fn upgrade(current: &[String], target: &str) -> Result<Vec<&'static Revision>, PlanError> {
    let applied_now = applied(current)?;
    let pending = |wanted: &BTreeSet<&str>| -> Vec<_> {
        let missing = |revision: &&Revision| {
            wanted.contains(revision.id) && !applied_now.contains(revision.id)
        };
        REVISIONS.iter().filter(missing).collect()
    };
    if let Some(steps) = target
        .strip_prefix('+')
        .and_then(|count| count.parse::<usize>().ok())
    {
        let all = pending(&applied(&[head().id.to_owned()])?);
        return match all.get(..steps) {
            Some(some) => Ok(some.to_vec()),
            None => Err(PlanError::TooFar(target.to_owned(), steps)),
        };
    }
    Ok(pending(&applied(&[named(target)?.id.to_owned()])?))
}

fn named(target: &str) -> Result<&'static Revision, PlanError> {
    if matches!(target, "head" | "heads") {
        Ok(head())
    } else {
        locate(target)
    }
}

/// What `downgrade TARGET` would undo, in that order.
pub fn downgrade(current: &[String], target: &str) -> Result<Vec<&'static Revision>, PlanError> {
    let applied_now = applied(current)?;
    let newest_first = || {
        REVISIONS
            .iter()
            .rev()
            .filter(|found| applied_now.contains(found.id))
    };
    if let Some(steps) = target
        .strip_prefix('-')
        .and_then(|count| count.parse::<usize>().ok())
    {
        let some: Vec<_> = newest_first().take(steps).collect();
        let enough = some.len() == steps;
        return enough
            .then_some(some)
            .ok_or_else(|| PlanError::TooFar(target.to_owned(), steps));
    }
    if target == "base" {
        return Ok(newest_first().collect());
    }
    let target = locate(target)?;
    let above = |revision: &&Revision| {
        revision.id != target.id
            && applied(&[revision.id.to_owned()]).is_ok_and(|below| below.contains(target.id))
    };
    Ok(newest_first().filter(above).collect())
}

/// The rows of `alembic_version` after a revision was applied.
pub fn rows_after(current: &[String], revision: &Revision) -> Vec<String> {
    let stays = |row: &&String| !revision.down.contains(&row.as_str());
    current
        .iter()
        .filter(stays)
        .cloned()
        .chain([revision.id.to_owned()])
        .collect()
}

/// The rows of `alembic_version` after a revision was undone.
pub fn rows_before(current: &[String], revision: &Revision) -> Result<Vec<String>, PlanError> {
    let mut rows: Vec<_> = current
        .iter()
        .filter(|row| *row != revision.id)
        .cloned()
        .collect();
    let below_others = applied(&rows)?;
    let open = revision
        .down
        .iter()
        .filter(|id| !below_others.contains(*id));
    rows.extend(open.map(|id| (*id).to_owned()));
    Ok(rows)
}

/// The rows that `stamp TARGET` leaves.
pub fn stamped(target: &str) -> Result<Vec<String>, PlanError> {
    if target == "base" {
        Ok(Vec::new())
    } else {
        Ok(vec![named(target)?.id.to_owned()])
    }
}
