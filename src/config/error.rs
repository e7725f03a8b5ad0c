//! What is wrong with a configuration, and where.

use std::fmt;

use crate::domain::failure::{Failure, FailureKind};

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What is right; may be empty.
    pub hint: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.message
        )
    }
}

/// Everything that is wrong with a configuration; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl From<ConfigErrors> for Failure {
    fn from(ConfigErrors(errors): ConfigErrors) -> Self {
        let lines = errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ");
        let hints = errors
            .iter()
            .map(|e| e.hint.as_str())
            .filter(|hint| !hint.is_empty());
        Self::new(
            FailureKind::Config,
            lines,
            hints.collect::<Vec<_>>().join(" "),
        )
    }
}
