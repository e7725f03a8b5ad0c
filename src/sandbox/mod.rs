//! A local Google Cloud that ships inside the binary, for trying, for demos and for tests.
//!
//! - [`world`] is the state: jobs, executions, secrets, instances, logs, and the rules by which they change.
//! - [`server`] puts Google's REST wire on top of it.
#![expect(
    clippy::disallowed_methods,
    reason = "the sandbox is a layer with side effects: it owns a clock, a folder and child processes"
)]

pub mod embedded;
pub mod migrations;
pub mod runner;
pub mod server;
pub mod world;
