//! Use cases over ports, shared by the console and the commands.

pub mod approvals;
pub mod arming;
mod aside;
pub mod attach;
pub mod browse;
pub mod cancel;
pub mod causes;
pub mod debts;
mod directory_check;
mod doubts;
pub mod execute;
pub mod facts;
pub mod follow;
pub mod image;
pub mod inspect;
pub mod marker;
mod offline;
pub mod plan;
mod policy_checks;
pub mod preflight;
pub mod reconcile;
pub mod record;
pub mod secrets;
pub mod seen;
pub mod survivors;
pub mod verify;
