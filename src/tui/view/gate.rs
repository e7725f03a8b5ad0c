//! Plan, preflight and gate as one screen: what would run, whether it is safe, what is asked.

use super::facts;
use super::frame;
use ratatui::layout::Rect;

use super::canvas::{Canvas, Piece, Row, columns, piece, wrap};
use super::{Drawn, Scene, gate_acts, gate_form, gate_request, gate_revisions, words};
use crate::app::event::{Painted, Prepared};
use crate::app::gate::{GateScreen, Stage, Subject};
use crate::domain::failure::Failure;
use crate::domain::plan::{Plan, PlannedSecret};
use crate::domain::preflight::{Finding, Severity};
use crate::domain::revision::RevisionId;
use crate::domain::text::clean;
use crate::tui::theme::Role;

/// Where the values of a plan begin.
const LABEL: usize = 10;

pub(super) fn draw(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    gate: &GateScreen,
) -> Drawn {
    let name = gate.environment.to_string();
    let title = [piece(format!(" {} ", gate.verb), Role::Text)];
    let right = match &gate.stage {
        Stage::Open(subject @ Subject::Plan(_)) => vec![piece(
            format!(" plan {} ", subject.digest().short()),
            Role::Dim,
        )],
        _ => Vec::new(),
    };
    let bottom = match &gate.stage {
        Stage::Open(Subject::Request(..)) => " esc leaves it unanswered ",
        Stage::Open(Subject::Review(..)) => " esc leaves it owed ",
        _ => " esc leaves · nothing has been sent ",
    };
    let bottom = [piece(bottom, Role::Dim)];
    let inner = frame::frame(canvas, area, (gate.tier, &name), &title, &right, &bottom);
    if gate.glass {
        loud(canvas, area);
    }
    let inner = frame::padded(inner);
    match &gate.stage {
        Stage::Planning(_) => {
            let text = "making the plan: job, secrets, database, directory…";
            canvas.put(inner.x, inner.y, inner.width, text, Role::Dim);
            Drawn::default()
        }
        Stage::Failed(failure) => {
            failed(canvas, inner, failure);
            Drawn::default()
        }
        Stage::Open(subject) => open(scene, canvas, inner, gate, subject),
    }
}

/// Broken glass is known by its frame, also without colour.
fn loud(canvas: &mut Canvas<'_>, area: Rect) {
    for y in [area.top(), area.bottom().saturating_sub(1)] {
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        canvas.lay(line, Role::Alarm);
    }
}

fn failed(canvas: &mut Canvas<'_>, area: Rect, failure: &Failure) {
    let mut rows = vec![Row::plain("✗ there is no plan", Role::Bad), Row::default()];
    rows.extend(
        wrap(&failure.summary, area.width)
            .into_iter()
            .map(|l| Row::plain(l, Role::Text)),
    );
    if !failure.hint.is_empty() {
        let hint = format!("→ {}", failure.hint);
        rows.extend(
            wrap(&hint, area.width)
                .into_iter()
                .map(|l| Row::plain(l, Role::Accent)),
        );
    }
    canvas.rows(area, &rows, 0);
}

fn open(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    gate: &GateScreen,
    subject: &Subject,
) -> Drawn {
    let form = gate_form::Form::new(scene, gate, subject, area.width);
    let below = form.height().min(area.height);
    let body = Rect {
        height: area.height - below,
        ..area
    };
    let rows = match subject {
        Subject::Plan(prepared) => plan_rows(scene, prepared, area.width),
        Subject::Cancel(act, _) => gate_acts::cancel_rows(act, area.width),
        Subject::Secret(act, _) => gate_acts::secret_rows(scene, act, area.width),
        Subject::Request(seen, _) => gate_request::rows(scene, seen, area.width),
        Subject::Review(owed, _) => gate_request::review_rows(scene, owed, area.width),
    };
    let first = gate
        .scroll
        .min(rows.len().saturating_sub(usize::from(body.height)));
    canvas.rows(body, &rows, first);
    let place = Rect {
        y: body.bottom(),
        height: below,
        ..area
    };
    let cursor = form.draw(canvas, place);
    // A gate that is not wholly visible, or without a line of what it is about, cannot be answered.
    let visible = below == form.height() && body.height >= 2 && area.width >= 36;
    Drawn {
        painted: Painted {
            gate: visible.then_some(gate.serial),
            rows: body.height,
            columns: body.width,
            content: rows.len(),
        },
        cursor,
    }
}

/// A line with its label.
pub(super) fn labelled<'a>(label: &'static str, mut pieces: Vec<Piece<'a>>) -> Row<'a> {
    pieces.insert(0, piece(format!("{label:<LABEL$}"), Role::Heading));
    Row::of(pieces)
}

fn ids(revisions: &[RevisionId], none: &str) -> String {
    match revisions {
        [] => none.to_owned(),
        [one] => one.to_string(),
        several => several
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// What would run, and whether it is safe.
pub(super) fn plan_rows<'a>(
    scene: &'a Scene<'_>,
    prepared: &'a Prepared,
    width: u16,
) -> Vec<Row<'a>> {
    let plan = &prepared.plan;
    let mut rows = vec![movement(plan)];
    rows.push(labelled(
        "job",
        vec![piece(
            clean(plan.job.rsplit('/').next().unwrap_or(&plan.job)),
            Role::Text,
        )],
    ));
    let image = plan.image.clean().into_owned();
    let room = width.saturating_sub(10);
    rows.push(labelled(
        "image",
        vec![piece(facts::tail(&image, room), Role::Text)],
    ));
    if let Some(digest) = plan.image_digest.as_deref().filter(|d| !image.contains(*d)) {
        rows.push(labelled(
            "digest",
            vec![
                piece(clean(digest), Role::Text),
                piece("  what the tag is now", Role::Dim),
            ],
        ));
    }
    rows.extend(plan.secrets.iter().map(secret));
    rows.push(labelled(
        "args",
        vec![piece(clean(&plan.args.join(" ")).into_owned(), Role::Text)],
    ));
    rows.push(labelled(
        "account",
        vec![piece(clean(&plan.service_account), Role::Text)],
    ));
    if let Some(egress) = &plan.egress {
        let words = clean(&egress.words()).into_owned();
        rows.push(labelled("network", vec![piece(words, Role::Text)]));
    }
    rows.extend(plan.steps.iter().map(|step| {
        let words = clean(&step.words()).into_owned();
        labelled("first", vec![piece(words, Role::Accent)])
    }));
    rows.extend(plan.overrides.iter().map(|item| {
        let text = format!("check {} is {} by the config", item.code, item.word());
        labelled(
            "override",
            vec![piece(clean(&text).into_owned(), Role::Warn)],
        )
    }));
    // What was found stands before a long list, so that it is seen without scrolling.
    let found = prepared
        .findings
        .iter()
        .any(|f| f.severity != Severity::Pass);
    if found && plan.pending.len() > 3 {
        preflight(&prepared.findings, width, &mut rows);
        gate_revisions::rows(scene, prepared, &mut rows);
    } else {
        gate_revisions::rows(scene, prepared, &mut rows);
        preflight(&prepared.findings, width, &mut rows);
    }
    rows
}

/// A secret with the number that it is resolved to.
fn secret(secret: &PlannedSecret) -> Row<'_> {
    let (role, symbol) = words::version(secret.state);
    let version = secret
        .version
        .map_or_else(|| "no version".to_owned(), |v| v.to_string());
    let mut pieces = vec![
        piece(
            format!("{} ← {} ", clean(&secret.variable), clean(&secret.name)),
            Role::Text,
        ),
        piece(version, Role::Strong),
        piece(format!(" {symbol} {}", secret.state.word()), role),
    ];
    if secret
        .version
        .is_none_or(|v| v.0.to_string() != secret.reference)
    {
        pieces.push(piece(
            format!("  ({})", clean(&secret.reference)),
            Role::Dim,
        ));
    }
    labelled("secret", pieces)
}

/// From where to where, in how many steps, for how long.
fn movement(plan: &Plan) -> Row<'_> {
    let from = if plan.from_known {
        ids(&plan.from, "base")
    } else {
        "not known".to_owned()
    };
    let mut pieces = Vec::new();
    if plan.to.is_empty() && plan.pending.is_empty() {
        pieces.push(piece(format!("at {from}"), Role::Text));
    } else {
        pieces.push(piece(from, Role::Text));
        pieces.push(piece(" → ", Role::Accent));
        pieces.push(piece(ids(&plan.to, "base"), Role::Strong));
    }
    let mut right = format!("{} ", plan.risk.word());
    if !plan.pending.is_empty() {
        right = words::count(plan.pending.len(), "revision");
    }
    if let Some(usual) = plan.usual {
        right = format!("{right}, about {}", words::length(usual));
    }
    let label = plan.operation.as_str();
    pieces.insert(0, piece(format!("{:<LABEL$}", clean(label)), Role::Strong));
    Row::of(pieces).right(vec![piece(right, Role::Accent)])
}

/// Blocks and warnings with their remedies, then what passed, packed.
fn preflight<'a>(findings: &'a [Finding], width: u16, rows: &mut Vec<Row<'a>>) {
    let of = |severity| findings.iter().filter(move |f| f.severity == severity);
    let (passed, warns, blocks) = (
        of(Severity::Pass).count(),
        of(Severity::Warn).count(),
        of(Severity::Block).count(),
    );
    let right = vec![
        piece(
            format!("{passed} passed"),
            if passed > 0 { Role::Good } else { Role::Dim },
        ),
        piece(
            format!(", {warns} warn"),
            if warns > 0 { Role::Warn } else { Role::Dim },
        ),
        piece(
            format!(", {blocks} block"),
            if blocks > 0 { Role::Bad } else { Role::Dim },
        ),
    ];
    rows.push(Row::head("preflight", right));
    for finding in of(Severity::Block).chain(of(Severity::Warn)) {
        let (role, symbol) = words::severity(finding.severity);
        for (at, line) in wrap(&finding.message, width.saturating_sub(2))
            .into_iter()
            .enumerate()
        {
            let mark = if at == 0 { symbol } else { " " };
            rows.push(Row::of(vec![
                piece(format!("{mark} "), role),
                piece(line, Role::Text),
            ]));
        }
        if !finding.remedy.is_empty() {
            let lines = wrap(&format!("→ {}", finding.remedy), width.saturating_sub(2));
            rows.extend(
                lines
                    .into_iter()
                    .map(|line| Row::plain(line, Role::Accent).indented(2)),
            );
        }
    }
    pack(of(Severity::Pass).map(|f| f.message.as_str()), width, rows);
}

/// As many short words of praise in one line as fit.
fn pack<'a>(messages: impl Iterator<Item = &'a str>, width: u16, rows: &mut Vec<Row<'a>>) {
    let mut line: Vec<Piece<'_>> = Vec::new();
    let mut used = 0;
    for message in messages {
        let message = clean(message);
        let wide = columns(&message) + 2;
        let gap = if line.is_empty() { 0 } else { 3 };
        if !line.is_empty() && used + gap + wide > width {
            rows.push(Row::of(std::mem::take(&mut line)));
            used = 0;
        }
        let gap = if line.is_empty() { "" } else { "   " };
        used += columns(gap) + wide;
        line.push(piece(format!("{gap}✓ "), Role::Good));
        line.push(piece(message, Role::Dim));
    }
    if !line.is_empty() {
        rows.push(Row::of(line));
    }
}
