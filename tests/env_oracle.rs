//! Compares what the review of `env.py` says with what the real Alembic does to a real PostgreSQL.
#![expect(
    clippy::disallowed_methods,
    reason = "starts Alembic and PostgreSQL, and reads the machine's environment for them"
)]

#[path = "alembic/env_variants.rs"]
mod env_variants;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use env_variants::Variant;
use portcullis::alembic::env;
use portcullis::sandbox::postgres::{Postgres, find};
use portcullis::sandbox::runner::surroundings::{Launch, Surroundings};
use serde_json::{Value, json};

/// How many variants are compared.
const VARIANTS: u64 = 200;

/// Ends the process with the test.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(launch: Launch) -> Guard {
    let mut command = Command::new(launch.program);
    command
        .args(launch.args)
        .envs(launch.env)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    Guard(command.spawn().expect("Python starts"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_applies_nothing_is_told_from_the_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let state = tempfile::tempdir().expect("a folder");
    let plant = root.join("src/sandbox/migrations/plant");
    let python = std::env::var_os("PORTCULLIS_TEST_PYTHON")
        .map_or_else(|| root.join(".venv/bin/python3"), Into::into);
    let tools = find::tools(state.path(), Some(python)).await;
    let tools = tools.expect("run `tests/run`, which prepares what the tests need");
    // The sources of the sandbox stay as they are.
    let env = vec![("PYTHONDONTWRITEBYTECODE".to_owned(), "1".into())];
    let postgres = Postgres::start(state.path(), &plant, tools, env);
    let postgres = postgres.await.expect("PostgreSQL starts");
    let script = root.join("tests/alembic/env_oracle.py");
    let words = ["python".to_owned(), script.display().to_string()];
    let url = "postgresql+psycopg://postgres@/postgres?host=/cloudsql/p:r:plant-sql-demo";
    let launch = postgres.launch("demo", &words, vec![("DATABASE_URL".into(), url.into())]);
    let compared = tokio::task::spawn_blocking(move || compare(&mut start(launch))).await;
    postgres.end().await;
    compared.expect("all variants agree");
}

fn compare(oracle: &mut Guard) {
    let mut questions = oracle.0.stdin.take().expect("stdin is piped");
    let mut answers = BufReader::new(oracle.0.stdout.take().expect("stdout is piped"));
    let mut seen = [0; 3];
    for seed in 0..VARIANTS {
        let text = Variant::random(seed).text();
        writeln!(questions, "{}", json!({ "env": text })).expect("the oracle listens");
        let mut line = String::new();
        answers.read_line(&mut line).expect("the oracle answers");
        let truth: Value = serde_json::from_str(&line).expect("an answer");
        let did = truth["did"].as_str().unwrap_or_default();
        let review = env::review("env.py", text.as_bytes()).review;
        let says = |rule: &str| review.verdicts.iter().any(|v| v.rule == rule);
        let context = format!("seed {seed}\n{text}\n{truth}\n{review:#?}");
        assert!(!says("env-opaque") || did == "raised", "{context}");
        assert_eq!(says("env-rolls-back"), did == "nothing", "{context}");
        seen[["applied", "nothing", "raised"]
            .iter()
            .position(|word| *word == did)
            .expect(&context)] += 1;
    }
    // The generator must not drift into one kind.
    assert!(seen.iter().all(|many| *many > 15), "{seen:?}");
}
