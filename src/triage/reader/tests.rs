//! Which cause a log shows first, however it comes in.

use std::sync::LazyLock;

use super::*;
use proptest::prelude::*;

/// Building it takes long without optimisation.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::built_in);

fn triage(text: &str) -> Vec<Found> {
    let mut reader = Reader::new(&CATALOGUE);
    reader.feed(text.as_bytes());
    reader.finish(&Facts::default()).1
}

fn ids(found: &[Found]) -> Vec<&str> {
    found.iter().map(|found| found.id.as_str()).collect()
}

#[test]
fn every_fixture_has_its_own_cause_first() {
    assert_eq!(CATALOGUE.len(), 54);
    assert_eq!(CATALOGUE.check(), Vec::<String>::new());
}

/// Logs of runs, servers, proxies and builds in which nothing is wrong, with words that look like trouble.
#[test]
fn a_clean_log_has_no_cause() {
    let logs: Vec<_> = include_str!("clean.txt").split("\n----\n").collect();
    assert!(logs.len() >= 60, "{}", logs.len());
    for log in logs {
        assert_eq!(ids(&triage(log)), Vec::<&str>::new(), "{log}");
    }
}

#[test]
fn a_symptom_yields_to_the_cause_wherever_it_stands() {
    let found = triage(
        "server closed the connection unexpectedly\n\
         The execution failed.\n\
         dial tcp 10.19.0.3:3307: i/o timeout\n",
    );
    assert_eq!(ids(&found), ["KC-23", "KC-53", "KC-17"]);
    assert_eq!(found[0].line_number, 3);
}

#[test]
fn the_version_table_must_be_near_for_a_long_id() {
    let near = "value too long for type character varying(32)\n[SQL: UPDATE alembic_version SET]\n";
    assert_eq!(ids(&triage(near)), ["KC-30"]);
    let elsewhere = "value too long for type character varying(32)\n[SQL: INSERT INTO agents]\n";
    assert_eq!(ids(&triage(elsewhere)), Vec::<&str>::new());
}

#[test]
fn the_line_of_a_leaked_url_is_hidden() {
    let found = triage(
        "ValueError: invalid interpolation syntax in 'postgresql+asyncpg://u:hunter%2@h/d' at position 3\n",
    );
    assert_eq!(ids(&found), ["KC-50"]);
    assert!(!found[0].line.contains("hunter"), "{}", found[0].line);
}

#[test]
fn what_the_line_names_is_in_the_remedy() {
    let found = triage(
        "Permission 'iam.serviceaccounts.actAs' denied on service account a@p.iam.gserviceaccount.com (or",
    );
    assert!(
        found[0]
            .remedy
            .contains("add-iam-policy-binding a@p.iam.gserviceaccount.com --project PROJECT"),
        "{}",
        found[0].remedy
    );
}

proptest! {
    /// A log says the same in one piece and in many, and every line has its number.
    #[test]
    fn pieces_do_not_matter(
        lines in prop::collection::vec(prop::sample::select(vec![
            "all is well", "", "deadlock detected", "exec format error",
            "INFO  [alembic.runtime.migration] Running upgrade a -> b", "é漢\u{202e}", "QUOTA_EXCEEDED",
        ]), 0..40),
        size in 1_usize..50, ends in any::<bool>(),
    ) {
        let mut text = lines.join("\n");
        if ends { text.push('\n'); }
        let mut reader = Reader::new(&CATALOGUE);
        for piece in text.as_bytes().chunks(size) { reader.feed(piece); }
        let (_, found) = reader.finish(&Facts::default());
        prop_assert_eq!(&found, &triage(&text));
        for cause in found {
            let first = lines.iter().position(|line| *line == cause.line).map(|at| at as u64 + 1);
            prop_assert_eq!(first, Some(cause.line_number));
            let times = lines.iter().filter(|line| **line == cause.line).count() as u64;
            prop_assert_eq!(times, cause.times);
        }
    }
}

#[test]
fn pieces_beyond_the_window_count_on() {
    let mut reader = Reader::new(&CATALOGUE);
    let filler = "nothing to see here, move along\n".repeat(1_000);
    for _ in 0..200 {
        reader.feed(filler.as_bytes());
    }
    reader.feed(b"deadlock detected\n");
    reader.feed(filler.as_bytes());
    let (_, found) = reader.finish(&Facts::default());
    assert_eq!(ids(&found), ["KC-36"]);
    assert_eq!(found[0].line_number, 200_001);
}

#[test]
fn a_team_s_own_cause_is_meant_before_those_of_the_program() {
    let own = r#"
        [[cause]]
        id = "OURS-1"
        title = "the nightly import holds the table"
        pattern = "lock timeout"
        cause = "The import runs from two to three."
        remedy = "Wait until three."
        fixtures = ["canceling statement due to lock timeout"]
    "#;
    let files = [("ours.toml".to_owned(), own.to_owned())];
    let catalogue = Catalogue::with(&files).unwrap();
    assert_eq!(catalogue.len(), 55);
    let wrong = catalogue.check();
    assert_eq!(
        wrong.len(),
        1,
        "only the program's own fixture is taken over: {wrong:?}"
    );
    assert!(wrong[0].starts_with("KC-34") && wrong[0].ends_with("gives OURS-1"));
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_line() {
    let cause = |pattern: &str, more: &str| {
        format!(
            "[[cause]]\nid = \"A\"\ntitle = \"t\"\npattern = '{pattern}'\ncause = \"c\"\nremedy = \"r\"\n{more}"
        )
    };
    for (text, line, message) in [
        ("[[cause]\n".to_owned(), 1, ""),
        (cause("(", ""), 4, "unclosed group"),
        (cause("x*", ""), 4, "fits every line"),
        (cause("x", "colour = 1\n"), 7, "colour"),
        (
            cause("x", "[[cause.when]]\nweather = true\n"),
            7,
            "private_only",
        ),
        (cause("x", "") + &cause("y", ""), 8, "already"),
    ] {
        let files = [("ours.toml".to_owned(), text.clone())];
        let flaws = Catalogue::with(&files).unwrap_err();
        assert_eq!(flaws[0].line, line, "{text}: {flaws:?}");
        assert!(flaws[0].message.contains(message), "{flaws:?}");
    }
}
