//! What is kept on this machine: the record, and what was last seen.

mod ledger;
pub(super) mod private;
mod snapshots;

pub use ledger::DatabaseLedger;
pub use snapshots::FileSnapshots;
