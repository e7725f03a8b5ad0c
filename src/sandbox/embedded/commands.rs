//! Alembic's commands.

use super::{
    place::Place,
    plan,
    revisions::{REVISIONS, Revision},
    task::{Task, TaskError},
};

pub(super) async fn run(task: &mut Task<'_>, words: &[&str]) -> Result<(), TaskError> {
    match words {
        ["-n", "rehearsal", "upgrade", "head"] => rehearse(task).await,
        ["current", ..] => {
            let before = task.open().await?.versions().await?;
            current(task).await?;
            tell(task, before, &[]).await
        }
        ["heads", ..] => task.print(format_args!("{} (head)", plan::head().id)),
        ["history", ..] => history(task),
        ["upgrade", "--sql", target] | ["upgrade", target, "--sql"] => sql(task, target),
        ["upgrade", target] => {
            let before = task.open().await?.versions().await?;
            let ran = upgrade(task, target).await?;
            tell(task, before, &ran).await
        }
        ["downgrade", target] => {
            let before = task.open().await?.versions().await?;
            let ran = downgrade(task, target).await?;
            tell(task, before, &ran).await
        }
        ["stamp", target] => stamp(task, target, false).await,
        ["stamp", "--purge", target] | ["stamp", target, "--purge"] => {
            stamp(task, target, true).await
        }
        other => Err(TaskError::Usage(format!(
            "alembic: error: the embedded runner does not know `{}`",
            other.join(" ")
        ))),
    }
}

pub(super) fn greet(task: &mut Task<'_>) -> Result<(), TaskError> {
    task.log("Context impl SQLiteImpl.")?;
    task.log("Will assume transactional DDL.")
}

pub(super) fn step(revision: &Revision) -> String {
    format!(
        "Running upgrade {} -> {}, {}",
        revision.down.join(", "),
        revision.id,
        revision.message
    )
}

async fn current(task: &mut Task<'_>) -> Result<(), TaskError> {
    let rows = task.open().await?.versions().await?;
    greet(task)?;
    plan::applied(&rows)?;
    for row in rows {
        let mark = if row == plan::head().id {
            " (head)"
        } else {
            ""
        };
        task.print(format_args!("{row}{mark}"))?;
    }
    Ok(())
}

fn history(task: &mut Task<'_>) -> Result<(), TaskError> {
    for revision in REVISIONS.iter().rev() {
        let below = if revision.down.is_empty() {
            "<base>".to_owned()
        } else {
            revision.down.join(", ")
        };
        let children = REVISIONS
            .iter()
            .filter(|other| other.down.contains(&revision.id))
            .count();
        let mark = match (children, revision.down.len()) {
            (0, _) => " (head)",
            (2.., _) => " (branchpoint)",
            (_, 2..) => " (mergepoint)",
            _ => "",
        };
        task.print(format_args!(
            "{below} -> {}{mark}, {}",
            revision.id, revision.message
        ))?;
    }
    Ok(())
}

/// The last line of a run, as the plant's `env.py` prints it.
async fn tell(task: &mut Task<'_>, before: Vec<String>, ran: &[&str]) -> Result<(), TaskError> {
    let after = task.open().await?.versions().await?;
    let line = serde_json::json!({
        "before": before, "after": after, "heads": [plan::head().id], "revisions": ran,
        "attempt": 0, "backend_pid": std::process::id(),
    });
    task.print(line)
}

/// Gives the revisions that it ran.
async fn upgrade(task: &mut Task<'_>, target: &str) -> Result<Vec<&'static str>, TaskError> {
    let mut place = task.open().await?;
    greet(task)?;
    let mut ran = Vec::new();
    for revision in plan::upgrade(&place.versions().await?, target)? {
        task.log(step(revision))?;
        apply(task, &mut place, revision).await?;
        ran.push(revision.id);
    }
    Ok(ran)
}

async fn apply(
    task: &mut Task<'_>,
    place: &mut Place,
    revision: &Revision,
) -> Result<(), TaskError> {
    let (backfill, steps) = (task.backfill, revision.waits);
    let mut closed = None;
    let mut report = |done: u32| {
        let line = format_args!(
            "INFO  [alembic.plant.backfill] backfill of gateway_audit_logs: {done} of {steps} batches"
        );
        closed = task.complain(line).err();
    };
    place.apply(revision, backfill, &mut report).await?;
    closed.map_or(Ok(()), Err)
}

/// Gives the revisions that it undid.
async fn downgrade(task: &mut Task<'_>, target: &str) -> Result<Vec<&'static str>, TaskError> {
    let mut place = task.open().await?;
    greet(task)?;
    let mut ran = Vec::new();
    for revision in plan::downgrade(&place.versions().await?, target)? {
        let below = revision.down.join(", ");
        task.log(format_args!(
            "Running downgrade {} -> {below}, {}",
            revision.id, revision.message
        ))?;
        place.undo(revision).await?;
        ran.push(revision.id);
    }
    Ok(ran)
}

async fn stamp(task: &mut Task<'_>, target: &str, purge: bool) -> Result<(), TaskError> {
    let mut place = task.open().await?;
    greet(task)?;
    let rows = place.versions().await?;
    if !purge {
        // As the real thing: a row that it does not know stops it.
        plan::applied(&rows)?;
    }
    let new = plan::stamped(target)?;
    task.log(format_args!(
        "Running stamp_revision {} -> {}",
        rows.join(", "),
        new.join(", ")
    ))?;
    place.set_versions(&new).await?;
    drop(place);
    tell(task, rows, &[]).await
}

/// Renders what would be run: `A:B` or `B` for everything from the start.
fn sql(task: &mut Task<'_>, target: &str) -> Result<(), TaskError> {
    let (from, to) = target.split_once(':').unwrap_or(("", target));
    let rows: Vec<_> = if from.is_empty() {
        Vec::new()
    } else {
        plan::stamped(from)?
    };
    greet(task)?;
    for revision in plan::upgrade(&rows, to)? {
        task.log(step(revision))?;
        task.print("BEGIN;\n")?;
        task.print(format_args!("-- {}\n", step(revision)))?;
        for statement in revision.up {
            task.print(format_args!("{statement};\n"))?;
        }
        task.print(format_args!("-- version {}\n\nCOMMIT;\n", revision.id))?;
    }
    Ok(())
}

/// Fails on purpose as the real rehearsal does, and leaves nothing behind.
async fn rehearse(task: &mut Task<'_>) -> Result<(), TaskError> {
    task.open().await?;
    greet(task)?;
    task.log("Running upgrade  -> r01_rehearse_failure, fail on purpose")?;
    Err(TaskError::Database(
        "sqlalchemy.exc.InternalError: (psycopg.errors.ActiveSqlTransaction) CREATE INDEX CONCURRENTLY cannot run inside a transaction block".to_owned(),
    ))
}
