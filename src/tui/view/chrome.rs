//! What surrounds every screen: the title above, the state and the help line below.

use super::footer::footer;
use ratatui::layout::Rect;

use super::Scene;
use super::canvas::{Canvas, Piece, columns, piece};
use super::words::{self, Freshness, freshness};
use crate::app::effect::Part;
use crate::domain::age;
use crate::domain::environment::EnvironmentName;
use crate::domain::failure::FailureKind;
use crate::domain::text::clean;
use crate::tui::theme::Role;

/// Draws title and bottom lines; returns what is left for the screen.
pub(super) fn around(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect) -> Rect {
    let mut body = area;
    if area.height >= 3 {
        title(scene, canvas, row(area, area.top()));
        body.y += 1;
        body.height -= 1;
    }
    if body.height >= 3 {
        footer(scene, canvas, row(area, body.bottom() - 1));
        body.height -= 1;
    }
    if body.height >= 6 || (scene.model.toast.is_some() && body.height >= 3) {
        status(scene, canvas, row(area, body.bottom() - 1));
        body.height -= 1;
    }
    body
}

/// One row of an area.
pub(super) fn row(area: Rect, y: u16) -> Rect {
    Rect {
        y,
        height: 1,
        ..area
    }
}

fn title(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect) {
    let model = scene.model;
    let mut left = vec![piece(" portcullis", Role::Brand)];
    if !model.setup.backend.is_empty() {
        left.push(piece(format!("  [{}]", model.setup.backend), Role::Warn));
    }
    let right = [
        armed(scene),
        identity(scene),
        vec![piece("  ", Role::Text)],
        health(scene),
    ]
    .concat();
    let taken: u16 = left.iter().chain(&right).map(|p| columns(&p.text)).sum();
    let room = area.width.saturating_sub(taken + 4);
    if let Some(text) = whereabouts(scene)
        .into_iter()
        .find(|text| columns(text) <= room)
    {
        left.push(piece(format!("  {text}"), Role::Dim));
    }
    let line = super::canvas::Row::of(left).right(right);
    canvas.row(area, area.y, &line);
}

/// Project and region, in forms that need less and less room.
fn whereabouts(scene: &Scene<'_>) -> Vec<String> {
    let stations = &scene.model.stations;
    let Some(first) = stations.first().map(|s| &s.environment) else {
        return Vec::new();
    };
    let project = if stations
        .iter()
        .all(|s| s.environment.project == first.project)
    {
        first.project.as_str()
    } else {
        "several projects"
    };
    let region = if stations
        .iter()
        .all(|s| s.environment.region == first.region)
    {
        first.region.as_str()
    } else {
        "several regions"
    };
    vec![format!("{project} · {region}"), project.to_owned()]
}

/// Who is signed in; an expired sign-in says the command that helps.
fn identity<'a>(scene: &'a Scene<'_>) -> Vec<Piece<'a>> {
    let identity = &scene.model.identity;
    if let Some(failure) = &identity.failure {
        let word = match failure.kind {
            FailureKind::SignedOut => "signed out",
            _ => words::failure_word(failure),
        };
        return vec![piece(format!("✗ {word}"), Role::Bad)];
    }
    let Some(known) = identity.value() else {
        let word = if identity.loading {
            "signing in… "
        } else {
            ""
        };
        return vec![piece(word, Role::Dim)];
    };
    let name = known.email.as_deref().unwrap_or(&known.credential);
    // What is armed needs the room more than the domain of one's own address.
    let short = !scene.model.armed.is_empty() && scene.model.size.0 < 100;
    let name = if short { words::name(name) } else { name };
    let mut out = vec![piece(clean(name), Role::Text)];
    if let Some(ends) = known.expires_at {
        let left = ends.duration_since(scene.now);
        let role = if left.as_mins() < 10 {
            Role::Warn
        } else {
            Role::Dim
        };
        let text = if left.is_positive() {
            format!("  sign-in {}", words::ago(left))
        } else {
            "  sign-in expired".to_owned()
        };
        if role == Role::Warn || scene.model.size.0 >= 100 {
            out.push(piece(text, role));
        }
    }
    out
}

/// Whether what is on the screen can be believed, in one word.
fn health<'a>(scene: &Scene<'_>) -> Vec<Piece<'a>> {
    let model = scene.model;
    let parts: Vec<_> = parts(scene).collect();
    let failing = parts.iter().filter(|(_, failed, _)| *failed).count();
    let worst = parts.iter().map(|(freshness, _, _)| *freshness).max();
    let (text, role) = if model.is_paused(scene.now) {
        ("‖ paused ", Role::Warn)
    } else if failing > 0 && failing == parts.len() {
        ("✗ offline ", Role::Bad)
    } else if failing > 0 {
        ("! partly ", Role::Warn)
    } else {
        match worst {
            Some(Freshness::Missing) => ("◌ reading ", Role::Accent),
            Some(Freshness::Stale) => ("! stale ", Role::Warn),
            _ => ("● live ", Role::Good),
        }
    };
    vec![piece(text, role)]
}

/// All parts of all environments that the config names: freshness, failing, when read.
fn parts<'a>(
    scene: &'a Scene<'_>,
) -> impl Iterator<Item = (Freshness, bool, Option<jiff::Timestamp>)> + 'a {
    let stations = scene.model.stations.iter().enumerate();
    stations.flat_map(move |(index, status)| {
        let environment = &status.environment;
        Part::ALL
            .into_iter()
            .filter(move |part| match part {
                Part::Instance => environment.sql_instance.is_some(),
                Part::Secret => environment.secret.is_some(),
                Part::Reading => !environment.probes.is_empty(),
                Part::Job | Part::Executions => true,
                // Asked for comparison only; the reading beside it says how fresh the data is.
                Part::Probes => false,
            })
            .map(move |part| part_state(scene, index, part))
    })
}

/// How fresh a part is, whether its last read failed, and when it was read.
pub(super) fn part_state(
    scene: &Scene<'_>,
    station: usize,
    part: Part,
) -> (Freshness, bool, Option<jiff::Timestamp>) {
    let status = &scene.model.stations[station];
    let interval = scene.model.interval(station, part);
    macro_rules! of {
        ($remote:expr) => {
            (
                freshness($remote, interval, scene.now),
                $remote.failure.is_some(),
                $remote.last.as_ref().map(|seen| seen.at),
            )
        };
    }
    match part {
        Part::Job => of!(&status.job),
        Part::Executions => of!(&status.executions),
        Part::Instance => of!(&status.instance),
        Part::Secret => of!(&status.secret),
        Part::Reading => of!(&status.reading),
        Part::Probes => of!(&status.probes),
    }
}

/// The line above the help: a word that goes away, or how old the data is.
fn status(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect) {
    let model = scene.model;
    if let Some(toast) = &model.toast {
        let (mark, role) = if toast.bad {
            (" ! ", Role::Warn)
        } else {
            (" ✓ ", Role::Good)
        };
        let line = super::canvas::Row::of(vec![piece(mark, role), piece(clean(&toast.text), role)]);
        canvas.row(area, area.y, &line);
        return;
    }
    let line = super::canvas::Row::of(data_age(scene));
    canvas.row(area, area.y, &line);
}

/// How old the data is, how often it is read, how many requests that makes.
fn data_age<'a>(scene: &Scene<'_>) -> Vec<Piece<'a>> {
    let model = scene.model;
    if let Some(failure) = model
        .identity
        .failure
        .as_ref()
        .filter(|f| !f.hint.is_empty())
    {
        return vec![
            piece(format!(" ✗ {failure} "), Role::Bad),
            piece(format!("→ {}", clean(&failure.hint)), Role::Accent),
        ];
    }
    let ages = parts(scene).filter_map(|(freshness, _, at)| at.map(|at| (freshness, at)));
    let oldest = ages.min_by_key(|(freshness, at)| (std::cmp::Reverse(*freshness), *at));
    let mut out = Vec::new();
    match oldest {
        None => out.push(piece(" nothing is known yet", Role::Dim)),
        Some((Freshness::Fresh, _)) => out.push(piece(" data is fresh", Role::Dim)),
        Some((Freshness::Old, at)) => {
            out.push(piece(
                format!(" oldest data {} old", words::since(at, scene.now)),
                Role::Warn,
            ));
        }
        Some((_, at)) => out.push(piece(
            format!(" STALE: oldest data {} old", words::since(at, scene.now)),
            Role::Bad,
        )),
    }
    let every = model.setup.refresh_every;
    let rest = if model.is_paused(scene.now) {
        " · paused, nobody looked: any key reads again".to_owned()
    } else if model.opened_at.is_none() {
        " · from the last time".to_owned()
    } else {
        format!(
            " · read every {} · under {} requests/min",
            age::short(every),
            // In tens: a number that moves with every answer would be a screen that never rests.
            (model.requests.per_minute() / 10 + 1) * 10
        )
    };
    out.push(piece(rest, Role::Dim));
    out
}

/// Which environments are armed, and for how long.
fn armed<'a>(scene: &Scene<'_>) -> Vec<Piece<'a>> {
    let one = |(name, until): (&EnvironmentName, &jiff::Timestamp)| {
        let left = until.duration_since(scene.now).as_secs().max(0);
        let text = format!(
            " ARMED {} {}:{:02} ",
            clean(name.as_str()),
            left / 60,
            left % 60
        );
        [piece(text, Role::Alarm), piece(" ", Role::Text)]
    };
    scene.model.armed.iter().flat_map(one).collect()
}
