//! The real program in a home of its own: nothing of the machine's accounts, settings or proxies reaches it.

use serde_json::Value;
use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use tempfile::TempDir;

/// The longest that one command may take on a loaded machine before the test gives up on it.
const PATIENCE: Duration = Duration::from_mins(3);

/// A home folder that goes away by itself.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    /// An empty home.
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("portcullis-").tempdir();
        Self {
            folder: folder.expect("a folder for temporary files"),
        }
    }

    /// A path inside the home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the home.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        let folder = path.parent().expect("a path inside the home");
        std::fs::create_dir_all(folder).expect("a writable home");
        std::fs::write(&path, text).expect("a writable home");
        path
    }

    /// The program, to be run in this home.
    pub(crate) fn portcullis(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_portcullis"));
        command.args(arguments);
        command
    }

    /// Any program, to be run in this home with an environment that holds only what is named here.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("CLOUDSDK_CONFIG", self.path("gcloud"))
            .env("TMPDIR", std::env::temp_dir())
            .env("LANG", "C.UTF-8")
            .env("TERM", "dumb")
            .env("NO_PROXY", "*")
            .env("NO_GCE_CHECK", "true")
            .env("PORTCULLIS_SANDBOX_PYTHON", python())
            .current_dir(self.folder.path());
        command
    }
}

/// A Python with Alembic and Google's clients.
pub(crate) fn python() -> PathBuf {
    let prepared = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    let python = std::env::var_os("PORTCULLIS_TEST_PYTHON").map_or(prepared, PathBuf::from);
    assert!(
        python.exists(),
        "{} is missing: run `tests/run`, which prepares what the tests need",
        python.display()
    );
    python
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    what: String,
    /// The exit code, or nothing if a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it printed.
    pub(crate) stdout: String,
    /// What it complained about.
    pub(crate) stderr: String,
}

impl Finished {
    /// Runs a command to its end, or fails the test when that takes too long.
    pub(crate) fn of(command: &mut Command) -> Self {
        let what = format!("{command:?}");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = command
            .process_group(0)
            .spawn()
            .expect("the program starts");
        let group = child.id();
        let (ended, end) = mpsc::channel();
        std::thread::spawn(move || ended.send(child.wait_with_output()));
        let output = end.recv_timeout(PATIENCE);
        let late = output.is_err();
        super::sandbox::signal_group(group, rustix::process::Signal::KILL);
        let output = output.unwrap_or_else(|_| end.recv().expect("the waiting thread answers"));
        let finished = Self::from_output(what, &output.expect("the program's output"));
        assert!(!late, "still running after {PATIENCE:?}: {finished:#?}");
        finished
    }

    fn from_output(what: String, output: &Output) -> Self {
        Self {
            what,
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails the test unless the command ended with this code.
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "{}\n{}\n{}",
            self.what,
            self.stdout,
            self.stderr
        );
        self
    }

    /// The one JSON document on standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON document: {error}\n{self:#?}"))
    }
}
