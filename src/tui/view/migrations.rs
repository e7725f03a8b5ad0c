//! The migrations tab: the revisions of the directory, and where the database stands among them.

use super::frame;
use ratatui::layout::Rect;

use super::canvas::{Canvas, Row, columns, piece};
use super::{Drawn, Scene, environment, table};
use crate::app::effect::Part;
use crate::app::rows::{Mark, MigrationRow};
use crate::app::screen::EnvironmentScreen;
use crate::domain::fleet::EnvironmentStatus;
use crate::domain::text::clean;
use crate::tui::theme::Role;

pub(super) fn draw(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    screen: &EnvironmentScreen,
    status: &EnvironmentStatus,
) -> Drawn {
    let area = frame::padded(area);
    let list = screen.list();
    let rows = scene.model.migration_rows(status, list);
    let longest = rows
        .iter()
        .map(|row| columns(row.id.as_str()))
        .max()
        .unwrap_or(8);
    let id = longest.clamp(8, (area.width / 2).max(9));
    let right = environment::provenance(scene, &status.reading, screen.station, Part::Reading);
    let head = Row::plain(
        format!(
            "{:<14}{:<id$} MESSAGE",
            "",
            "REVISION",
            id = usize::from(id)
        ),
        Role::Heading,
    );
    canvas.row(area, area.y, &head.right(right));
    let body = table::below(area, 1);
    if rows.is_empty() {
        empty(scene, canvas, body);
    }
    table::rows(canvas, body, list, rows.len(), |at| line(&rows[at], id))
}

fn empty(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect) {
    let directory = &scene.model.directory;
    let (text, role) = match &directory.failure {
        Some(failure) => (format!("{failure}  → {}", failure.hint), Role::Bad),
        None if directory.loading => ("reading the migration directory…".to_owned(), Role::Dim),
        None => ("no revision to show".to_owned(), Role::Dim),
    };
    canvas.put(area.x, area.y, area.width, &text, role);
}

fn line<'a>(row: &MigrationRow<'a>, id: u16) -> Row<'a> {
    let (symbol, word, role) = match row.mark {
        Mark::Current => ("◆", "here".to_owned(), Role::Strong),
        Mark::Applied => ("✓", "applied".to_owned(), Role::Dim),
        Mark::Pending(at) => ("○", format!("pending {at}"), Role::Accent),
        Mark::Foreign => ("✗", "not ours".to_owned(), Role::Bad),
        Mark::Unknown => ("?", "unknown".to_owned(), Role::Warn),
    };
    let text = if row.mark == Mark::Applied {
        Role::Dim
    } else {
        Role::Text
    };
    let name = clean(row.id.as_str());
    let shown = super::canvas::fit(&name, id).into_owned();
    let pad = usize::from(id.saturating_sub(columns(&shown)) + 1);
    let mut pieces = vec![
        piece(format!("{symbol} {word:<12}"), role),
        piece(
            format!("{shown}{:pad$}", ""),
            if row.mark == Mark::Current {
                Role::Strong
            } else {
                text
            },
        ),
    ];
    let mut right = Vec::new();
    if let Some(summary) = row.summary {
        pieces.push(piece(clean(&summary.message), text));
        for label in &summary.branch_labels {
            right.push(piece(format!("({}) ", clean(label)), Role::Accent));
        }
        match summary.down.len() {
            0 => right.push(piece("base ", Role::Dim)),
            1 => {}
            _ => right.push(piece("merge ", Role::Dim)),
        }
    } else if row.mark == Mark::Foreign {
        pieces.push(piece("only the database knows it", Role::Bad));
    }
    if row.head {
        right.push(piece("head ", Role::Accent));
    }
    Row::of(pieces).right(right)
}
