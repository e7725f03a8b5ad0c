//! The terminal: the loop, the runner of effects, the theme and the views.

pub mod theme;
pub mod view;
