//! The ledger: what was recorded, the newest first, and whether its chain holds.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Piece, Row, columns, piece};
use super::executions::column;
use super::{Drawn, Scene, page, pane, table, words};
use crate::app::ledger::words::WORDS;
use crate::app::ledger::{LedgerScreen, mark, told, why};
use crate::domain::ledger::{Entry, Reach, SealState, Soundness};
use crate::domain::text::clean;
use crate::tui::theme::Role;

/// From this width on names, times and numbers are written out.
const WIDE: u16 = 110;
/// A symbol and the longest word of an entry.
const MARK: u16 = 14;

/// How wide the columns are; they stay while entries come and go.
struct Columns {
    number: u16,
    time: u16,
    environment: u16,
    operation: u16,
    actor: u16,
}

impl Columns {
    fn new(scene: &Scene<'_>, screen: &LedgerScreen, width: u16) -> Self {
        let names = scene.model.stations.iter();
        let names = names.map(|status| columns(status.environment.name.as_str()));
        let environment = names.max().unwrap_or(4).clamp(4, 12) + 1;
        let newest = screen.entries.first().map_or(0, |entry| entry.seq);
        let last = scene.model.chain.value().map_or(0, |found| found.entries);
        let wide = width >= WIDE;
        Self {
            number: if wide {
                columns(&newest.max(last).to_string()) + 2
            } else {
                0
            },
            time: if wide { 21 } else { 13 },
            environment,
            operation: if wide { 17 } else { 11 },
            actor: if wide { 25 } else { 9 },
        }
    }

    fn is_wide(&self) -> bool {
        self.number > 0
    }
}

pub(super) fn draw(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    screen: &LedgerScreen,
) -> Drawn {
    let area = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        ..area
    };
    canvas.row(area, area.y, &title(scene, screen));
    let any = !screen.entries.is_empty();
    let (area, beside) = pane::split(table::below(area, 1), any);
    let (area, below) = match beside {
        None => pane::split_below(area, any),
        Some(_) => (area, None),
    };
    let sizes = Columns::new(scene, screen, area.width);
    heads(canvas, area, &sizes);
    let mut body = table::below(area, 1);
    for note in notes(scene, screen) {
        canvas.row(body, body.y, &note);
        body = table::below(body, 1);
    }
    let entries = &screen.entries;
    let drawn = table::rows(canvas, body, &screen.list, entries.len(), |at| {
        line(&entries[at], &sizes)
    });
    more(canvas, body, screen);
    if let Some(entry) = screen.selected() {
        if let Some(area) = beside {
            let inner = pane::edge(canvas, area);
            page::draw(canvas, inner, &told(entry, inner.width), &page::Look::TOP);
        }
        if let Some(area) = below {
            canvas.rule(area, area.y);
            let inner = table::below(area, 1);
            page::draw(canvas, inner, &told(entry, inner.width), &page::Look::TOP);
        }
    }
    drawn
}

/// What of it is shown, and at the right whether its chain holds.
fn title<'a>(scene: &'a Scene<'_>, screen: &'a LedgerScreen) -> Row<'a> {
    let mut left = vec![piece("ledger", Role::Strong)];
    let filter = screen.list.filter.text();
    if !filter.is_empty() {
        left.push(piece("  only ", Role::Dim));
        left.push(piece(clean(filter), Role::Accent));
    }
    if screen.arrived > 0 {
        left.push(piece(format!("  ▲ {} newer", screen.arrived), Role::Accent));
    }
    let busy = match &screen.open {
        Some((_, _, asked)) if screen.asked.as_ref() != Some(asked) => "  reading…",
        Some((_, Reach::Oldest, _)) => "  to the oldest…",
        _ => "",
    };
    left.push(piece(busy, Role::Dim));
    Row::of(left).right(chain(scene))
}

/// Whether the chain holds, as far as it was checked.
fn chain<'a>(scene: &Scene<'_>) -> Vec<Piece<'a>> {
    let chain = &scene.model.chain;
    let Some(found) = chain.value() else {
        return vec![match chain.failure {
            Some(_) => piece("? chain could not be checked", Role::Bad),
            None if chain.loading => piece("checking the chain…", Role::Dim),
            None => piece("chain not checked yet", Role::Dim),
        }];
    };
    if found.broken.is_some() {
        return vec![piece(" ✗ CHAIN BROKEN ", Role::Alarm)];
    }
    let (seal, role) = match &found.seal {
        seal if seal.is_broken() => return vec![piece(" ✗ SEAL BROKEN ", Role::Alarm)],
        SealState::Sealed { seq } if *seq == found.entries => ("sealed".to_owned(), Role::Good),
        SealState::Sealed { seq } => (format!("sealed to #{seq}"), Role::Good),
        SealState::Unproven { seq } => (format!("sealed to #{seq} by another key"), Role::Warn),
        _ => ("not sealed".to_owned(), Role::Warn),
    };
    let sound = match found.entries {
        0 => "✓ nothing in the chain".to_owned(),
        last => format!("✓ chain sound to #{last}, "),
    };
    let mut out = vec![piece(sound, Role::Good)];
    if found.entries > 0 {
        out.push(piece(seal, role));
    }
    out
}

/// What speaks against the ledger, in words.
pub(super) fn against(found: &Soundness) -> Option<String> {
    let broken = found
        .broken
        .as_ref()
        .map(|broken| format!("the chain is broken: {broken}; sound to #{}", found.entries));
    broken.or_else(|| match &found.seal {
        SealState::Forged { seq } => {
            Some(format!("a seal of entry {seq} was not made with the key"))
        }
        SealState::Truncated { seq, last } => Some(format!(
            "the end is cut off: entry {seq} was sealed, and the last one is {last}"
        )),
        SealState::Rewritten { seq } => {
            Some(format!("another entry stands where {seq} was sealed"))
        }
        _ => None,
    })
}

fn heads(canvas: &mut Canvas<'_>, area: Rect, sizes: &Columns) {
    let words = [
        ("#", sizes.number),
        ("TIME, UTC", sizes.time),
        ("  ENTRY", MARK),
        ("ENV", sizes.environment),
        ("OPERATION", sizes.operation),
        ("BY", sizes.actor),
        ("WHY", 8),
    ];
    let mut x = area.x;
    for (word, wide) in words.into_iter().filter(|(_, wide)| *wide > 0) {
        let room = area.right().saturating_sub(x).min(wide);
        canvas.put(x, area.y, room, word, Role::Heading);
        x = x.saturating_add(wide);
    }
}

/// What keeps the rows from being all that was asked for.
fn notes<'a>(scene: &Scene<'_>, screen: &'a LedgerScreen) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    if let Some(wrong) = scene.model.chain.value().and_then(against) {
        rows.push(Row::plain(format!("✗ {wrong}"), Role::Bad));
        rows.push(Row::plain(
            "→ keep a copy of it; `portcullis ledger verify` says more",
            Role::Accent,
        ));
    }
    if let Some(failure) = &screen.failure {
        rows.push(Row::plain(format!("✗ {failure}"), Role::Bad));
        if !failure.hint.is_empty() {
            rows.push(Row::plain(
                format!("→ {}", clean(&failure.hint)),
                Role::Accent,
            ));
        }
    }
    if let Err(wrong) = scene.model.ledger_filter(screen, scene.now) {
        rows.push(Row::plain(format!("✗ {wrong}"), Role::Warn));
    } else if screen.entries.is_empty() && screen.failure.is_none() {
        let (text, role) = empty(screen);
        rows.push(Row::plain(text, role));
        if !screen.list.filter.is_empty() && screen.is_current() {
            rows.push(Row::plain(
                format!("  it knows the words {WORDS}"),
                Role::Dim,
            ));
        }
    }
    rows
}

fn empty(screen: &LedgerScreen) -> (&'static str, Role) {
    if !screen.is_current() {
        ("reading…", Role::Dim)
    } else if screen.list.filter.is_empty() {
        (
            "nothing was recorded yet: every act and every refusal will stand here",
            Role::Dim,
        )
    } else {
        ("no entry passes the filter; esc clears it", Role::Dim)
    }
}

fn line<'a>(entry: &'a Entry, sizes: &Columns) -> Row<'a> {
    let record = &entry.record;
    let (symbol, word, ink) = mark(record);
    let mut pieces = Vec::new();
    if sizes.is_wide() {
        pieces.push(piece(
            column(&entry.seq.to_string(), sizes.number),
            Role::Dim,
        ));
    }
    let form = if sizes.is_wide() {
        "%Y-%m-%d %H:%M:%S"
    } else {
        "%m-%d %H:%M"
    };
    let time = entry.at.strftime(form).to_string();
    let actor = if sizes.is_wide() {
        &record.actor
    } else {
        words::name(&record.actor)
    };
    pieces.extend([
        piece(column(&time, sizes.time), Role::Text),
        piece(column(&format!("{symbol} {word}"), MARK), page::role(ink)),
        piece(
            column(record.environment.as_str(), sizes.environment),
            Role::Strong,
        ),
        piece(column(&record.operation, sizes.operation), Role::Text),
        piece(column(actor, sizes.actor), Role::Dim),
        piece(why(record), Role::Text),
    ]);
    Row::of(pieces)
}

/// Small arrows say that there is more, also where it is not read yet.
fn more(canvas: &mut Canvas<'_>, body: Rect, screen: &LedgerScreen) {
    let rows = usize::from(body.height);
    let first = crate::app::list::first_visible(
        screen.list.cursor,
        screen.list.offset,
        screen.entries.len(),
        rows,
    );
    let above = first + usize::from(!screen.newest && !screen.entries.is_empty());
    let rest = screen.entries.len() - first.min(screen.entries.len());
    let below = rest + usize::from(!screen.oldest && !screen.entries.is_empty());
    canvas.more_marks(body, above, above + below);
}
