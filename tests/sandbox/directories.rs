//! Whose revisions are meant: a checkout that is not what the image holds.

use crate::support::{Finished, Sandbox};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The directory that the sandbox's jobs run.
const PLANT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sandbox/migrations/plant");

/// A checkout of the plant's migrations in a repository of its own, and a config that names it.
struct Checkout<'a> {
    sandbox: &'a Sandbox,
    config: PathBuf,
    top: PathBuf,
    versions: PathBuf,
}

impl<'a> Checkout<'a> {
    fn of(sandbox: &'a Sandbox) -> Self {
        let folder = sandbox.home().path("checkout");
        let versions = folder.join("database/migrations/versions");
        copy(Path::new(PLANT), &folder);
        let text = sandbox.config();
        let text = text.replace(PLANT, folder.to_str().expect("a path in UTF-8"));
        let config = sandbox.home().write("checkout.toml", &text);
        let checkout = Self {
            sandbox,
            config,
            top: folder,
            versions,
        };
        checkout.git(&["init", "--quiet", "--initial-branch=release"]);
        checkout.git(&["add", "."]);
        checkout.git(&["commit", "--quiet", "--message", "as deployed"]);
        checkout
    }

    #[track_caller]
    fn git(&self, arguments: &[&str]) {
        let name = ["-c", "user.name=Ines", "-c", "user.email=ines@example.com"];
        let mut git = self.sandbox.home().command("git");
        git.arg("-C").arg(&self.top).args(name).args(arguments);
        assert!(git.status().expect("git starts").success(), "{arguments:?}");
    }

    fn write(&self, id: &str, down: &str) {
        let text = format!("\"\"\"{id}\"\"\"\nrevision = '{id}'\ndown_revision = '{down}'\n");
        std::fs::write(self.versions.join(format!("{id}.py")), text).expect("a writable home");
    }

    fn run(&self, arguments: &[&str]) -> Finished {
        let mut command = self.sandbox.portcullis_by(&self.config, arguments);
        Finished::of(command.args(["--format", "json"]))
    }

    #[track_caller]
    fn status(&self, environment: &str) -> Value {
        let status = self.run(&["status", environment]).expect_code(0).json();
        status["environments"][0].clone()
    }

    #[track_caller]
    fn plan(&self, environment: &str, target: &str) -> Value {
        let target = format!("target={target}");
        let plan = ["plan", "upgrade", "-e", environment, "--set", &target];
        self.run(&plan).json()
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a writable home");
    for entry in std::fs::read_dir(from).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("a readable file");
        }
    }
}

#[track_caller]
fn finding<'a>(plan: &'a Value, code: &str) -> &'a Value {
    let mut findings = plan["preflight"].as_array().expect("findings").iter();
    let found = findings.find(|finding| finding["code"] == code);
    found.unwrap_or_else(|| panic!("no {code} in {plan}"))
}

fn differs(status: &Value) -> bool {
    let problems = status["problems"].as_array().expect("problems").iter();
    problems
        .clone()
        .any(|problem| problem["code"] == "directory-differs")
}

#[test]
fn a_checkout_is_compared_with_what_history_told_of_the_image() {
    let sandbox = Sandbox::start();
    let checkout = Checkout::of(&sandbox);
    let head = "012_hired_agents";

    let before = checkout.status("uat")["migrations"].clone();
    assert_eq!(before["image"]["heads"], Value::Null, "{before}");
    assert_eq!(before["directory"]["branch"], "release", "{before}");
    assert_eq!(before["directory"]["dirty"], false, "{before}");
    let commit = before["directory"]["commit"].as_str().unwrap_or_default();
    assert!(commit.len() >= 7, "{before}");

    let history = ["run", "history", "-e", "uat", "--yes"];
    let run = checkout.run(&history).expect_code(0).json();
    let status = checkout.status("uat");
    let image = &status["migrations"]["image"];
    assert_eq!(image["heads"], json!([head]), "{status}");
    assert_eq!(image["known_from"], run["execution"], "{status}");
    assert_eq!(image["differs"], false, "{status}");
    assert!(!differs(&status), "{status}");
    let plan = checkout.plan("uat", "head");
    assert_eq!(finding(&plan, "directory")["severity"], "pass", "{plan}");

    // The checkout goes on, and nobody has deployed it.
    checkout.write("013_ours", head);
    let status = checkout.status("uat");
    assert_eq!(status["migrations"]["directory"]["dirty"], true, "{status}");
    assert_eq!(status["migrations"]["image"]["differs"], true, "{status}");
    assert!(differs(&status), "{status}");
    let plan = checkout.plan("uat", "head");
    assert_eq!(
        plan["to"],
        json!([head]),
        "the image runs, not the checkout: {plan}"
    );
    assert_eq!(finding(&plan, "directory")["severity"], "warn", "{plan}");
    let plan = checkout.plan("uat", "013_ours");
    assert_eq!(plan["to"], json!(["013_ours"]), "{plan}");
    let found = finding(&plan, "directory");
    assert_eq!(found["severity"], "warn", "staging: {plan}");
    assert!(found["message"].to_string().contains("013_ours"), "{plan}");

    // The checkout is older than the image, and so is what it makes of the database.
    std::fs::remove_file(checkout.versions.join("013_ours.py")).expect("there");
    std::fs::remove_file(checkout.versions.join("012_hired_agents.py")).expect("there");
    let plan = checkout.plan("uat", "head");
    assert_eq!(plan["to"], json!([head]), "{plan}");
    checkout
        .run(&["run", "upgrade", "-e", "uat", "--yes"])
        .expect_code(0);
    let status = checkout.status("uat");
    assert_eq!(status["migrations"]["state"], "ahead", "{status}");
    let problems = status["problems"].to_string();
    assert!(problems.contains("older than the image"), "{problems}");
}

#[test]
fn production_is_blocked_by_what_its_image_does_not_have_until_the_image_changes() {
    let sandbox = Sandbox::start();
    let checkout = Checkout::of(&sandbox);
    let enable = [
        "secrets",
        "enable",
        "prod-plant-database-url",
        "3",
        "-e",
        "prod",
    ];
    let gate = ["--confirm", "prod", "--reason", "OPS-1 monthly upgrade"];
    checkout.run(&[&enable[..], &gate].concat()).expect_code(0);
    let history = ["run", "history", "-e", "prod"];
    checkout.run(&[&history[..], &gate].concat()).expect_code(0);
    checkout.write("013_ours", "012_hired_agents");
    let plan = checkout.plan("prod", "013_ours");
    let found = finding(&plan, "directory");
    assert_eq!(found["severity"], "block", "{plan}");
    assert!(
        !found["remedy"].as_str().unwrap_or_default().is_empty(),
        "{plan}"
    );
    let target = ["run", "upgrade", "-e", "prod", "--set", "target=013_ours"];
    checkout.run(&[&target[..], &gate].concat()).expect_code(9);

    // Somebody deploys: what `history` told is not about this image any more, or may not be.
    let job = "projects/waooaw-oauth/locations/asia-south1/jobs/plant-db-migrations-prod";
    let body = r#"{"template":{"template":{"timeout":"900s"}}}"#;
    let mut curl = sandbox.home().command("curl");
    let headers = [
        "-H",
        "authorization: Bearer sandbox",
        "-H",
        "content-type: application/json",
    ];
    curl.args(["-sSf", "-X", "PATCH", "-d", body]).args(headers);
    curl.arg(format!("{}/v2/{job}", sandbox.url()));
    assert!(curl.output().expect("curl starts").status.success());
    let status = checkout.status("prod");
    assert_eq!(
        status["migrations"]["image"]["differs"],
        Value::Null,
        "{status}"
    );
    let plan = checkout.plan("prod", "head");
    let found = finding(&plan, "directory");
    assert_eq!(found["severity"], "warn", "{plan}");
    assert!(
        found["message"].to_string().contains("since it changed"),
        "{plan}"
    );
    assert!(
        found["remedy"].to_string().contains("run history"),
        "{plan}"
    );
}
