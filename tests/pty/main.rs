//! The real program on a real terminal: it starts at once, draws at every size, and leaves the
//! terminal as it found it, however it ends.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests start the program in a home of its own"
)]

mod ends;
mod session;
mod sizes;
mod start;
mod suspend;
