//! Somebody's request as it is shown to whoever may agree, and a review that is owed.

use super::Scene;
use super::canvas::{Row, piece, wrap};
use super::gate::{labelled, plan_rows};
use super::gate_others::hour;
use super::words;
use crate::app::consent::RequestSeen;
use crate::domain::review_debt::Debt;
use crate::domain::text::clean;
use crate::tui::theme::Role;

/// Who asks, why and until when; what differs here; the plan as its author saw it.
pub(super) fn rows<'a>(scene: &'a Scene<'_>, seen: &'a RequestSeen, width: u16) -> Vec<Row<'a>> {
    let request = &seen.request;
    let asked = format!(
        "{} ago, can be answered until {}",
        words::since(request.at, scene.now),
        hour(seen.until)
    );
    let mut rows = vec![
        labelled(
            "asked by",
            vec![piece(clean(&request.author), Role::Strong)],
        )
        .right(vec![piece(asked, Role::Accent)]),
    ];
    told(
        "reason",
        request.reason.as_deref().unwrap_or_default(),
        Role::Text,
        width,
        &mut rows,
    );
    for agreement in &request.agreed {
        let text = format!("{} ago", words::since(agreement.at, scene.now));
        rows.push(
            labelled("agreed", vec![piece(clean(&agreement.by), Role::Good)])
                .right(vec![piece(text, Role::Dim)]),
        );
    }
    rows.push(Row::head("compared with the plan made here", Vec::new()));
    differences(seen, width, &mut rows);
    rows.push(Row::head(
        format!(
            "the plan of {}, as it was shown there",
            clean(&request.author)
        ),
        Vec::new(),
    ));
    rows.extend(plan_rows(scene, &seen.prepared, width));
    rows
}

fn differences(seen: &RequestSeen, width: u16, rows: &mut Vec<Row<'_>>) {
    let mut say = |mark: &'static str, text: &str, role| {
        for (at, line) in wrap(text, width.saturating_sub(2)).into_iter().enumerate() {
            let mark = if at == 0 { mark } else { "  " };
            rows.push(Row::of(vec![piece(mark, role), piece(line, Role::Text)]));
        }
    };
    match &seen.here {
        Ok(found) if found.is_empty() => {
            say(
                "✓ ",
                "the same in every part: this machine would run it, too",
                Role::Good,
            );
        }
        Ok(found) => found.iter().for_each(|text| say("✗ ", text, Role::Bad)),
        Err(failure) => say(
            "? ",
            &format!("no plan could be made here: {failure}"),
            Role::Warn,
        ),
    }
}

/// What is owed, by whom, for what.
pub(super) fn review_rows<'a>(scene: &Scene<'_>, owed: &'a Debt, width: u16) -> Vec<Row<'a>> {
    let age = format!(
        "{} ago, {}",
        words::since(owed.at, scene.now),
        words::date(owed.at)
    );
    let mut rows = vec![
        labelled("broken by", vec![piece(clean(&owed.by), Role::Strong)])
            .right(vec![piece(age, Role::Accent)]),
        labelled("run", vec![piece(clean(&owed.run_id), Role::Text)]),
        labelled(
            "what",
            vec![
                piece(clean(&owed.operation), Role::Text),
                piece(format!("  {}", clean(&owed.words())), Role::Warn),
            ],
        ),
    ];
    let reason = owed.reason.as_deref().unwrap_or_default();
    told("reason", reason, Role::Text, width, &mut rows);
    rows.push(Row::default());
    let text = "Say what was found: whether it had to be, what it did, what is to be changed. \
                It is recorded under your name, and the line goes from the fleet.";
    told("", text, Role::Dim, width, &mut rows);
    let identity = scene.model.identity.value();
    let who = identity.and_then(|known| known.email.as_deref());
    if let Some(Err(unfit)) = who.map(|who| owed.admits(who)) {
        told("", &format!("✗ {unfit}"), Role::Warn, width, &mut rows);
    }
    rows
}

fn told(label: &'static str, text: &str, role: Role, width: u16, rows: &mut Vec<Row<'_>>) {
    for (at, line) in wrap(text, width.saturating_sub(10)).into_iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        rows.push(labelled(label, vec![piece(line, role)]));
    }
}
