//! What is kept on this machine: the record, and what was last seen.

mod ledger;
mod private;
mod schema;
mod snapshots;

pub use ledger::SqliteLedger;
pub use snapshots::FileSnapshots;
