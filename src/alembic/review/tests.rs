//! Reviews, rule by rule.

use std::collections::BTreeSet;

use super::rules::RULES;
use super::{EnvFacts, Subject, review};
use crate::alembic::script::{Action, Body, Remark, STAND_IN, Script, Step};
use crate::domain::preflight::Severity;
use crate::domain::review::{Certainty, LockMode, Review, Undo, Verb};
use crate::sql::LINTS;

/// One step for each text, a line each; a text that begins with `!` runs outside the transaction.
fn script(texts: &[&str]) -> Script {
    let steps = texts.iter().zip(10..).map(|(text, line)| Step {
        line,
        call: "op.execute".to_owned(),
        action: Action::Sql {
            text: text.trim_start_matches('!').to_owned(),
            exact: true,
        },
        certainty: Certainty::Always,
        transactional: !text.starts_with('!'),
    });
    let undo = Step {
        line: 90,
        call: "op.execute".to_owned(),
        action: Action::Sql {
            text: "SELECT 1".to_owned(),
            exact: true,
        },
        certainty: Certainty::Always,
        transactional: true,
    };
    Script {
        upgrade: Some(Body {
            line: 9,
            steps: steps.collect(),
            raises: false,
        }),
        downgrade: Some(Body {
            line: 89,
            steps: vec![undo],
            raises: false,
        }),
        remarks: Vec::new(),
    }
}

const CAREFUL: EnvFacts = EnvFacts {
    lock_timeout: true,
    statement_timeout: true,
    transaction_per_migration: true,
};

fn reviewed(script: &Script, env: EnvFacts) -> Review {
    let subject = Subject {
        id: "a1".into(),
        file: "a1.py".to_owned(),
    };
    review(subject, script, &env)
}

/// The rules that find something in these statements, with a careful `env.py`.
fn found(texts: &[&str]) -> Vec<String> {
    let review = reviewed(&script(texts), CAREFUL);
    review.standing().map(|v| v.rule.clone()).collect()
}

/// Statements, and the rules that find something in them.
const CASES: &[(&[&str], &[&str])] = &[
    (&["ALTER TABLE t ADD UNIQUE (a)"], &["blocks-reads"]),
    (&["REFRESH MATERIALIZED VIEW v"], &["blocks-reads"]),
    (&["LOCK TABLE t"], &["blocks-reads"]),
    (&["CREATE INDEX ix ON t (a)"], &["blocks-writes"]),
    (&["ALTER TABLE t ALTER a TYPE bigint"], &["rewrites-table"]),
    (
        &["ALTER TABLE t ADD a uuid DEFAULT gen_random_uuid()"],
        &["rewrites-table"],
    ),
    (&["ALTER TABLE t ALTER a SET NOT NULL"], &["scans-table"]),
    (
        &["ALTER TABLE t ADD CHECK (a > 0)"],
        &["constraint-not-valid"],
    ),
    (
        &["ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p (id)"],
        &["constraint-not-valid"],
    ),
    (&["ALTER TABLE t ADD CHECK (a > 0) NOT VALID"], &[]),
    (&["ALTER TABLE t VALIDATE CONSTRAINT c"], &[]),
    (
        &["ALTER TABLE t ADD a int", "ALTER TABLE u ADD a int"],
        &["several-tables-locked"],
    ),
    (
        &["ALTER TABLE t ADD a int", "UPDATE t SET a = 1"],
        &["mixed-data-and-schema"],
    ),
    (&["DROP TABLE t"], &["destroys-data"]),
    (&["DELETE FROM t"], &["destroys-data"]),
    (&["UPDATE t SET a = 1 WHERE a IS NULL"], &[]),
    (&["ALTER TABLE t RENAME a TO b"], &["renames"]),
    (&["ALTER INDEX a RENAME TO b"], &[]),
    (
        &["ALTER TABLE t ADD a int NOT NULL"],
        &["not-null-without-default"],
    ),
    (
        &["CREATE INDEX CONCURRENTLY ix ON t (a)"],
        &["concurrently-in-transaction"],
    ),
    (
        &["!CREATE INDEX CONCURRENTLY ix ON t (a)"],
        &["outside-transaction"],
    ),
    (
        &["!CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON t (a)"],
        &[],
    ),
    (
        &["ALTER TYPE e ADD VALUE 'x'", "INSERT INTO t VALUES ('x')"],
        &["enum-value-in-transaction"],
    ),
    (&["ALTER TYPE e ADD VALUE 'x'"], &[]),
    (&["SELECT purge()"], &["opaque"]),
    (
        &["DO $$ BEGIN EXECUTE format('DROP TABLE %I', x); END $$"],
        &["opaque"],
    ),
    (&["MAKE TABLE t"], &["sql-syntax"]),
    (&["DROP VIEW v"], &["squawk/ban-drop-view"]),
    (
        &["ALTER TABLE t ALTER a DROP NOT NULL"],
        &["squawk/ban-drop-not-null"],
    ),
    (&["CREATE TABLE t (a int REFERENCES p (id))"], &[]),
];

#[test]
fn each_rule_finds_what_it_is_for_and_nothing_else_does() {
    for (texts, expected) in CASES {
        assert_eq!(found(texts), *expected, "{texts:?}");
    }
}

#[test]
fn a_table_of_the_same_revision_hurts_nobody() {
    let texts = [
        "CREATE TABLE t (id int PRIMARY KEY, a int)",
        "CREATE INDEX ix ON public.t (a)",
        "ALTER TABLE t ALTER a TYPE bigint, ADD b int NOT NULL",
        "UPDATE t SET a = 1",
        "DROP INDEX ix",
        "ALTER TABLE t RENAME a TO c",
        "DROP TABLE t",
    ];
    let review = reviewed(&script(&texts), EnvFacts::default());
    assert_eq!(review.verdicts, []);
    assert!(
        review
            .changes
            .iter()
            .all(|change| change.locks.is_empty() && !change.destroys)
    );
}

#[test]
fn a_stand_in_is_no_name() {
    let text = format!("ALTER TABLE {STAND_IN} ADD {STAND_IN} int NOT NULL");
    let review = reviewed(&script(&[&text]), EnvFacts::default());
    let change = &review.changes[0];
    assert_eq!((&change.name, &change.table), (&None, &None));
    assert!(!change.locks[0].named);
    let messages = review.verdicts.iter().map(|v| &v.message);
    assert!(
        messages
            .into_iter()
            .all(|message| !message.contains(STAND_IN))
    );
}

#[test]
fn the_table_of_an_index_is_known_when_the_revision_made_it() {
    let texts = ["CREATE INDEX ix ON t (a)", "DROP INDEX ix"];
    let review = reviewed(&script(&texts), CAREFUL);
    let drop = review
        .changes
        .iter()
        .find(|c| c.verb == Verb::Drop)
        .unwrap();
    assert_eq!(drop.locks.len(), 1);
    assert_eq!(
        (
            &*drop.locks[0].table,
            drop.locks[0].mode,
            drop.locks[0].named
        ),
        ("t", LockMode::AccessExclusive, true)
    );
    let alone = reviewed(&script(&["DROP INDEX ix"]), CAREFUL);
    assert!(!alone.changes[0].locks[0].named);
}

#[test]
fn a_lock_timeout_counts_while_it_is_in_force() {
    let bare = EnvFacts {
        lock_timeout: false,
        ..CAREFUL
    };
    let waits = |texts: &[&str]| {
        let review = reviewed(&script(texts), bare);
        review.verdicts.iter().any(|v| v.rule == "no-lock-timeout")
    };
    let change = "ALTER TABLE t ADD a int";
    assert!(waits(&[change]));
    assert!(!waits(&["SET LOCAL lock_timeout = '5s'", change]));
    assert!(!waits(&[
        "SELECT set_config('lock_timeout', '5s', true)",
        change
    ]));
    assert!(waits(&[change, "SET lock_timeout = '5s'"]));
    assert!(waits(&[
        "SET lock_timeout = '5s'",
        "SET lock_timeout = 0",
        change
    ]));
    assert!(waits(&[
        "SET LOCAL lock_timeout = '5s'",
        "!DROP INDEX IF EXISTS ix"
    ]));
    assert!(!waits(&[
        "CREATE TABLE x (id int)",
        "ALTER TABLE x ADD a int"
    ]));
    assert!(!waits(&["ALTER TABLE t VALIDATE CONSTRAINT c"]));
}

#[test]
fn what_is_lost_for_certain_blocks_and_the_rest_warns() {
    let worst = |text: &str| reviewed(&script(&[text]), CAREFUL).severity();
    assert_eq!(worst("ALTER TABLE t DROP COLUMN a"), Severity::Block);
    assert_eq!(worst("TRUNCATE t"), Severity::Block);
    assert_eq!(worst("UPDATE t SET a = 1"), Severity::Warn);
    assert_eq!(worst("ALTER TABLE t ALTER a TYPE date"), Severity::Warn);
    assert_eq!(worst("ALTER TABLE t ADD a int"), Severity::Pass);
}

#[test]
fn the_way_back_is_read_from_the_downgrade() {
    let mut script = script(&["ALTER TABLE t ADD a int"]);
    let undo = |script: &Script| {
        let review = reviewed(script, CAREFUL);
        let rules: Vec<String> = review.verdicts.into_iter().map(|v| v.rule).collect();
        (review.undo, rules.join(" "))
    };
    assert_eq!(undo(&script), (Undo::Written, String::new()));
    let body = script.downgrade.as_mut().unwrap();
    body.steps.clear();
    assert_eq!(undo(&script), (Undo::Empty, "no-undo-empty".to_owned()));
    script.downgrade.as_mut().unwrap().raises = true;
    assert_eq!(undo(&script), (Undo::Raises, "no-undo-raises".to_owned()));
    script.downgrade = None;
    assert_eq!(undo(&script), (Undo::Missing, "no-undo-missing".to_owned()));
    let nothing = Script {
        upgrade: Some(Body::default()),
        downgrade: Some(Body::default()),
        remarks: Vec::new(),
    };
    assert_eq!(undo(&nothing), (Undo::NothingToUndo, String::new()));
}

#[test]
fn an_id_must_fit_into_alembics_table() {
    let of = |id: &str| {
        let subject = Subject {
            id: id.into(),
            file: String::new(),
        };
        review(subject, &script(&[]), &CAREFUL).severity()
    };
    assert_eq!(of(&"a".repeat(32)), Severity::Pass);
    assert_eq!(of(&"a".repeat(33)), Severity::Block);
}

/// The rules that stand, and the silenced ones with their reasons.
fn silenced(remarks: &[(usize, &str, bool)]) -> (Vec<String>, Vec<String>) {
    let mut script = script(&["DROP TABLE t", "DROP TABLE u"]);
    script.remarks = remarks
        .iter()
        .map(|(line, text, trailing)| Remark {
            line: *line,
            text: (*text).to_owned(),
            trailing: *trailing,
            top_level: *line < 9,
        })
        .collect();
    let careful = reviewed(&script, CAREFUL);
    let drops = careful.verdicts.into_iter();
    let drops: Vec<_> = drops
        .filter(|v| v.rule != "several-tables-locked")
        .collect();
    let stand = drops.iter().filter(|v| v.silenced.is_none());
    let stand = stand.map(|v| format!("{}:{}", v.rule, v.line)).collect();
    (
        stand,
        drops.into_iter().filter_map(|v| v.silenced).collect(),
    )
}

#[test]
fn a_comment_silences_on_its_line_above_it_or_for_all() {
    let allow = "allow destroys-data because the export has it";
    let one = |line, trailing| silenced(&[(line, allow, trailing)]);
    assert_eq!(one(10, true).0, ["destroys-data:11"]);
    assert_eq!(one(9, false).0, ["destroys-data:11"]);
    assert_eq!(one(2, false).0, [""; 0]);
    assert_eq!(one(2, false).1, ["the export has it"; 2]);
    let stacked = silenced(&[(9, "allow renames because x", false), (10, allow, false)]);
    assert_eq!(stacked.0, ["destroys-data:10", "silence-unused:9"]);
}

#[test]
fn a_comment_that_does_not_silence_is_found() {
    let one = |text: &str| silenced(&[(2, text, false)]).0;
    let both = ["destroys-data:10", "destroys-data:11"];
    for (text, rule) in [
        ("allow destroys-data", "silence-without-reason:2"),
        ("allow destroys-data because .", "silence-without-reason:2"),
        ("ignore destroys-data", "silence-without-reason:2"),
        ("allow destroy-data because x", "silence-unknown-rule:2"),
        ("allow renames because x", "silence-unused:2"),
    ] {
        assert_eq!(one(text), [both[0], both[1], rule], "{text}");
    }
    let mut script = script(&["SELECT 1"]);
    script.remarks = vec![Remark {
        line: 2,
        text: "allow destroy-data because x".to_owned(),
        trailing: false,
        top_level: true,
    }];
    let review = reviewed(&script, CAREFUL);
    assert!(
        review.verdicts[0]
            .message
            .contains("did you mean destroys-data?")
    );
}

#[test]
fn rules_of_squawk_are_the_ones_that_are_asked() {
    let asked: BTreeSet<String> = LINTS
        .iter()
        .filter(|lint| lint.off.is_none())
        .map(|lint| format!("squawk/{}", lint.name))
        .collect();
    let ours = RULES.iter().map(|rule| rule.name.to_owned());
    let ours: BTreeSet<String> = ours.filter(|name| name.starts_with("squawk/")).collect();
    assert_eq!(asked, ours);
}

#[test]
fn every_rule_has_its_section_and_every_section_its_rule() {
    let page = include_str!("../../../docs/rules.md");
    let sections = page.lines().filter_map(|line| line.strip_prefix("## "));
    let sections: Vec<&str> = sections.filter(|name| *name != "Silencing").collect();
    let mut names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    names.extend(crate::alembic::env::RULES.iter().map(|rule| rule.name));
    assert_eq!(sections.len(), names.len());
    assert_eq!(sections.into_iter().collect::<BTreeSet<_>>(), names);
}
