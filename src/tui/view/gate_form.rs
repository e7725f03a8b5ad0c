//! The gate itself: what is asked, what was given, what is still missing.

use ratatui::layout::Rect;

use super::Scene;
use super::canvas::{Canvas, Piece, Row, columns, piece, wrap};
use super::footer::key_name;
use super::{gate_others, words};
use crate::app::command::{Command, ConsentCommand};
use crate::app::consent::RequestSeen;
use crate::app::event::Prepared;
use crate::app::gate::{Field, GateScreen, Stage, Subject};
use crate::app::place::Place;
use crate::app::text::TextField;
use crate::domain::approval::{Standing, Unheard};
use crate::domain::environment::Tier;
use crate::domain::gate::{Demand, Refusal};
use crate::domain::policy::{Confirm, ReasonRule};
use crate::domain::preflight::Severity;
use crate::domain::width::skip_columns;
use crate::tui::theme::Role;

/// Where the fields begin.
const LABEL: u16 = 8;

/// The lines of the gate, and the field that has the cursor.
pub(super) struct Form<'a> {
    rows: Vec<Row<'a>>,
    cursor: Option<(u16, u16)>,
}

impl<'a> Form<'a> {
    pub(super) fn new(
        scene: &'a Scene<'_>,
        gate: &'a GateScreen,
        subject: &'a Subject,
        width: u16,
    ) -> Self {
        let mut form = Self {
            rows: vec![Row::head("gate", state(scene, gate))],
            cursor: None,
        };
        let Some(demand) = gate.demand() else {
            return form;
        };
        let armed = scene.model.is_armed(&gate.environment);
        if let (true, Subject::Plan(prepared)) = (gate.glass, subject) {
            form.rows.extend(gate_others::broken(scene, gate, prepared));
        }
        if let Some(moved) = scene.model.moved_at(gate) {
            form.closed(scene, &moved, width);
        } else if let Subject::Request(seen, demand) = subject {
            form.request(scene, gate, (seen, demand), width);
        } else if gate.is_blocked() {
            form.blocked(scene, gate, subject, width);
        } else if let (Some(standing), Subject::Plan(prepared)) = (gate.lacks(), subject) {
            form.others(scene, gate, (prepared, standing), width);
        } else {
            form.granted(scene, gate, subject, width);
            if demand.arm && !armed {
                form.read_only(scene, gate);
            } else if gate.asks_again {
                form.again(scene, gate);
            } else if gate.asks_text() {
                form.text(scene, gate, demand, width);
            } else {
                form.key(scene, gate, demand);
            }
        }
        if let Some(note) = &gate.note {
            form.rows.push(Row::of(vec![
                piece("! ", Role::Warn),
                piece(note.as_str(), Role::Warn),
            ]));
        }
        form
    }

    pub(super) fn height(&self) -> u16 {
        u16::try_from(self.rows.len()).unwrap_or(u16::MAX)
    }

    /// Draws it; says where the cursor is.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, area: Rect) -> Option<(u16, u16)> {
        canvas.rows(area, &self.rows, 0);
        self.cursor
            .map(|(x, y)| (area.x + x, area.y + y))
            .filter(|(x, y)| *x < area.right() && *y < area.bottom())
    }

    /// Others have to agree first.
    fn others(
        &mut self,
        scene: &'a Scene<'_>,
        gate: &'a GateScreen,
        (prepared, standing): (&Prepared, &Standing),
        width: u16,
    ) {
        self.rows
            .extend(gate_others::standing(scene, prepared, standing, width));
        let place = if gate.may_ask() {
            self.field("reason", &gate.reason, true, width, Vec::new());
            let mut pieces = Vec::new();
            match gate.check_reason() {
                Ok(()) => press(
                    scene,
                    Place::GateText,
                    Command::Approve,
                    "asks others to agree to this plan",
                    &mut pieces,
                ),
                Err(refusal) => pieces.push(piece(refusal.to_string(), Role::Dim)),
            }
            self.rows.push(Row::of(pieces));
            Place::GateText
        } else {
            if gate.asking.is_some() && !matches!(standing, Standing::Waiting { .. }) {
                self.rows
                    .push(Row::plain("asking: it is being recorded…", Role::Dim));
            }
            Place::Gate
        };
        self.rows
            .extend(gate_others::offer_glass(scene, gate, place));
    }

    /// Who agreed already.
    fn granted(&mut self, scene: &Scene<'_>, gate: &GateScreen, subject: &Subject, width: u16) {
        if let Subject::Plan(prepared) = subject
            && prepared.gate.terms().approvals > 0
            && !gate.glass
        {
            let standing = prepared.gate.standing(&prepared.consents, scene.now);
            self.rows
                .extend(gate_others::standing(scene, prepared, &standing, width));
        }
    }

    fn blocked(&mut self, scene: &Scene<'_>, gate: &GateScreen, subject: &'a Subject, width: u16) {
        let text = if gate.may_break() {
            "✗ blocked by the policy"
        } else {
            "✗ blocked by preflight; no answer opens this gate"
        };
        self.rows.push(Row::plain(text, Role::Bad));
        let Subject::Plan(prepared) = subject else {
            return;
        };
        for finding in prepared
            .findings
            .iter()
            .filter(|f| f.severity == Severity::Block)
            .take(2)
        {
            let text = format!("{}: {}", finding.code, finding.remedy);
            let line = wrap(&text, width.saturating_sub(2))
                .into_iter()
                .next()
                .unwrap_or_default();
            self.rows.push(Row::plain(line, Role::Accent).indented(2));
        }
        self.rows
            .extend(gate_others::offer_glass(scene, gate, Place::Gate));
    }

    fn read_only(&mut self, scene: &Scene<'_>, gate: &GateScreen) {
        if scene.model.is_arming(&gate.environment) {
            let text = format!("arming {}: it is being recorded…", gate.environment);
            self.rows.push(Row::plain(text, Role::Dim));
            return;
        }
        let lasts = scene.model.setup.policies.of(gate.tier).armed_for;
        let mut pieces = vec![piece(
            format!("{} is read-only.  ", gate.environment),
            Role::Text,
        )];
        press(
            scene,
            Place::Gate,
            Command::Arm,
            &format!("arms it for {}", words::length(lasts)),
            &mut pieces,
        );
        self.rows.push(Row::of(pieces));
    }

    fn again(&mut self, scene: &Scene<'_>, gate: &GateScreen) {
        let question = format!("{} on {} ({})?   ", gate.verb, gate.environment, gate.tier);
        let mut pieces = vec![piece(question, Role::Strong)];
        if gate.tier == Tier::Production {
            press(
                scene,
                Place::Gate,
                Command::Approve,
                "once more runs it   ",
                &mut pieces,
            );
        } else {
            press(scene, Place::Gate, Command::Yes, "yes   ", &mut pieces);
        }
        press(scene, Place::Gate, Command::Back, "no", &mut pieces);
        self.rows.push(Row::of(pieces));
    }

    fn key(&mut self, scene: &Scene<'_>, gate: &GateScreen, demand: &Demand) {
        let mut pieces = Vec::new();
        let then = match demand.confirm {
            Confirm::Key => format!("asks once more, then {}s", short_verb(gate)),
            _ => format!("runs {}", gate.verb),
        };
        press(
            scene,
            Place::Gate,
            Command::Approve,
            &format!("{then} on {} ({})", gate.environment, gate.tier),
            &mut pieces,
        );
        self.rows.push(Row::of(pieces));
    }

    fn text(&mut self, scene: &'a Scene<'_>, gate: &'a GateScreen, demand: &'a Demand, width: u16) {
        if gate.asks_reason() {
            let missing = reason_missing(gate, demand);
            self.field(
                "reason",
                &gate.reason,
                gate.field == Field::Reason,
                width,
                missing,
            );
        }
        if gate.asks_phrase() {
            let phrase = &demand.phrase;
            self.rows.push(Row::of(vec![
                piece(
                    format!("{:<w$}", "type", w = usize::from(LABEL)),
                    Role::Heading,
                ),
                piece(phrase.as_str(), Role::Strong),
                piece("  exactly, not pasted", Role::Dim),
            ]));
            let typed = gate.phrase.text().trim_end();
            let hint = if typed == phrase {
                vec![piece("✓", Role::Good)]
            } else if phrase.starts_with(typed) {
                Vec::new()
            } else {
                vec![piece("✗ differs", Role::Bad)]
            };
            self.field("", &gate.phrase, gate.field == Field::Phrase, width, hint);
        }
        self.ready(scene, gate, demand);
    }

    fn field(
        &mut self,
        label: &'static str,
        field: &'a TextField,
        has_cursor: bool,
        width: u16,
        right: Vec<Piece<'a>>,
    ) {
        let room = width.saturating_sub(LABEL + 14).max(4);
        let before = columns(field.before_cursor());
        // A long text moves to the left, so that the cursor stays visible.
        let skip = before.saturating_sub(room);
        let shown = skip_columns(field.text(), skip);
        let fill = usize::from(room.saturating_sub(columns(&shown)));
        if has_cursor {
            let y = u16::try_from(self.rows.len()).unwrap_or(u16::MAX);
            self.cursor = Some((LABEL + before - skip, y));
        }
        let mark = if has_cursor {
            Role::Strong
        } else {
            Role::Heading
        };
        self.rows.push(
            Row::of(vec![
                piece(format!("{label:<w$}", w = usize::from(LABEL)), mark),
                piece(format!("{shown}{:fill$}", ""), Role::Input),
            ])
            .right(right),
        );
    }

    fn ready(&mut self, scene: &Scene<'_>, gate: &GateScreen, demand: &Demand) {
        let reason_ok = reason_missing(gate, demand).is_empty();
        let phrase_ok = !gate.asks_phrase() || gate.phrase.text().trim() == demand.phrase;
        let mut pieces = Vec::new();
        if reason_ok && phrase_ok {
            press(
                scene,
                Place::GateText,
                Command::Approve,
                &passes(gate),
                &mut pieces,
            );
            self.rows.push(Row::of(pieces));
        } else {
            let text = match (reason_ok, phrase_ok) {
                (false, false) => "a reason and the phrase are missing",
                (false, true) => "a reason is missing",
                _ if gate.phrase.is_empty() => "the phrase is missing",
                _ if !demand.phrase.starts_with(gate.phrase.text().trim()) => "the phrase differs",
                _ => "the phrase is not complete",
            };
            self.rows.push(Row::plain(text, Role::Dim));
        }
    }

    /// What is shown is not what is there any more.
    fn closed(&mut self, scene: &Scene<'_>, moved: &str, width: u16) {
        let text = format!("✗ closed: {moved}");
        let lines = wrap(&text, width).into_iter().take(3);
        self.rows
            .extend(lines.map(|line| Row::plain(line, Role::Bad)));
        let mut pieces = Vec::new();
        press(
            scene,
            Place::Gate,
            Command::Replan,
            "plans again",
            &mut pieces,
        );
        self.rows.push(Row::of(pieces));
    }

    /// Somebody's request: agreed to with a phrase, declined with a reason.
    fn request(
        &mut self,
        scene: &'a Scene<'_>,
        gate: &'a GateScreen,
        (seen, demand): (&RequestSeen, &'a Demand),
        width: u16,
    ) {
        let own = seen.request.admits(&seen.who);
        match own {
            Ok(()) => self.text(scene, gate, demand, width),
            Err(unheard) => {
                self.rows
                    .push(Row::plain(format!("✗ {unheard}"), Role::Warn));
                self.field("reason", &gate.reason, true, width, Vec::new());
            }
        }
        let does = match own {
            Err(Unheard::Author) => "takes it back, with a reason",
            _ => "declines it, with a reason",
        };
        let decline = Command::Consent(ConsentCommand::Decline);
        let mut pieces = Vec::new();
        press(scene, Place::GateText, decline, does, &mut pieces);
        self.rows.push(Row::of(pieces));
    }
}

/// What kind of gate it is, at the right of its head.
fn state<'a>(scene: &Scene<'_>, gate: &GateScreen) -> Vec<Piece<'a>> {
    let Some(until) = scene.model.armed.get(&gate.environment) else {
        return Vec::new();
    };
    let left = until.duration_since(scene.now).as_secs().max(0);
    vec![piece(
        format!("armed {}:{:02}", left / 60, left % 60),
        Role::Alarm,
    )]
}

/// What the approving key does once everything is typed.
fn passes(gate: &GateScreen) -> String {
    match &gate.stage {
        Stage::Open(Subject::Request(..)) => "agrees to it".to_owned(),
        Stage::Open(Subject::Review(..)) => "records the review".to_owned(),
        _ if gate.glass => format!(
            "breaks the glass and runs {} on {}",
            gate.verb, gate.environment
        ),
        _ => format!("runs {} on {}", gate.verb, gate.environment),
    }
}

/// What the reason still lacks, in a word.
fn reason_missing<'a>(gate: &GateScreen, demand: &Demand) -> Vec<Piece<'a>> {
    match demand.check_reason(Some(gate.reason.text())) {
        Err(Refusal::NoTicket(pattern)) => vec![piece(format!("ticket {pattern}"), Role::Warn)],
        Err(_) if demand.reason == ReasonRule::Required => vec![piece("required", Role::Warn)],
        _ => Vec::new(),
    }
}

/// A key and what it does, or that no key does it.
pub(super) fn press(
    scene: &Scene<'_>,
    place: Place,
    command: Command,
    does: &str,
    out: &mut Vec<Piece<'_>>,
) {
    match scene.model.setup.bindings.key(place, command) {
        Some(key) => {
            out.push(piece(key_name(key), Role::Key));
            out.push(piece(format!(" {does}"), Role::Text));
        }
        None => out.push(piece(
            format!("no key is bound to this ({does})"),
            Role::Bad,
        )),
    }
}

/// `runs upgrade`, `enables`: the verb without the noun before it.
fn short_verb(gate: &GateScreen) -> String {
    match gate.verb.strip_prefix("secret ") {
        Some(verb) => verb.to_owned(),
        None => format!("run {}", gate.verb).replace("run cancel", "cancel"),
    }
}
