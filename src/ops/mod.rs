//! Use cases over ports, shared by the console and the commands.

pub mod cancel;
pub mod execute;
pub mod facts;
pub mod follow;
pub mod inspect;
pub mod plan;
mod policy_checks;
pub mod preflight;
pub mod reconcile;
pub mod record;
pub mod secrets;
pub mod verify;
