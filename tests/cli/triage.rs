//! `triage` as people and scripts call it: a log from a file or a pipe, offline.

use crate::support::Finished;
use crate::support::program::Home;
use serde_json::Value;

fn triage(home: &Home, arguments: &[&str], log: &[u8]) -> Finished {
    // From a file, so that nobody has to feed a pipe that the program may have left.
    std::fs::write(home.path("input"), log).expect("a writable home");
    let mut command = home.command("sh");
    command.args(["-c", "exec \"$0\" triage \"$@\" < input"]);
    Finished::of(
        command
            .arg(env!("CARGO_BIN_EXE_portcullis"))
            .args(arguments),
    )
}

fn ids(finished: &Finished) -> Vec<String> {
    let document: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let causes = document["causes"].as_array().expect("causes").clone();
    causes
        .iter()
        .map(|cause| cause["id"].as_str().expect("an id").to_owned())
        .collect()
}

/// The three errors of the evening that the project began with, one after the other.
#[test]
fn the_chain_of_the_first_evening_ends_at_the_private_address() {
    let home = Home::new();
    let json = |log: &str| {
        let finished = triage(&home, &["--format", "json"], log.as_bytes()).expect_code(0);
        let document: Value = serde_json::from_str(&finished.stdout).expect("JSON");
        document["causes"][0].clone()
    };
    let steps = [
        (
            "must set -dir: using a unix socket for waooaw-oauth:asia-south1:plant-sql-demo",
            "KC-19",
        ),
        (
            "mkdir: cannot create directory '/cloudsql': Permission denied",
            "KC-20",
        ),
        (
            "connection to server on socket \"/cloudsql/.../plant-sql-demo/.s.PGSQL.5432\" failed:\n\
             server closed the connection unexpectedly\n\
             This probably means the server terminated abnormally before or while processing the request.",
            "KC-53",
        ),
    ];
    for (log, id) in steps {
        let cause = json(log);
        assert_eq!(cause["id"], id);
        let remedy = cause["remedy"].as_str().expect("a remedy");
        assert!(remedy.contains("private address only"), "{remedy}");
        assert!(remedy.contains("inside"), "{remedy}");
    }
}

#[test]
fn a_file_and_a_pipe_say_the_same() {
    let home = Home::new();
    let log = b"all is well\nexec format error\n";
    home.write("run.log", std::str::from_utf8(log).expect("text"));
    let piped = triage(&home, &["--format", "json"], log).expect_code(0);
    let file = triage(&home, &["run.log", "--format", "json"], b"").expect_code(0);
    assert_eq!(piped.stdout, file.stdout);
    assert_eq!(ids(&piped), ["KC-11"]);
}

#[test]
fn an_environment_fills_the_commands() {
    let home = Home::new();
    home.write(
        "portcullis.toml",
        "project = 'p'\nregion = 'r'\n[environments.prod]\ntier = 'production'\njob = 'the-job'\n",
    );
    let log = b"Memory limit of 512 MiB exceeded with 538 MiB used.";
    let told = triage(&home, &["-e", "prod"], log).expect_code(0);
    assert!(
        told.stdout
            .contains("gcloud run jobs update the-job --region r"),
        "{told:#?}"
    );
}

#[test]
fn a_team_s_own_causes_are_read_and_checked() {
    let home = Home::new();
    let own = "[[cause]]\nid = 'OURS-1'\ntitle = 't'\npattern = 'flux capacitor'\ncause = 'c'\nremedy = 'r'\nfixtures = ['no flux capacitor']\n";
    home.write("config/portcullis/causes/ours.toml", own);
    let found = triage(&home, &["--format", "json"], b"the flux capacitor is empty").expect_code(0);
    assert_eq!(ids(&found), ["OURS-1"]);
    home.write("good.toml", own);
    triage(&home, &["--check", "good.toml"], b"").expect_code(0);
    home.write(
        "bad.toml",
        &own.replace("no flux capacitor", "something else"),
    );
    let refused = triage(&home, &["--check", "bad.toml"], b"").expect_code(3);
    assert!(refused.stderr.contains("gives nothing"), "{refused:#?}");
    home.write("worse.toml", &own.replace("'flux capacitor'", "'('"));
    let refused = triage(&home, &["--check", "worse.toml"], b"").expect_code(3);
    assert!(refused.stderr.contains("worse.toml:4"), "{refused:#?}");
}

#[test]
fn rubbish_is_no_cause_and_no_crash() {
    let home = Home::new();
    let rubbish: Vec<u8> = (0..200_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let told = triage(&home, &["--format", "json"], &rubbish).expect_code(0);
    assert_eq!(ids(&told), Vec::<String>::new());
    triage(&home, &["nowhere.log"], b"").expect_code(6);
}

#[test]
fn the_page_lists_every_cause() {
    let page = include_str!("../../docs/causes.md");
    let listed = page
        .lines()
        .filter(|line| line.starts_with("| KC-"))
        .count();
    let files = std::fs::read_dir("src/triage/causes").expect("the catalogue");
    let mut causes = 0;
    for file in files {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("text");
        let table: toml::Table = text.parse().expect("TOML");
        for cause in table["cause"].as_array().expect("causes") {
            let row = format!(
                "| {} | {}",
                cause["id"].as_str().expect("an id"),
                cause["title"].as_str().expect("a title")
            );
            assert!(page.contains(&row), "docs/causes.md lacks: {row}");
            causes += 1;
        }
    }
    assert_eq!(listed, causes);
}
