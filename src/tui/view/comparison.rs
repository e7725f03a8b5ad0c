//! The environments side by side: a row for each revision, a column for each environment.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Piece, Row, columns, fit, piece};
use super::words::{self, Freshness};
use super::{Drawn, Scene, chrome, lanes, table};
use crate::app::effect::Part;
use crate::app::standings::{ComparisonRow, ComparisonScreen, Mark};
use crate::domain::fleet::EnvironmentStatus;
use crate::domain::migration::MigrationState;
use crate::domain::text::clean;
use crate::tui::theme::Role;

/// Which environments have a column, and how wide everything is.
struct Plan {
    shown: Vec<usize>,
    hidden: usize,
    column: u16,
    id: u16,
}

pub(super) fn draw(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    screen: &ComparisonScreen,
) -> Drawn {
    let area = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        ..area
    };
    let rows = scene.model.comparison_rows(screen);
    let plan = plan(scene, screen, area.width);
    canvas.row(area, area.y, &title(screen, &rows, plan.hidden));
    heads(scene, canvas, table::below(area, 1), &plan);
    let body = table::below(area, 4);
    if rows.is_empty() {
        canvas.put(body.x, body.y, body.width, empty(scene, screen), Role::Dim);
    }
    table::rows(canvas, body, &screen.list, rows.len(), |at| {
        line(&rows[at], &plan)
    })
}

fn plan(scene: &Scene<'_>, screen: &ComparisonScreen, width: u16) -> Plan {
    let stations = scene.model.stations.len();
    let columns = scene.model.comparison_columns(width);
    let left = screen.left.min(stations.saturating_sub(columns.room));
    let shown: Vec<_> = (left..stations).take(columns.room).collect();
    Plan {
        hidden: stations - shown.len(),
        shown,
        column: columns.environment,
        id: columns.id,
    }
}

fn title<'a>(screen: &'a ComparisonScreen, rows: &[ComparisonRow<'_>], hidden: usize) -> Row<'a> {
    let differing = rows.iter().filter(|row| row.differs).count();
    let mut left = vec![piece("side by side  ", Role::Strong)];
    let text = match differing {
        0 => "no two known environments differ".to_owned(),
        1 => "1 revision is not everywhere".to_owned(),
        many => format!("{many} revisions are not everywhere"),
    };
    left.push(piece(
        text,
        if differing == 0 {
            Role::Good
        } else {
            Role::Warn
        },
    ));
    let mut right = Vec::new();
    if screen.only_differences {
        right.push(piece("only differences ", Role::Accent));
    }
    if !screen.list.filter.is_empty() {
        right.push(piece("filter ", Role::Dim));
        right.push(piece(clean(screen.list.filter.text()), Role::Input));
        right.push(piece(" ", Role::Dim));
    }
    if hidden > 0 {
        let text = format!("‹ › {} more ", words::count(hidden, "environment"));
        right.push(piece(text, Role::Accent));
    }
    Row::of(left).right(right)
}

/// Names, where each stands, and how that is known.
fn heads(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect, plan: &Plan) {
    canvas.put(area.x, area.y + 2, plan.id + 2, "  REVISION", Role::Heading);
    let mut x = area.x + plan.id + 3;
    for at in &plan.shown {
        let status = &scene.model.stations[*at];
        let (role, symbol, _) = words::tier(status.environment.tier);
        let room = (plan.column - 1).min(area.right().saturating_sub(x));
        let name = format!("{symbol} {}", status.environment.name);
        canvas.put(x, area.y, room, &name, role);
        let (text, role) = state(status);
        canvas.put(x, area.y + 1, room, &text, role);
        let (text, role) = known(scene, *at);
        canvas.put(x, area.y + 2, room, &text, role);
        x += plan.column;
    }
    if plan.shown.is_empty() {
        let text = "the config names no environment";
        canvas.put(x, area.y, area.right().saturating_sub(x), text, Role::Dim);
    }
}

fn state(status: &EnvironmentStatus) -> (String, Role) {
    let Some(standing) = &status.standing else {
        return ("not known".to_owned(), Role::Warn);
    };
    if status.disagreement().is_some() {
        return ("✗ disagree".to_owned(), Role::Bad);
    }
    match standing.state {
        MigrationState::AtHead => ("at head".to_owned(), Role::Good),
        MigrationState::Behind => (format!("{} pending", standing.pending.len()), Role::Accent),
        MigrationState::Unversioned => ("unversioned".to_owned(), Role::Bad),
        MigrationState::Unknown => ("unknown".to_owned(), Role::Warn),
        state => (state.word().to_owned(), Role::Bad),
    }
}

/// By whom an environment's standing was told, and its age where it is old.
fn known(scene: &Scene<'_>, station: usize) -> (String, Role) {
    let reading = &scene.model.stations[station].reading;
    let (freshness, failed, at) = chrome::part_state(scene, station, Part::Reading);
    let Some(at) = at else {
        return match &reading.failure {
            Some(failure) => (format!("✗ {}", words::failure_word(failure)), Role::Bad),
            None if reading.loading => ("reading…".to_owned(), Role::Dim),
            None => ("never read".to_owned(), Role::Dim),
        };
    };
    let age = words::since(at, scene.now);
    match freshness {
        _ if failed => (format!("✗ {age} old"), Role::Bad),
        Freshness::Stale => (format!("stale {age}"), Role::Bad),
        Freshness::Old => (format!("{age} old"), Role::Warn),
        _ => {
            let source = reading.last.as_ref().map(|seen| clean(&seen.source));
            (source.unwrap_or_default().into_owned(), Role::Dim)
        }
    }
}

fn line<'a>(row: &ComparisonRow<'a>, plan: &Plan) -> Row<'a> {
    let role = if row.differs { Role::Text } else { Role::Dim };
    let differs = if row.differs { "≠ " } else { "  " };
    let mut pieces = vec![
        piece(differs, Role::Warn),
        piece(padded(row.id.as_str(), plan.id + 1), role),
    ];
    for at in &plan.shown {
        pieces.push(cell(row.marks[*at], plan.column));
    }
    if let Some(summary) = row.summary {
        pieces.push(piece(clean(&summary.message), Role::Dim));
    } else {
        pieces.push(piece("only a database knows it", Role::Bad));
    }
    Row::of(pieces)
}

fn cell<'a>(mark: Option<Mark>, width: u16) -> Piece<'a> {
    match mark {
        None => piece(padded("–", width), Role::Dim),
        Some(mark) => {
            let (symbol, word, role) = lanes::mark(mark);
            piece(padded(&format!("{symbol} {word}"), width), role)
        }
    }
}

/// A text in a column.
fn padded(text: &str, width: u16) -> String {
    let text = clean(text);
    let shown = fit(&text, width.saturating_sub(1));
    let pad = usize::from(width.saturating_sub(columns(&shown)));
    format!("{shown}{:pad$}", "")
}

fn empty(scene: &Scene<'_>, screen: &ComparisonScreen) -> &'static str {
    if !screen.list.filter.is_empty() {
        "nothing here holds the filter; esc clears it"
    } else if screen.only_differences {
        "no two known environments differ"
    } else if scene.model.directory.loading {
        "reading the migration directory…"
    } else {
        "no revision to show"
    }
}
