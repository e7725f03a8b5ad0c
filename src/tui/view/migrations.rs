//! The migrations tab: the revisions of the directory as a list or as a drawing, where every database stands among
//! them, and what the pending ones will do.

use std::collections::HashMap;

use ratatui::layout::Rect;

use super::canvas::{Canvas, Piece, Row, columns, fit, piece};
use super::{Drawn, Scene, environment, frame, lanes, page, pane, readings, table, words};
use crate::app::effect::Part;
use crate::app::list::first_visible;
use crate::app::rows::{Mark, MigrationRow};
use crate::app::screen::EnvironmentScreen;
use crate::domain::fleet::EnvironmentStatus;
use crate::domain::gist::Gist;
use crate::domain::graph::Stroke;
use crate::domain::preflight::Severity;
use crate::domain::review::Review;
use crate::domain::revision::RevisionId;
use crate::domain::text::clean;
use crate::tui::theme::Role;

/// The column of the marks: `○ pending 12  `.
const MARK: u16 = 14;

/// What all rows have in common.
struct Table<'a> {
    here: HashMap<&'a RevisionId, Vec<usize>>,
    /// Columns of the ids.
    id: u16,
    /// Columns of the drawing; none in a list.
    lanes: u16,
    /// The drawing of the visible rows, from this row of it on.
    strokes: (usize, Vec<Vec<Stroke>>),
}

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
    let (area, pane) = pane::split(area, !rows.is_empty());
    let top = readings::draw(scene, canvas, table::below(area, 1), status);
    let mut body = table::below(area, 1 + top);
    for note in notes(scene, status, rows.is_empty()) {
        canvas.row(body, body.y, &note);
        body = table::below(body, 1);
    }
    let first = first_visible(
        list.cursor,
        list.offset,
        rows.len(),
        usize::from(body.height),
    );
    let end = (first + usize::from(body.height)).min(rows.len());
    let visible = rows.get(first..end).unwrap_or_default();
    let table = common(scene, &rows, visible, area.width, !list.filter.is_empty());
    let right = environment::provenance(scene, &status.reading, screen.station, Part::Reading);
    let head = head(scene, &table, area.width);
    canvas.row(area, area.y, &Row::plain(head, Role::Heading).right(right));
    if rows.is_empty() {
        empty(scene, canvas, body, !list.filter.is_empty());
    }
    let drawn = table::rows(canvas, body, list, rows.len(), |at| {
        line(scene, &table, &rows[at])
    });
    if let (Some(pane), Some(row)) = (pane, rows.get(list.cursor)) {
        beside(scene, canvas, pane, row.id);
    }
    drawn
}

/// What is to be known before the rows are believed: whose they are, and who says otherwise.
fn notes<'a>(scene: &'a Scene<'_>, status: &'a EnvironmentStatus, empty: bool) -> Vec<Row<'a>> {
    let mut notes = Vec::new();
    if let (Some(failure), false) = (&scene.model.directory.failure, empty) {
        notes.push(Row::of(vec![
            piece(format!("✗ {failure}"), Role::Bad),
            piece(format!("  → {}", clean(&failure.hint)), Role::Accent),
        ]));
    }
    let directory = status.directory.as_ref();
    if let Some(checkout) = directory.and_then(|known| known.checkout.as_ref()) {
        notes.push(Row::plain(checkout.line(scene.now), Role::Dim));
    }
    if let Some(found) = directory.and_then(|known| known.difference()) {
        notes.push(Row::of(vec![
            piece("! the image that will run differs: ", Role::Warn),
            piece(clean(&found.words()).into_owned(), Role::Text),
        ]));
    }
    notes
}

/// The revision of the cursor, told in full.
fn beside(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect, id: &RevisionId) {
    let inner = pane::edge(canvas, area);
    canvas.put(inner.x, inner.y, inner.width, &id.to_string(), Role::Strong);
    let text = scene.model.revision_pane(id, inner.width);
    page::draw(canvas, table::below(inner, 1), &text, &page::Look::TOP);
}

fn common<'a>(
    scene: &'a Scene<'_>,
    rows: &[MigrationRow<'_>],
    visible: &[MigrationRow<'_>],
    width: u16,
    filtered: bool,
) -> Table<'a> {
    let longest = rows.iter().map(|row| columns(row.id.as_str())).max();
    let id = longest.unwrap_or(8).clamp(8, (width * 2 / 5).max(9));
    let mut table = Table {
        here: scene.model.whereabouts(),
        id,
        lanes: 0,
        strokes: (0, Vec::new()),
    };
    let drawn: Vec<_> = visible.iter().filter_map(|row| row.drawn).collect();
    let (Some(from), Some(to)) = (drawn.first(), drawn.last()) else {
        return table;
    };
    if scene.model.graph_shown && !filtered {
        let layout = &scene.model.layout;
        // The column keeps its width while it scrolls, so nothing jumps.
        let most = usize::from(width / 6).clamp(2, 16);
        let whole = layout.width();
        let room = if whole <= most { whole } else { most - 1 };
        table.lanes = u16::try_from(2 * whole.min(most)).unwrap_or(u16::MAX) + 1;
        table.strokes = (*from, layout.strokes(*from..*to + 1, room));
    }
    table
}

fn head(scene: &Scene<'_>, table: &Table<'_>, width: u16) -> String {
    let before = usize::from(if table.lanes > 0 { table.lanes } else { MARK });
    let whole = scene.model.layout.width();
    let folded = whole.saturating_sub(usize::from(table.lanes / 2));
    let mut text = format!(
        "{:before$}{:<id$} ",
        "",
        "REVISION",
        id = usize::from(table.id)
    );
    if table.lanes > 0 && folded > 0 {
        text = format!("{text}» {} folded  ", words::count(folded + 1, "lane"));
    }
    if width >= 60 {
        text.push_str("MESSAGE, OR WHAT IT DOES");
    }
    text
}

fn empty(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect, filtered: bool) {
    let directory = &scene.model.directory;
    let (text, role) = match &directory.failure {
        Some(failure) => (format!("{failure}  → {}", failure.hint), Role::Bad),
        None if directory.loading => ("reading the migration directory…".to_owned(), Role::Dim),
        None if filtered => (
            "nothing here holds the filter; esc clears it".to_owned(),
            Role::Dim,
        ),
        None => ("no revision to show".to_owned(), Role::Dim),
    };
    for (y, line) in (area.top()..area.bottom()).zip(super::canvas::wrap(&text, area.width)) {
        canvas.put(area.x, y, area.width, &line, role);
    }
}

fn line<'a>(scene: &'a Scene<'_>, table: &Table<'_>, row: &MigrationRow<'a>) -> Row<'a> {
    let mut left = start(table, row);
    let weight = match row.mark {
        Mark::Current => Role::Strong,
        Mark::Applied => Role::Dim,
        _ => Role::Text,
    };
    let name = clean(row.id.as_str());
    let shown = fit(&name, table.id).into_owned();
    let pad = usize::from(table.id.saturating_sub(columns(&shown)) + 1);
    left.push(piece(format!("{shown}{:pad$}", ""), weight));
    left.extend(standing_here(scene, table, row.id));
    let mut right = Vec::new();
    let review = scene.model.reviews.get(row.id);
    match (row.mark, row.summary, review) {
        (Mark::Pending(_), _, Some(review)) => verdict(review, &mut left, &mut right),
        (_, Some(summary), _) => left.push(piece(clean(&summary.message), weight)),
        (Mark::Foreign, ..) => left.push(piece("only the database knows it", Role::Bad)),
        _ => {}
    }
    right.extend(shape(scene, row));
    Row::of(left).right(right)
}

/// The mark, or the drawing with the mark in it.
fn start<'a>(table: &Table<'_>, row: &MigrationRow<'_>) -> Vec<Piece<'a>> {
    let (symbol, word, role) = lanes::mark(row.mark);
    if table.lanes == 0 {
        return vec![piece(format!("{symbol} {word:<12}"), role)];
    }
    let (from, strokes) = &table.strokes;
    match row.drawn.and_then(|at| strokes.get(at.checked_sub(*from)?)) {
        Some(strokes) => lanes::row(strokes, row.mark, table.lanes),
        None => vec![
            piece(symbol, role),
            piece(" ".repeat(usize::from(table.lanes) - 1), role),
        ],
    }
}

/// The environments that stand at a revision, with the age where it is old.
fn standing_here<'a>(scene: &Scene<'_>, table: &Table<'_>, id: &RevisionId) -> Vec<Piece<'a>> {
    let mut out = Vec::new();
    for at in table.here.get(id).into_iter().flatten() {
        let status = &scene.model.stations[*at];
        let (role, symbol, _) = words::tier(status.environment.tier);
        out.push(piece(
            format!("{symbol} {} ", status.environment.name),
            role,
        ));
        let (freshness, failed, read) = super::chrome::part_state(scene, *at, Part::Reading);
        if let Some(read) = read.filter(|_| failed || freshness > words::Freshness::Fresh) {
            let age = words::since(read, scene.now);
            out.push(piece(format!("{age} old "), Role::Warn));
        }
        out.push(piece(" ", Role::Text));
    }
    out
}

/// What a pending revision will do, its worst finding, and whether it can be undone.
pub(super) fn verdict<'a>(review: &Review, left: &mut Vec<Piece<'a>>, right: &mut Vec<Piece<'a>>) {
    let gist = Gist::of(review);
    let severity = review.severity();
    if severity > Severity::Pass {
        let (role, symbol) = words::severity(severity);
        left.push(piece(format!("{symbol} "), role));
    }
    // Whom it keeps waiting comes first: it must be seen where the rest is cut.
    if let Some(blocks) = &gist.blocks {
        left.push(piece(format!("{}: ", clean(blocks)), Role::Warn));
    }
    let role = if gist.destroys { Role::Bad } else { Role::Text };
    left.push(piece(clean(&gist.does).into_owned(), role));
    if gist.partly_known && review.opaque.is_empty() {
        left.push(piece(" ~", Role::Dim));
    }
    right.push(match (review.undo.is_possible(), review.destroys()) {
        (true, false) => piece("undoable ", Role::Dim),
        (true, true) => piece(format!("{} ", review.way_back()), Role::Warn),
        (false, _) => piece("no undo ", Role::Warn),
    });
}

/// Labels, and what a revision is in the graph.
fn shape<'a>(scene: &Scene<'_>, row: &MigrationRow<'a>) -> Vec<Piece<'a>> {
    let mut out = Vec::new();
    if let (true, Mark::Pending(at)) = (scene.model.graph_shown, row.mark) {
        out.push(piece(format!("pending {at} "), Role::Accent));
    }
    if let Some(summary) = row.summary {
        for label in &summary.branch_labels {
            out.push(piece(format!("({}) ", clean(label)), Role::Accent));
        }
        match summary.down.len() {
            0 => out.push(piece("base ", Role::Dim)),
            1 => {}
            _ => out.push(piece("merge ", Role::Dim)),
        }
    }
    let branches = |at| scene.model.layout.is_branch_point(at);
    if row.drawn.is_some_and(branches) {
        out.push(piece("branch point ", Role::Dim));
    }
    if row.head {
        out.push(piece("head ", Role::Accent));
    }
    out
}
