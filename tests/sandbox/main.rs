//! The whole road, end to end, on real parts: the real program, the sandbox, real Alembic, real PostgreSQL, and
//! Google's own clients.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests start the program, and read and write files for it"
)]

#[path = "../support/mod.rs"]
mod support;

mod backup;
mod directories;
mod endings;
mod google_clients;
mod lifecycle;
mod migrations;
mod offline_sql;
mod preflight;
mod probes;
