//! One sandbox with a road to it, runs that can be killed, and what is looked at afterwards.

use crate::road::Road;
use crate::support::sandbox::{config_for, signal_group};
use crate::support::{Finished, Sandbox};
use rustix::process::Signal;
use serde_json::Value;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// The longest that a condition may take to become true.
const PATIENCE: Duration = Duration::from_secs(90);

/// The stage.
pub(crate) struct Scene {
    pub(crate) sandbox: Sandbox,
    pub(crate) road: Road,
    config: PathBuf,
}

/// A run of the program that can be killed.
pub(crate) struct Console {
    child: Child,
}

impl Scene {
    /// A sandbox with the embedded databases.
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::start_with(&[("PORTCULLIS_SANDBOX_BACKEND", "embedded")]);
        Self::around(sandbox)
    }

    /// A sandbox with real Alembic on real PostgreSQL.
    pub(crate) fn on_postgres() -> Self {
        Self::around(Sandbox::start())
    }

    /// A road to a sandbox.
    fn around(sandbox: Sandbox) -> Self {
        let road = Road::to(sandbox.url());
        let config = config_for(&road.url, "waooaw-oauth");
        let config = sandbox.home().write("by-road.toml", &config);
        Self {
            sandbox,
            road,
            config,
        }
    }

    /// Starts the program by the road.
    pub(crate) fn start(&self, arguments: &[&str]) -> Console {
        let mut command = self.sandbox.portcullis_by(&self.config, arguments);
        command
            .args(["--format", "json"])
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = command.spawn().expect("the program starts");
        Console { child }
    }

    /// Runs the program straight to the sandbox.
    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        self.sandbox.run(arguments)
    }

    /// The entries of the ledger, the oldest first.
    pub(crate) fn entries(&self) -> Vec<Value> {
        let list = self.run(&["ledger", "list", "--limit", "500"]);
        let list = list.expect_code(0).json();
        let mut entries = list["entries"].as_array().expect("entries").clone();
        entries.reverse();
        entries
    }

    /// The run ids of all intents to do this.
    pub(crate) fn intents(&self, operation: &str) -> Vec<String> {
        let is_one = |e: &Value| e["kind"] == "intended" && e["operation"] == operation;
        let entries = self.entries();
        let intents = entries.iter().filter(|e| is_one(e));
        intents
            .map(|e| e["run_id"].as_str().expect("a run id").to_owned())
            .collect()
    }

    /// The kinds of the entries of a run, in order.
    pub(crate) fn story(&self, run_id: &str) -> Vec<String> {
        let entries = self.entries();
        let of_it = entries.iter().filter(|e| e["run_id"] == run_id);
        of_it
            .map(|e| e["kind"].as_str().expect("a kind").to_owned())
            .collect()
    }

    /// The last entry of a run.
    pub(crate) fn last(&self, run_id: &str) -> Value {
        let entries = self.entries();
        let of_it = |e: &&Value| e["run_id"] == run_id;
        entries.iter().rfind(of_it).expect("an entry").clone()
    }

    /// The executions of an environment, the newest first.
    pub(crate) fn executions(&self, environment: &str) -> Vec<Value> {
        let list = ["executions", "list", "--limit", "100", "-e", environment];
        let list = self.run(&list).expect_code(0).json();
        list["executions"].as_array().expect("executions").clone()
    }

    /// How many executions carry a run's marker.
    pub(crate) fn carriers(&self, environment: &str, run_id: &str) -> usize {
        let executions = self.executions(environment);
        executions.iter().filter(|e| e["run_id"] == run_id).count()
    }

    /// Starts over, in new processes, until a run is settled; its outcome.
    pub(crate) fn settled(&self, run_id: &str) -> String {
        until(&format!("run {run_id} is settled"), || {
            self.run(&["ledger", "settle"]).expect_code(0);
            let last = self.last(run_id);
            (last["kind"] == "settled").then(|| last["outcome"].as_str().unwrap_or("").to_owned())
        })
    }

    /// The rows of a database.
    pub(crate) fn rows(&self, environment: &str) -> Value {
        let status = self.run(&["status", environment]).expect_code(0).json();
        status["environments"][0]["migrations"]["current"].clone()
    }

    /// The chain must be whole, and every run must have one last word at most.
    #[track_caller]
    pub(crate) fn assert_sound(&self) {
        self.run(&["ledger", "verify"]).expect_code(0);
        let entries = self.entries();
        for entry in &entries {
            let words = entries
                .iter()
                .filter(|e| e["run_id"] == entry["run_id"] && e["kind"] == "settled");
            assert!(words.count() <= 1, "two last words: {entries:#?}");
        }
    }
}

/// Waits until a condition holds.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut holds: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = holds() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        std::thread::yield_now();
    }
}

impl Console {
    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_some()
    }

    /// Kills it as a power cut would, and waits until it is gone.
    pub(crate) fn kill(mut self) {
        signal_group(self.child.id(), Signal::KILL);
        self.child.wait().expect("a child");
    }

    /// Waits for its end: its code, what it answered and what it complained about.
    pub(crate) fn end(mut self) -> (Option<i32>, String, String) {
        let read = |pipe: Option<Box<dyn std::io::Read + Send>>| {
            std::thread::spawn(move || {
                let mut text = String::new();
                if let Some(mut pipe) = pipe {
                    pipe.read_to_string(&mut text).expect("text");
                }
                text
            })
        };
        let out = self.child.stdout.take();
        let err = self.child.stderr.take();
        let out = read(out.map(|pipe| Box::new(pipe) as _));
        let err = read(err.map(|pipe| Box::new(pipe) as _));
        let status = self.child.wait().expect("a child");
        let text = |thread: std::thread::JoinHandle<String>| thread.join().expect("text");
        (status.code(), text(out), text(err))
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            signal_group(self.child.id(), Signal::KILL);
            let _ = self.child.wait();
        }
    }
}
