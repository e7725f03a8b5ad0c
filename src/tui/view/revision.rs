//! One revision: its page in a frame that says for which environment it is looked at.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Piece, piece};
use super::{Drawn, Scene, frame, page};
use crate::app::event::Painted;
use crate::app::logs::{Lines, LogView};
use crate::app::page::Page;
use crate::app::revision::RevisionScreen;
use crate::app::standings::{Mark, Marks};
use crate::domain::text::clean;
use crate::tui::theme::Role;

pub(super) fn draw(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    screen: &RevisionScreen,
) -> Drawn {
    let Some(status) = scene.model.station(screen.station) else {
        return Drawn::default();
    };
    let environment = &status.environment;
    let name = environment.name.to_string();
    let title = [
        piece(" revision ", Role::Dim),
        piece(format!("{} ", screen.id), Role::Strong),
    ];
    let mark = match &status.standing {
        Some(standing) if standing.current.contains(&screen.id) => Mark::Current,
        standing => Marks::of(standing.as_ref()).mark(&screen.id),
    };
    let (symbol, word, role) = super::lanes::mark(mark);
    let right = [piece(format!(" {symbol} {word} "), role)];
    let inside = frame::padded(Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
        ..area
    });
    let text = scene.model.revision_page(screen, inside.width);
    let bottom = state(&text, &screen.view, usize::from(inside.height));
    let inner = frame::frame(
        canvas,
        area,
        (environment.tier, &name),
        &title,
        &right,
        &bottom,
    );
    let inner = frame::padded(inner);
    let pattern = screen.view.pattern();
    let look = page::Look {
        first: screen.view.first(&text, usize::from(inner.height)),
        left: if screen.view.wrap {
            0
        } else {
            screen.view.left
        },
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

/// How much there is, and from where it is looked at.
pub(super) fn state<'a>(text: &Page, view: &LogView, rows: usize) -> Vec<Piece<'a>> {
    let end = text.end();
    let mut words = Vec::new();
    if end > rows {
        let last = (view.first(text, rows) + rows).min(end);
        words.push(format!("lines to {last} of {end}"));
    }
    if view.wrap {
        words.push("wrap".to_owned());
    } else if view.left > 0 {
        words.push(format!("from column {}", view.left + 1));
    }
    if !view.search.is_empty() {
        words.push(format!("search {}", clean(view.search.text())));
    }
    if words.is_empty() {
        return Vec::new();
    }
    vec![piece(format!(" {} ", words.join(" · ")), Role::Dim)]
}
