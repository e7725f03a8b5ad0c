//! Cloud Logging.

use async_trait::async_trait;

use crate::domain::failure::Failure;
use crate::domain::logs::{LogLine, LogPage, LogQuery};

/// Cloud Logging.
#[async_trait]
pub trait Logs: Send + Sync {
    /// A page of the log of one execution, the oldest line first.
    async fn read(&self, query: &LogQuery) -> Result<LogPage, Failure>;

    /// So many pages of it at most, and whether that is all there was.
    async fn read_pages(
        &self,
        mut query: LogQuery,
        most: usize,
    ) -> Result<(Vec<LogLine>, bool), Failure> {
        let mut lines = Vec::new();
        for _ in 0..most {
            let page = self.read(&query).await?;
            lines.extend(page.lines);
            query.page = page.next;
            if query.page.is_none() {
                return Ok((lines, true));
            }
        }
        Ok((lines, false))
    }
}
