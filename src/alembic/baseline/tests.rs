//! What is suggested, and what is not.

use super::*;
use crate::alembic::revision::Revision;
use crate::alembic::script::{Body, Step};

/// A directory of revisions as `id`, parents and the SQL that they send; an empty statement
/// stands for something that cannot be read.
fn suggested(revisions: &[(&str, &[&str], &[&str])], tables: &[Table]) -> Option<Baseline> {
    let graph = revisions
        .iter()
        .map(|(id, down, _)| Revision::new(*id, down));
    let graph = Graph::build(graph.collect()).unwrap();
    let step = |text: &&str| Step {
        line: 1,
        call: String::new(),
        action: if text.is_empty() {
            Action::Opaque { why: String::new() }
        } else {
            Action::Sql {
                text: (*text).to_owned(),
                exact: true,
            }
        },
        certainty: Certainty::Always,
        transactional: true,
    };
    let made = revisions.iter().map(|(id, _, sql)| {
        let upgrade = Body {
            steps: sql.iter().map(step).collect(),
            ..Body::default()
        };
        let script = Script {
            upgrade: Some(upgrade),
            ..Script::default()
        };
        (RevisionId::from(*id), Made::of(&script))
    });
    suggest(&graph, &made.collect(), tables)
}

const LINE: [(&str, &[&str], &[&str]); 4] = [
    (
        "a1",
        &[],
        &["CREATE TABLE agent (id int, name text, code text)"],
    ),
    ("a2", &["a1"], &["ALTER TABLE agent ADD COLUMN state text"]),
    ("a3", &["a2"], &["CREATE POLICY p ON agent USING (true)"]),
    ("a4", &["a3"], &["CREATE TABLE team (id int, title text)"]),
];

fn agent(columns: &[&str]) -> Table {
    Table::new("public", "agent", columns)
}

fn stamp(rows: &[&str]) -> Vec<RevisionId> {
    rows.iter().map(|id| (*id).into()).collect()
}

#[test]
fn the_last_place_with_these_tables_and_columns_is_suggested_and_the_others_are_named() {
    let found = suggested(&LINE, &[agent(&["id", "name", "code", "state"])]).unwrap();
    assert_eq!(found.stamp, stamp(&["a3"]));
    assert_eq!(found.alike, [stamp(&["a2"])]);
    assert_eq!(
        found.hint(),
        "stamp a3: the one table and 4 of 4 columns of a3 are there, nothing of a4; \
         tables and columns are the same at a2: check what is done in between"
    );
    let first = suggested(&LINE, &[agent(&["id", "name", "code"])]).unwrap();
    assert_eq!((first.stamp, first.alike), (stamp(&["a1"]), vec![]));
}

#[test]
fn a_database_between_two_places_gets_no_suggestion() {
    let team = Table::new("public", "team", &["id"]);
    let found = suggested(&LINE, &[agent(&["id", "name", "code", "state"]), team]).unwrap();
    assert_eq!(found.stamp, []);
    assert_eq!(found.nearest, stamp(&["a4"]));
    assert_eq!(found.missing, ["team.title"]);
    assert!(
        found
            .hint()
            .starts_with("no revision fits: all 2 tables and 5 of 6 columns")
    );
}

#[test]
fn thin_evidence_suggests_nothing() {
    let other = |name: &str| Table::new("public", name, &["id"]);
    assert_eq!(suggested(&LINE, &[other("x")]), None);
    assert_eq!(suggested(&LINE, &[]), None);
    let mut tables = vec![agent(&["id", "name", "code"]), other("x"), other("y")];
    let crowd = suggested(&LINE, &tables).unwrap();
    assert_eq!((crowd.stamp, crowd.foreign.len()), (vec![], 2));
    tables.pop();
    let one = suggested(&LINE, &tables).unwrap();
    assert_eq!(one.stamp, stamp(&["a1"]));
    assert_eq!(one.doubts(), ["no revision makes x"]);
}

#[test]
fn what_no_revision_makes_in_a_known_table_does_not_count() {
    let found = suggested(&LINE, &[agent(&["id", "name", "code", "by_hand"])]).unwrap();
    assert_eq!(found.stamp, stamp(&["a1"]));
}

#[test]
fn branches_are_several_rows_and_two_that_cannot_be_told_apart_are_none() {
    let mut both = vec![
        LINE[0],
        ("b1", &["a1"][..], &["CREATE TABLE b (x int)"][..]),
        ("c1", &["a1"][..], &["CREATE TABLE c (y int)"][..]),
    ];
    let tables = [
        agent(&["id", "name", "code"]),
        Table::new("public", "b", &["x"]),
        Table::new("public", "c", &["y"]),
    ];
    let rows = |found: Option<Baseline>| {
        let mut rows = found.unwrap().stamp;
        rows.sort();
        rows
    };
    assert_eq!(rows(suggested(&both, &tables)), stamp(&["b1", "c1"]));
    assert_eq!(rows(suggested(&both, &tables[..2])), stamp(&["b1"]));
    both.push(("m1", &["b1", "c1"], &[]));
    let merged = suggested(&both, &tables).unwrap();
    assert_eq!((merged.stamp.len(), merged.alike.len()), (1, 1));
    assert_eq!(merged.stamp, stamp(&["m1"]));
    let alike = [
        LINE[0],
        ("b1", &["a1"][..], &["UPDATE agent SET code = ''"][..]),
        ("c1", &["a1"][..], &["UPDATE agent SET name = ''"][..]),
        ("b2", &["b1"][..], &["CREATE TABLE b (x int)"][..]),
        ("c2", &["c1"][..], &["CREATE TABLE c (x int)"][..]),
    ];
    let found = suggested(&alike, &tables[..1]).unwrap();
    assert!(found.alike.len() >= 2, "{found:?}");
}

#[test]
fn renames_drops_and_what_cannot_be_read_are_followed() {
    let revisions = [
        LINE[0],
        (
            "a2",
            &["a1"][..],
            &["ALTER TABLE agent RENAME TO worker", ""][..],
        ),
        (
            "a3",
            &["a2"][..],
            &["ALTER TABLE worker RENAME code TO tag; ALTER TABLE worker DROP COLUMN name"][..],
        ),
        (
            "a4",
            &["a3"][..],
            &["DROP TABLE worker; CREATE TABLE end (id int)"][..],
        ),
    ];
    let worker = |columns: &[&str]| [Table::new("app", "worker", columns)];
    let second = suggested(&revisions, &worker(&["id", "name", "code"])).unwrap();
    assert_eq!(second.stamp, stamp(&["a2"]));
    assert_eq!(second.unread, stamp(&["a2"]));
    assert!(second.hint().contains("could be read"), "{}", second.hint());
    let third = suggested(&revisions, &worker(&["id", "tag"])).unwrap();
    assert_eq!(third.nearest, stamp(&["a3"]));
}
