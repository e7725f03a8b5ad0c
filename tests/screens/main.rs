//! The screens over a world in memory: keys in, text out.

mod arming;
mod book;
mod consent;
mod gates;
mod ledger;
mod pictures;
mod random;
mod reviews;
mod revisions;
mod stage;
mod walks;
mod world;
