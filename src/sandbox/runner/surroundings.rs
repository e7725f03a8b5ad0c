//! What a container would have around it.

use std::{ffi::OsString, path::PathBuf};

use async_trait::async_trait;

/// A process to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The program.
    pub program: OsString,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Its whole environment. Holds secrets of the sandbox.
    pub env: Vec<(String, OsString)>,
    /// Where it starts.
    pub folder: PathBuf,
}

/// Turns what a job says into what this machine can run.
#[async_trait]
pub trait Surroundings: Send + Sync {
    /// Waits until a job may be started.
    async fn wait_ready(&self) -> Result<(), String>;

    /// The process for a command line of a job of an environment, with its variables.
    fn launch(&self, environment: &str, words: &[String], env: Vec<(String, String)>) -> Launch;
}
