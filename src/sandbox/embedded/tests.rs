use std::{collections::BTreeMap, time::Duration};

use regex::Regex;

use super::{plan, revisions::REVISIONS, task::Task, *};
use crate::sandbox::migrations::FILES;

async fn databases(folder: &Path) -> Embedded {
    Embedded::prepare(folder, folder, "portcullis".into(), Vec::new())
        .await
        .expect("prepared")
}

async fn run(folder: &Path, environment: &str, line: &str) -> (i32, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut task = Task {
        database: file(folder, environment),
        backfill: Duration::ZERO,
        slow: Duration::ZERO,
        out: &mut out,
        err: &mut err,
    };
    let words: Vec<_> = line.split(' ').collect();
    let code = task.run(&words).await;
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (code, text(out), text(err))
}

async fn current(databases: &Embedded, environment: &str) -> Vec<String> {
    let sql = "SELECT version_num FROM alembic_version ORDER BY 1";
    let answer = databases
        .execute(environment, "plant", sql, 10)
        .await
        .expect("an answer");
    assert_eq!(answer.error, None);
    answer.rows.into_iter().flatten().flatten().collect()
}

#[test]
fn the_revisions_are_those_of_the_python_files() {
    let id = Regex::new(r#"(?m)^revision = "(\w+)""#).expect("valid");
    let down = Regex::new(r"(?m)^down_revision = (.+)$").expect("valid");
    let word = Regex::new(r#""(\w+)""#).expect("valid");
    let mut read = BTreeMap::new();
    for (path, text) in FILES.iter().filter(|(path, _)| path.contains("versions/")) {
        let found = &id
            .captures(text)
            .unwrap_or_else(|| panic!("no id in {path}"))[1];
        let below = &down
            .captures(text)
            .unwrap_or_else(|| panic!("no down in {path}"))[1];
        let below: Vec<_> = word
            .captures_iter(below)
            .map(|found| found[1].to_owned())
            .collect();
        let message = text
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches('"')
            .to_owned();
        read.insert(found.to_owned(), (below, message));
    }
    let ours: BTreeMap<_, _> = REVISIONS
        .iter()
        .map(|revision| {
            let down = revision.down.iter().map(|id| (*id).to_owned()).collect();
            (revision.id.to_owned(), (down, revision.message.to_owned()))
        })
        .collect();
    assert_eq!(read, ours);
    assert!(REVISIONS.len() >= 12 && REVISIONS.iter().all(|revision| revision.id.len() <= 32));
}

#[tokio::test]
async fn an_upgrade_to_head_passes_the_branch_and_the_merge() {
    let folder = tempfile::tempdir().expect("a folder");
    let databases = databases(folder.path()).await;
    assert_eq!(current(&databases, "uat").await, ["007_gateway_audit_logs"]);
    let (code, _, err) = run(
        folder.path(),
        "uat",
        "-m alembic upgrade 007_agent_state_index",
    )
    .await;
    assert_eq!(code, 0, "{err}");
    assert_eq!(
        current(&databases, "uat").await,
        ["007_agent_state_index", "007_gateway_audit_logs"]
    );
    let (code, _, err) = run(folder.path(), "uat", "-m alembic upgrade head").await;
    assert_eq!(code, 0, "{err}");
    let merge = "Running upgrade 007_gateway_audit_logs, 007_agent_state_index -> 008_merge_trials_catalog, merge trials and catalogue";
    assert!(err.contains(merge), "{err}");
    assert_eq!(current(&databases, "uat").await, [plan::head().id]);
    let (code, out, _) = run(folder.path(), "uat", "-m alembic current").await;
    let mut lines = out.lines();
    assert_eq!((code, lines.next()), (0, Some("012_hired_agents (head)")));
    let line = crate::domain::run_line::RunLine::last_of(lines).expect("a last line");
    assert_eq!(line.before, line.after);
    assert_eq!(line.after, vec![plan::head().id.into()]);
}

#[tokio::test]
async fn a_downgrade_below_the_branch_and_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let databases = databases(folder.path()).await;
    let (code, _, err) = run(
        folder.path(),
        "prod",
        "-m alembic downgrade 005_rls_policies",
    )
    .await;
    assert_eq!(code, 0, "{err}");
    assert_eq!(current(&databases, "prod").await, ["005_rls_policies"]);
    let (code, _, err) = run(folder.path(), "prod", "-m alembic upgrade heads").await;
    assert_eq!(code, 0, "{err}");
    assert_eq!(current(&databases, "prod").await, [plan::head().id]);
}

#[tokio::test]
async fn hand_made_tables_stop_an_upgrade_until_they_are_baselined() {
    let folder = tempfile::tempdir().expect("a folder");
    let databases = databases(folder.path()).await;
    let sql = "SELECT to_regclass('public.alembic_version')";
    let answer = databases
        .execute("demo", "plant", sql, 10)
        .await
        .expect("an answer");
    assert_eq!(answer.rows, [[None]]);
    let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";
    let answer = databases
        .execute("demo", "plant", tables, 10)
        .await
        .expect("an answer");
    assert_eq!(answer.rows, [[Some("6".to_owned())]]);
    let (code, _, err) = run(folder.path(), "demo", "-m alembic upgrade head").await;
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("already exists"), "{err}");
    assert_eq!(
        run(folder.path(), "demo", "database/baseline.py").await.0,
        0
    );
    assert_eq!(
        run(folder.path(), "demo", "-m alembic upgrade head")
            .await
            .0,
        0
    );
    assert_eq!(current(&databases, "demo").await, [plan::head().id]);
}

#[tokio::test]
async fn a_lie_and_a_rehearsal_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let databases = databases(folder.path()).await;
    let (code, _, err) = run(folder.path(), "uat", "database/pretend.py").await;
    assert!(
        code == 0 && err.contains("-> 012_hired_agents, hired agents"),
        "{err}"
    );
    let (code, _, err) = run(folder.path(), "uat", "-m alembic -n rehearsal upgrade head").await;
    assert!(
        code == 1 && err.contains("cannot run inside a transaction block"),
        "{err}"
    );
    assert_eq!(current(&databases, "uat").await, ["007_gateway_audit_logs"]);
}

#[tokio::test]
async fn an_unknown_revision_is_alembics_error() {
    let folder = tempfile::tempdir().expect("a folder");
    databases(folder.path()).await;
    let (code, _, err) = run(folder.path(), "uat", "-m alembic upgrade nowhere").await;
    assert_eq!(
        (code, err.lines().last()),
        (
            255,
            Some("ERROR [alembic.util.messaging] Can't locate revision identified by 'nowhere'")
        )
    );
}

#[tokio::test]
async fn sql_is_rendered_and_not_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let databases = databases(folder.path()).await;
    let (code, out, _) = run(
        folder.path(),
        "prod",
        "-m alembic upgrade 010_usage_events:head --sql",
    )
    .await;
    assert!(
        code == 0 && out.contains("CREATE TABLE hired_agents") && !out.contains("usage_events ("),
        "{out}"
    );
    assert_eq!(current(&databases, "prod").await, ["010_usage_events"]);
}

#[tokio::test]
async fn a_database_error_is_inside_of_the_answer_and_rows_are_limited() {
    let folder = tempfile::tempdir().expect("a folder");
    let databases = databases(folder.path()).await;
    let answer = databases
        .execute("demo", "plant", "SELECT * FROM alembic_version", 10)
        .await
        .expect("an answer");
    let message = answer.error.expect("an error").message;
    assert!(
        message.contains("relation \"alembic_version\" does not exist"),
        "{message}"
    );
    let numbers = "WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 9) SELECT v FROM n";
    let answer = databases
        .execute("demo", "plant", numbers, 4)
        .await
        .expect("an answer");
    assert_eq!((answer.rows.len(), answer.partial), (4, true));
    assert_eq!(answer.columns.len(), 1);
}
