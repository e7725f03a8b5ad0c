//! The contract of the ports, held by the adapters against the sandbox, through the official clients.
//!
//! The sandbox's server runs in this process on loopback, on a world without processes: runs succeed at once, or
//! wait for ever, as the test wants. What a network can do is done to it on purpose.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test owns its clock and its files, and a panic is how it fails"
)]

mod answers;
mod backends;
mod cloud;
mod databases;
mod direct;
mod failures;
mod jobs;
mod logs;
mod permissions;
mod proxies;
mod ruling_out;
mod running;
mod sandbox;
mod secrets;
mod server;
mod sign_in;
