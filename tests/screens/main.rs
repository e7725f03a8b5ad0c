//! The screens over a world in memory: keys in, text out.

mod gates;
mod pictures;
mod random;
mod stage;
mod walks;
mod world;
