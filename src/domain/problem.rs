//! Problems: what is wrong in an environment, in words.

use serde::{Deserialize, Serialize};

use super::environment::EnvironmentName;
use super::preflight::Severity;

/// Something that is wrong, or will be at the next run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Environment concerned.
    pub environment: EnvironmentName,
    /// `block` when the next run cannot work, `warn` otherwise.
    pub severity: Severity,
    /// Stable name.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}
