//! The real world behind the ports: Google Cloud, the stores, the system.
#![expect(
    clippy::disallowed_methods,
    reason = "this is a layer with side effects: files, the network, the clock"
)]

pub mod google;
pub mod store;
pub mod system;
pub mod variables;
