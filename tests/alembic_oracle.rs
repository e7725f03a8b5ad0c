//! Compares the reader and the graph with the Alembic that is installed for the tests.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(
    clippy::disallowed_methods,
    reason = "this test starts Python and reads files"
)]

#[path = "alembic/generator.rs"]
mod generator;
#[path = "alembic/oracle.rs"]
mod oracle;

use generator::{Case, Query, Seeded};
use oracle::Oracle;
use portcullis::alembic::graph::Graph;
use portcullis::domain::revision::RevisionId;
use serde_json::{Value, json};

/// How many random graphs are compared.
const GRAPHS: u64 = 1_000;

#[test]
fn random_graphs_give_alembics_answers() {
    let mut oracle = Oracle::start();
    let (mut refused, mut failed, mut answered) = (0, 0, 0);
    for seed in 0..GRAPHS {
        let case = Case::random(&mut Seeded::new(seed));
        let truth = oracle.ask(&case.question());
        match Graph::build(case.revisions.clone()) {
            Err(error) => {
                refused += 1;
                assert_eq!(
                    json!(error.word()),
                    truth["refused"],
                    "seed {seed}: {error}\n{case:#?}\n{truth}"
                );
            }
            Ok(graph) => {
                assert_eq!(
                    truth["refused"],
                    Value::Null,
                    "seed {seed}\n{case:#?}\n{truth}"
                );
                compare_shape(&graph, &truth, &format!("seed {seed}: {case:#?}"));
                for (query, answer) in case
                    .queries
                    .iter()
                    .zip(truth["answers"].as_array().unwrap())
                {
                    compare_answer(
                        &graph,
                        query,
                        answer,
                        &format!("seed {seed}: {query:?}\n{case:#?}"),
                    );
                    if answer["ok"].is_null() {
                        failed += 1;
                    } else {
                        answered += 1;
                    }
                }
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

fn compare_shape(graph: &Graph, truth: &Value, context: &str) {
    assert_eq!(json!(graph.heads()), truth["heads"], "heads; {context}");
    assert_eq!(
        json!(graph.effective_heads()),
        truth["effective_heads"],
        "{context}"
    );
    assert_eq!(json!(graph.bases()), truth["bases"], "bases; {context}");
    for revision in graph.revisions() {
        let labels = graph.labels_of(revision.id.as_str());
        assert_eq!(
            json!(labels),
            truth["labels"][revision.id.as_str()],
            "labels; {context}"
        );
    }
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
        Err(error) => assert_eq!(
            json!(error.kind().word()),
            truth["error"],
            "{error}; {truth}; {context}"
        ),
    }
}
