//! What is wrong in the config: exit code 3, with the place and the nearest right name.

use crate::support::Finished;
use crate::support::program::Home;

fn status_with(config: &str) -> (Finished, String) {
    let home = Home::new();
    home.write("portcullis.toml", config);
    let finished = Finished::of(&mut home.portcullis(&["status", "--format", "json"]));
    let error: serde_json::Value = serde_json::from_str(&finished.stderr)
        .unwrap_or_else(|error| panic!("no JSON error: {error}\n{finished:#?}"));
    let text = format!("{} {}", error["error"]["message"], error["error"]["hint"]);
    (finished.expect_code(3), text)
}

#[test]
fn a_misspelt_key_names_its_place_and_the_nearest_right_name() {
    let config = "project = \"p\"\nregion = \"r\"\n\n[environments.prod]\n  teir = \"production\"\njob = \"j\"\n";
    let (_, error) = status_with(config);
    assert!(error.contains("portcullis.toml"), "no file in: {error}");
    assert!(
        error.contains("5:3") || error.contains("line 5, column 3"),
        "no place in: {error}"
    );
    assert!(
        error.contains("teir") && error.contains("tier"),
        "no name in: {error}"
    );
}

#[test]
fn a_value_of_the_wrong_type_names_its_place() {
    let config = "project = \"p\"\nregion = 7\n";
    let (_, error) = status_with(config);
    assert!(
        error.contains("2:10") || error.contains("line 2, column 10"),
        "no place in: {error}"
    );
}

#[test]
fn a_wrong_word_names_the_right_ones() {
    let config =
        "project = \"p\"\nregion = \"r\"\n[environments.prod]\ntier = \"prod\"\njob = \"j\"\n";
    let (_, error) = status_with(config);
    assert!(error.contains("production"), "no right name in: {error}");
    assert!(
        error.contains("4:8") || error.contains("line 4, column 8"),
        "no place in: {error}"
    );
}

#[test]
fn what_is_no_toml_at_all_names_its_place() {
    let (_, error) = status_with("project = \"p\nregion = \"r\"\n");
    assert!(
        error.contains("1:") || error.contains("line 1"),
        "no place in: {error}"
    );
}

#[test]
fn a_config_that_was_asked_for_and_is_missing_is_an_error() {
    let home = Home::new();
    let arguments = ["status", "--config", "nowhere.toml"];
    let finished = Finished::of(&mut home.portcullis(&arguments)).expect_code(3);
    assert!(
        finished.stderr.contains("nowhere.toml"),
        "{}",
        finished.stderr
    );
}
