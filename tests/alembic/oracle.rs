//! The process in which the real Alembic runs.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// One Python process with Alembic, asked line by line; it ends with this value.
pub(crate) struct Oracle {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Oracle {
    /// Starts the process, or fails with the command that installs what it needs.
    pub(crate) fn start() -> Self {
        Self::of("tests/alembic/oracle.py")
    }

    /// Starts another script of this kind.
    pub(crate) fn of(script: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = std::env::var_os("PORTCULLIS_TEST_PYTHON")
            .map_or_else(|| root.join(".venv/bin/python3"), PathBuf::from);
        assert!(
            python.exists(),
            "{} does not exist: run `tests/run --prepare`, or point PORTCULLIS_TEST_PYTHON at a Python with Alembic",
            python.display()
        );
        let mut child = Command::new(python)
            .arg("-B")
            .arg(root.join(script))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let questions = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Self {
            child,
            questions,
            answers,
        }
    }

    /// Asks one question.
    pub(crate) fn ask(&mut self, question: &Value) -> Value {
        let input = self.questions.as_mut().expect("open until dropped");
        writeln!(input, "{question}").expect("the oracle listens");
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .expect("the oracle answers");
        serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{error}: {line:?} to {question}"))
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        drop(self.questions.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
