//! From a log to its causes: a catalogue that is data, and a reader that looks for all of it at once.
//!
//! Pure: text and facts in, causes out. A cause is always shown with the line that proves it.

pub mod catalogue;
pub mod cause;
mod evidence;
pub mod facts;
pub mod reader;

pub use catalogue::Catalogue;
pub use cause::{Cause, Changed};
pub use facts::Facts;
pub use reader::{Found, Reader};
