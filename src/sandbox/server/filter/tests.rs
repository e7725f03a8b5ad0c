use proptest::prelude::*;
use serde_json::{Value, json};

use super::Filter;
use super::ast::{Pattern, Relation, Test};

fn entry() -> Value {
    json!({
        "logName": "projects/waooaw-oauth/logs/run.googleapis.com%2Fstdout",
        "resource": {"type": "cloud_run_job", "labels": {"job_name": "plant-db-migrations-prod"}},
        "labels": {"run.googleapis.com/execution_name": "plant-db-migrations-prod-abcde"},
        "severity": "WARNING",
        "timestamp": "2026-01-16T03:00:00.500Z",
        "textPayload": "INFO  [alembic.runtime.migration] Running upgrade 001 -> 002, Add Column",
        "jsonPayload": {"attempt": 2, "message": "boom"},
    })
}

fn matches(filter: &str) -> bool {
    Filter::parse(filter).expect(filter).matches(&entry())
}

#[test]
fn the_filters_that_gcloud_sends_match() {
    assert!(matches(
        r#"resource.type="cloud_run_job" AND labels."run.googleapis.com/execution_name"="plant-db-migrations-prod-abcde" AND timestamp>="2026-01-15T00:00:00.000000Z""#
    ));
    assert!(matches(
        "timestamp>=2026-01-16T03:00:00Z timestamp<2026-01-17"
    ));
    assert!(!matches("timestamp > \"2026-01-16T03:00:00.5Z\""));
    assert!(matches(
        "logName=(\"x\" OR \"projects/waooaw-oauth/logs/run.googleapis.com%2Fstdout\")"
    ));
    assert!(matches("log_id(\"run.googleapis.com/stdout\")"));
}

#[test]
fn every_operator_works() {
    assert!(matches(
        "severity>=warning severity<ERROR severity!=INFO severity>300"
    ));
    assert!(matches(
        "textPayload:\"add column\" AND textPayload=~\"upgrade \\d+ -> 002\""
    ));
    assert!(matches(
        "textPayload!~\"^Running\" jsonPayload.attempt>=2 jsonPayload.attempt<10"
    ));
    assert!(matches(
        "jsonPayload.message=BOOM labels:* -jsonPayload.absent:*"
    ));
    assert!(matches(
        "json_payload.message=boom resource.labels.job_name:migrations"
    ));
    assert!(matches("ALEMBIC \"running upgrade\" NOT traceback"));
    assert!(matches(
        "SEARCH(\"column running\") SEARCH(textPayload, \"column running\")"
    ));
    assert!(!matches("SEARCH(textPayload, \"boom\")"));
}

#[test]
fn a_missing_field_fails_every_comparison_but_its_negation_holds() {
    assert!(!matches("jsonPayload.absent!=x"));
    assert!(matches("NOT jsonPayload.absent=x"));
}

#[test]
fn or_binds_tighter_than_and() {
    let tree = Filter::parse("a OR NOT b AND -c OR d").expect("valid");
    assert_eq!(
        tree.to_string(),
        r#"(("a" OR NOT "b") AND (NOT "c" OR "d"))"#
    );
}

#[test]
fn an_error_names_its_place() {
    let message = |filter: &str| Filter::parse(filter).expect_err(filter).to_string();
    assert_eq!(
        message("severity>=ERROR\n AND AND x"),
        "Unparseable filter: syntax error at line 2, column 6, token 'AND'"
    );
    assert_eq!(
        message("severity="),
        "Unparseable filter: a value is missing at line 1, column 10, token '<EOF>'"
    );
    assert!(message("(a OR b").contains("a closing parenthesis is missing"));
    assert!(message("textPayload=\"x").contains("column 13"));
    assert!(message("textPayload=~\"(\"").contains("invalid regular expression"));
    assert!(message(&"(".repeat(10_000)).contains("too deeply"));
    assert!(message("sample(insertId, 0.5)").contains("unsupported function"));
}

fn leaf() -> impl Strategy<Value = Filter> {
    let path = prop::collection::vec(".{0,12}", 1..4);
    let relation = prop::sample::select(vec![
        Relation::Equal,
        Relation::NotEqual,
        Relation::Less,
        Relation::LessOrEqual,
        Relation::Greater,
        Relation::GreaterOrEqual,
        Relation::Has,
    ]);
    let test = prop_oneof![
        Just(Test::Present),
        (relation, ".{0,12}").prop_map(|(relation, value)| Test::Value(relation, value)),
        ("[a-z.\\\\\"]{0,8}", any::<bool>()).prop_filter_map("no expression", |(text, negated)| {
            regex::Regex::new(&text).ok().map(|r| Test::Matches {
                pattern: Pattern(r),
                negated,
            })
        }),
    ];
    prop_oneof![
        ".{0,12}".prop_map(Filter::Text),
        (path, test).prop_map(|(path, test)| Filter::Compare { path, test }),
    ]
}

fn tree() -> impl Strategy<Value = Filter> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.prop_map(|part| Filter::Not(Box::new(part))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(filter in tree()) {
        let text = filter.to_string();
        prop_assert_eq!(Filter::parse(&text).map_err(|e| TestCaseError::fail(format!("{e}: {text}")))?, filter);
    }

    #[test]
    fn any_text_is_read_or_refused_and_never_panics(
        text in prop_oneof![".{0,60}", "[-a-z.:=~()<>!\"\\\\ANDORT *]{0,60}"]
    ) {
        if let Ok(filter) = Filter::parse(&text) {
            filter.matches(&entry());
            let again = Filter::parse(&filter.to_string());
            prop_assert_eq!(again.as_ref(), Ok(&filter));
        }
    }
}
