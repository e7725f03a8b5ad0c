//! `migrations lint`: exit codes, text, JSON, and SARIF that the official schema takes.

use crate::migrations::with_revisions;
use crate::support::Finished;
use crate::support::program::{Home, python};
use serde_json::{Value, json};

/// An `env.py` with something before `context.configure`.
fn env(before: &str) -> String {
    format!(
        "from alembic import context
from sqlalchemy import create_engine, text

with create_engine('postgresql://x').connect() as connection:
    {before}
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"
    )
}

const LOST: &str = "connection.execute(text('SELECT 1'))";
const KEPT: &str = "connection.execute(text(\"SELECT pg_advisory_lock(1)\")); connection.commit()";

fn home(before: &str) -> Home {
    let home = with_revisions("aaaa1 aaaa2<aaaa1 aaaa3<aaaa2");
    home.write("app/m/env.py", &env(before));
    home
}

fn lint(home: &Home, arguments: &[&str]) -> Finished {
    let mut all = vec!["migrations", "lint", "--path", "app"];
    all.extend(arguments);
    Finished::of(&mut home.portcullis(&all))
}

#[test]
fn what_is_lost_for_certain_ends_with_code_9() {
    let finished = lint(&home(LOST), &[]).expect_code(9);
    for part in [
        "env.py",
        "block",
        "m/env.py:5 env-rolls-back",
        "→",
        "docs/rules.md#env-rolls-back",
        "3 revisions looked at",
    ] {
        assert!(
            finished.stdout.contains(part),
            "no `{part}` in:\n{}",
            finished.stdout
        );
    }
    assert_eq!(finished.stderr, "");
}

#[test]
fn warnings_count_only_when_they_are_denied() {
    let home = home(KEPT);
    let document = lint(&home, &["--format", "json"]).expect_code(0).json();
    assert_eq!(document["summary"]["block"], 0);
    assert_eq!(document["revisions"].as_array().map(Vec::len), Some(3));
    let rules: Vec<_> = document["env"]["verdicts"]
        .as_array()
        .expect("verdicts")
        .iter()
        .map(|v| v["rule"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(rules, ["env-no-lock-timeout", "env-no-statement-timeout"]);
    lint(&home, &["--deny", "warn"]).expect_code(9);
}

#[test]
fn some_revisions_can_be_chosen() {
    let home = home(KEPT);
    let ids = |arguments: &[&str]| -> Vec<Value> {
        let mut all = arguments.to_vec();
        all.extend(["--format", "json"]);
        let document = lint(&home, &all).expect_code(0).json();
        let reviews = document["revisions"].as_array().expect("revisions");
        reviews.iter().map(|review| review["id"].clone()).collect()
    };
    assert_eq!(ids(&["aaaa2"]), [json!("aaaa2")]);
    assert_eq!(ids(&["heads", "aaaa1"]), [json!("aaaa3"), json!("aaaa1")]);
    assert_eq!(ids(&["--from", "aaaa1"]), [json!("aaaa2"), json!("aaaa3")]);
    assert_eq!(ids(&["--to", "aaaa2"]), [json!("aaaa1"), json!("aaaa2")]);
    lint(&home, &["zzzz"]).expect_code(6);
    lint(&home, &["--from", "aaaa3", "--to", "aaaa1"]).expect_code(2);
    lint(&home, &["aaaa1", "--from", "aaaa1"]).expect_code(2);
}

#[test]
fn sarif_is_what_the_official_schema_takes() {
    let home = home(LOST);
    home.write(
        "app/m/versions/with space ü.py",
        "revision = 'bbbb1'\ndown_revision = 'aaaa3'\n",
    );
    let finished = lint(&home, &["--format", "sarif"]).expect_code(9);
    let document = finished.json();
    let run = &document["runs"][0];
    let results = run["results"].as_array().expect("results");
    let lost = results.iter().find(|r| r["ruleId"] == "env-rolls-back");
    let place = &lost.expect("the finding")["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "app/m/env.py");
    assert_eq!(place["region"]["startLine"], 5);
    for result in results {
        let at = result["ruleIndex"]
            .as_u64()
            .and_then(|at| usize::try_from(at).ok());
        let rule = at.map(|at| &run["tool"]["driver"]["rules"][at]["id"]);
        assert_eq!(rule, Some(&result["ruleId"]), "{result}");
    }
    let schema = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/cli/sarif-2.1.0.schema.json"
    );
    let answer = home.write("answer.sarif", &finished.stdout);
    let program = "import json, sys, jsonschema\nschema, answer = (json.load(open(p)) for p in sys.argv[1:])\njsonschema.validate(answer, schema, format_checker=jsonschema.FormatChecker())";
    let mut check = home.command(python());
    check.args(["-c", program, schema]).arg(answer);
    Finished::of(&mut check).expect_code(0);
}

#[test]
fn other_verbs_refuse_sarif() {
    for verb in [
        &["migrations", "graph", "--path", "app"][..],
        &["status"],
        &[],
    ] {
        let mut all = verb.to_vec();
        all.extend(["--format", "sarif"]);
        let finished = Finished::of(&mut home(KEPT).portcullis(&all)).expect_code(2);
        let error: Value = serde_json::from_str(&finished.stderr).expect("a JSON error");
        let message = error["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains("migrations lint"), "{error}");
    }
}
