//! Reading a PostgreSQL database: what is asked whoever carries the question, and a session of our own.

pub(super) mod backends;
pub(super) mod catalogue;
mod place;
pub(super) mod session;
pub(super) mod trouble;
pub(super) mod url;
