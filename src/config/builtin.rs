//! The operations that need no declaration, as data.

/// The file that declares them, in the language of the config.
pub(super) const OPERATIONS: &str = include_str!("builtin.toml");
