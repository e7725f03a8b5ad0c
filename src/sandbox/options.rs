//! How a sandbox is started, and why one is not.

use std::{ffi::OsString, io, path::PathBuf, time::Duration};

/// Which backend to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Backend {
    /// The real one where the machine has what it needs, else the embedded one.
    #[default]
    Auto,
    /// PostgreSQL and Alembic, or nothing.
    Real,
    /// SQLite and the built-in revisions.
    Embedded,
}

/// How to start a sandbox.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything is kept.
    pub state_dir: PathBuf,
    /// The port on loopback; 0 takes a free one.
    pub port: u16,
    /// Which backend to use.
    pub backend: Backend,
    /// The program that the embedded backend starts for a task; this one when absent.
    pub task_program: Option<OsString>,
    /// How long the slow revision takes; its usual time when absent.
    pub backfill: Option<Duration>,
    /// Troubles on purpose, in the words of [`Faults::parse`](super::world::Faults::parse).
    pub faults: String,
    /// Permissions that are taken away, in the words of [`Denial::parse`](super::world::Denial::parse).
    pub denials: String,
}

impl Options {
    /// What the environment asks for: `PORTCULLIS_SANDBOX_BACKEND` (`auto`, `postgres`, `embedded`),
    /// `PORTCULLIS_SANDBOX_BACKFILL_SECONDS`, `PORTCULLIS_SANDBOX_FAULTS`, `PORTCULLIS_SANDBOX_DENY`.
    pub fn from_env(state_dir: PathBuf, port: u16) -> Result<Self, StartError> {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        let wanted = variable("PORTCULLIS_SANDBOX_BACKEND");
        let backend = match wanted.as_str() {
            "" | "auto" => Backend::Auto,
            "postgres" | "real" => Backend::Real,
            "embedded" | "sqlite" => Backend::Embedded,
            _ => {
                return Err(StartError::Option(format!(
                    "`{wanted}` is no backend: auto, postgres or embedded"
                )));
            }
        };
        let seconds = variable("PORTCULLIS_SANDBOX_BACKFILL_SECONDS").parse().ok();
        let backfill = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let faults = variable("PORTCULLIS_SANDBOX_FAULTS");
        Ok(Self {
            state_dir,
            port,
            backend,
            task_program: None,
            backfill,
            faults,
            denials: variable("PORTCULLIS_SANDBOX_DENY"),
        })
    }
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An option makes no sense.
    #[error("{0}")]
    Option(String),
    /// Another one uses the folder.
    #[error("another sandbox (process {pid}) runs on {}", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
        /// Whose it is.
        pid: String,
    },
    /// The folder cannot be used.
    #[error("{}: {error}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What was kept cannot be read.
    #[error("the state in {} cannot be read ({error}); `portcullis sandbox reset` starts over", folder.display())]
    Unreadable {
        /// The folder.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The port cannot be used.
    #[error("port {port} on loopback: {error}")]
    Port {
        /// The port.
        port: u16,
        /// Why.
        error: io::Error,
    },
}
