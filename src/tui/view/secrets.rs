//! The secrets tab: the versions of the environment's secret, and which of them `latest` is.

use super::frame;
use ratatui::layout::Rect;

use super::canvas::{Canvas, Row, piece};
use super::{Drawn, Scene, environment, table, words};
use crate::app::effect::Part;
use crate::app::rows::version_rows;
use crate::app::screen::EnvironmentScreen;
use crate::domain::fleet::EnvironmentStatus;
use crate::domain::secret::{SecretVersion, VersionState};
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
    let name = status
        .environment
        .secret
        .as_deref()
        .unwrap_or("no secret is named in the config");
    let right = environment::provenance(scene, &status.secret, screen.station, Part::Secret);
    canvas.row(
        area,
        area.y,
        &Row::of(vec![piece(clean(name), Role::Strong)]).right(right),
    );
    let head = Row::plain("VERSION    STATE        MADE", Role::Heading);
    canvas.row(area, area.y + 1, &head);
    let body = table::below(area, 2);
    let rows: Vec<_> = version_rows(status, list).collect();
    if rows.is_empty() {
        empty(canvas, body, status);
    }
    let latest = status
        .secret
        .value()
        .and_then(|s| s.latest())
        .map(|v| v.version);
    let wide = area.width >= 100;
    table::rows(canvas, body, list, rows.len(), |at| {
        line(scene, rows[at], latest == Some(rows[at].version), wide)
    })
}

fn empty(canvas: &mut Canvas<'_>, area: Rect, status: &EnvironmentStatus) {
    let (text, role) = match &status.secret.failure {
        Some(failure) => (format!("{failure}  → {}", failure.hint), Role::Bad),
        None if status.secret.loading => ("reading…".to_owned(), Role::Dim),
        None => ("no version to show".to_owned(), Role::Dim),
    };
    canvas.put(area.x, area.y, area.width, &text, role);
}

fn line<'a>(scene: &Scene<'_>, version: &SecretVersion, latest: bool, wide: bool) -> Row<'a> {
    let (role, symbol) = words::version(version.state);
    let text = if version.state == VersionState::Destroyed {
        Role::Dim
    } else {
        Role::Text
    };
    let mut pieces = vec![
        piece(format!("{:<11}", version.version), text),
        piece(format!("{symbol} {:<11}", version.state.word()), role),
        piece(
            format!(
                "{:<9}",
                format!("{} ago", words::since(version.created_at, scene.now))
            ),
            text,
        ),
        piece(
            if wide {
                words::date(version.created_at)
            } else {
                String::new()
            },
            Role::Dim,
        ),
    ];
    if latest {
        let (word, role) = match version.state {
            VersionState::Enabled => ("  ← latest", Role::Accent),
            _ => ("  ← latest: runs that ask for it will not start", Role::Bad),
        };
        pieces.push(piece(word, role));
    }
    Row::of(pieces)
}
