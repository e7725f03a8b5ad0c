//! A local Google Cloud that ships inside the binary, for trying, for demos and for tests.
//!
//! - [`start`] starts one, [`reset`] makes its folder new, [`task_main`] is what its embedded jobs run.
//! - [`world`] is the state: jobs, executions, secrets, instances, logs, and the rules by which they change.
//! - [`server`] puts Google's REST wire on top of it.
//! - [`runner`] runs executions as real processes, on one of two backends: [`postgres`] with real Alembic, or
//!   [`embedded`].
//! - [`migrations`] is the Alembic directory that the jobs work on.
#![expect(
    clippy::disallowed_methods,
    reason = "the sandbox is a layer with side effects: it owns a clock, a folder and child processes"
)]

mod backing;
mod bring_up;
mod config;
pub mod embedded;
mod lifecycle;
pub mod migrations;
mod options;
pub mod postgres;
pub mod runner;
pub mod server;
mod store;
#[cfg(test)]
mod tests;
pub mod world;

pub use config::config_toml;
pub use embedded::task::task_main;
pub use lifecycle::{Running, reset, start};
pub use options::{Backend, Options, StartError};
