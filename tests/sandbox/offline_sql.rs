//! The built-in operation `sql`, held against the real Alembic.

use std::process::Command;

use crate::support::program::python;
use crate::support::{Finished, Sandbox};

/// What Alembic itself prints for a range.
fn rendered(range: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sandbox/migrations/plant");
    let mut alembic = Command::new(python());
    alembic
        .args(["-B", "-m", "alembic", "upgrade", range, "--sql"])
        .env("PLANT_BACKFILL_SECONDS", "1")
        .current_dir(folder);
    let finished = Finished::of(&mut alembic).expect_code(0);
    finished.stdout.trim_matches('\n').to_owned()
}

#[test]
fn the_sql_of_what_is_pending_is_what_alembic_renders() {
    let sandbox = Sandbox::start();
    let run = sandbox
        .run(&["run", "sql", "-e", "uat", "--yes"])
        .expect_code(0)
        .json();
    let from = run["before"][0].as_str().expect("a row").to_owned();
    assert_eq!(run["outcome"], "unchanged", "{run}");
    assert_eq!(run["sql_complete"], true, "{run}");
    assert_eq!(
        run["sql"].as_str(),
        Some(rendered(&format!("{from}:head")).as_str())
    );

    let range = "range=010_usage_events:011_approval_requests";
    let arguments = ["run", "sql", "-e", "uat", "--yes", "--set", range];
    let finished = Finished::of(&mut sandbox.portcullis(&arguments)).expect_code(0);
    let expected = rendered("010_usage_events:011_approval_requests");
    assert_eq!(
        finished.stdout.trim_matches('\n'),
        expected,
        "the SQL alone"
    );
}
