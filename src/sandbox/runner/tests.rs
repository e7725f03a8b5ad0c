use std::{ffi::OsString, path::PathBuf, time::Duration};

use async_trait::async_trait;

use super::{
    surroundings::{Launch, Surroundings},
    *,
};
use crate::sandbox::world::{
    Databases, Principal, Refusal,
    model::{
        EnvSource, EnvVar, Execution, ExecutionReason, LogPayload, Overrides, Phase, RunRequest,
        SqlAnswer,
    },
};

const JOB: &str = "plant-db-migrations-uat";

/// Runs shell words as they are.
struct Shell;

#[async_trait]
impl Surroundings for Shell {
    async fn wait_ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn launch(&self, _environment: &str, words: &[String], env: Vec<(String, String)>) -> Launch {
        let path = (
            "PATH".to_owned(),
            std::env::var_os("PATH").unwrap_or_default(),
        );
        let env = env
            .into_iter()
            .map(|(name, value)| (name, OsString::from(value)));
        Launch {
            program: words[0].clone().into(),
            args: words[1..].iter().map(OsString::from).collect(),
            env: env.chain([path]).collect(),
            folder: PathBuf::from("/"),
        }
    }
}

#[async_trait]
impl Databases for Shell {
    async fn execute(&self, _: &str, _: &str, _: &str, _: usize) -> Result<SqlAnswer, Refusal> {
        Ok(SqlAnswer::default())
    }

    fn label(&self) -> String {
        "a shell".to_owned()
    }

    fn ready(&self) -> bool {
        true
    }
}

fn world() -> (Arc<World>, Arc<Runner>) {
    let world = World::detached();
    let runner = Runner::new(Arc::new(Shell), Duration::from_millis(200));
    world.attach(Arc::new(RunnerHandle(Arc::clone(&runner))), Arc::new(Shell));
    (world, runner)
}

fn operator(world: &World) -> Principal {
    world.principal(None).expect("the operator")
}

fn start(world: &Arc<World>, job: &str, script: &str, overrides: Overrides) -> String {
    let args = ["sh", "-c", script].map(str::to_owned).to_vec();
    let request = RunRequest {
        overrides: Overrides { args, ..overrides },
        ..RunRequest::default()
    };
    world
        .run_job(job, &request, &operator(world))
        .expect("runs")
        .1
        .id
}

async fn finish(world: &World, id: &str) -> Execution {
    let done = tokio::time::timeout(Duration::from_secs(30), world.wait_execution(id)).await;
    done.expect("it ends").expect("it is there")
}

fn log(world: &World, id: &str) -> Vec<String> {
    let of_it = world.log_where(|entry| {
        entry
            .labels
            .get("run.googleapis.com/execution_name")
            .is_some_and(|name| name == id)
    });
    let text = |payload: &LogPayload| match payload {
        LogPayload::Text(text) => text.clone(),
        LogPayload::Json(value) | LogPayload::Proto(value) => value.to_string(),
    };
    of_it.iter().map(|entry| text(&entry.payload)).collect()
}

async fn wait_for_line(world: &World, id: &str, line: &str) {
    let mut changes = world.changes();
    let seen = async {
        while !log(world, id).iter().any(|text| text.contains(line)) {
            changes.changed().await.expect("the world goes on");
        }
    };
    tokio::time::timeout(Duration::from_secs(30), seen)
        .await
        .expect("the line comes");
}

fn is_alive(pid: &str) -> bool {
    // A zombie has ended: only its parent does not know yet.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')')
        .is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

/// The kernel may need a moment to take a killed process away.
async fn assert_gone(pid: &str) {
    let gone = async {
        while is_alive(pid) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone)
        .await
        .expect("the process is gone");
}

#[tokio::test]
async fn a_run_has_its_variables_and_its_output_in_the_log() {
    let (world, _runner) = world();
    let script = "echo $ENVIRONMENT $CLOUD_RUN_JOB $CLOUD_RUN_TASK_INDEX $CLOUD_RUN_TASK_ATTEMPT; echo $DATABASE_URL | cut -c1-24 >&2";
    let id = start(&world, JOB, script, Overrides::default());
    let execution = finish(&world, &id).await;
    assert_eq!(execution.phase(), Phase::Succeeded);
    assert_eq!(execution.tasks[0].attempts[0].exit_code, Some(0));
    let mut lines = log(&world, &id);
    lines.sort();
    assert_eq!(
        lines,
        [
            "postgresql+asyncpg://pla",
            "uat plant-db-migrations-uat 0 0"
        ]
    );
}

#[tokio::test]
async fn secrets_are_resolved_at_start_and_a_disabled_one_stops_it() {
    let (world, _runner) = world();
    let id = start(
        &world,
        "plant-db-migrations-prod",
        "echo ran",
        Overrides::default(),
    );
    let execution = finish(&world, &id).await;
    let message = &execution.completed().expect("a condition").message;
    assert_eq!(execution.phase(), Phase::Failed);
    assert!(message.starts_with("Could not fetch secret \"prod-plant-database-url\" for environment variable \"DATABASE_URL\""), "{message}");
    assert!(message.contains("is in DISABLED state"), "{message}");
    assert!(execution.started_at.is_none());
    assert!(!log(&world, &id).contains(&"ran".to_owned()));
    world
        .enable_secret_version("prod-plant-database-url", "3", None)
        .expect("enabled");
    let id = start(
        &world,
        "plant-db-migrations-prod",
        "echo ran",
        Overrides::default(),
    );
    assert_eq!(finish(&world, &id).await.phase(), Phase::Succeeded);
}

#[tokio::test]
async fn a_failed_task_is_tried_again_as_often_as_the_job_says() {
    let (world, _runner) = world();
    let id = start(
        &world,
        "plant-db-migrations-demo",
        "exit 7",
        Overrides::default(),
    );
    let execution = finish(&world, &id).await;
    let codes: Vec<_> = execution.tasks[0]
        .attempts
        .iter()
        .map(|attempt| attempt.exit_code)
        .collect();
    assert_eq!(codes, [Some(7); 4]);
    let completed = execution.completed().expect("a condition");
    assert_eq!(completed.reason, Some(ExecutionReason::NonZeroExitCode));
    assert_eq!((execution.counts.failed, execution.counts.retried), (1, 1));
    let id = start(
        &world,
        "plant-db-migrations-demo",
        "test $CLOUD_RUN_TASK_ATTEMPT = 1",
        Overrides::default(),
    );
    let execution = finish(&world, &id).await;
    assert_eq!(
        (execution.phase(), execution.tasks[0].attempts.len()),
        (Phase::Succeeded, 2)
    );
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_is_ended_even_if_it_does_not_want_to() {
    let (world, _runner) = world();
    let overrides = Overrides {
        timeout: Some(Duration::from_millis(300)),
        ..Overrides::default()
    };
    let id = start(
        &world,
        JOB,
        "trap '' TERM; while :; do sleep 1; done",
        overrides,
    );
    let execution = finish(&world, &id).await;
    let message = &execution.completed().expect("a condition").message;
    assert!(
        message.ends_with("failed with message: The configured timeout was reached."),
        "{message}"
    );
    assert_eq!(execution.phase(), Phase::Failed);
}

#[tokio::test]
async fn a_cancel_ends_the_whole_group() {
    let (world, _runner) = world();
    let id = start(
        &world,
        JOB,
        "sh -c 'echo child $$; exec sleep 600' & wait",
        Overrides::default(),
    );
    wait_for_line(&world, &id, "child ").await;
    let operation = world.cancel_execution(&id, None).expect("cancelled");
    let execution = finish(&world, &id).await;
    assert_eq!(execution.phase(), Phase::Cancelled);
    assert_eq!(execution.counts.cancelled, 1);
    assert!(world.operation(&operation.id).expect("there").done);
    let child = log(&world, &id)
        .iter()
        .find_map(|line| line.strip_prefix("child ").map(str::to_owned));
    assert_gone(&child.expect("its number")).await;
    assert!(world.cancel_execution(&id, None).is_err(), "it is over");
}

#[tokio::test]
async fn the_end_of_the_sandbox_ends_its_runs() {
    let (world, runner) = world();
    let id = start(
        &world,
        JOB,
        "echo me $$; exec sleep 600",
        Overrides::default(),
    );
    wait_for_line(&world, &id, "me ").await;
    runner.stop().await;
    let execution = world.execution(&id).expect("there");
    assert_eq!(execution.phase(), Phase::Failed);
    let pid = log(&world, &id)[0].replace("me ", "");
    assert_gone(&pid).await;
}

#[tokio::test]
async fn several_tasks_run_and_one_failure_fails_all() {
    let (world, _runner) = world();
    let overrides = Overrides {
        task_count: Some(3),
        ..Overrides::default()
    };
    let id = start(&world, JOB, "test $CLOUD_RUN_TASK_INDEX != 1", overrides);
    let execution = finish(&world, &id).await;
    assert_eq!(
        (execution.counts.succeeded, execution.counts.failed),
        (2, 1)
    );
    assert_eq!(execution.phase(), Phase::Failed);
}

#[tokio::test]
async fn a_program_that_is_not_there_fails_the_run() {
    let (world, _runner) = world();
    let overrides = Overrides {
        args: vec!["no-such-program".to_owned()],
        env: vec![EnvVar {
            name: "X".to_owned(),
            source: EnvSource::Value("y".to_owned()),
        }],
        ..Overrides::default()
    };
    let request = RunRequest {
        overrides,
        ..RunRequest::default()
    };
    let id = world
        .run_job(JOB, &request, &operator(&world))
        .expect("runs")
        .1
        .id;
    assert_eq!(finish(&world, &id).await.phase(), Phase::Failed);
}

#[tokio::test]
async fn what_an_earlier_sandbox_left_is_ended_and_settled() {
    let (world, _runner) = world();
    let state = tempfile::tempdir().expect("a folder");
    let owner = EnvVar {
        name: stray::OWNER.to_owned(),
        source: EnvSource::Value(state.path().display().to_string()),
    };
    let overrides = Overrides {
        env: vec![owner],
        ..Overrides::default()
    };
    let id = start(&world, JOB, "echo me $$; exec sleep 600", overrides);
    wait_for_line(&world, &id, "me ").await;
    let snapshot = world.snapshot();
    let pid = log(&world, &id)[0].replace("me ", "");
    assert!(is_alive(&pid));

    let next = World::new(snapshot);
    let processes = next.settle_unfinished();
    assert_eq!(next.execution(&id).expect("there").phase(), Phase::Failed);
    assert_eq!(processes.len(), 1);
    stray::end_recorded(&processes[0]);
    stray::end_marked(state.path());
    let execution = finish(&world, &id).await;
    assert_eq!(execution.tasks[0].attempts[0].term_signal, Some(9));
    assert_gone(&pid).await;
}
