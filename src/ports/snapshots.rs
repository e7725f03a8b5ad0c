//! What was last seen, kept for the first frame of the next start.

use crate::domain::failure::Failure;
use crate::domain::fleet::Fleet;

/// The snapshot store. It is read before the first frame, so it is synchronous.
pub trait Snapshots: Send + Sync {
    /// The last snapshot; `None` when there is none or it cannot be read.
    fn load(&self) -> Option<Fleet>;
    /// Keeps a snapshot.
    fn save(&self, fleet: &Fleet) -> Result<(), Failure>;
}
