//! A run: live with its progress by revision and its log, or over with its outcome and the proof.

use super::frame;
use jiff::SignedDuration;
use ratatui::layout::Rect;

use super::canvas::{Canvas, Piece, Row, columns, piece, wrap};
use super::{Drawn, Scene, log, words};
use crate::app::command::Command;
use crate::app::event::{Painted, Settlement};
use crate::app::place::Place;
use crate::app::run::{Phase, Run};
use crate::app::screen::RunScreen;
use crate::domain::age;
use crate::domain::failure::Failure;
use crate::domain::outcome::Outcome;
use crate::domain::revision::RevisionId;
use crate::domain::text::clean;
use crate::ops::survivors::Survivors;
use crate::tui::theme::Role;

pub(super) fn draw(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    screen: RunScreen,
) -> Drawn {
    let Some(run) = scene.model.run(screen.run) else {
        return Drawn::default();
    };
    let name = run.environment.to_string();
    let title = [piece(format!(" {} ", clean(&run.title)), Role::Text)];
    let elapsed = match run.settlement.as_ref().and_then(|s| s.duration) {
        Some(duration) => words::length(duration),
        None => age::clock(run.elapsed(scene.now)),
    };
    let mut right = Vec::new();
    if let Some(id) = run.run_id.as_deref().filter(|_| area.width >= 70) {
        let short: String = id
            .chars()
            .rev()
            .take(6)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        right.push(piece(format!(" run …{short} "), Role::Dim));
    }
    right.push(piece(format!(" {elapsed} "), Role::Strong));
    let bottom = bottom(scene, run);
    let inner = frame::frame(canvas, area, (run.tier, &name), &title, &right, &bottom);
    let inner = frame::padded(inner);
    let mut rows = Vec::new();
    if run.is_live() {
        live(scene, run, inner.width, &mut rows);
    } else {
        over(scene, run, inner.width, &mut rows);
    }
    alive(scene, run, inner.width, &mut rows);
    steps(scene, run, inner.width, &mut rows);
    let least = if run.is_live() { 4 } else { 3 };
    let most = inner.height.saturating_sub(least).max(inner.height.min(2));
    let above = u16::try_from(rows.len()).unwrap_or(u16::MAX).min(most);
    canvas.rows(
        Rect {
            height: above,
            ..inner
        },
        &rows,
        0,
    );
    let rest = Rect {
        y: inner.y + above,
        height: inner.height - above,
        ..inner
    };
    let shown = log::with_head(canvas, rest, &run.log, &run.view, run.is_live());
    Drawn {
        painted: Painted {
            gate: None,
            rows: shown,
            columns: rest.width,
            content: run.log.len(),
        },
        cursor: None,
    }
}

fn bottom<'a>(scene: &Scene<'_>, run: &Run) -> Vec<Piece<'a>> {
    if !run.is_live() {
        return Vec::new();
    }
    let bindings = &scene.model.setup.bindings;
    let mut out = Vec::new();
    if scene.model.available(Command::CancelRun).is_ok()
        && let Some(key) = bindings.key(Place::Live, Command::CancelRun)
    {
        out.push(piece(format!(" {key} cancels · "), Role::Dim));
    }
    let text = if run.plan.is_some() {
        "esc leaves it running "
    } else {
        "esc stops watching "
    };
    out.push(piece(text, Role::Dim));
    out
}

/// The stages of a run, and how long it takes against what is usual.
fn live(scene: &Scene<'_>, run: &Run, width: u16, rows: &mut Vec<Row<'_>>) {
    let mut row = Row::of(stages(run));
    if let Some(usual) = run.usual() {
        row = row.right(against_usual(run.elapsed(scene.now), usual, width));
    }
    rows.push(row);
    if run.cancelling {
        let over = run.execution.as_ref().is_some_and(|e| e.state.is_over());
        let text = if over {
            "! cancelled: what it left behind is being read back"
        } else {
            "! cancellation was asked for: waiting for the end, then it is read back"
        };
        rows.push(Row::plain(text, Role::Warn));
    }
    if let Some(failure) = &run.lost {
        rows.push(Row::plain(
            "! the answer was lost: it may have started; looking for it, never sent again",
            Role::Warn,
        ));
        hint_rows(failure, width, rows);
    }
    if let Some(failure) = &run.trouble {
        rows.push(Row::of(vec![
            piece("! ", Role::Warn),
            piece(failure.to_string(), Role::Warn),
        ]));
    }
    if let Some(execution) = &run.execution {
        if run.plan.is_none() {
            let whose = format!("followed; started by {}", execution.creator.clean());
            rows.push(Row::plain(whose, Role::Accent));
        }
        let mut pieces = vec![piece(execution.name.to_string(), Role::Dim)];
        if !execution.message.is_empty() {
            pieces.push(piece(format!("  {}", execution.message), Role::Dim));
        }
        if execution.retried > 0 {
            pieces.push(piece(
                format!("  retried {} times", execution.retried),
                Role::Bad,
            ));
        }
        rows.push(Row::of(pieces));
    }
}

/// How far it has come.
fn stages(run: &Run) -> Vec<Piece<'static>> {
    let stages = [
        ("recorded", Phase::Recording),
        ("started", Phase::Sending),
        ("running", Phase::Running),
        ("read back", Phase::ReadingBack),
    ];
    let mut left = Vec::new();
    for (word, phase) in stages {
        let now = run.phase == phase || (phase == Phase::Sending && run.phase == Phase::Searching);
        let (symbol, role) = if now {
            ("●", Role::Accent)
        } else if run.phase > phase {
            ("✓", Role::Good)
        } else {
            ("○", Role::Dim)
        };
        left.push(piece(format!("{symbol} "), role));
        left.push(piece(
            format!("{word}  "),
            if now { Role::Strong } else { Role::Dim },
        ));
    }
    left
}

/// What is still at work in the database although the container is gone.
fn alive(scene: &Scene<'_>, run: &Run, width: u16, rows: &mut Vec<Row<'_>>) {
    if run.alive.is_empty() {
        return;
    }
    let text = "✗ the container is over, and this is still at work in the database:";
    rows.push(Row::plain(text, Role::Bad));
    for backend in run.alive.iter().take(3) {
        let since = backend.transaction_at.map_or_else(String::new, |at| {
            format!(", since {} ago", words::since(at, scene.now))
        });
        let text = format!("{}{since}: {}", backend.who(), backend.statement.clean());
        let lines = wrap(&text, width.saturating_sub(2)).into_iter().take(2);
        rows.extend(lines.map(|line| Row::plain(line, Role::Text).indented(2)));
    }
    if let Some(remedy) = Survivors::Alive(run.alive.clone()).remedy() {
        let lines = wrap(&format!("→ {remedy}"), width.saturating_sub(2)).into_iter();
        rows.extend(lines.map(|line| Row::plain(line, Role::Accent).indented(2)));
    }
}

fn hint_rows(failure: &Failure, width: u16, rows: &mut Vec<Row<'_>>) {
    for line in wrap(&failure.to_string(), width.saturating_sub(2)) {
        rows.push(Row::plain(line, Role::Dim).indented(2));
    }
    if !failure.hint.is_empty() {
        for line in wrap(&format!("→ {}", failure.hint), width.saturating_sub(2)) {
            rows.push(Row::plain(line, Role::Accent).indented(2));
        }
    }
}

fn against_usual<'a>(elapsed: SignedDuration, usual: SignedDuration, width: u16) -> Vec<Piece<'a>> {
    let cells: u8 = if width >= 100 { 20 } else { 8 };
    let full = (1..=cells)
        .take_while(|cell| elapsed * i32::from(cells) >= usual * i32::from(*cell))
        .count();
    let cells = usize::from(cells);
    let role = if elapsed > usual * 2 {
        Role::Warn
    } else {
        Role::Bar
    };
    vec![
        piece(format!("usual {}  ", words::length(usual)), Role::Dim),
        piece("▓".repeat(full), role),
        piece("░".repeat(cells - full), Role::Dim),
    ]
}

/// The revisions of the plan and of the log, packed into a few lines.
fn steps(scene: &Scene<'_>, run: &Run, width: u16, rows: &mut Vec<Row<'_>>) {
    let mut pieces: Vec<Vec<Piece<'_>>> = run
        .steps
        .iter()
        .map(|step| {
            let end = step.ended.unwrap_or(scene.now);
            let took = words::length(end.duration_since(step.at).max(SignedDuration::ZERO));
            let done = step.ended.is_some();
            let (symbol, role) = match (done, run.is_live()) {
                (false, true) => ("●", Role::Accent),
                _ => ("✓", Role::Good),
            };
            let arrow = if step.upgrade { "" } else { "↓" };
            let to = if step.to.as_str().is_empty() {
                "base".to_owned()
            } else {
                step.to.to_string()
            };
            vec![
                piece(format!("{symbol} {arrow}"), role),
                piece(to, Role::Text),
                piece(format!(" {took}   "), Role::Dim),
            ]
        })
        .collect();
    // A run that failed in its last step did not finish it; only the read-back says how far it came.
    if let (Some(last), Some(settled)) = (pieces.last_mut(), &run.settlement)
        && settled.outcome != Some(Outcome::Applied)
    {
        last[0] = piece("? ", Role::Warn);
    }
    let seen = |id: &RevisionId| run.steps.iter().any(|step| step.to == *id);
    if let Some(plan) = &run.plan {
        pieces.extend(
            plan.pending
                .iter()
                .filter(|id| !seen(id))
                .map(|id| vec![piece("○ ", Role::Dim), piece(format!("{id}   "), Role::Dim)]),
        );
    }
    let mut lines: Vec<Vec<Piece<'_>>> = vec![Vec::new()];
    let mut used = 0;
    for group in pieces {
        let wide: u16 = group.iter().map(|p| columns(&p.text)).sum();
        if used + wide > width + 3 && used > 0 {
            lines.push(Vec::new());
            used = 0;
        }
        used += wide;
        if let Some(line) = lines.last_mut() {
            line.extend(group);
        }
    }
    lines.retain(|line| !line.is_empty());
    let skip = lines.len().saturating_sub(4);
    rows.extend(lines.into_iter().skip(skip).map(Row::of));
}

/// How it ended: the outcome, the proof, what was changed, what to do.
fn over(scene: &Scene<'_>, run: &Run, width: u16, rows: &mut Vec<Row<'_>>) {
    if let Some(failure) = &run.refused {
        let (role, symbol, word) = words::outcome(Outcome::Refused);
        rows.push(headline(role, symbol, word, "nothing was sent", Role::Text));
        hint_rows(failure, width, rows);
    }
    let Some(settlement) = &run.settlement else {
        return;
    };
    rows.push(verdict(scene, run, settlement));
    if !settlement.happened.is_empty() {
        told("happened", &settlement.happened, Role::Text, width, rows);
    }
    for cause in &settlement.causes {
        told("cause", &cause.title, Role::Strong, width, rows);
        told("shown by", &cause.line, Role::Dim, width, rows);
        told("remedy", &cause.remedy, Role::Accent, width, rows);
    }
    if settlement.outcome.is_some() {
        told("changed", &changed(settlement), Role::Text, width, rows);
    }
    if !settlement.remedy.is_empty() {
        told("do", &settlement.remedy, Role::Accent, width, rows);
    }
}

/// The outcome with its proof; of somebody else's run only what the platform says.
fn verdict(scene: &Scene<'_>, run: &Run, settlement: &Settlement) -> Row<'static> {
    if let Some(outcome) = settlement.outcome {
        let (role, symbol, word) = words::outcome(outcome);
        return headline(role, symbol, word, &proof(scene, settlement), Role::Text);
    }
    let state = run.execution.as_ref().map(|e| e.state);
    let (role, symbol) = state.map_or((Role::Warn, "?"), words::execution);
    let word = state.map_or("unknown", |s| s.word()).to_uppercase();
    let text = "as the platform says; the database was not asked";
    headline(role, symbol, &word, text, Role::Dim)
}

fn headline<'a>(role: Role, symbol: &str, word: &str, text: &str, weight: Role) -> Row<'a> {
    Row::of(vec![
        piece(format!("{symbol} {word}   "), role),
        piece(text.to_owned(), weight),
    ])
}

/// From where the outcome is known.
fn proof(scene: &Scene<'_>, settlement: &Settlement) -> String {
    match (&settlement.read_back, &settlement.after) {
        (Some((source, at)), Some(after)) => {
            let age = match scene.now.duration_since(*at).as_secs() {
                ..60 => "just now".to_owned(),
                _ => format!("{} ago", words::since(*at, scene.now)),
            };
            if source == "read-back" {
                format!("{}, read back {age}", ids(after))
            } else {
                format!("{}, read back {age} by {}", ids(after), clean(source))
            }
        }
        (None, Some(after)) => format!("{}, read back from the database", ids(after)),
        _ => "the database could not be read back".to_owned(),
    }
}

fn ids(revisions: &[RevisionId]) -> String {
    if revisions.is_empty() {
        return "base".to_owned();
    }
    revisions
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn changed(settlement: &Settlement) -> String {
    match &settlement.after {
        None => format!("not known; before it was {}", ids(&settlement.before)),
        Some(after) if *after == settlement.before => format!("nothing: still {}", ids(after)),
        Some(after) => format!("{} → {}", ids(&settlement.before), ids(after)),
    }
}

fn told(label: &'static str, text: &str, role: Role, width: u16, rows: &mut Vec<Row<'_>>) {
    for (at, line) in wrap(text, width.saturating_sub(10))
        .into_iter()
        .take(4)
        .enumerate()
    {
        let label = if at == 0 { label } else { "" };
        rows.push(Row::of(vec![
            piece(format!("{label:<10}"), Role::Heading),
            piece(line, role),
        ]));
    }
}
