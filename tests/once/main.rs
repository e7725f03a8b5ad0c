//! Runs happen once, whatever dies: the real program is killed at every point of the road between it and the sandbox,
//! and the next start is asked what became of it.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests start the program, and read and write files for it"
)]

#[path = "../support/mod.rs"]
mod support;

mod cancelling;
mod consoles;
mod deaths;
mod lost;
mod road;
mod scene;
mod seen;
mod survivors;
