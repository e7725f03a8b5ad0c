//! Themes: roles, and the styles that a palette gives them.

/// The styles of all roles.
#[derive(Clone, Debug, Default)]
pub struct Theme {}

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// None: `NO_COLOR`, or a terminal without colours.
    None,
    /// The sixteen of the terminal's own palette.
    Sixteen,
    /// 24 bits.
    True,
}

impl Theme {
    /// The built-in theme of this name (`dark`, `light`) for what the terminal can show.
    pub fn named(_name: &str, _colours: Colours) -> Option<Self> {
        Some(Self::default())
    }
}
