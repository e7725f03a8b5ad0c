//! Key maps as data: the defaults of the command table, and a person's own keys above them.
//!
//! A key map is TOML, one table for each layer, `key = "command"`:
//!
//! ```toml
//! [fleet]
//! "U" = "upgrade"   # another key
//! "u" = "none"      # no command on this key
//! ```

mod error;
mod map;
pub mod reference;

pub use error::{KeysError, Problem};
pub use map::merged;
