//! The second person, and whoever goes through without: two people at two machines with one ledger.

use crate::support::program::Home;
use crate::support::{Finished, Sandbox};
use serde_json::Value;

const RAVI: &str = "user:ravi@example.com";
const MIA: &str = "user:mia@example.com";
const POLICY: &str = "\n[tiers.staging]\napprovals = 1\n";

/// A sandbox, and a home of their own for each of two people, who share nothing but the ledger.
struct Team {
    sandbox: Sandbox,
    homes: [Home; 2],
}

impl Team {
    fn new() -> Self {
        let sandbox = Sandbox::start_with(&[("PORTCULLIS_SANDBOX_BACKEND", "embedded")]);
        let homes = [Home::new(), Home::new()];
        for home in &homes {
            home.write("portcullis.toml", &format!("{}{POLICY}", sandbox.config()));
        }
        Self { sandbox, homes }
    }

    /// Somebody runs a command at his own machine.
    fn by(&self, who: &str, arguments: &[&str]) -> Finished {
        let home = &self.homes[usize::from(who == MIA)];
        let mut command = home.portcullis(arguments);
        command
            .args(["--format", "json", "--state-dir"])
            .arg(self.sandbox.home().path("ledger"))
            .env("CLOUDSDK_AUTH_ACCESS_TOKEN", who);
        Finished::of(&mut command)
    }

    /// Ravi asks for the upgrade of uat; what comes back is the digest.
    fn asked(&self, operation: &str) -> String {
        let request = [
            "approvals",
            "request",
            operation,
            "-e",
            "uat",
            "--reason",
            "OPS-1 monthly upgrade",
        ];
        let asked = self.by(RAVI, &request).expect_code(0).json();
        assert_eq!(asked["standing"], "waiting", "{asked}");
        assert_eq!(asked["missing"], 1, "{asked}");
        assert_eq!(asked["by"], "ravi@example.com", "{asked}");
        asked["plan"].as_str().expect("a digest").to_owned()
    }

    fn ledger(&self) -> Vec<Value> {
        let list = self.by(RAVI, &["ledger", "list", "--limit", "200"]);
        let mut entries = list.expect_code(0).json()["entries"]
            .as_array()
            .expect("entries")
            .clone();
        entries.reverse();
        entries
    }

    /// The kinds of the entries of a run, in their order.
    fn kinds_of(&self, run_id: &Value) -> Vec<String> {
        let entries = self.ledger();
        let of_run = entries.iter().filter(|entry| entry["run_id"] == *run_id);
        of_run
            .map(|entry| entry["kind"].as_str().expect("a kind").to_owned())
            .collect()
    }

    fn problems(&self) -> Vec<String> {
        let status = self.by(MIA, &["status", "uat"]).expect_code(0).json();
        let problems = status["environments"][0]["problems"].as_array().cloned();
        problems
            .expect("problems")
            .iter()
            .map(|problem| problem["code"].as_str().expect("a code").to_owned())
            .collect()
    }
}

#[track_caller]
fn refused(finished: Finished, words: &str) {
    let finished = finished.expect_code(8);
    let error: Value = serde_json::from_str(&finished.stderr).expect("a JSON error");
    let message = error["error"]["message"].as_str().expect("a message");
    assert!(message.contains(words), "{message}");
}

#[test]
fn a_plan_runs_once_somebody_else_has_agreed_to_it_and_not_again() {
    let team = Team::new();
    let run = ["run", "pretend", "-e", "uat", "--yes"];
    refused(team.by(RAVI, &run), "nobody was asked");
    let digest = team.asked("pretend");
    refused(team.by(RAVI, &run), "1 more approval");

    let approve = ["approvals", "approve", &digest[..10], "--confirm", "uat"];
    refused(team.by(RAVI, &approve), "whoever asks cannot agree");
    refused(team.by("user:nobody", &approve), "not known");
    let machine = "user:ci@p.iam.gserviceaccount.com";
    refused(team.by(machine, &approve), "no second person");
    refused(team.by(MIA, &approve[..3]), "name the environment");
    let agreed = team.by(MIA, &approve).expect_code(0).json();
    assert_eq!(agreed["standing"], "granted", "{agreed}");
    assert_eq!(agreed["same"], true, "{agreed}");
    assert_eq!(agreed["agreed"][0]["by"], "mia@example.com", "{agreed}");
    refused(team.by(MIA, &approve), "enough have agreed already");

    // Mia's own word is none for a run of her own.
    refused(team.by(MIA, &run), "1 more approval");
    // It says that it upgrades, and does not: a run, all the same.
    team.by(RAVI, &run).expect_code(10);
    refused(team.by(RAVI, &run), "serves no second one");
    let all = team
        .by(MIA, &["approvals", "list", "--all"])
        .expect_code(0)
        .json();
    assert_eq!(all["requests"][0]["standing"], "used", "{all}");
    let open = team.by(MIA, &["approvals", "list"]).expect_code(0).json();
    assert_eq!(open["requests"], serde_json::json!([]), "{open}");
    let refusals = team
        .ledger()
        .iter()
        .filter(|e| e["kind"] == "refused")
        .count();
    assert!(refusals >= 8, "{refusals}");
}

#[test]
fn what_is_approved_is_the_plan_as_it_is_now_or_nothing() {
    let team = Team::new();
    let digest = team.asked("upgrade");
    // Asking again is told what waits already.
    assert_eq!(team.asked("upgrade"), digest);
    let versions = team
        .by(RAVI, &["secrets", "versions", "uat-plant-database-url"])
        .expect_code(0)
        .json();
    let version = versions["versions"][0]["version"]
        .as_str()
        .expect("a version");
    // Somebody who has no such policy changes what the plan rests on.
    team.sandbox
        .run(&[
            "secrets",
            "disable",
            "uat-plant-database-url",
            version,
            "-e",
            "uat",
            "--yes",
        ])
        .expect_code(0);
    let approve = ["approvals", "approve", digest.as_str(), "--confirm", "uat"];
    refused(team.by(MIA, &approve), "the secret in DATABASE_URL was");
    let shown = team
        .by(MIA, &["approvals", "show", &digest])
        .expect_code(0)
        .json();
    assert_eq!(shown["same"], false, "{shown}");
    assert_eq!(shown["standing"], "waiting", "{shown}");
    let unknown = [
        "approvals",
        "approve",
        "0123456789abcdef",
        "--confirm",
        "uat",
    ];
    let error = team.by(MIA, &unknown).expect_code(6).stderr;
    assert!(error.contains("unknown_request"), "{error}");
}

#[test]
fn who_declines_ends_a_request_and_its_author_takes_it_back() {
    let team = Team::new();
    let digest = team.asked("upgrade");
    let decline = |reason| ["approvals", "decline", digest.as_str(), "--reason", reason];
    refused(team.by(MIA, &decline(".")), "a reason is required");
    let declined = team
        .by(MIA, &decline("not during the sale"))
        .expect_code(0)
        .json();
    assert_eq!(declined["standing"], "declined", "{declined}");
    assert_eq!(declined["why"], "not during the sale", "{declined}");
    refused(
        team.by(RAVI, &["run", "upgrade", "-e", "uat", "--yes"]),
        "mia@example.com declined it: not during the sale",
    );
    team.asked("upgrade");
    let back = team
        .by(RAVI, &decline("asked too early"))
        .expect_code(0)
        .json();
    assert_eq!(back["standing"], "declined", "{back}");
}

#[test]
fn broken_glass_is_recorded_first_and_stays_on_the_screen_until_somebody_else_has_looked() {
    let team = Team::new();
    let bare = ["run", "upgrade", "-e", "uat", "--break-glass"];
    team.by(RAVI, &bare).expect_code(2);
    let short = [&bare[..], &["--confirm", "uat", "--reason", "."]].concat();
    refused(team.by(RAVI, &short), "a reason is required");
    let with = [
        &bare[..],
        &["--confirm", "uat", "--reason", "OPS-9 nobody answers"],
    ]
    .concat();
    refused(team.by("user:nobody", &with), "cannot break the glass");
    let run = team.by(RAVI, &with).expect_code(0).json();
    assert_eq!(run["outcome"], "applied", "{run}");
    let kinds = team.kinds_of(&run["run_id"]);
    assert_eq!(kinds[..2], ["broke_glass", "intended"], "{kinds:?}");
    assert!(team.problems().contains(&"review-owed".to_owned()));

    let run_id = run["run_id"].as_str().expect("a run id");
    let review = |reason| ["review", run_id, "--reason", reason];
    refused(team.by(RAVI, &review("all is well")), "does not review it");
    refused(team.by(MIA, &review("...")), "in at least one word");
    team.by(MIA, &["review", "01J0000000", "--reason", "all is well"])
        .expect_code(6);
    let reviewed = team.by(MIA, &review("all is well")).expect_code(0).json();
    assert_eq!(reviewed["reviewed_by"], "mia@example.com", "{reviewed}");
    assert_eq!(reviewed["overrode"]["without_them"], true, "{reviewed}");
    assert!(!team.problems().contains(&"review-owed".to_owned()));
    team.by(MIA, &review("all is well")).expect_code(6);
}

#[test]
fn a_config_does_not_talk_a_stamp_down() {
    let team = Team::new();
    let config = format!(
        "{}\n[operations.fix]\nargs = [\"python\", \"-m\", \"alembic\", \"stamp\", \"head\"]\nrisk = \"change\"\n",
        team.sandbox.config()
    );
    team.homes[0].write("portcullis.toml", &config);
    // Staging asks for one key; a stamp there stands where production does.
    refused(
        team.by(RAVI, &["run", "fix", "-e", "uat", "--yes"]),
        "read-only until it is armed",
    );
    let plan = team
        .by(RAVI, &["plan", "fix", "-e", "uat"])
        .expect_code(0)
        .json();
    assert_eq!(plan["gate"]["confirm"], "type-target", "{plan}");
    let findings = plan["preflight"].as_array().expect("findings");
    let raised = findings.iter().find(|finding| finding["code"] == "risk");
    assert_eq!(raised.expect("a finding")["severity"], "warn", "{plan}");
}
