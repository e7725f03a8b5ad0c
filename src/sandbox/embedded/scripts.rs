//! The scripts beside Alembic's own commands.

use super::{
    commands::{greet, step},
    plan,
    task::{Task, TaskError},
};

const BASELINE: &str = "003_remaining_entities";
const TABLES: [&str; 6] = [
    "agent",
    "base_entity",
    "industry",
    "job_role",
    "skill",
    "team",
];
const INDUSTRIES: [&str; 3] = [
    "INSERT OR IGNORE INTO industry (id, name) VALUES ('industry-1', 'Marketing')",
    "INSERT OR IGNORE INTO industry (id, name) VALUES ('industry-2', 'Education')",
    "INSERT OR IGNORE INTO industry (id, name) VALUES ('industry-3', 'Sales')",
];
const SLOW_STEPS: u32 = 20;

/// `database/baseline.py`
pub(super) async fn baseline(task: &mut Task<'_>) -> Result<(), TaskError> {
    let mut place = task.open().await?;
    let found = place.tables().await?;
    if found.iter().any(|name| name == "alembic_version") {
        return task.print("alembic_version is there already: nothing to do");
    }
    let missing: Vec<_> = TABLES
        .into_iter()
        .filter(|name| !found.iter().any(|table| table == name))
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        return Err(TaskError::Usage(format!(
            "missing tables: {missing}; nothing was stamped"
        )));
    }
    task.print(format_args!(
        "found {} tables made by hand, stamping {BASELINE}",
        TABLES.len()
    ))?;
    task.log(format_args!("Running stamp_revision  -> {BASELINE}"))?;
    Ok(place.set_versions(&[BASELINE.to_owned()]).await?)
}

/// `database/seed_data.py`
pub(super) async fn seed_data(task: &mut Task<'_>) -> Result<(), TaskError> {
    let mut place = task.open().await?;
    for statement in INDUSTRIES {
        place.execute(statement).await?;
    }
    task.print(format_args!("seeded {} industries", INDUSTRIES.len()))
}

/// `database/pretend.py`: says that it has upgraded, and has changed nothing.
pub(super) async fn pretend(task: &mut Task<'_>) -> Result<(), TaskError> {
    let rows = task.open().await?.versions().await?;
    greet(task)?;
    for revision in plan::upgrade(&rows, "heads")? {
        task.log(step(revision))?;
    }
    Ok(())
}

/// `database/slow.py`: something to watch and to cancel.
pub(super) async fn slow(task: &mut Task<'_>) -> Result<(), TaskError> {
    task.open().await?;
    for done in 1..=SLOW_STEPS {
        tokio::time::sleep(task.slow / SLOW_STEPS).await;
        task.print(format_args!("statistics: {done} of {SLOW_STEPS} batches"))?;
    }
    Ok(())
}

/// `database/flood.py`: ten thousand lines a second for a while.
pub(super) async fn flood(task: &mut Task<'_>) -> Result<(), TaskError> {
    let mut tenth = tokio::time::interval(std::time::Duration::from_millis(100));
    for tick in 0..600_u32 {
        tenth.tick().await;
        for line in 1..=1000 {
            let number = tick * 1000 + line;
            writeln!(
                task.out,
                "flood: line {number} of many, long enough to look like a real one"
            )?;
        }
        task.out.flush()?;
    }
    Ok(())
}
