//! Makes the databases of the first day, with real Alembic.

use sqlx::{Connection, Executor};
use tokio::process::Command;

use super::{Postgres, query, url};
use crate::sandbox::{
    runner::surroundings::Surroundings,
    world::seed::{ENVIRONMENTS, password, revision_of},
};

pub(super) async fn all(postgres: &Postgres) -> Result<(), String> {
    databases(postgres)
        .await
        .map_err(|error| format!("the databases could not be made: {error}"))?;
    let environments = ENVIRONMENTS.map(|environment| migrate(postgres, environment));
    futures::future::try_join_all(environments).await.map(drop)
}

async fn databases(postgres: &Postgres) -> sqlx::Result<()> {
    let mut admin = query::connect_as(postgres.socket(), "postgres", "postgres").await?;
    let role = format!(
        "CREATE ROLE plant_app LOGIN PASSWORD '{}'; GRANT pg_read_all_stats TO plant_app",
        password()
    );
    admin
        .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(role)))
        .await?;
    for environment in ENVIRONMENTS {
        let name = url::database_of(environment, "plant");
        let sql = format!("CREATE DATABASE {name} OWNER plant_app");
        admin
            .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql)))
            .await?;
    }
    admin.close().await
}

/// Brings one database to where the story finds it.
async fn migrate(postgres: &Postgres, environment: &str) -> Result<(), String> {
    let target = revision_of(environment);
    let words = [
        "python",
        "-m",
        "alembic",
        "upgrade",
        target.unwrap_or("003_remaining_entities"),
    ];
    let url = format!(
        "postgresql://plant_app:{}@/plant?host=/cloudsql/p:r:plant-sql-{environment}",
        password()
    );
    let env = [
        ("DATABASE_URL".to_owned(), url),
        ("PLANT_BACKFILL_SECONDS".to_owned(), "0".to_owned()),
    ];
    let launch = postgres.launch(environment, &words.map(str::to_owned), env.to_vec());
    let mut alembic = Command::new(launch.program);
    alembic
        .args(launch.args)
        .env_clear()
        .envs(launch.env)
        .current_dir(launch.folder)
        .kill_on_drop(true);
    let output = alembic
        .output()
        .await
        .map_err(|error| format!("Alembic does not start: {error}"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "the database of {environment} could not be made: {}",
            words.trim()
        ));
    }
    if target.is_none() {
        let name = url::database_of(environment, "plant");
        let answer = query::answer(postgres.socket(), &name, "DROP TABLE alembic_version", 1).await;
        return answer.error.map_or(Ok(()), |error| Err(error.message));
    }
    Ok(())
}
