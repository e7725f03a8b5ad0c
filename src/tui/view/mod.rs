//! The views: what the model looks like. Pure; the same model, time and size draw the same frame.

mod canvas;
mod chrome;
mod comparison;
mod environment;
mod executions;
mod facts;
mod fleet;
mod fleet_row;
mod footer;
mod frame;
mod gate;
mod gate_acts;
mod gate_form;
mod gate_others;
mod gate_request;
mod gate_revisions;
mod help;
mod lanes;
mod ledger;
mod log;
mod migrations;
mod notices;
mod operations;
mod page;
mod palette;
mod pane;
mod problems;
mod readings;
mod requests;
mod revision;
mod run;
mod secrets;
mod sql;
mod story;
mod table;
mod words;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::theme::Theme;
use crate::app::command::Tab;
use crate::app::event::Painted;
use crate::app::model::Model;
use crate::app::screen::{Overlay, Screen};
use canvas::Canvas;

/// Everything that a view needs to know besides its place.
pub(super) struct Scene<'a> {
    pub(super) model: &'a Model,
    pub(super) now: Timestamp,
}

/// What a view says of what it drew.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Drawn {
    pub(super) painted: Painted,
    pub(super) cursor: Option<(u16, u16)>,
}

/// Draws the whole screen. What it returns goes back to the model as `Terminal::Drawn`, once it is on the screen.
pub fn draw(model: &Model, theme: &Theme, now: Timestamp, frame: &mut Frame<'_>) -> Painted {
    let area = frame.area();
    let scene = Scene { model, now };
    let drawn = {
        let mut canvas = Canvas {
            buf: frame.buffer_mut(),
            theme,
        };
        canvas.lay(area, super::theme::Role::Text);
        whole(&scene, &mut canvas, area)
    };
    if let Some((x, y)) = drawn
        .cursor
        .filter(|(x, y)| area.contains(Position::new(*x, *y)))
    {
        frame.set_cursor_position((x, y));
    }
    drawn.painted
}

fn whole(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect) -> Drawn {
    let body = chrome::around(scene, canvas, area);
    let mut drawn = screen(scene, canvas, body);
    if let Some((x, y)) = footer::typed(scene, canvas, area) {
        drawn.cursor = Some((x, y));
    }
    let above = match &scene.model.overlay {
        Some(Overlay::Help { scroll }) => Some(help::draw(scene, canvas, body, *scroll)),
        Some(Overlay::Palette { query, list }) => {
            Some(palette::draw(scene, canvas, body, query, list))
        }
        Some(Overlay::Search) | None => None,
    };
    above.map_or(drawn, |above| Drawn {
        // What is covered has not been seen.
        painted: Painted {
            gate: None,
            ..above.painted
        },
        ..above
    })
}

fn screen(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect) -> Drawn {
    match scene.model.screen() {
        Screen::Fleet(list) => fleet::draw(scene, canvas, area, list),
        Screen::Environment(screen) => {
            let Some(status) = scene.model.station(screen.station) else {
                return Drawn::default();
            };
            let inner = environment::frame(scene, canvas, area, screen, status);
            match screen.tab {
                Tab::Overview => environment::overview(scene, canvas, inner, screen, status),
                Tab::Migrations => migrations::draw(scene, canvas, inner, screen, status),
                Tab::Secrets => secrets::draw(scene, canvas, inner, screen, status),
                Tab::Executions => executions::draw(scene, canvas, inner, screen, status),
            }
        }
        Screen::Operations(screen) => operations::list(scene, canvas, area, screen),
        Screen::Parameters(screen) => operations::parameters(scene, canvas, area, screen),
        Screen::Gate(gate) => gate::draw(scene, canvas, area, gate),
        Screen::Run(screen) => run::draw(scene, canvas, area, *screen),
        Screen::Log(screen) => log::draw(scene, canvas, area, screen),
        Screen::Revision(screen) => revision::draw(scene, canvas, area, screen),
        Screen::Comparison(screen) => comparison::draw(scene, canvas, area, screen),
        Screen::Ledger(screen) => ledger::draw(scene, canvas, area, screen),
        Screen::Story(screen) => story::draw(scene, canvas, area, screen),
        Screen::Requests(list) => requests::draw(scene, canvas, area, list),
    }
}
