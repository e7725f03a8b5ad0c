//! Compares the reader and the graph with the Alembic that is installed for the tests.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(
    clippy::disallowed_methods,
    reason = "starts Alembic and writes directories for it"
)]

#[path = "alembic/directories.rs"]
mod directories;
#[path = "alembic/generator.rs"]
mod generator;
#[path = "alembic/mutations.rs"]
mod mutations;
#[path = "alembic/oracle.rs"]
mod oracle;
#[path = "alembic/script_writer.rs"]
mod script_writer;
#[path = "alembic/scripts.rs"]
mod scripts;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use directories::Written;
use generator::{Case, Query, Seeded, queries};
use oracle::Oracle;
use portcullis::alembic::graph::{Direction, Graph};
use portcullis::alembic::revision::Revision;
use portcullis::alembic::source::{self, Reading};
use portcullis::domain::history::{self, History, HistoryError};
use portcullis::domain::migration::{MigrationState, RevisionSummary};
use portcullis::domain::revision::RevisionId;
use serde_json::{Value, json};

/// How many random graphs are compared.
const GRAPHS: u64 = 1_000;
/// How many random graphs are written to disk in all the ways there are, and compared.
const DIRECTORIES: u64 = 120;
/// How many damaged files are compared.
const DAMAGED: u64 = 3_000;
/// Questions about each directory that is not made up.
const QUESTIONS: usize = 300;

#[test]
fn random_graphs_give_alembics_answers() {
    let mut oracle = Oracle::start();
    let (mut refused, mut failed, mut answered) = (0, 0, 0);
    for seed in 0..GRAPHS {
        let case = Case::random(&mut Seeded::new(seed));
        let truth = oracle.ask(&case.question());
        let context = format!("seed {seed}\n{case:#?}\n{truth}");
        match Graph::build(case.revisions.clone()) {
            Err(error) => {
                refused += 1;
                assert_eq!(json!(error.word()), truth["refused"], "{error}; {context}");
            }
            Ok(graph) => {
                compare_shape(&graph, &truth, &context);
                let (ok, bad) = compare_answers(&graph, &case.queries, &truth, &context);
                (answered, failed) = (answered + ok, failed + bad);
            }
        }
    }
    // The generator must not drift into asking only easy, or only senseless, questions.
    assert!(refused > 50, "only {refused} graphs were refused");
    assert!(
        failed > 3_000 && answered > 4_000,
        "{failed} failed, {answered} answered"
    );
}

#[test]
fn random_directories_are_read_as_alembic_reads_them() {
    let mut oracle = Oracle::start();
    let (mut refused, mut clear) = (0, 0);
    for seed in 0..DIRECTORIES {
        let mut random = Seeded::new(seed + 1_000_000);
        let case = Case::random(&mut random);
        let written = Written::new(&mut random, &case.revisions);
        let truth = oracle.ask(&written.question(&case.queries));
        let context = format!("seed {seed}\n{written:#?}\n{truth}");
        let reading = source::read(&written.tree(), &written.entry()).expect(&context);
        assert_eq!(reading.problems, [], "{context}");
        match Graph::build(reading.revisions.clone()) {
            Err(error) => {
                refused += 1;
                assert_eq!(json!(error.word()), truth["refused"], "{error}; {context}");
            }
            Ok(graph) => {
                compare_reading(&reading, &truth, &context);
                compare_shape(&graph, &truth, &context);
                compare_answers(&graph, &case.queries, &truth, &context);
                clear += usize::from(compare_histories(&graph, &truth, &context));
            }
        }
    }
    assert!(clear > 60, "only {clear} histories told everything");
    assert!(refused > 3, "only {refused} directories were refused");
}

/// Files that were damaged at random are refused, or read as Python reads them, and nothing panics.
/// `PORTCULLIS_TEST_DAMAGED=1000000` tries more of them.
#[test]
fn damaged_files_are_refused_or_read_as_python_reads_them() {
    let mut oracle = Oracle::start();
    let (mut read, mut refused, mut wrong) = (0, 0, Vec::new());
    for seed in 0..damaged_files() {
        let bytes = mutations::damaged(&mut Seeded::new(seed + 2_000_000));
        let mine = mutations::read(&bytes);
        let truth = oracle.ask(&mutations::question(&bytes));
        if let Err(why) = mutations::compare(&mine, &truth) {
            let text = String::from_utf8_lossy(&bytes);
            wrong.push(format!("seed {seed}: {why}\n{truth}\n{mine:?}\n{text}"));
        }
        *if mine.is_ok() {
            &mut read
        } else {
            &mut refused
        } += 1;
    }
    wrong.truncate(5);
    assert!(wrong.is_empty(), "{}", wrong.join("\n---\n"));
    // Damage that always or never hurts proves nothing.
    assert!(
        read > 300 && refused > 300,
        "{read} read, {refused} refused"
    );
}

fn damaged_files() -> u64 {
    let asked = std::env::var("PORTCULLIS_TEST_DAMAGED").ok();
    asked.map_or(DAMAGED, |count| count.parse().expect("a number of files"))
}

/// The sandbox's own directory, and any folder with an `alembic.ini` that
/// `PORTCULLIS_TEST_DIRECTORIES` names, separated by colons.
#[test]
fn real_directories_give_alembics_answers() {
    let mut oracle = Oracle::start();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = root.join("src/sandbox/migrations/plant");
    let named = std::env::var("PORTCULLIS_TEST_DIRECTORIES").unwrap_or_default();
    let named = named
        .split(':')
        .filter(|path| !path.is_empty())
        .map(PathBuf::from);
    for folder in std::iter::once(own).chain(named) {
        let context = folder.display().to_string();
        let tree = directories::on_disk(&folder);
        let reading = source::read(&tree, &folder).expect(&context);
        assert_eq!(reading.problems, [], "{context}");
        let graph = Graph::build(reading.revisions.clone()).expect(&context);
        let asked = queries(&mut Seeded::new(7), &reading.revisions, QUESTIONS);
        let asked: Vec<Query> = asked.into_iter().chain(whole_way(&graph)).collect();
        let truth = oracle.ask(&directories::question(&folder, &asked));
        assert_eq!(truth["refused"], Value::Null, "{truth}");
        compare_reading(&reading, &truth, &context);
        compare_shape(&graph, &truth, &context);
        compare_answers(&graph, &asked, &truth, &context);
        compare_histories(&graph, &truth, &context);
        // The files lie in one folder, so their order is told as well, and with it every answer.
        let told = told(&truth["history_verbose"]).expect(&context);
        let told = told.revisions.expect(&context);
        compare_answers(&graph_of(&told), &asked, &truth, &context);
    }
}

/// From nothing to the heads, and back.
fn whole_way(graph: &Graph) -> [Query; 2] {
    let heads = graph
        .effective_heads()
        .iter()
        .map(|id| id.as_str().to_owned())
        .collect();
    [
        Query {
            is_upgrade: true,
            from: Vec::new(),
            to: "heads".to_owned(),
        },
        Query {
            is_upgrade: false,
            from: heads,
            to: "base".to_owned(),
        },
    ]
}

/// What the log of a run of `alembic history` tells.
fn told(text: &Value) -> Result<History, HistoryError> {
    history::read(text.as_str().unwrap().lines())
}

fn graph_of(revisions: &[RevisionSummary]) -> Graph {
    Graph::build(revisions.iter().map(Revision::from).collect()).unwrap()
}

/// Both histories tell the whole directory, also when a log loses its empty lines; returns
/// whether they do, which only a label that is depended on can prevent.
fn compare_histories(graph: &Graph, truth: &Value, context: &str) -> bool {
    let by_id = |graph: &Graph| {
        let mut revisions = graph.directory("").revisions;
        revisions.sort_by(|one, other| one.id.cmp(&other.id));
        for revision in &mut revisions {
            // Where on a line a label is declared, nobody is told.
            let labels = graph.labels_of(revision.id.as_str()).into_iter();
            revision.branch_labels = labels.map(str::to_owned).collect();
            revision.message = revision
                .message
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned();
        }
        revisions
    };
    let expected = by_id(graph);
    let mut is_clear = true;
    let names_a_label = graph
        .revisions()
        .any(|r| r.depends_on.iter().any(|name| !graph.contains(name)));
    for name in ["history", "history_verbose"] {
        let text = truth[name].as_str().unwrap();
        if graph.is_empty() {
            assert_eq!(told(&truth[name]), Err(HistoryError::Nothing), "{context}");
            continue;
        }
        let full: Vec<_> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        for lines in [text.lines().collect(), full] {
            let told = history::read(lines).unwrap_or_else(|e| panic!("{e}: {name}; {context}"));
            let heads: BTreeSet<_> = told.heads.iter().cloned().collect();
            assert_eq!(
                heads,
                graph.heads().into_iter().collect(),
                "{name}; {context}"
            );
            if let Some(told) = told.revisions {
                assert_eq!(by_id(&graph_of(&told)), expected, "{name}; {context}");
            } else {
                assert!(names_a_label, "{name}; {context}");
                is_clear = false;
            }
        }
    }
    is_clear
}

fn compare_reading(reading: &Reading, truth: &Value, context: &str) {
    let order: Vec<&str> = reading.revisions.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(
        json!(order),
        truth["order"],
        "order of the files; {context}"
    );
    for revision in &reading.revisions {
        let message = &truth["messages"][revision.id.as_str()];
        assert_eq!(json!(revision.message()), *message, "message; {context}");
    }
}

/// Every place that an upgrade passes is at the heads or behind them, by what Alembic would run from
/// there; rows on one line are no such place, and a row that nobody knows is said.
#[test]
fn states_follow_from_what_upgrades_leave() {
    let stranger = RevisionId::from("zz_stranger");
    let (mut places, mut lines) = (0, 0);
    for seed in 0..GRAPHS {
        let case = Case::random(&mut Seeded::new(seed + 5_000_000));
        let Ok(graph) = Graph::build(case.revisions.clone()) else {
            continue;
        };
        for query in &case.queries {
            let steps = graph.upgrade(&[], &query.to).unwrap_or_default();
            for end in 0..=steps.len() {
                let context = format!("seed {seed}, {:?} of {case:#?}", &steps[..end]);
                let mut rows = graph.rows_after(&[], &steps[..end], Direction::Up);
                let pending = graph.upgrade(&rows, "heads").expect(&context);
                let state = if pending.is_empty() {
                    MigrationState::AtHead
                } else {
                    MigrationState::Behind
                };
                let position = graph.position(&rows);
                assert_eq!(
                    (position.state, position.pending),
                    (state, pending),
                    "{context}"
                );
                let below = parent_of(&graph, &rows);
                if let Some(below) = below {
                    let overlap: Vec<_> = rows.iter().cloned().chain([below]).collect();
                    let state = graph.position(&overlap).state;
                    assert_eq!(state, MigrationState::Diverged, "{overlap:?}; {context}");
                    lines += 1;
                }
                let is_alone = rows.is_empty() || state == MigrationState::AtHead;
                rows.push(stranger.clone());
                let position = graph.position(&rows);
                let expected = if is_alone {
                    MigrationState::Ahead
                } else {
                    MigrationState::Diverged
                };
                assert_eq!(position.state, expected, "{context}");
                assert_eq!(
                    position.unknown,
                    std::slice::from_ref(&stranger),
                    "{context}"
                );
                places += 1;
            }
        }
    }
    assert!(
        places > 10_000 && lines > 5_000,
        "{places} places, {lines} lines"
    );
}

/// A parent of one of these rows.
fn parent_of(graph: &Graph, rows: &[RevisionId]) -> Option<RevisionId> {
    let mut parents = rows.iter().flat_map(|row| {
        let revision = graph.get(row.as_str()).expect("a known row");
        revision.down.iter()
    });
    parents.next().map(RevisionId::from)
}

fn compare_shape(graph: &Graph, truth: &Value, context: &str) {
    assert_eq!(truth["refused"], Value::Null, "{context}");
    assert_eq!(json!(graph.heads()), truth["heads"], "heads; {context}");
    let rows = json!(graph.effective_heads());
    assert_eq!(rows, truth["effective_heads"], "effective heads; {context}");
    assert_eq!(json!(graph.bases()), truth["bases"], "bases; {context}");
    for revision in graph.revisions() {
        let labels = graph.labels_of(revision.id.as_str());
        let expected = &truth["labels"][revision.id.as_str()];
        assert_eq!(json!(labels), *expected, "labels; {context}");
    }
}

/// Compares all answers; returns how many were an order, and how many an error.
fn compare_answers(
    graph: &Graph,
    queries: &[Query],
    truth: &Value,
    context: &str,
) -> (usize, usize) {
    let answers = truth["answers"].as_array().unwrap();
    assert_eq!(answers.len(), queries.len(), "{context}");
    for (query, answer) in queries.iter().zip(answers) {
        compare_answer(graph, query, answer, &format!("{query:?}; {context}"));
    }
    let good = answers
        .iter()
        .filter(|answer| answer["error"].is_null())
        .count();
    (good, answers.len() - good)
}

fn compare_answer(graph: &Graph, query: &Query, truth: &Value, context: &str) {
    let from: Vec<RevisionId> = query.from.iter().map(RevisionId::from).collect();
    let mine = if query.is_upgrade {
        graph.upgrade(&from, &query.to)
    } else {
        graph.downgrade(&from, &query.to)
    };
    match mine {
        Ok(order) => assert_eq!(json!(order), truth["ok"], "{truth}; {context}"),
        // Where Alembic itself falls over, any refusal is as good.
        Err(_) if truth["error"] == "crash" => {}
        Err(error) => {
            let kind = error.kind().word();
            assert_eq!(json!(kind), truth["error"], "{error}; {truth}; {context}");
        }
    }
}
