use std::{path::Path, time::Duration};

use super::{
    world::{
        Principal,
        model::{Overrides, Phase, RunRequest},
    },
    *,
};

fn options(folder: &Path) -> Options {
    Options {
        state_dir: folder.to_owned(),
        port: 0,
        backend: Backend::Embedded,
        task_program: None,
        backfill: Some(Duration::ZERO),
        faults: String::new(),
        denials: String::new(),
    }
}

async fn start_on(folder: &Path) -> Running {
    let running = start(options(folder)).await.expect("it starts");
    running.ready().await.expect("it comes up");
    running
}

fn operator(running: &Running) -> Principal {
    running.world.principal(None).expect("the operator")
}

async fn run(running: &Running, script: &str) -> world::model::Execution {
    let args = ["sh", "-c", script].map(str::to_owned).to_vec();
    let overrides = Overrides {
        args,
        ..Overrides::default()
    };
    let request = RunRequest {
        overrides,
        ..RunRequest::default()
    };
    let world = &running.world;
    let (_, execution) = world
        .run_job("plant-db-migrations-uat", &request, &operator(running))
        .expect("runs");
    let done =
        tokio::time::timeout(Duration::from_secs(30), world.wait_execution(&execution.id)).await;
    done.expect("it ends").expect("it is there")
}

#[tokio::test]
async fn a_sandbox_finds_its_world_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start_on(folder.path()).await;
    running
        .world
        .enable_secret_version("prod-plant-database-url", "3", None)
        .expect("enabled");
    let execution = run(&running, "echo kept; test -f alembic.ini").await;
    assert_eq!(execution.phase(), Phase::Succeeded);
    let (before, log) = (running.world.snapshot(), running.world.log());
    running.shutdown().await;

    let running = start_on(folder.path()).await;
    assert_eq!(running.world.snapshot(), before);
    assert_eq!(running.world.log(), log);
    assert!(
        running
            .world
            .access_secret("prod-plant-database-url", "latest")
            .is_ok()
    );
    running.shutdown().await;
}

#[tokio::test]
async fn a_second_sandbox_on_the_same_folder_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start_on(folder.path()).await;
    let refused = start(options(folder.path())).await.expect_err("busy");
    let pid = std::process::id().to_string();
    assert!(
        matches!(&refused, StartError::Busy { pid: whose, .. } if *whose == pid),
        "{refused}"
    );
    assert!(matches!(reset(folder.path()), Err(StartError::Busy { .. })));
    running.shutdown().await;
}

#[tokio::test]
async fn a_reset_starts_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start_on(folder.path()).await;
    let first = running.world.executions(None).len();
    run(&running, "true").await;
    running.shutdown().await;
    reset(folder.path()).expect("reset");
    let running = start_on(folder.path()).await;
    assert_eq!(running.world.executions(None).len(), first);
    running.shutdown().await;
}

#[tokio::test]
async fn an_end_in_the_middle_of_a_run_ends_the_run_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start_on(folder.path()).await;
    let args = ["sleep", "600"].map(str::to_owned).to_vec();
    let overrides = Overrides {
        args,
        ..Overrides::default()
    };
    let request = RunRequest {
        overrides,
        ..RunRequest::default()
    };
    let started = running
        .world
        .run_job("plant-db-migrations-uat", &request, &operator(&running));
    let id = started.expect("runs").1.id;
    running.shutdown().await;
    let running = start_on(folder.path()).await;
    assert_eq!(
        running.world.execution(&id).expect("kept").phase(),
        Phase::Failed
    );
    running.shutdown().await;
}

#[tokio::test]
async fn a_state_that_cannot_be_read_is_named_with_its_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("state.json"), "{").expect("written");
    let error = start(options(folder.path())).await.expect_err("unreadable");
    assert!(error.to_string().contains("sandbox reset"), "{error}");
}

#[tokio::test]
async fn the_config_is_written_and_points_at_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start_on(folder.path()).await;
    let text = std::fs::read_to_string(&running.config_file).expect("written");
    let config: toml::Table = text.parse().expect("TOML");
    assert_eq!(
        config["google"]["endpoints"]["run"].as_str(),
        Some(running.url.as_str())
    );
    assert_eq!(
        config["environments"]["prod"]["tier"].as_str(),
        Some("production")
    );
    let migrations = config["migrations"]["path"].as_str().expect("a path");
    assert!(Path::new(migrations).join("alembic.ini").exists());
    running.shutdown().await;
}
