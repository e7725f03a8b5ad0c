//! `migrations graph` and `pending`: offline, equal to the library and to Alembic, with errors that have kinds.

use crate::support::program::{Home, python};
use crate::support::{Finished, Sandbox};
use portcullis::alembic::graph::{Direction, Graph, Target};
use portcullis::alembic::source::{self, MemoryTree};
use portcullis::domain::revision::RevisionId;
use serde_json::{Value, json};

/// A home with a directory of revisions in `app`: `id<parent,parent`, `@label`, `^dependency`, parted by spaces.
pub(crate) fn with_revisions(text: &str) -> Home {
    let home = Home::new();
    home.write(
        "app/alembic.ini",
        "[alembic]\nscript_location = %(here)s/m\n",
    );
    home.write("app/m/env.py", "");
    home.write("app/m/script.py.mako", "");
    home.write("app/m/versions/README.txt", "");
    for word in text.split_whitespace() {
        let parts = word.split_inclusive(['<', '@', '^']);
        let (mut id, mut down, mut label, mut needs) = ("", "", "", "");
        let mut kind = ' ';
        for part in parts {
            let value = part.trim_end_matches(['<', '@', '^']);
            match kind {
                '<' => down = value,
                '@' => label = value,
                '^' => needs = value,
                _ => id = value,
            }
            kind = part.chars().last().unwrap_or(' ');
        }
        home.write(
            &format!("app/m/versions/{id}.py"),
            &file(id, down, label, needs),
        );
    }
    home
}

fn file(id: &str, down: &str, label: &str, needs: &str) -> String {
    let many = |text: &str| {
        let words: Vec<_> = text
            .split(',')
            .filter(|w| !w.is_empty())
            .map(|w| format!("'{w}',"))
            .collect();
        if words.is_empty() {
            "None".to_owned()
        } else {
            format!("({})", words.join(" "))
        }
    };
    format!(
        "\"\"\"Makes {id}.\n\nRevises: {down}\n\"\"\"\nrevision = '{id}'\ndown_revision = {}\nbranch_labels = {}\ndepends_on = {}\n",
        many(down),
        many(label),
        many(needs)
    )
}

/// One base that branches and merges, and a second one whose end depends on the first.
const SAMPLE: &str =
    "aaaa1 aaaa2<aaaa1 bbbb1<aaaa2 cccc1<aaaa2 dddd1<bbbb1,cccc1 eeee1@extra eeee2<eeee1^bbbb1";

/// The same directory in memory.
fn tree(home: &Home, revisions: &str) -> MemoryTree {
    let names = revisions.split_whitespace().map(|word| {
        let id = word.split(['<', '@', '^']).next().unwrap_or_default();
        format!("app/m/versions/{id}.py")
    });
    let files = names.chain(["app/alembic.ini".to_owned()]).map(|name| {
        let path = home.path(&name);
        let text = std::fs::read(&path).expect("a file of the directory");
        (path, text)
    });
    MemoryTree::new(files.collect::<Vec<_>>())
}

fn run(home: &Home, arguments: &[&str]) -> Finished {
    let mut all = vec!["migrations"];
    all.extend(arguments);
    Finished::of(&mut home.portcullis(&all))
}

fn json_of(home: &Home, arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.extend(["--path", "app", "--format", "json"]);
    run(home, &all).expect_code(0).json()
}

#[track_caller]
fn error_of(home: &Home, arguments: &[&str], code: i32) -> Value {
    let mut all = arguments.to_vec();
    all.extend(["--path", "app", "--format", "json"]);
    let finished = run(home, &all).expect_code(code);
    assert_eq!(finished.stdout, "");
    let document: Value = serde_json::from_str(&finished.stderr)
        .unwrap_or_else(|error| panic!("no JSON error: {error}\n{finished:#?}"));
    for part in ["kind", "message", "hint"] {
        let text = document["error"][part].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "no `{part}` in {document}");
    }
    document["error"].clone()
}

#[test]
fn the_graph_is_drawn_and_told_without_any_config() {
    let home = with_revisions(SAMPLE);
    let document = json_of(&home, &["graph"]);
    assert_eq!(document["heads"], json!(["dddd1", "eeee2"]));
    assert_eq!(document["bases"], json!(["aaaa1", "eeee1"]));
    assert_eq!(document["branch_points"], json!(["aaaa2"]));
    assert_eq!(document["merges"], json!(["dddd1"]));
    let revisions = document["revisions"].as_array().expect("revisions");
    let last = revisions
        .iter()
        .find(|r| r["id"] == "eeee2")
        .expect("eeee2");
    assert_eq!(
        *last,
        json!({"id": "eeee2", "down": ["eeee1"], "depends_on": ["bbbb1"], "branch_labels": [], "message": "Makes eeee2."})
    );
    let text = run(&home, &["graph", "--path", "app"])
        .expect_code(0)
        .stdout;
    for part in [
        "2 heads",
        "●",
        "─╮",
        "branch point",
        "label extra",
        "needs bbbb1",
        "Makes aaaa1.",
    ] {
        assert!(text.contains(part), "no `{part}` in:\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn what_is_printed_is_what_the_library_says() {
    const FROM: &str = " base aaaa1 aaaa bbbb1,eeee1 dddd1,eeee2 bbbb heads";
    const TO: &str = "heads head aaaa2 dddd base -1 +1 extra@head zzzz dddd1-1";
    let home = with_revisions(SAMPLE);
    let reading = source::read(&tree(&home, SAMPLE), &home.path("app")).expect("a directory");
    let graph = Graph::build(reading.revisions).expect("a graph");
    for (from, to) in FROM
        .split(' ')
        .flat_map(|from| TO.split(' ').map(move |to| (from, to)))
    {
        let names = from.split(',').filter(|name| !name.is_empty());
        let names: Vec<_> = names.map(RevisionId::from).collect();
        let expected = graph
            .rows(&names)
            .and_then(|rows| graph.pending(&rows, &Target::new(to)));
        let arguments = ["pending", "--from", from, &format!("--to={to}")];
        match expected {
            Ok(expected) => {
                let document = json_of(&home, &arguments);
                assert_eq!(
                    document["pending"],
                    json!(expected.revisions),
                    "{from} to {to}"
                );
                let goes_up = document["direction"] == "upgrade";
                assert_eq!(
                    goes_up,
                    expected.direction == Direction::Up,
                    "{from} to {to}"
                );
            }
            Err(error) => {
                let word = error.kind().word();
                let code = if word == "unknown_revision" { 6 } else { 2 };
                assert_eq!(
                    error_of(&home, &arguments, code)["kind"],
                    word,
                    "{from} to {to}"
                );
            }
        }
    }
}

#[test]
fn alembic_prints_the_same_heads_and_runs_the_same_order() {
    for text in [
        SAMPLE,
        "aaaa1",
        "bbbb1 aaaa1<bbbb1 cccc1<aaaa1",
        "aaaa1 bbbb1 cccc1<aaaa1,bbbb1",
    ] {
        let home = with_revisions(text);
        let lines = |arguments: &[&str]| -> Vec<String> {
            let mut command = home.command(python());
            command
                .args(["-m", "alembic", "-c", "app/alembic.ini"])
                .args(arguments);
            let finished = Finished::of(&mut command).expect_code(0);
            finished.stdout.lines().map(str::to_owned).collect()
        };
        let ids = |value: &Value| -> Vec<String> {
            value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        };
        let heads: Vec<_> = lines(&["heads"])
            .iter()
            .filter_map(|l| l.split(' ').next().map(str::to_owned))
            .collect();
        let mut mine = ids(&json_of(&home, &["graph"])["heads"]);
        mine.sort();
        assert_eq!(
            mine,
            {
                let mut heads = heads;
                heads.sort();
                heads
            },
            "{text}"
        );
        // `history` prints what lies between, newest first, in the order of an upgrade from the base.
        let history: Vec<_> = lines(&["history"])
            .iter()
            .filter_map(|line| {
                line.split(" -> ")
                    .nth(1)?
                    .split([' ', ','])
                    .next()
                    .map(str::to_owned)
            })
            .rev()
            .collect();
        assert_eq!(
            ids(&json_of(&home, &["pending", "--from", ""])["pending"]),
            history,
            "{text}"
        );
    }
}

#[test]
fn a_downgrade_says_so_and_where_it_arrives() {
    let home = with_revisions(SAMPLE);
    let document = json_of(&home, &["pending", "--from", "dddd,eeee2", "--to", "aaaa2"]);
    assert_eq!(document["direction"], "downgrade");
    assert_eq!(document["from"], json!(["dddd1", "eeee2"]));
    assert_eq!(document["arrives"], json!(["aaaa2", "eeee1"]));
    let text = run(
        &home,
        &["pending", "--from", "dddd1", "--to", "-1", "--path", "app"],
    );
    assert!(text.stderr.contains("several ways"), "{text:?}");
}

#[test]
fn nothing_pending_and_no_start_are_said() {
    let home = with_revisions("aaaa1");
    let text = run(&home, &["pending", "--from", "aaaa1", "--path", "app"]).expect_code(0);
    assert_eq!(text.stdout, "nothing is pending from aaaa1 to heads\n");
    assert_eq!(error_of(&home, &["pending"], 2)["kind"], "usage");
    assert_eq!(
        error_of(&home, &["pending", "--from", "aaaa1", "-e", "prod"], 2)["kind"],
        "usage"
    );
}

#[test]
fn a_directory_that_alembic_refuses_has_a_word_and_a_file() {
    for (revisions, word) in [
        ("aaaa1<zzzz1", "missing_parent"),
        ("aaaa1^zzzz1", "missing_dependency"),
        ("aaaa1<bbbb1 bbbb1<aaaa1", "cycle"),
        ("aaaa1^bbbb1 bbbb1^aaaa1", "dependency_cycle"),
        ("aaaa1@one bbbb1@one", "label_taken"),
        ("aa-1", "forbidden_character"),
    ] {
        let error = error_of(&with_revisions(revisions), &["graph"], 3);
        assert_eq!(error["kind"], word);
        let file = error["file"].as_str().unwrap_or_default();
        assert!(file.contains("app/m/versions/"), "{error}");
    }
    let home = with_revisions("aaaa1");
    home.write("app/m/versions/other.py", &file("aaaa1", "", "", ""));
    let error = error_of(&home, &["graph"], 3);
    assert_eq!(
        (&error["kind"], error["problems"].as_array().map(Vec::len)),
        (&json!("duplicate_id"), Some(2))
    );
}

#[test]
fn all_files_that_cannot_be_read_are_listed() {
    let home = with_revisions("aaaa1");
    home.write("app/m/versions/one.py", "revision = (");
    home.write(
        "app/m/versions/two.py",
        "import os\n\nrevision = os.getcwd()\ndown_revision = None\n",
    );
    let error = error_of(&home, &["graph"], 3);
    assert_eq!(error["kind"], "syntax");
    let problems: Vec<_> = error["problems"]
        .as_array()
        .expect("problems")
        .iter()
        .map(|p| (p["kind"].clone(), p["line"].clone()))
        .collect();
    assert_eq!(
        problems,
        [(json!("syntax"), json!(1)), (json!("not_static"), json!(3))]
    );
    let text = run(&home, &["graph", "--path", "app"])
        .expect_code(3)
        .stderr;
    assert!(
        text.contains("one.py:1") && text.contains("two.py:3"),
        "{text}"
    );
}

#[test]
fn labels_that_are_not_known_are_a_note_and_no_error() {
    let home = with_revisions("aaaa1");
    home.write(
        "app/m/versions/bbbb1.py",
        "import os\nrevision = 'bbbb1'\ndown_revision = 'aaaa1'\nbranch_labels = os.environ.get('X')\n",
    );
    let document = json_of(&home, &["graph"]);
    assert_eq!(document["notes"][0]["line"], 4);
    let text = run(&home, &["graph", "--path", "app"]).expect_code(0);
    assert!(text.stderr.contains("bbbb1.py:4"), "{text:?}");
}

#[test]
fn a_missing_directory_is_not_found_and_no_config_is_one_error() {
    let home = Home::new();
    let error = error_of(&home, &["graph"], 6);
    assert_eq!(error["kind"], "not_found");
    let finished = run(&home, &["graph"]).expect_code(3);
    assert!(finished.stderr.contains("portcullis.toml"), "{finished:?}");
}

#[test]
fn the_config_names_the_directory_where_no_path_is_given() {
    let home = with_revisions(SAMPLE);
    home.write(
        "portcullis.toml",
        "project = \"p\"\nregion = \"r\"\n[migrations]\npath = \"app\"\n[environments.prod]\ntier = \"production\"\njob = \"j\"\n",
    );
    let finished = run(
        &home,
        &[
            "pending", "--from", "aaaa1", "--to", "aaaa2", "--format", "json",
        ],
    );
    assert_eq!(finished.expect_code(0).json()["pending"], json!(["aaaa2"]));
}

#[test]
fn an_environment_tells_where_its_database_is() {
    let sandbox = Sandbox::start();
    let arguments = ["migrations", "pending", "-e", "uat"];
    let document = sandbox.run(&arguments).expect_code(0).json();
    let status = sandbox.run(&["status", "uat"]).expect_code(0).json();
    let migrations = &status["environments"][0]["migrations"];
    assert_eq!(document["from"], migrations["current"]);
    let pending = document["pending"].as_array().map(Vec::len);
    assert_eq!(json!(pending), migrations["pending"], "{document}");
    assert_eq!(document["source"]["environment"], "uat");
}

#[test]
fn wide_and_long_messages_stay_on_their_line() {
    let home = with_revisions("aaaa1");
    let long = "日本語 ".repeat(400);
    home.write(
        "app/m/versions/bbbb1.py",
        &format!("\"\"\"{long}\n second line \u{1b}[31m\"\"\"\nrevision = 'bbbb1'\ndown_revision = 'aaaa1'\n"),
    );
    let text = run(&home, &["graph", "--path", "app"])
        .expect_code(0)
        .stdout;
    let lines: Vec<_> = text.lines().filter(|line| line.contains('●')).collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines[0].contains("second line") && !text.contains('\u{1b}'),
        "{text}"
    );
}
