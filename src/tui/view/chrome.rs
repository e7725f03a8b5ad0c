//! What surrounds every screen: the title above, the state and the help line below, frames by tier.

use ratatui::layout::Rect;

use super::Scene;
use super::canvas::{Canvas, Piece, columns, piece};
use super::words::{self, Freshness, freshness};
use crate::app::command::{Command, Move};
use crate::app::commands::spec_of;
use crate::app::effect::Part;
use crate::app::place::Place;
use crate::app::screen::{LogSource, Overlay, Screen};
use crate::domain::age;
use crate::domain::environment::Tier;
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

fn row(area: Rect, y: u16) -> Rect {
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
    let mut out = vec![piece(
        clean(known.email.as_deref().unwrap_or(&known.credential)),
        Role::Text,
    )];
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
    let line = super::canvas::Row::of(data_age(scene)).right(armed(scene));
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
    scene
        .model
        .armed
        .iter()
        .map(|(name, until)| {
            let left = until.duration_since(scene.now).as_secs().max(0);
            piece(
                format!("ARMED {name} {}:{:02} ", left / 60, left % 60),
                Role::Alarm,
            )
        })
        .collect()
}

/// The help line: keys that do something here and now.
fn footer(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect) {
    let model = scene.model;
    let place = model.place();
    if place == Place::Search {
        return;
    }
    let ends: &[Command] = match place {
        Place::GateText | Place::Parameters | Place::Palette | Place::Search | Place::Help => {
            &[Command::Back]
        }
        Place::Fleet => &[Command::Help, Command::Quit],
        _ => &[Command::Help, Command::Back],
    };
    let mut right = Vec::new();
    for command in ends {
        hint(scene, place, *command, &mut right);
    }
    let used: u16 = right.iter().map(|p| columns(&p.text)).sum();
    let mut left: Vec<Piece<'_>> = Vec::new();
    let here = |command: &Command| {
        !spec_of(*command).short.is_empty()
            && !matches!(command, Command::Back | Command::Quit | Command::Help)
            && works(scene, *command)
    };
    let commands: Vec<_> = model
        .setup
        .bindings
        .commands(place)
        .map(|(_, command)| command)
        .filter(here)
        .collect();
    // The tabs have their own numbers; the footer names them where there is room left.
    let is_tab = |command: &&Command| matches!(command, Command::Show(_));
    let tabs = commands
        .iter()
        .filter(|c| place == Place::Fleet && is_tab(c));
    for command in commands.iter().filter(|c| !is_tab(c)).chain(tabs) {
        let before = left.len();
        hint(scene, place, *command, &mut left);
        let wide: u16 = left.iter().map(|p| columns(&p.text)).sum();
        if wide + used + 1 > area.width {
            left.truncate(before);
        }
    }
    let line = super::canvas::Row::of(left).right(right);
    canvas.row(area, area.y, &line);
}

/// Whether a command does something here and now.
fn works(scene: &Scene<'_>, command: Command) -> bool {
    let model = scene.model;
    let closed = model.gate().is_some_and(|gate| {
        let unarmed = gate.demand().is_some_and(|d| d.arm) && !model.is_armed(&gate.environment);
        gate.is_blocked() || unarmed
    });
    match command {
        Command::Open => opens(scene),
        Command::Approve if closed => false,
        // The question that stands is answered with another key.
        Command::Approve
            if model
                .gate()
                .is_some_and(|g| g.asks_again && g.tier != Tier::Production) =>
        {
            false
        }
        _ => model.available(command).is_ok(),
    }
}

fn opens(scene: &Scene<'_>) -> bool {
    !matches!(
        scene.model.place(),
        Place::Environment(crate::app::command::Tab::Overview | crate::app::command::Tab::Secrets)
    )
}

fn hint(scene: &Scene<'_>, place: Place, command: Command, out: &mut Vec<Piece<'_>>) {
    let Some(key) = scene.model.setup.bindings.key(place, command) else {
        return;
    };
    out.push(piece(format!(" {}", key_name(key)), Role::Key));
    out.push(piece(format!(" {} ", word(scene, command)), Role::Dim));
}

/// The word of a command in the footer, for where we are.
fn word(scene: &Scene<'_>, command: Command) -> &'static str {
    let model = scene.model;
    match (command, model.place()) {
        (Command::Search, Place::Log | Place::Live) => "search",
        (Command::Open, Place::Environment(crate::app::command::Tab::Migrations)) => "upgrade to",
        (Command::Open, Place::Environment(_)) => "log",
        (Command::Open, Place::Operations) => "plan",
        (Command::Open, Place::Parameters) => "make the plan",
        (Command::Open, Place::Palette) => "do it",
        (Command::Arm, _)
            if model
                .focus()
                .is_some_and(|at| model.is_armed(&model.stations[at].environment.name)) =>
        {
            "disarm"
        }
        (Command::Back, Place::Fleet) => "",
        (Command::Back, Place::Gate | Place::GateText) => "leave",
        (Command::Back, Place::Help | Place::Palette) => "close",
        (Command::Move(Move::Up), _) => "up",
        _ => spec_of(command).short,
    }
}

/// A key as the screens write it.
pub(super) fn key_name(key: crate::app::input::Key) -> String {
    use crate::app::input::Code;
    if !key.ctrl && !key.alt && key.code == Code::Enter {
        return "⏎".to_owned();
    }
    key.to_string()
}

/// The filter or search that is being typed, in the place of the help line.
pub(super) fn typed(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect) -> Option<(u16, u16)> {
    if !matches!(scene.model.overlay, Some(Overlay::Search)) || area.height < 4 {
        return None;
    }
    let y = area.bottom() - 1;
    let field = match scene.model.screen() {
        Screen::Fleet(list) => &list.filter,
        Screen::Environment(screen) => &screen.list().filter,
        Screen::Operations(screen) => &screen.list.filter,
        Screen::Log(screen) => match &screen.source {
            LogSource::Own { view, .. } => &view.search,
            LogSource::Run(id) => &scene.model.run(*id)?.view.search,
        },
        _ => return None,
    };
    canvas.clear(row(area, y));
    canvas.lay(row(area, y), Role::Text);
    let x = canvas.put(area.x, y, area.width, " / ", Role::Key);
    let x = area.x + x;
    let used = canvas.put(
        x,
        y,
        area.right().saturating_sub(x),
        field.text(),
        Role::Input,
    );
    let help = [
        piece("⏎", Role::Key),
        piece(" keep  ", Role::Dim),
        piece("esc", Role::Key),
        piece(" clear ", Role::Dim),
    ];
    if x + used + 24 < area.right() {
        canvas.pieces_right(area.right(), y, 24, &help);
    }
    Some((x + columns(field.before_cursor()), y))
}

/// The strokes of a frame by tier: production has double lines, so that it is known without colour.
fn strokes(tier: Tier) -> [&'static str; 6] {
    match tier {
        Tier::Production => ["╔", "╗", "╚", "╝", "═", "║"],
        Tier::Staging => ["┏", "┓", "┗", "┛", "━", "┃"],
        Tier::Development => ["┌", "┐", "└", "┘", "─", "│"],
    }
}

/// Draws a frame that says the tier in word, symbol and strokes; returns what is inside.
pub(super) fn frame(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (tier, name): (Tier, &str),
    title: &[Piece<'_>],
    right: &[Piece<'_>],
    bottom: &[Piece<'_>],
) -> Rect {
    if area.width < 4 || area.height < 3 {
        return area;
    }
    let (role, symbol, word) = words::tier(tier);
    let [tl, tr, bl, br, h, v] = strokes(tier);
    let style = canvas.theme.style(role);
    let (left, end, top, low) = (area.left(), area.right() - 1, area.top(), area.bottom() - 1);
    for x in left..=end {
        canvas.cell(x, top, h, style);
        canvas.cell(x, low, h, style);
    }
    for y in top..=low {
        canvas.cell(left, y, v, style);
        canvas.cell(end, y, v, style);
    }
    for (x, y, corner) in [
        (left, top, tl),
        (end, top, tr),
        (left, low, bl),
        (end, low, br),
    ] {
        canvas.cell(x, y, corner, style);
    }
    let head = if tier == Tier::Production {
        Role::Alarm
    } else {
        role
    };
    let mut pieces = vec![
        piece(format!(" {symbol} {word} "), head),
        piece(format!(" {name} "), Role::Strong),
    ];
    pieces.extend_from_slice(title);
    let wide = area.width - 4;
    let taken = canvas.pieces_right(end - 1, top, wide / 2, right);
    canvas.pieces(
        left + 2,
        top,
        wide.saturating_sub(taken + u16::from(taken > 0)),
        &pieces,
    );
    canvas.pieces(left + 2, low, wide, bottom);
    Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width - 2,
        height: area.height - 2,
    }
}

/// An area with a free column at each side.
pub(super) fn padded(area: Rect) -> Rect {
    if area.width < 6 {
        return area;
    }
    Rect {
        x: area.x + 1,
        width: area.width - 2,
        ..area
    }
}
