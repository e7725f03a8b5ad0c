//! Time and randomness.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

/// The clock, waiting, and ids that nobody else has.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// Waits.
    async fn sleep(&self, duration: SignedDuration);
    /// A new run id, sortable by time.
    fn new_run_id(&self) -> String;
}
