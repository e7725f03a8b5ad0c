//! The command line as scripts meet it: bad input ends with a clear error, a remedy and the documented exit code.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests start the program, and read and write files for it"
)]

#[path = "../support/mod.rs"]
mod support;

mod approvals;
mod bad_config;
mod bad_files;
mod command_line;
#[cfg(target_os = "linux")]
mod keyring;
mod ledger;
mod lint;
mod migrations;
mod triage;
mod wrong_answers;
