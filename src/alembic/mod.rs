//! Alembic, read without running it: a migration directory becomes a graph, and the
//! graph says what is pending and in which order it would run.
//!
//! Pure: bytes and paths in, values out. The files come through [`source::FileTree`].

pub mod baseline;
pub mod env;
pub mod graph;
pub mod parse;
pub mod review;
pub mod revision;
pub mod script;
pub mod source;
