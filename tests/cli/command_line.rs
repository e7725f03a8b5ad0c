//! What is wrong before anything was read: exit code 2.

use crate::support::Finished;
use crate::support::program::Home;

fn run(arguments: &[&str]) -> Finished {
    Finished::of(&mut Home::new().portcullis(arguments))
}

#[test]
fn an_unknown_verb_is_a_wrong_command_line() {
    let finished = run(&["frobnicate"]).expect_code(2);
    assert!(
        finished.stderr.contains("frobnicate"),
        "{}",
        finished.stderr
    );
    assert_eq!(finished.stdout, "");
}

#[test]
fn an_unknown_option_is_a_wrong_command_line() {
    let finished = run(&["status", "--colour"]).expect_code(2);
    assert!(finished.stderr.contains("--colour"), "{}", finished.stderr);
}

#[test]
fn help_and_version_are_no_errors() {
    let help = run(&["--help"]).expect_code(0);
    for verb in [
        "status",
        "secrets",
        "executions",
        "plan",
        "run",
        "migrations",
        "sandbox",
    ] {
        assert!(
            help.stdout.contains(verb),
            "`{verb}` is not in the help:\n{}",
            help.stdout
        );
    }
    let version = run(&["--version"]).expect_code(0);
    assert!(
        version.stdout.contains(env!("CARGO_PKG_VERSION")),
        "{}",
        version.stdout
    );
}
