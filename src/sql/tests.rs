//! Statements, example by example.

use proptest::prelude::*;

use super::{Hazard, Setting, Statement, Transaction, Work, highlight, statements};
use crate::domain::review::{LockMode, Object, Verb};

fn one(text: &str) -> Statement {
    let mut all = statements(text);
    assert_eq!(all.len(), 1, "{text}: {all:#?}");
    all.remove(0)
}

fn brief(text: &str) -> String {
    let statement = one(text);
    assert_eq!(statement.fault, None, "{text}");
    let effects: Vec<String> = statement
        .effects
        .iter()
        .map(|effect| {
            let locks: Vec<String> = effect
                .locks
                .iter()
                .map(|lock| format!("{} {}", lock.mode, lock.table))
                .collect();
            format!(
                "{} {} {} {:?} [{}]{}",
                effect.verb.word(),
                effect.object.word(),
                effect.name.as_deref().unwrap_or("-"),
                effect.work,
                locks.join(", "),
                if effect.destroys { " lost" } else { "" }
            )
        })
        .collect();
    effects.join("; ")
}

#[test]
fn each_statement_is_known_for_what_it_does() {
    let cases = [
        (
            "ALTER TABLE ONLY s.\"Order\" ADD COLUMN x int, DROP y",
            "creates column x Quick [ACCESS EXCLUSIVE s.\"Order\"]; drops column y Quick \
             [ACCESS EXCLUSIVE s.\"Order\", ACCESS EXCLUSIVE the tables that foreign keys bind to s.\"Order\"] lost",
        ),
        (
            "CREATE INDEX ix ON t (a)",
            "creates index ix Build [SHARE t]",
        ),
        (
            "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES p (id) NOT VALID",
            "creates constraint fk Quick [SHARE ROW EXCLUSIVE t, SHARE ROW EXCLUSIVE p]",
        ),
        (
            "ALTER TABLE t ALTER COLUMN a TYPE bigint",
            "alters column a Rewrite [ACCESS EXCLUSIVE t, ACCESS EXCLUSIVE the tables that foreign keys bind to t]",
        ),
        (
            "WITH x AS (SELECT * FROM u) UPDATE t SET a = 1 FROM x",
            "updates rows a Rows [ROW EXCLUSIVE t, ACCESS SHARE u] lost",
        ),
        (
            "UPDATE t SET a = 1 WHERE a IS NULL",
            "updates rows a Rows [ROW EXCLUSIVE t]",
        ),
        (
            "DROP INDEX CONCURRENTLY ix",
            "drops index ix Quick [SHARE UPDATE EXCLUSIVE the table of index ix]",
        ),
        (
            "COMMENT ON COLUMN s.t.c IS 'x'",
            "runs column c Quick [SHARE UPDATE EXCLUSIVE s.t]",
        ),
        (
            "DO $$ BEGIN IF true THEN DROP TABLE t; END IF; END $$",
            "drops table t Quick [ACCESS EXCLUSIVE t, ACCESS EXCLUSIVE the tables that foreign keys bind to t] lost",
        ),
        (
            "DO $$ BEGIN EXECUTE 'TRUNCATE t'; END $$",
            "truncates rows - Quick [ACCESS EXCLUSIVE t] lost",
        ),
        ("GRANT SELECT ON t TO x", "grants privilege - Quick []"),
    ];
    for (text, expected) in cases {
        assert_eq!(brief(text), expected, "{text}");
    }
}

#[test]
fn defaults_decide_whether_a_table_is_written_anew() {
    let cases = [
        ("now()", Work::Quick),
        ("'x'::text", Work::Quick),
        ("clock_timestamp()", Work::Rewrite),
        ("gen_random_uuid()", Work::Rewrite),
        ("pg_catalog.now()", Work::Quick),
        ("mine.now()", Work::Rewrite),
    ];
    for (default, work) in cases {
        let statement = one(&format!("ALTER TABLE t ADD a text DEFAULT {default}"));
        assert_eq!(statement.effects[0].work, work, "{default}");
    }
    for kind in [
        "bigserial",
        "int GENERATED ALWAYS AS IDENTITY",
        "int GENERATED ALWAYS AS (b) STORED",
    ] {
        let statement = one(&format!("ALTER TABLE t ADD a {kind}"));
        assert_eq!(statement.effects[0].work, Work::Rewrite, "{kind}");
    }
}

#[test]
fn a_needed_column_without_a_value_is_a_hazard() {
    let hazard = |text: &str| one(text).effects[0].hazard.clone();
    let needed = Some(Hazard::NotNullWithoutDefault);
    assert_eq!(hazard("ALTER TABLE t ADD a int NOT NULL"), needed);
    assert_eq!(
        hazard("ALTER TABLE t ADD a int NOT NULL DEFAULT NULL"),
        needed
    );
    assert_eq!(hazard("ALTER TABLE t ADD a int NOT NULL DEFAULT 1"), None);
    assert_eq!(hazard("ALTER TABLE t ADD a bigserial NOT NULL"), None);
    assert_eq!(hazard("ALTER TABLE t ADD a int"), None);
}

#[test]
fn settings_are_read_in_all_their_spellings() {
    let setting = |text: &str| one(text).setting.unwrap();
    let expected = |value: Option<&str>, local| Setting {
        name: "lock_timeout".to_owned(),
        value: value.map(str::to_owned),
        local,
    };
    assert_eq!(
        setting("SET lock_timeout = '5s'"),
        expected(Some("5s"), false)
    );
    assert_eq!(
        setting("set local lock_timeout to 5000"),
        expected(Some("5000"), true)
    );
    assert_eq!(
        setting("SET LOCK_TIMEOUT TO DEFAULT"),
        expected(None, false)
    );
    assert_eq!(setting("RESET lock_timeout"), expected(None, false));
    assert_eq!(
        setting("SELECT set_config('lock_timeout', '2s', true)"),
        expected(Some("2s"), true)
    );
    assert!(setting("SET lock_timeout = '5s'").bounds("lock_timeout"));
    for unbounded in [
        "SET lock_timeout = 0",
        "SET lock_timeout = '0s'",
        "RESET lock_timeout",
    ] {
        assert!(!setting(unbounded).bounds("lock_timeout"), "{unbounded}");
    }
}

#[test]
fn what_cannot_run_in_a_transaction_is_known() {
    for outside in [
        "CREATE INDEX CONCURRENTLY ix ON t (a)",
        "DROP INDEX CONCURRENTLY IF EXISTS ix",
        "REINDEX TABLE CONCURRENTLY t",
        "REINDEX (CONCURRENTLY) TABLE t",
        "VACUUM t",
        "ALTER SYSTEM SET work_mem = '1MB'",
        "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
        "CREATE DATABASE d",
    ] {
        assert_eq!(one(outside).transaction, Transaction::Outside, "{outside}");
    }
    assert_eq!(one("COMMIT").transaction, Transaction::Control);
    assert_eq!(one("DROP INDEX ix").transaction, Transaction::Either);
}

#[test]
fn text_that_is_no_sql_is_said_to_be_none() {
    let all = statements("SELECT 1; blah blah; DROP TABLE t; SELECT 'open");
    let faults: Vec<bool> = all
        .iter()
        .map(|statement| statement.fault.is_some())
        .collect();
    assert_eq!(faults, [false, true, false, true]);
    assert_eq!(all[1].fault.as_ref().unwrap().offset, 10);
}

#[test]
fn semicolons_part_statements_only_where_they_are_bare() {
    let text = "SELECT ';'; DO $x$ BEGIN NULL; END $x$; -- ;\n\
                CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;\n\
                CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b); /* ; */ SELECT 1";
    let all = statements(text);
    assert_eq!(all.len(), 5, "{all:#?}");
    assert!(
        all.iter().all(|statement| statement.fault.is_none()),
        "{all:#?}"
    );
    assert_eq!(all[1].effects[0].object, Object::Other);
    assert_eq!(all[3].effects[0].verb, Verb::Create);
}

#[test]
fn a_query_that_only_asks_locks_little() {
    let statement =
        one("SELECT * FROM a JOIN b ON true WHERE EXISTS (SELECT 1 FROM c) FOR UPDATE OF a");
    let locks: Vec<(String, LockMode)> = statement
        .locks()
        .into_iter()
        .map(|lock| (lock.table, lock.mode))
        .collect();
    let expected = [
        ("a", LockMode::RowShare),
        ("b", LockMode::AccessShare),
        ("c", LockMode::AccessShare),
    ];
    assert_eq!(
        locks,
        expected.map(|(table, mode)| (table.to_owned(), mode))
    );
    assert_eq!(statement.unknown, None);
    assert!(one("SELECT purge_old_rows()").unknown.is_some());
}

#[test]
fn nesting_has_an_end() {
    for (open, count) in [
        ("(", 200_000),
        ("(", 2_000),
        ("not ", 2_000),
        ("- ", 2_000),
        ("case when ", 1_000),
        ("explain ", 1_000),
        ("array[", 1_000),
        ("1 + ", 2_000),
    ] {
        let text = format!("SELECT {}1", open.repeat(count));
        assert_eq!(statements(&text).len(), 1, "{open}");
        assert_eq!(super::lint(&text), [], "{open}");
    }
    let body = format!("DO $$ BEGIN {} END $$", "IF a THEN ".repeat(1_000));
    assert!(one(&body).unknown.is_some());
}

/// What a text may be made of, so that the parser gets somewhere before it stumbles.
fn words() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("ALTER TABLE t "),
        Just("ADD "),
        Just("COLUMN "),
        Just("CONSTRAINT "),
        Just("\"ä"),
        Just("CREATE "),
        Just("INDEX "),
        Just("ON "),
        Just("("),
        Just(")"),
        Just(","),
        Just(";"),
        Just("'"),
        Just("$$"),
        Just("$a$"),
        Just("BEGIN "),
        Just("ATOMIC "),
        Just("END "),
        Just("SELECT "),
        Just("FROM "),
        Just("t "),
        Just("é"),
        Just("--"),
        Just("\n"),
        Just("/*"),
        Just("*/"),
        Just("DO "),
        Just("UPDATE "),
        Just("SET "),
        Just("DROP "),
        Just("TABLE "),
        Just("a.b"),
        Just("::"),
        Just("E'\\"),
        Just("U&\""),
        Just("1e"),
        Just("0x"),
        Just("$1"),
        Just("PARTITION "),
        Just("FOR UPDATE "),
        Just("WITH "),
        Just("AS "),
        Just("\0"),
    ];
    prop::collection::vec(word, 0..60).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn any_text_is_parted_without_loss(text in prop_oneof![any::<String>(), words()]) {
        let mut end = 0;
        let mut whole = String::new();
        for statement in statements(&text) {
            let between = &text[end..statement.range.start];
            prop_assert!(super::split::split(between).is_empty(), "{between:?}");
            prop_assert_eq!(&statement.text, &text[statement.range.clone()]);
            if let Some(fault) = &statement.fault {
                prop_assert!(fault.offset <= text.len());
            }
            whole.push_str(between);
            whole.push_str(&statement.text);
            end = statement.range.end;
        }
        whole.push_str(&text[end..]);
        prop_assert_eq!(whole, text);
    }

    #[test]
    fn any_text_is_coloured_in_order(text in prop_oneof![any::<String>(), words()]) {
        let mut end = 0;
        for (range, _) in highlight(&text) {
            prop_assert!(end <= range.start && range.start < range.end);
            prop_assert!(text.get(range.clone()).is_some());
            prop_assert!(text[end..range.start].trim_matches(|c: char| c.is_whitespace() || c == '\0').is_empty());
            end = range.end;
        }
    }

    #[test]
    fn any_text_can_be_linted(text in words()) {
        for complaint in super::lint(&text) {
            prop_assert!(text.get(complaint.range).is_some());
        }
    }
}
