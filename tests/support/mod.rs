//! What the tests of the real program share: a home of its own for each test, and a sandbox that always ends.

pub(crate) mod program;
pub(crate) mod sandbox;

pub(crate) use program::Finished;
pub(crate) use sandbox::Sandbox;
