//! The ledger, held to one contract in SQLite and in PostgreSQL, and what neither of them may let happen.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test owns its clock and its files, and a panic is how it fails"
)]

mod contract;
mod faults;
mod filters;
mod lost_answers;
mod places;
#[path = "../contract/server.rs"]
mod server;
mod tampering;
mod team;
