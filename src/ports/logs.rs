//! Cloud Logging.

use async_trait::async_trait;

use crate::domain::failure::Failure;
use crate::domain::logs::{LogPage, LogQuery};

/// Cloud Logging.
#[async_trait]
pub trait Logs: Send + Sync {
    /// A page of the log of one execution, the oldest line first.
    async fn read(&self, query: &LogQuery) -> Result<LogPage, Failure>;
}
