//! The help line: keys that do something here and now; or what is being typed in its place.

use super::chrome::row;
use ratatui::layout::Rect;

use super::Scene;
use super::canvas::{Canvas, Piece, columns, piece};
use crate::app::command::{Command, ConsentCommand, Move, RevisionCommand, Tab};
use crate::app::commands::spec_of;
use crate::app::gate::{Stage, Subject};
use crate::app::place::Place;
use crate::app::screen::{LogSource, Overlay, Screen};
use crate::domain::environment::Tier;
use crate::tui::theme::Role;

/// The help line: keys that do something here and now.
pub(super) fn footer(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect) {
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
        Place::Environment(Tab::Overview | Tab::Secrets)
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
        (Command::Search, Place::Log | Place::Live | Place::Revision | Place::Story) => "search",
        (Command::Open, Place::Environment(Tab::Migrations) | Place::Comparison) => "revision",
        (Command::Revision(RevisionCommand::Graph), _) if model.graph_shown => "list",
        (Command::Revision(RevisionCommand::Differences), _) if matches!(model.screen(), Screen::Comparison(s) if s.only_differences) => {
            "all rows"
        }
        (Command::Open, Place::Ledger) => "whole story",
        (Command::Approve, _) => approves(scene),
        (Command::Consent(ConsentCommand::Glass), _) if model.gate().is_some_and(|g| g.glass) => {
            "leave it whole"
        }
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

/// What the approving key does at the gate on top.
fn approves(scene: &Scene<'_>) -> &'static str {
    let Some(gate) = scene.model.gate() else {
        return "run it";
    };
    match &gate.stage {
        Stage::Open(Subject::Request(..)) => "agree",
        Stage::Open(Subject::Review(..)) => "record it",
        _ if gate.lacks().is_some() => "ask others",
        _ => "run it",
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
        Screen::Fleet(list) | Screen::Requests(list) => &list.filter,
        Screen::Environment(screen) => &screen.list().filter,
        Screen::Operations(screen) => &screen.list.filter,
        Screen::Comparison(screen) => &screen.list.filter,
        Screen::Ledger(screen) => &screen.list.filter,
        Screen::Story(screen) => &screen.view.search,
        Screen::Revision(screen) => &screen.view.search,
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
