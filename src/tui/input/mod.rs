//! What comes in from the terminal.
//!
//! Bytes are decoded here and not by a library: the usual one waits forever inside an escape
//! sequence that arrived in two parts, takes such a part for the escape key, spins when the
//! terminal is gone, and needs a second thread between the key and the picture.

mod decoder;
mod sequence;

pub use decoder::Decoder;

use crate::app::input::Key;

/// One thing that the terminal told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted, line breaks included; never taken for keys.
    Paste(String),
    /// The window has the keyboard (`true`) or lost it.
    Focus(bool),
}
