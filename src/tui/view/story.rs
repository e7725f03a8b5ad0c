//! One run's whole story, as a page below a title.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Row, piece};
use super::revision::state;
use super::{Drawn, Scene, page, table, words};
use crate::app::event::Painted;
use crate::app::ledger::StoryScreen;
use crate::domain::text::clean;
use crate::tui::theme::Role;

pub(super) fn draw(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    screen: &StoryScreen,
) -> Drawn {
    let area = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        ..area
    };
    let inner = table::below(area, 2);
    let text = screen.page(inner.width);
    let rows = usize::from(inner.height);
    canvas.row(
        area,
        area.y,
        &title(scene, screen).right(state(&text, &screen.view, rows)),
    );
    canvas.rule(area, area.y + 1);
    let pattern = screen.view.pattern();
    let look = page::Look {
        first: screen.view.first(&text, rows),
        left: 0,
        pattern: pattern.as_ref(),
        hit: screen.view.hit,
    };
    page::draw(canvas, inner, &text, &look);
    Drawn {
        painted: Painted {
            gate: None,
            rows: inner.height,
            columns: inner.width,
            content: text.lines.len(),
        },
        cursor: None,
    }
}

/// Whose story it is: the environment with its tier, as the config has it.
fn title<'a>(scene: &'a Scene<'_>, screen: &'a StoryScreen) -> Row<'a> {
    let mut left = vec![piece("story  ", Role::Strong)];
    let entries = screen.entries.value();
    if let Some(first) = entries.and_then(|entries| entries.first()) {
        let name = &first.record.environment;
        let known = scene
            .model
            .index_of(name)
            .and_then(|at| scene.model.station(at));
        if let Some(status) = known {
            let (role, symbol, word) = words::tier(status.environment.tier);
            left.push(piece(format!("{symbol} {word}  "), role));
        }
        left.push(piece(format!("{}  ", clean(name.as_str())), Role::Strong));
    }
    left.push(piece(format!("run {}", clean(&screen.run_id)), Role::Dim));
    Row::of(left)
}
