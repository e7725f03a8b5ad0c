//! The requests that wait for somebody's word.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Row, columns, piece};
use super::executions::column;
use super::gate_others::hour;
use super::{Drawn, Scene, table, words};
use crate::app::consent::OpenRequest;
use crate::app::list::ListState;
use crate::domain::text::clean;
use crate::tui::theme::Role;

pub(super) fn draw(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    list: &ListState,
) -> Drawn {
    let area = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        ..area
    };
    let rows: Vec<_> = scene.model.open_requests(list).collect();
    let title = match rows.len() {
        1 => "1 request waits".to_owned(),
        many => format!("{many} requests wait"),
    };
    canvas.row(area, area.y, &Row::plain(title, Role::Strong));
    let sizes = Sizes::new(scene, area.width);
    let head = format!(
        "{}{}{}{}{}WHY",
        column("ENV", sizes.environment),
        column("WHAT", sizes.title),
        column("ASKED BY", sizes.author),
        column("UNTIL", 10),
        column("", sizes.word),
    );
    canvas.put(area.x, area.y + 1, area.width, &head, Role::Heading);
    let body = table::below(area, 2);
    if rows.is_empty() {
        empty(scene, canvas, body, list);
    }
    table::rows(canvas, body, list, rows.len(), |at| line(rows[at], &sizes))
}

struct Sizes {
    environment: u16,
    title: u16,
    author: u16,
    word: u16,
}

impl Sizes {
    fn new(scene: &Scene<'_>, width: u16) -> Self {
        let names = scene.model.stations.iter();
        let names = names.map(|status| columns(status.environment.name.as_str()));
        let wide = width >= 110;
        Self {
            environment: names.max().unwrap_or(4).clamp(4, 12) + 1,
            title: if wide { 36 } else { 26 },
            author: if wide { 25 } else { 11 },
            word: if wide { 14 } else { 10 },
        }
    }
}

fn line<'a>(open: &'a OpenRequest, sizes: &Sizes) -> Row<'a> {
    let request = &open.request;
    let author = if sizes.author < 20 {
        words::name(&request.author)
    } else {
        &request.author
    };
    let (word, role) = match (open.missing, open.heard) {
        (0, _) => ("✓ granted", Role::Good),
        (_, true) => ("? yours", Role::Accent),
        (_, false) => ("· others", Role::Dim),
    };
    Row::of(vec![
        piece(
            column(open.environment.as_str(), sizes.environment),
            Role::Strong,
        ),
        piece(column(&open.title, sizes.title), Role::Text),
        piece(column(author, sizes.author), Role::Text),
        piece(column(&hour(open.until), 10), Role::Text),
        piece(column(word, sizes.word), role),
        piece(
            clean(request.reason.as_deref().unwrap_or_default()),
            Role::Dim,
        ),
    ])
}

fn empty(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect, list: &ListState) {
    let desk = &scene.model.desk;
    let (text, role) = match (&desk.failure, desk.value()) {
        (Some(failure), _) => (format!("✗ {failure}  → {}", failure.hint), Role::Bad),
        (None, None) => ("reading…".to_owned(), Role::Dim),
        (None, Some(_)) if !list.filter.is_empty() => (
            "nothing here holds the filter; esc clears it".to_owned(),
            Role::Dim,
        ),
        (None, Some(_)) => ("nobody waits for anybody's word".to_owned(), Role::Dim),
    };
    canvas.put(area.x, area.y, area.width, &text, role);
}
