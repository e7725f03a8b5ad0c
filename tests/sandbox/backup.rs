//! A backup as the first step of a run: taken, followed, failed, and left behind by a process that was killed.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Finished, Sandbox};

/// The longest that a test waits for something to show.
const PATIENCE: Duration = Duration::from_mins(1);

/// A sandbox whose production wants a younger backup than the one that it has.
struct Site {
    sandbox: Sandbox,
    config: std::path::PathBuf,
}

impl Site {
    fn start(variables: &'static [(&'static str, &'static str)]) -> Self {
        let sandbox = Sandbox::start_with(variables);
        let text = format!(
            "{}\n[tiers.production]\nbackup_within = \"10m\"\n",
            sandbox.config()
        );
        let config = sandbox.home().write("backup.toml", &text);
        let site = Self { sandbox, config };
        let secret = ["secrets", "enable", "prod-plant-database-url", "3"];
        let gate = [
            "-e",
            "prod",
            "--confirm",
            "prod",
            "--reason",
            "OPS-1 rotated",
        ];
        site.run(&[&secret[..], &gate[..]].concat()).expect_code(0);
        site
    }

    fn run(&self, arguments: &[&str]) -> Finished {
        let mut command = self.sandbox.portcullis_by(&self.config, arguments);
        Finished::of(command.args(["--format", "json"]))
    }

    fn upgrade(&self, more: &[&str]) -> Finished {
        self.run(&[&UPGRADE[..], more].concat())
    }

    /// An upgrade that goes on in the background.
    fn begin(&self, more: &[&str]) -> Child {
        let arguments = [&UPGRADE[..], more].concat();
        let mut command = self.sandbox.portcullis_by(&self.config, &arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program starts")
    }

    /// The kinds of the entries of the upgrades, the oldest first.
    fn story(&self) -> Vec<String> {
        let list = self.run(&["ledger", "list"]).expect_code(0).json();
        let entries = list["entries"].as_array().expect("entries");
        let upgrades = entries.iter().rev().filter(|e| e["operation"] == "upgrade");
        let kind = |entry: &Value| entry["kind"].as_str().expect("a kind").to_owned();
        upgrades.map(kind).collect()
    }

    /// The newest execution in production.
    fn newest(&self) -> String {
        let list = self.run(&["executions", "list", "-e", "prod"]).json();
        let name = list["executions"][0]["name"].as_str();
        name.expect("an execution").to_owned()
    }

    fn wait_for(&self, what: &str, met: impl Fn() -> bool) {
        let begin = Instant::now();
        while !met() {
            assert!(begin.elapsed() < PATIENCE, "{what}: {:?}", self.story());
        }
    }
}

const UPGRADE: [&str; 8] = [
    "run",
    "upgrade",
    "-e",
    "prod",
    "--confirm",
    "prod",
    "--reason",
    "OPS-1 monthly upgrade",
];

#[test]
fn the_backup_that_a_tier_demands_is_taken_first_and_the_run_goes_on() {
    let site = Site::start(&[
        ("PORTCULLIS_SANDBOX_BACKEND", "postgres"),
        ("PORTCULLIS_SANDBOX_FAULTS", "backup-takes=800ms"),
    ]);
    let refused = site.upgrade(&[]).expect_code(9);
    assert!(refused.stderr.contains("--backup"), "{}", refused.stderr);
    let before = site.story().len();
    let run = site.upgrade(&["--backup"]).expect_code(0);
    assert_eq!(run.json()["outcome"], "applied");
    assert_eq!(
        site.story()[before..],
        ["intended", "step", "step", "intended", "started", "settled"]
    );
    // The backup is there for the next plan as well.
    let plan = site.run(&["plan", "upgrade", "-e", "prod"]).json();
    let findings = plan["preflight"].as_array().expect("findings");
    let backup = findings.iter().find(|f| f["code"] == "backup");
    assert_eq!(backup.expect("a finding")["severity"], "pass", "{plan}");
}

#[test]
fn a_backup_that_fails_ends_the_run_before_it_was_sent() {
    let site = Site::start(&[
        ("PORTCULLIS_SANDBOX_BACKEND", "embedded"),
        (
            "PORTCULLIS_SANDBOX_FAULTS",
            "backup-takes=300ms, backup-fails=plant-sql-prod",
        ),
    ]);
    let newest = site.newest();
    let failed = site.upgrade(&["--backup"]).expect_code(9);
    assert!(failed.stderr.contains("gcloud sql backups"), "{failed:?}");
    assert_eq!(site.story(), ["intended", "step", "refused"]);
    assert_eq!(site.newest(), newest);
}

#[test]
fn a_process_that_dies_during_the_backup_has_sent_nothing_and_the_next_start_says_so() {
    let site = Site::start(&[
        ("PORTCULLIS_SANDBOX_BACKEND", "embedded"),
        ("PORTCULLIS_SANDBOX_FAULTS", "backup-takes=6000ms"),
    ]);
    let newest = site.newest();
    let mut run = site.begin(&["--backup"]);
    site.wait_for("a step", || site.story().ends_with(&["step".to_owned()]));
    let plan = site.run(&["plan", "upgrade", "-e", "prod", "--backup"]);
    run.kill().expect("it is there");
    run.wait().expect("it has ended");
    assert_ne!(plan.code, Some(1), "{plan:?}");
    // While the backup goes on, another one could be alive that follows it.
    let refused = site.upgrade(&["--backup"]);
    assert!(matches!(refused.code, Some(9 | 12)), "{refused:?}");
    site.wait_for("settled", || {
        let settled = site.run(&["ledger", "settle"]).expect_code(0).json();
        let list = settled["settled"].as_array().expect("a list");
        list.iter().all(|run| run["outcome"] == "refused")
    });
    let list = site.run(&["ledger", "list"]).json();
    assert!(list.to_string().contains("never sent"), "{list}");
    assert_eq!(site.newest(), newest);
    // Its backup serves the next run.
    let run = site.upgrade(&[]).expect_code(0);
    assert_eq!(run.json()["outcome"], "applied");
    assert_ne!(site.newest(), newest);
}
