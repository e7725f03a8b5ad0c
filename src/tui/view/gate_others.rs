//! What a gate asks of other people: who was asked, who agreed, what is missing, and the glass.

use jiff::Timestamp;

use super::Scene;
use super::canvas::{Piece, Row, piece, wrap};
use super::gate_form::press;
use super::words;
use crate::app::command::{Command, ConsentCommand};
use crate::app::event::Prepared;
use crate::app::gate::GateScreen;
use crate::app::place::Place;
use crate::domain::approval::Standing;
use crate::domain::text::clean;
use crate::tui::theme::Role;

/// Where the texts begin.
const LABEL: usize = 10;

/// Where the request to others stands, in lines.
pub(super) fn standing<'a>(
    scene: &Scene<'_>,
    prepared: &Prepared,
    standing: &Standing,
    width: u16,
) -> Vec<Row<'a>> {
    let (role, text) = said_of(scene, prepared.gate.terms().approvals, standing);
    let lines = wrap(&text, width.saturating_sub(10)).into_iter().take(3);
    let label = |at: usize| if at == 0 { "approval" } else { "" };
    lines
        .enumerate()
        .map(|(at, line)| {
            Row::of(vec![
                piece(format!("{:<LABEL$}", label(at)), Role::Heading),
                piece(line, role),
            ])
        })
        .collect()
}

fn said_of(scene: &Scene<'_>, needed: u32, standing: &Standing) -> (Role, String) {
    match standing {
        Standing::NotAsked => {
            let people = words::people(needed);
            (
                Role::Warn,
                format!("{people} must agree; nobody was asked yet"),
            )
        }
        Standing::Waiting {
            by,
            until,
            missing,
            agreed,
        } => {
            let (until, by, agreed) = (hour(*until), clean(by), said(agreed));
            let text =
                format!("waits for {missing} of {needed}, until {until} · asked by {by}{agreed}");
            (Role::Accent, text)
        }
        Standing::Granted { until, agreed } => {
            let (until, who) = (hour(*until), names(agreed));
            (
                Role::Good,
                format!("✓ {who} agreed; that holds until {until}"),
            )
        }
        Standing::Expired { at } => {
            let (at, age) = (hour(*at), words::since(*at, scene.now));
            (
                Role::Bad,
                format!("✗ expired at {at}, {age} ago; ask again"),
            )
        }
        Standing::Declined { by, why } => (
            Role::Bad,
            format!("✗ declined by {}: {}", clean(by), clean(why)),
        ),
        Standing::Used { by, run_id } => {
            let (run, by) = (clean(run_id), clean(by));
            (
                Role::Bad,
                format!("✗ used up by run {run} of {by}; ask again"),
            )
        }
    }
}

fn said(agreed: &[String]) -> String {
    if agreed.is_empty() {
        String::new()
    } else {
        format!(" · {} agreed", names(agreed))
    }
}

fn names(people: &[String]) -> String {
    let names: Vec<_> = people.iter().map(|name| clean(name)).collect();
    names.join(", ")
}

/// The time of day to the minute, in UTC as everything here.
pub(super) fn hour(at: Timestamp) -> String {
    at.strftime("%H:%M UTC").to_string()
}

/// The key that breaks the glass, where that would help.
pub(super) fn offer_glass<'a>(
    scene: &Scene<'_>,
    gate: &GateScreen,
    place: Place,
) -> Option<Row<'a>> {
    if !gate.may_break() || gate.glass {
        return None;
    }
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    press(
        scene,
        place,
        Command::Consent(ConsentCommand::Glass),
        "breaks the glass: goes through all the same, and owes a review",
        &mut pieces,
    );
    Some(Row::of(pieces))
}

/// What is gone through without, or against: loud, and with the way back.
pub(super) fn broken<'a>(
    scene: &Scene<'_>,
    gate: &GateScreen,
    prepared: &Prepared,
) -> Vec<Row<'a>> {
    let needed = prepared.gate.terms().approvals;
    let without = gate
        .standing
        .as_ref()
        .map(|_| format!("without the word of {}", words::people(needed)));
    let against: Vec<_> = prepared.gate.blocks(false).into_iter().map(clean).collect();
    let against = (!against.is_empty()).then(|| format!("against {}", against.join(", ")));
    let what: Vec<_> = without.into_iter().chain(against).collect();
    let mut pieces = vec![piece("It is recorded, and owes a review.  ", Role::Text)];
    press(
        scene,
        Place::GateText,
        Command::Consent(ConsentCommand::Glass),
        "leaves the glass whole",
        &mut pieces,
    );
    vec![
        Row::plain(
            format!(" ‼ BREAKING GLASS: {} ", what.join(", ")),
            Role::Alarm,
        ),
        Row::of(pieces),
    ]
}
