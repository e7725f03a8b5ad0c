use super::*;
use crate::domain::migration::MigrationState;
use proptest::prelude::*;

fn labelled(id: &str, down: &[&str], label: &str) -> Revision {
    let mut revision = Revision::new(id, down);
    revision.branch_labels.push(label.to_owned());
    revision
}

fn depending(id: &str, down: &[&str], on: &str) -> Revision {
    let mut revision = Revision::new(id, down);
    revision.depends_on.push(on.to_owned());
    revision
}

/// `a1 - a2 - {b1, c1} - m1`, and a second base `x1 - x2` whose end depends on `b1`.
fn sample() -> Graph {
    Graph::build(vec![
        Revision::new("a1", &[]),
        Revision::new("a2", &["a1"]),
        Revision::new("b1", &["a2"]),
        Revision::new("c1", &["a2"]),
        Revision::new("m1", &["b1", "c1"]),
        labelled("x1", &[], "extra"),
        depending("x2", &["x1"], "b1"),
    ])
    .unwrap()
}

fn ids(text: &str) -> Vec<RevisionId> {
    text.split_whitespace().map(RevisionId::from).collect()
}

fn up(from: &str, to: &str) -> Vec<RevisionId> {
    sample().upgrade(&ids(from), to).unwrap()
}

fn down(from: &str, to: &str) -> Vec<RevisionId> {
    sample().downgrade(&ids(from), to).unwrap()
}

fn why(from: &str, to: &str) -> ErrorKind {
    sample().upgrade(&ids(from), to).unwrap_err().kind()
}

#[test]
fn ends_branches_and_merges_are_found() {
    let graph = sample();
    assert_eq!(graph.heads(), ids("m1 x2"));
    assert_eq!(graph.bases(), ids("a1 x1"));
    assert_eq!(graph.branch_points(), ids("a2"));
    assert_eq!(graph.merges(), ids("m1"));
    assert_eq!(graph.children("a2"), ids("b1 c1"));
    assert_eq!(graph.labels_of("x2"), ["extra"]);
}

#[test]
fn an_upgrade_brings_what_the_target_depends_on() {
    assert_eq!(up("", "extra@head"), ids("a1 a2 b1 x1 x2"));
    assert_eq!(up("x2", "heads"), ids("c1 m1"));
    assert_eq!(up("a2", "m1"), ids("c1 b1 m1"));
    assert_eq!(up("a1", "+1"), ids("a2"));
    assert_eq!(up("a1", "a1+1"), ids("a2"));
    assert_eq!(up("m1 x2", "heads"), []);
}

#[test]
fn a_downgrade_takes_what_depends_on_the_target_with_it() {
    assert_eq!(down("m1 x2", "a2"), ids("m1 x2 b1 c1"));
    assert_eq!(down("m1 x2", "extra@base"), ids("x2 x1"));
    assert_eq!(down("a2", "-1"), ids("a2"));
    assert_eq!(down("a2", "base"), ids("a2 a1"));
}

#[test]
fn errors_have_kinds() {
    assert_eq!(why("", "nope"), ErrorKind::UnknownRevision);
    assert_eq!(why("zz", "heads"), ErrorKind::UnknownRevision);
    assert_eq!(why("", "head"), ErrorKind::SeveralHeads);
    assert_eq!(why("a2", "+1"), ErrorKind::AmbiguousStep);
    assert_eq!(why("m1", "+1"), ErrorKind::Unreachable);
    assert_eq!(why("a1 a2", "heads"), ErrorKind::Overlap);
    let alike = Graph::build(vec![
        Revision::new("abcd1", &[]),
        Revision::new("abcd2", &["abcd1"]),
    ]);
    let error = alike.unwrap().upgrade(&[], "abcd").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AmbiguousId);
    let error = sample().downgrade(&ids("a1"), "c1").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
}

#[test]
fn the_direction_follows_from_the_target() {
    let graph = sample();
    let pending = |from: &str, to: &str| graph.pending(&ids(from), &Target::new(to)).unwrap();
    assert_eq!(pending("m1", "a2").direction, Direction::Down);
    assert_eq!(pending("a2", "-1").direction, Direction::Down);
    assert_eq!(pending("a1", "a2").direction, Direction::Up);
    assert_eq!(pending("a2", "a2").revisions, []);
    assert_eq!(pending("a2", "base").revisions, ids("a2 a1"));
    assert_eq!(pending("a2", "a2-2").revisions, ids("a2 a1"));
    assert_eq!(pending("a2", "a2-1").direction, Direction::Down);
    assert_eq!(pending("a1", "b1-1").direction, Direction::Up);
    let forced = graph.pending(&ids("m1"), &Target::up("a2")).unwrap();
    assert_eq!(forced.revisions, []);
}

#[test]
fn what_alembic_refuses_is_refused() {
    let refused = |revisions| Graph::build(revisions).unwrap_err().word();
    let new = |id: &str, down: &[&str]| Revision::new(id, down);
    assert_eq!(refused(vec![new("a", &[]), new("a", &[])]), "duplicate_id");
    assert_eq!(refused(vec![new("a", &["b"])]), "missing_parent");
    assert_eq!(
        refused(vec![labelled("a", &[], "l"), new("b", &["l"])]),
        "missing_parent",
        "a label is no parent"
    );
    let between_head_and_base = vec![
        new("a", &[]),
        new("b", &["a", "c"]),
        new("c", &["b"]),
        new("d", &["c"]),
    ];
    assert_eq!(refused(between_head_and_base), "cycle");
    assert_eq!(
        refused(vec![depending("a", &[], "b")]),
        "missing_dependency"
    );
    assert_eq!(refused(vec![new("a", &["a"])]), "cycle");
    assert_eq!(refused(vec![new("a", &["b"]), new("b", &["a"])]), "cycle");
    assert_eq!(
        refused(vec![labelled("a", &[], "l"), new("b", &["l"])]),
        "missing_parent",
        "a label is no parent"
    );
    let between_head_and_base = vec![
        new("a", &[]),
        new("b", &["a", "c"]),
        new("c", &["b"]),
        new("d", &["c"]),
    ];
    assert_eq!(refused(between_head_and_base), "cycle");
    assert_eq!(
        refused(vec![depending("a", &[], "b"), depending("b", &[], "a")]),
        "dependency_cycle"
    );
    assert_eq!(refused(vec![new("a-b", &[])]), "forbidden_character");
    assert_eq!(
        refused(vec![labelled("a", &[], "l"), labelled("b", &[], "l")]),
        "label_taken"
    );
}

#[test]
fn a_database_stands_somewhere() {
    let graph = sample();
    let state = |rows: &str| graph.position(&ids(rows)).state;
    assert_eq!(state("m1 x2"), MigrationState::AtHead);
    assert_eq!(state("m1"), MigrationState::Behind);
    assert_eq!(graph.position(&ids("m1")).pending, ids("x1 x2"));
    assert_eq!(state(""), MigrationState::Behind);
    assert_eq!(state("zz"), MigrationState::Ahead);
    assert_eq!(state("m1 x2 zz"), MigrationState::Ahead);
    assert_eq!(state("a1 zz"), MigrationState::Diverged);
    assert_eq!(state("a1 a2"), MigrationState::Diverged);
}

#[test]
fn rows_follow_a_move() {
    let graph = sample();
    assert_eq!(
        graph.rows_after(&ids("a2"), &up("a2", "m1"), Direction::Up),
        ids("m1")
    );
    assert_eq!(
        graph.rows_after(&[], &up("", "heads"), Direction::Up),
        ids("m1 x2")
    );
    let steps = down("m1 x2", "extra@base");
    assert_eq!(
        graph.rows_after(&ids("m1 x2"), &steps, Direction::Down),
        ids("m1")
    );
}

#[test]
fn an_empty_directory_has_nothing_to_do() {
    let graph = Graph::build(Vec::new()).unwrap();
    assert!(graph.heads().is_empty());
    assert_eq!(graph.upgrade(&[], "head").unwrap(), []);
    assert_eq!(graph.position(&[]).state, MigrationState::AtHead);
}

proptest! {
    /// Any edges between any names, and any target: an answer or an error, never a panic.
    #[test]
    fn nonsense_does_not_panic(
        edges in prop::collection::vec(("[a-d]{1,4}", prop::collection::vec("[a-d]{1,4}", 0..3)), 0..12),
        from in prop::collection::vec("[a-d@+-]{0,4}", 0..3),
        to in ".{0,10}",
    ) {
        let revisions = edges.iter().map(|(id, down)| {
            Revision::new(id.as_str(), &down.iter().map(String::as_str).collect::<Vec<_>>())
        });
        if let Ok(graph) = Graph::build(revisions.collect()) {
            let from: Vec<RevisionId> = from.into_iter().map(RevisionId::from).collect();
            let _ = graph.pending(&from, &Target::new(&*to));
            let _ = graph.downgrade(&from, &to);
        }
    }

    /// Going up to the heads and back down to the base runs everything, mirrored in content.
    #[test]
    fn up_and_down_are_complete(parents in prop::collection::vec(any::<prop::sample::Index>(), 1..30)) {
        let revisions = parents.iter().enumerate().map(|(at, parent)| {
            let down = if at == 0 { Vec::new() } else { vec![format!("r{}", parent.index(at))] };
            Revision::new(format!("r{at}"), &down.iter().map(String::as_str).collect::<Vec<_>>())
        });
        let graph = Graph::build(revisions.collect()).unwrap();
        let mut up = graph.upgrade(&[], "heads").unwrap();
        prop_assert_eq!(up.len(), graph.len());
        let mut down = graph.downgrade(&graph.heads(), "base").unwrap();
        up.sort();
        down.sort();
        prop_assert_eq!(up, down);
    }
}
