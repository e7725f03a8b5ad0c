//! What is kept on this machine: the record, and what was last seen.

mod ledger;
mod private;
mod snapshots;

pub use ledger::DatabaseLedger;
pub use snapshots::FileSnapshots;
