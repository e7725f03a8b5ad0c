//! A sandbox for one test. It ends with the test, also when the test fails.

use super::program::{Finished, Home};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

/// The longest that a sandbox may take to start, with a PostgreSQL that it makes first.
const START: Duration = Duration::from_mins(2);
/// The longest that it may take to end before it is killed.
const END: Duration = Duration::from_secs(30);

/// A running `portcullis sandbox serve`.
pub(crate) struct Sandbox {
    home: Home,
    variables: &'static [(&'static str, &'static str)],
    pub(crate) served: Option<Served>,
}

/// The process behind a sandbox. Dropping it ends the process and all that it started.
pub(crate) struct Served {
    pub(crate) group: u32,
    end: Receiver<std::io::Result<ExitStatus>>,
    ready: Value,
}

impl Sandbox {
    /// Starts a sandbox on a free port, in a home of its own, with real Alembic and PostgreSQL.
    pub(crate) fn start() -> Self {
        Self::start_with(&[("PORTCULLIS_SANDBOX_BACKEND", "postgres")])
    }

    /// Starts a sandbox with these variables in its environment.
    pub(crate) fn start_with(variables: &'static [(&'static str, &'static str)]) -> Self {
        let mut sandbox = Self {
            home: Home::new(),
            variables,
            served: None,
        };
        sandbox.start_again();
        sandbox
    }

    /// Starts it on the state folder that it had.
    pub(crate) fn start_again(&mut self) {
        let mut command = self
            .home
            .portcullis(&["sandbox", "serve", "--port", "0", "--state-dir"]);
        command.arg(self.state());
        // The slow revision is slow for people, not for tests.
        command.env("PORTCULLIS_SANDBOX_BACKFILL_SECONDS", "1");
        command.envs(self.variables.iter().copied());
        self.served = Some(Served::start(&mut command, &self.home.path("sandbox.log")));
    }

    /// Its state folder.
    pub(crate) fn state(&self) -> PathBuf {
        self.home.path("sandbox")
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        let served = self.served.as_ref().expect("a running sandbox");
        served.ready["url"]
            .as_str()
            .expect("the first line names the url")
    }

    /// The home that the program runs in when it talks to this sandbox.
    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// The program, pointed at this sandbox.
    pub(crate) fn portcullis(&self, arguments: &[&str]) -> Command {
        let config = self.home.write("portcullis.toml", &self.config());
        self.portcullis_by(&config, arguments)
    }

    /// The program with a config of its own.
    pub(crate) fn portcullis_by(&self, config: &Path, arguments: &[&str]) -> Command {
        let mut command = self.home.portcullis(arguments);
        command
            .env("CLOUDSDK_AUTH_ACCESS_TOKEN", "sandbox")
            .arg("--config")
            .arg(config);
        command
    }

    /// Runs the program against this sandbox, with JSON output.
    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        Finished::of(self.portcullis(arguments).args(["--format", "json"]))
    }

    /// A config for the sandbox's world.
    pub(crate) fn config(&self) -> String {
        config_for(self.url(), "waooaw-oauth")
    }
}

/// A config for three environments whose every endpoint is one address.
pub(crate) fn config_for(url: &str, project: &str) -> String {
    let services = [
        "run",
        "secretmanager",
        "sql",
        "logging",
        "cloudshell",
        "cloudresourcemanager",
    ];
    let environments = [
        ("demo", "development"),
        ("uat", "staging"),
        ("prod", "production"),
    ];
    let endpoints = services
        .map(|service| format!("{service} = \"{url}\"\n"))
        .concat();
    let environments = environments
        .map(|(name, tier)| {
            format!(
                "\n[environments.{name}]\ntier = \"{tier}\"\njob = \"plant-db-migrations-{name}\"\n\
                 sql_instance = \"plant-sql-{name}\"\ndatabase = \"plant\"\n\
                 secret = \"{name}-plant-database-url\"\n"
            )
        })
        .concat();
    let migrations = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sandbox/migrations/plant");
    format!(
        "project = \"{project}\"\nregion = \"asia-south1\"\n\n\
         [migrations]\npath = \"{migrations}\"\n\n\
         [google.endpoints]\n{endpoints}{environments}{OPERATIONS}"
    )
}

/// Two operations that say that they upgrade: one only says so, one never gets there.
const OPERATIONS: &str = r#"
[operations.pretend]
args = ["python", "database/pretend.py", "upgrade", "head"]
risk = "change"

[operations.slow]
args = ["python", "database/slow.py", "upgrade", "head"]
risk = "change"
"#;

impl Served {
    fn start(command: &mut Command, complaints: &Path) -> Self {
        let log = std::fs::File::create(complaints).expect("a writable home");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        let mut child = command
            .process_group(0)
            .spawn()
            .expect("the sandbox starts");
        let group = child.id();
        let first = first_line(child.stdout.take().expect("a piped output"));
        let (ended, end) = mpsc::channel();
        std::thread::spawn(move || ended.send(child.wait()));
        // From here on a failure drops the guard, which ends the process.
        let mut served = Self {
            group,
            end,
            ready: Value::Null,
        };
        let line = first.recv_timeout(START);
        let log = || std::fs::read_to_string(complaints).unwrap_or_default();
        let line = line.unwrap_or_else(|_| panic!("no line within {START:?}\n{}", log()));
        served.ready = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{error} in first line {line:?}\n{}", log()));
        assert_eq!(served.ready["ready"], true, "{line}\n{}", log());
        served
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        signal_group(self.group, Signal::TERM);
        if self.end.recv_timeout(END).is_err() {
            signal_group(self.group, Signal::KILL);
        }
    }
}

/// Sends a signal to a process group, if it is still there.
pub(crate) fn signal_group(group: u32, signal: Signal) {
    let group = i32::try_from(group).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        // Gone already is what is wanted.
        let _ = kill_process_group(group, signal);
    }
}

/// The first line, as soon as it is there; what follows is read and dropped, so that the writer never blocks.
fn first_line(stdout: ChildStdout) -> Receiver<String> {
    let (found, line) = mpsc::channel();
    std::thread::spawn(move || {
        for text in BufReader::new(stdout).lines().map_while(Result::ok) {
            // Nobody waits for the later ones.
            let _ = found.send(text);
        }
    });
    line
}
