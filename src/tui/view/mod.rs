//! The views: what the model looks like. Pure; the same model, time and size draw the same frame.

use jiff::Timestamp;
use ratatui::Frame;

use super::theme::Theme;
use crate::app::event::Painted;
use crate::app::model::Model;

/// Draws the whole screen. What it returns goes back to the model as `Terminal::Drawn`, once it is on the screen.
pub fn draw(model: &Model, _theme: &Theme, _now: Timestamp, frame: &mut Frame<'_>) -> Painted {
    frame.render_widget(model.setup.backend.as_str(), frame.area());
    Painted::default()
}
