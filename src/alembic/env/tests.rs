use super::*;

fn online(body: &str) -> String {
    format!(
        "from sqlalchemy import create_engine, engine_from_config, inspect, pool, text\nfrom alembic import context\nconfig = context.config\n\n{body}\n\nif context.is_offline_mode():\n    run_offline()\nelse:\n    run_online()\n"
    )
}

fn rules(source: &str) -> Vec<(String, usize)> {
    let verdicts = review("env.py", source.as_bytes()).review.verdicts;
    verdicts.into_iter().map(|v| (v.rule, v.line)).collect()
}

/// The rules about whether revisions are applied.
fn applied(body: &str) -> Vec<String> {
    let found = rules(&online(body)).into_iter().map(|(rule, _)| rule);
    found
        .filter(|rule| matches!(&**rule, "env-rolls-back" | "env-opaque"))
        .collect()
}

const TEMPLATE: &str = "
def run_online():
    connectable = engine_from_config(config.get_section(config.config_ini_section, {}), prefix='sqlalchemy.', poolclass=pool.NullPool)
    with connectable.connect() as connection:
        BEFORE
        context.configure(connection=connection, target_metadata=None)
        with context.begin_transaction():
            context.run_migrations()
";

#[test]
fn the_template_is_sound_and_a_statement_before_it_is_not() {
    let with = |before: &str| applied(&TEMPLATE.replace("BEFORE", before));
    assert_eq!(with("pass"), [""; 0]);
    assert_eq!(
        with("connection.execute(text('SELECT 1'))"),
        ["env-rolls-back"]
    );
    assert_eq!(
        with("inspect(connection).get_table_names()"),
        ["env-rolls-back"]
    );
    assert_eq!(
        with("connection.execute(text('SELECT 1')); connection.commit()"),
        [""; 0]
    );
    assert_eq!(with("helper(connection)"), ["env-opaque"]);
    assert_eq!(
        with("if flag(): connection.execute(text('SELECT 1'))"),
        ["env-rolls-back"]
    );
}

#[test]
fn conditions_that_are_known_are_followed() {
    let with = |before: &str| applied(&TEMPLATE.replace("BEFORE", before));
    assert_eq!(
        with("if connection.dialect.name == 'sqlite': connection.execute(text('SELECT 1'))"),
        [""; 0]
    );
    assert_eq!(
        with(
            "connection.execute(text('SELECT 1'))\n        if connection.in_transaction(): connection.commit()"
        ),
        [""; 0]
    );
    assert_eq!(
        with("if config.attributes.get('x') is not None: connection.execute(text('SELECT 1'))"),
        [""; 0]
    );
}

#[test]
fn the_line_is_that_of_the_statement() {
    let source = online(&TEMPLATE.replace("BEFORE", "connection.execute(text('SELECT 1'))"));
    let found = rules(&source);
    assert_eq!(found[0], ("env-rolls-back".to_owned(), 9));
}

#[test]
fn a_missing_file_and_one_that_is_no_python_have_a_word() {
    assert_eq!(missing("env.py").verdicts[0].rule, "env-missing");
    assert_eq!(rules("def ("), [("env-opaque".to_owned(), 1)]);
    assert_eq!(
        rules("import app\napp.migrate()\n"),
        [("env-opaque".to_owned(), 1)]
    );
}

#[test]
fn a_comment_with_a_reason_silences() {
    let with = |comment: &str| {
        let before = format!("connection.execute(text('SELECT 1'))  # portcullis: {comment}");
        let source = online(&TEMPLATE.replace("BEFORE", &before));
        review("env.py", source.as_bytes()).review.verdicts
    };
    let found = with("allow env-rolls-back because a listener commits");
    let lost = found.iter().find(|v| v.rule == "env-rolls-back").unwrap();
    assert_eq!(lost.silenced.as_deref(), Some("a listener commits"));
    let found = with("allow env-rolls-back");
    assert!(found.iter().all(|v| v.silenced.is_none()), "{found:?}");
    assert!(found.iter().any(|v| v.rule == "silence-without-reason"));
}

#[test]
fn what_is_in_force_counts_not_what_is_written() {
    let facts = |before: &str| {
        review(
            "env.py",
            online(&TEMPLATE.replace("BEFORE", before)).as_bytes(),
        )
        .facts
    };
    assert!(
        facts("connection.execute(text(\"SET lock_timeout = '5s'\")); connection.commit()")
            .lock_timeout
    );
    assert!(
        !facts("connection.execute(text(\"SET LOCAL lock_timeout = '5s'\")); connection.commit()")
            .lock_timeout
    );
    assert!(
        !facts("connection.execute(text(\"SET lock_timeout = '5s'\")); connection.rollback()")
            .lock_timeout
    );
    assert!(!facts("pass").lock_timeout);
}

#[test]
fn a_lock_that_only_writers_take_is_a_lock() {
    let lock = "connection.execute(text('SELECT pg_advisory_lock(1)')); connection.commit()";
    let has = |before: &str| {
        let found = rules(&online(&TEMPLATE.replace("BEFORE", before)));
        found.iter().any(|(rule, _)| rule == "env-no-lock")
    };
    assert!(!has(&format!("if writes(): {lock}")));
    assert!(has("pass"));
    let ended = "connection.execute(text('SELECT pg_advisory_xact_lock(1)')); connection.commit()";
    assert!(has(ended), "it ended with its transaction");
}

proptest::proptest! {
    #[test]
    fn any_text_is_reviewed(text in "(\\PC|\n|    |def |with |connection|context|\\.|\\(|\\)|:|=|begin){0,60}") {
        let _ = review("env.py", text.as_bytes());
        let _ = review("env.py", online(&TEMPLATE.replace("BEFORE", &text)).as_bytes());
    }
}
