//! The screens over a world in memory: keys in, text out.

mod gates;
mod pictures;
mod random;
mod reviews;
mod revisions;
mod stage;
mod walks;
mod world;
