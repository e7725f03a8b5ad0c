//! What stands behind a gate besides plans: cancellations and changes of secret versions.

use super::Scene;
use super::canvas::{Row, piece, wrap};
use super::gate::labelled;
use crate::domain::act::{Cancellation, SecretChange, SecretVerb};
use crate::domain::secret::VersionState;
use crate::domain::text::clean;
use crate::tui::theme::Role;

/// What a cancellation does.
pub(super) fn cancel_rows(act: &Cancellation, width: u16) -> Vec<Row<'_>> {
    let mut rows = vec![
        labelled(
            "cancel",
            vec![piece(act.execution.to_string(), Role::Strong)],
        ),
        labelled(
            "job",
            vec![piece(
                clean(act.job.rsplit('/').next().unwrap_or(&act.job)),
                Role::Text,
            )],
        ),
        Row::default(),
    ];
    let text = "The container is stopped; a statement that the database is running may still end. \
                What was applied is read back afterwards; until then the outcome is unknown.";
    rows.extend(
        wrap(text, width)
            .into_iter()
            .map(|line| Row::plain(line, Role::Text)),
    );
    rows
}

/// What the change of a secret version does.
pub(super) fn secret_rows<'a>(
    scene: &Scene<'_>,
    act: &'a SecretChange,
    width: u16,
) -> Vec<Row<'a>> {
    let mut rows = vec![
        labelled(
            act.verb.word(),
            vec![piece(
                format!("{} {}", clean(&act.secret), act.version),
                Role::Strong,
            )],
        ),
        labelled("project", vec![piece(clean(&act.project), Role::Text)]),
        Row::default(),
    ];
    for (mark, role, line) in consequences(scene, act) {
        for (at, text) in wrap(&line, width.saturating_sub(2)).into_iter().enumerate() {
            let mark = if at == 0 { mark } else { " " };
            rows.push(Row::of(vec![
                piece(format!("{mark} "), role),
                piece(text, Role::Text),
            ]));
        }
    }
    rows
}

/// What would break, or work again, by the change.
fn consequences(scene: &Scene<'_>, act: &SecretChange) -> Vec<(&'static str, Role, String)> {
    let versions = scene
        .model
        .index_of(&act.environment)
        .and_then(|at| scene.model.station(at))
        .and_then(|status| status.secret.value());
    let Some(versions) = versions else {
        return vec![(
            "!",
            Role::Warn,
            "the versions of this secret are not known".to_owned(),
        )];
    };
    let is_latest = versions.latest().is_some_and(|v| v.version == act.version);
    let others = versions
        .versions
        .iter()
        .filter(|v| v.state == VersionState::Enabled && v.version != act.version)
        .count();
    let mut out = vec![main_consequence(act, is_latest)];
    if act.verb != SecretVerb::Enable && others == 0 {
        out.push(("✗", Role::Bad, "No other version is enabled.".to_owned()));
    }
    if act.verb == SecretVerb::Destroy {
        out.push((
            "✗",
            Role::Bad,
            "The payload is gone for good; nobody can bring it back.".to_owned(),
        ));
    }
    out
}

fn main_consequence(act: &SecretChange, is_latest: bool) -> (&'static str, Role, String) {
    let version = act.version;
    match (act.verb, is_latest) {
        (SecretVerb::Enable, true) => {
            let text = format!("`latest` is {version}: runs that ask for it start again.");
            ("✓", Role::Good, text)
        }
        (SecretVerb::Enable, false) => {
            let text = format!("`latest` stays what it is: {version} is not the newest version.");
            ("!", Role::Warn, text)
        }
        (SecretVerb::Disable | SecretVerb::Destroy, true) => {
            let text = format!(
                "`latest` is {version}, also when it is off: runs that ask for `latest` will not start."
            );
            ("✗", Role::Bad, text)
        }
        (SecretVerb::Disable | SecretVerb::Destroy, false) => {
            let text = format!("Whatever is pinned to {version} will not start.");
            ("!", Role::Warn, text)
        }
    }
}
