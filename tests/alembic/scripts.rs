//! Compares what revision files are read to send with what the real Alembic writes for them.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};

use portcullis::alembic::script::{self, Action, Body, Step};
use portcullis::domain::review::Certainty;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::oracle::Oracle;
use crate::script_writer;

/// How many files are made up and compared.
const FILES: u32 = 600;

/// What a comparison has seen.
#[derive(Debug, Default)]
struct Seen {
    exact: usize,
    inexact: usize,
    opaque: usize,
    /// Files of which Alembic itself did not come to the end.
    failed: usize,
    files: usize,
    different: Vec<String>,
    /// What was not known, for a person.
    unknown: Vec<String>,
}

impl Seen {
    fn note(&mut self, path: &Path, step: &Step, what: &str) {
        let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = path.file_name().unwrap_or_default().display();
        self.unknown
            .push(format!("{name}:{} {} | {what}", step.line, step.call));
    }
}

#[test]
fn files_that_are_made_up_send_what_alembic_sends() {
    let oracle = RefCell::new(Oracle::start());
    let mut runner = TestRunner::new(Config {
        cases: FILES,
        max_shrink_iters: 300,
        failure_persistence: None,
        ..Config::default()
    });
    let exact = Cell::new(0);
    let result = runner.run(&script_writer::file(), |file| {
        let mut seen = Seen::default();
        let oracle = &mut *oracle.borrow_mut();
        compare(oracle, Path::new("made_up.py"), &file, "upgrade", &mut seen);
        prop_assert!(
            seen.different.is_empty(),
            "{}\n{file}",
            seen.different.join("\n")
        );
        prop_assert_eq!(
            seen.failed + seen.opaque + seen.inexact,
            0,
            "{}\n{}",
            asked(oracle, &file),
            file
        );
        exact.set(exact.get() + seen.exact);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let exact = exact.get();
    assert!(exact > 1_500, "only {exact} steps were compared");
}

#[test]
fn odd_files_send_what_alembic_sends() {
    let mut oracle = Oracle::start();
    for (name, body) in script_writer::ODD {
        let file = format!("{}{body}", script_writer::HEAD);
        let mut seen = Seen::default();
        compare(&mut oracle, Path::new(name), &file, "upgrade", &mut seen);
        assert!(
            seen.different.is_empty(),
            "{}\n{file}",
            seen.different.join("\n")
        );
        assert_eq!(
            seen.failed + seen.opaque + seen.inexact,
            0,
            "{name}: {}",
            asked(&mut oracle, &file)
        );
        assert!(seen.exact > 0, "{name}");
    }
}

/// The sandbox's own revisions, wholly, and those of the folders that `PORTCULLIS_TEST_DIRECTORIES`
/// names, as far as they can be imported.
#[test]
fn real_files_send_what_alembic_sends() {
    let mut oracle = Oracle::start();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = root.join("src/sandbox/migrations/plant");
    let seen = compare_folder(&mut oracle, &own);
    assert!(seen.different.is_empty(), "{}", seen.different.join("\n"));
    assert_eq!(seen.opaque + seen.failed, 0, "{seen:#?}");
    // One of them sleeps as long as an environment variable says.
    let sleeps = |what: &String| what.contains("SELECT pg_sleep(__unknown__)");
    assert!(seen.unknown.iter().all(sleeps), "{seen:#?}");
    assert!(seen.exact > 20, "{seen:#?}");
    let named = std::env::var("PORTCULLIS_TEST_DIRECTORIES").unwrap_or_default();
    let mut different = Vec::new();
    for folder in named.split(':').filter(|path| !path.is_empty()) {
        let seen = compare_folder(&mut oracle, Path::new(folder));
        let summary = json!({
            "folder": folder, "functions": seen.files, "exact": seen.exact, "inexact": seen.inexact,
            "opaque": seen.opaque, "alembic_failed": seen.failed, "different": seen.different.len(),
        });
        std::fs::write(
            root.join("target").join("scripts.json"),
            summary.to_string(),
        )
        .unwrap();
        std::fs::write(
            root.join("target").join("unknown.txt"),
            seen.unknown.join("\n"),
        )
        .unwrap();
        eprintln_once(&summary);
        different.extend(seen.different);
    }
    assert!(different.is_empty(), "{}", different.join("\n\n"));
}

#[expect(
    clippy::print_stderr,
    reason = "the answer of a comparison that a person asked for"
)]
fn eprintln_once(summary: &Value) {
    eprintln!("{summary}");
}

fn compare_folder(oracle: &mut Oracle, folder: &Path) -> Seen {
    let mut seen = Seen::default();
    let mut todo = vec![folder.to_owned()];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|end| end == "py") {
                files.push(path);
            }
        }
    }
    files.sort();
    for path in files {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        if text.contains("down_revision") && text.contains("def upgrade") {
            compare(oracle, &path, &text, "upgrade", &mut seen);
            compare(oracle, &path, &text, "downgrade", &mut seen);
        }
    }
    seen
}

/// What Alembic says, for a message.
fn asked(oracle: &mut Oracle, file: &str) -> String {
    oracle.ask(&json!({"script": file})).to_string()
}

/// Compares one function of a file.
fn compare(oracle: &mut Oracle, path: &Path, file: &str, function: &str, seen: &mut Seen) {
    let truth =
        oracle.ask(&json!({"script": file, "function": function, "stands_in": path.is_absolute()}));
    let script = match script::read(path, file.as_bytes()) {
        Ok(script) => script,
        Err(problem) => {
            seen.different.push(problem.to_string());
            return;
        }
    };
    let body = if function == "upgrade" {
        script.upgrade
    } else {
        script.downgrade
    };
    let Some(body) = body else {
        return;
    };
    seen.files += 1;
    let has_failed = !truth["failed"].is_null();
    seen.failed += usize::from(has_failed);
    for step in &body.steps {
        match &step.action {
            Action::Opaque { why } => {
                seen.opaque += 1;
                seen.note(path, step, why);
            }
            Action::Sql { exact: true, .. } => seen.exact += 1,
            Action::Sql { text, .. } => {
                seen.inexact += 1;
                seen.note(path, step, text);
            }
        }
    }
    let statements: Vec<String> = truth["statements"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|one| pieces(one.as_str().unwrap()))
        .collect();
    if let Err(difference) = matches(&body, &statements, has_failed) {
        seen.different.push(format!(
            "{} {function}: {difference}\n  Alembic: {}",
            path.display(),
            truth["failed"]
        ));
    }
}

/// Whether the steps that are known are in the statements, and nothing else where all are known.
fn matches(body: &Body, statements: &[String], has_failed: bool) -> Result<(), String> {
    let mut at = 0;
    // Whether all that was sent so far is accounted for.
    let mut is_sure = true;
    for step in &body.steps {
        let Some(wanted) = certain(step) else {
            is_sure = false;
            continue;
        };
        if has_failed && at + wanted.len() > statements.len() {
            return Ok(());
        }
        let found = if is_sure {
            is_at(statements, at, &wanted).then_some(at)
        } else {
            (at..statements.len()).find(|at| is_at(statements, *at, &wanted))
        };
        match found {
            Some(found) => at = found + wanted.len(),
            // After an unknown step, what fails may fail before this one.
            None if has_failed && !is_sure => return Ok(()),
            None => {
                return Err(format!(
                    "line {}, {}:\n  here:    {wanted:?}\n  Alembic: {:?}",
                    step.line,
                    step.call,
                    statements.get(at..(at + wanted.len().max(3)).min(statements.len()))
                ));
            }
        }
        is_sure = true;
    }
    if is_sure && !has_failed && at < statements.len() {
        return Err(format!("not seen here: {:?}", &statements[at..]));
    }
    Ok(())
}

/// The statements of a step that are sent in any case and wholly known.
fn certain(step: &Step) -> Option<Vec<String>> {
    match &step.action {
        Action::Sql { text, exact: true } if step.certainty == Certainty::Always => {
            Some(pieces(text))
        }
        _ => None,
    }
}

/// Alembic keeps the indexes of a table, and the constraints that a column brings, in sets: their order is any.
fn is_at(statements: &[String], at: usize, wanted: &[String]) -> bool {
    let Some(found) = statements.get(at..at + wanted.len()) else {
        return false;
    };
    let sorted = |all: &[String]| {
        let mut all = all.to_vec();
        all.sort();
        all
    };
    let is_any = wanted[0].starts_with("CREATE T") || wanted[0].contains(" ADD COLUMN ");
    found == wanted || (is_any && sorted(found) == sorted(wanted))
}

/// Statements with their white space made even.
fn pieces(text: &str) -> Vec<String> {
    text.split(';')
        .map(|piece| piece.split_whitespace().collect::<Vec<_>>().join(" "))
        // The transaction is ended and begun around an `autocommit_block`.
        .filter(|piece| !matches!(piece.as_str(), "" | "BEGIN" | "COMMIT"))
        .collect()
}
