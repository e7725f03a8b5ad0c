//! The fleet: every environment on one screen, worst first, and below it what is wrong, in words.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Piece, Row, columns, piece, wrap};
use super::table::below;
use super::words::{self, Freshness};
use super::{Drawn, Scene, chrome, environment};
use crate::app::command::Command;
use crate::app::effect::Part;
use crate::app::event::Painted;
use crate::app::fleet::{FleetRow, tab_of};
use crate::app::list::{ListState, first_visible};
use crate::app::place::Place;
use crate::app::run::Run;
use crate::domain::environment::Tier;
use crate::domain::fleet::EnvironmentStatus;
use crate::domain::migration::MigrationState;
use crate::domain::observed::Remote;
use crate::domain::text::clean;
use crate::tui::theme::Role;

/// The columns of the table, by the width that there is.
struct Columns {
    name: u16,
    tier: u16,
    database: u16,
    revision: u16,
    pending: u16,
    run: u16,
    spark: u16,
    secret: u16,
    data: u16,
}

impl Columns {
    fn new(width: u16, longest_name: u16) -> Self {
        let mut columns = Self {
            name: longest_name.clamp(4, 16),
            tier: 13,
            database: 9,
            revision: 0,
            pending: 4,
            run: 5,
            spark: 6,
            secret: 13,
            data: 0,
        };
        if width >= 100 {
            columns.tier = 13;
            columns.database = 13;
            columns.pending = 7;
            columns.spark = 12;
            columns.secret = 18;
            columns.data = 10;
        }
        if width >= 150 {
            columns.spark = 20;
            columns.run = 10;
        }
        if width < 76 {
            columns.spark = 0;
        }
        if width < 66 {
            columns.secret = 4;
        }
        if width < 56 {
            columns.database = 1;
        }
        let taken = columns.taken();
        columns.revision = width.saturating_sub(taken + 1);
        if columns.revision < 6 {
            columns.revision = 0;
        }
        columns
    }

    fn widths(&self) -> [u16; 9] {
        [
            self.name,
            self.tier,
            self.database,
            self.revision,
            self.pending,
            self.run,
            self.spark,
            self.secret,
            self.data,
        ]
    }

    fn taken(&self) -> u16 {
        self.widths()
            .iter()
            .filter(|w| **w > 0)
            .map(|w| w + 1)
            .sum()
    }
}

pub(super) fn draw(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    list: &ListState,
) -> Drawn {
    let model = scene.model;
    let environments: Vec<usize> = model.fleet_environments(list).collect();
    let problems = model.fleet_problems(&environments);
    let longest = environments
        .iter()
        .map(|at| columns(model.stations[*at].environment.name.as_str()))
        .max()
        .unwrap_or(4);
    let table = Columns::new(area.width, longest);
    heads(canvas, area, &table);
    let rest = below(area, 1);
    let rows = table_rows(rest.height, environments.len(), problems.len());
    if environments.is_empty() {
        nothing(scene, canvas, rest, list);
    }
    let in_table = list.cursor.min(environments.len().saturating_sub(1));
    let first = first_visible(in_table, list.offset, environments.len(), usize::from(rows));
    for (y, (at, station)) in
        (rest.y..rest.y + rows).zip(environments.iter().enumerate().skip(first))
    {
        let place = Rect {
            y,
            height: 1,
            ..rest
        };
        environment_row(scene, canvas, place, &table, *station);
        if list.cursor == at {
            canvas.lay(place, Role::Selected);
        }
    }
    canvas.more_marks(
        Rect {
            height: rows,
            ..rest
        },
        first,
        environments.len(),
    );
    let selected = list.cursor.checked_sub(environments.len());
    let rest = detail(scene, canvas, rest, rows, problems.len());
    problem_list(
        scene,
        canvas,
        below(rest, rows + u16::from(rest.height > rows + 3)),
        &problems,
        selected,
    );
    Drawn {
        painted: Painted {
            rows,
            columns: area.width,
            ..Painted::default()
        },
        cursor: None,
    }
}

/// On a tall screen the environment of the cursor is told in full below; returns what is left above.
fn detail(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    table: u16,
    problems: usize,
) -> Rect {
    let wanted = u16::try_from(problems * 2 + 3).unwrap_or(u16::MAX);
    let above = table.saturating_add(1).saturating_add(wanted);
    let (Some(station), true) = (scene.model.focus(), area.height >= above.saturating_add(8))
    else {
        return area;
    };
    let status = &scene.model.stations[station];
    let place = below(area, above);
    let (role, symbol, word) = words::tier(status.environment.tier);
    let head = Row::head("", vec![piece(format!("{symbol} {word}"), role)]);
    canvas.row(place, place.y, &head);
    canvas.put(
        place.x + 1,
        place.y,
        place.width / 2,
        &format!(" {} ", status.environment.name),
        Role::Strong,
    );
    let rows = environment::facts(scene, station, place.width.saturating_sub(2));
    canvas.rows(chrome::padded(below(place, 1)), &rows, 0);
    Rect {
        height: above,
        ..area
    }
}

/// How many rows the table gets: all, unless the problems would have no room at all.
fn table_rows(height: u16, environments: usize, problems: usize) -> u16 {
    let wanted = u16::try_from(environments).unwrap_or(u16::MAX);
    let kept = if problems == 0 || height < 8 {
        0
    } else {
        u16::try_from(problems * 2 + 2)
            .unwrap_or(u16::MAX)
            .min(height / 2)
    };
    wanted.min(height.saturating_sub(kept))
}

fn heads(canvas: &mut Canvas<'_>, area: Rect, table: &Columns) {
    let pending = if table.pending > 4 { "PENDING" } else { "PEND" };
    let words = [
        "ENVIRONMENT",
        "TIER",
        "DATABASE",
        "REVISION",
        pending,
        "LAST RUN",
        "",
        "SECRET",
        "DATA",
    ];
    let mut x = area.x + 1;
    for (at, (word, width)) in words.iter().zip(table.widths()).enumerate() {
        if width == 0 {
            continue;
        }
        // The last run's head may use the room of its sparkline.
        let room = if at == 5 {
            width + 1 + table.spark
        } else {
            width
        };
        let word = if at == 0 && width < 11 { "ENV" } else { word };
        canvas.put(
            x,
            area.y,
            room.min(area.right().saturating_sub(x)),
            word,
            Role::Heading,
        );
        x += width + 1;
    }
}

fn nothing(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect, list: &ListState) {
    let text = if scene.model.stations.is_empty() {
        " The config names no environment. `portcullis init` writes one from a project."
    } else if list.filter.is_empty() {
        ""
    } else {
        " Nothing here holds the filter. esc clears it."
    };
    canvas.put(
        area.x,
        area.y + u16::from(area.height > 2),
        area.width,
        text,
        Role::Dim,
    );
}

fn environment_row(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    table: &Columns,
    station: usize,
) {
    let status = &scene.model.stations[station];
    let tier = status.environment.tier;
    let (role, symbol, word) = words::tier(tier);
    canvas.put(area.x, area.y, 1, words::tier_mark(tier), role);
    let name = if tier == Tier::Production {
        role
    } else {
        Role::Strong
    };
    let run = scene.model.live_run(&status.environment.name);
    let cells: [Vec<Piece<'_>>; 9] = [
        vec![piece(clean(status.environment.name.as_str()), name)],
        vec![piece(format!("{symbol} {word}"), role)],
        database(scene, status, station),
        revision(scene, status, station),
        pending(status),
        last_run(scene, status, station, run, table.run),
        spark(scene, status, table.spark),
        secret(scene, status, station, table.secret),
        data(scene, station),
    ];
    let mut x = area.x + 1;
    for (at, (cell, width)) in cells.iter().zip(table.widths()).enumerate() {
        let room = width.min(area.right().saturating_sub(x));
        if room == 0 {
            continue;
        }
        if at == 4 {
            canvas.pieces_right(x + room, area.y, room, cell);
        } else {
            canvas.pieces(x, area.y, room, cell);
        }
        x += width + 1;
    }
}

/// A cell without a value: on its way, failed, or not in the config.
fn without_value<'a, T>(remote: &Remote<T>, configured: bool) -> Vec<Piece<'a>> {
    if !configured {
        return vec![piece("–", Role::Dim)];
    }
    match &remote.failure {
        Some(failure) => vec![piece(
            format!("✗ {}", words::failure_word(failure)),
            Role::Bad,
        )],
        None if remote.loading => vec![piece("…", Role::Dim)],
        None => vec![piece("?", Role::Dim)],
    }
}

/// The role of a value: its own, or that of what is too old to be believed.
fn aged(scene: &Scene<'_>, station: usize, part: Part, role: Role) -> Role {
    let (freshness, failing, _) = chrome::part_state(scene, station, part);
    let symbol = matches!(role, Role::Good | Role::Bad | Role::Warn | Role::Accent);
    if freshness >= Freshness::Stale || (failing && freshness >= Freshness::Old) {
        // A symbol keeps its shape; slanted it would be hard to read.
        if symbol { Role::Dim } else { Role::Stale }
    } else {
        role
    }
}

fn database<'a>(
    scene: &Scene<'_>,
    status: &'a EnvironmentStatus,
    station: usize,
) -> Vec<Piece<'a>> {
    let Some(instance) = status.instance.value() else {
        return without_value(&status.instance, status.environment.sql_instance.is_some());
    };
    let (role, symbol) = words::instance(instance.state);
    let word = aged(scene, station, Part::Instance, Role::Text);
    vec![
        piece(symbol, aged(scene, station, Part::Instance, role)),
        piece(format!(" {}", instance.state.word()), word),
    ]
}

fn revision<'a>(
    scene: &Scene<'_>,
    status: &'a EnvironmentStatus,
    station: usize,
) -> Vec<Piece<'a>> {
    let Some(standing) = &status.standing else {
        return without_value(&status.reading, !status.environment.probes.is_empty());
    };
    let role = aged(scene, station, Part::Reading, Role::Text);
    match (standing.state, standing.current.as_slice()) {
        (MigrationState::Unversioned, _) => vec![piece("— no version table", Role::Warn)],
        (_, []) => vec![piece("— base, nothing yet", role)],
        (_, [one]) => vec![piece(clean(one.as_str()), role)],
        (_, [one, rest @ ..]) => vec![
            piece(clean(one.as_str()), role),
            piece(format!(" +{}", rest.len()), Role::Dim),
        ],
    }
}

fn pending<'a>(status: &EnvironmentStatus) -> Vec<Piece<'a>> {
    let Some(standing) = &status.standing else {
        return vec![piece("?", Role::Dim)];
    };
    match standing.state {
        MigrationState::AtHead => vec![piece("✓", Role::Good)],
        MigrationState::Behind => vec![piece(standing.pending.len().to_string(), Role::Accent)],
        MigrationState::Ahead => vec![piece("↑", Role::Bad)],
        MigrationState::Diverged => vec![piece("⑂", Role::Bad)],
        MigrationState::Unversioned | MigrationState::Unknown => vec![piece("?", Role::Warn)],
    }
}

fn last_run<'a>(
    scene: &Scene<'_>,
    status: &'a EnvironmentStatus,
    station: usize,
    run: Option<&Run>,
    width: u16,
) -> Vec<Piece<'a>> {
    if run.is_some() {
        return vec![piece("● now", Role::Accent)];
    }
    let Some(last) = status.last_execution() else {
        return match status.executions.value() {
            Some(_) => vec![piece("never", Role::Dim)],
            None => without_value(&status.executions, true),
        };
    };
    let (role, symbol) = words::execution(last.state);
    let age = if last.state.is_over() {
        words::execution_age(last, scene.now)
    } else {
        "now".to_owned()
    };
    let mut out = vec![
        piece(symbol, aged(scene, station, Part::Executions, role)),
        piece(
            format!(" {age}"),
            aged(scene, station, Part::Executions, Role::Text),
        ),
    ];
    if width >= 10
        && let Some(length) = last.duration(scene.now)
    {
        out.push(piece(format!(" {}", words::length(length)), Role::Dim));
    }
    out
}

fn spark<'a>(scene: &Scene<'_>, status: &EnvironmentStatus, width: u16) -> Vec<Piece<'a>> {
    let Some(executions) = status.executions.value() else {
        return Vec::new();
    };
    let mut lengths: Vec<_> = executions
        .iter()
        .filter(|e| e.state.is_over())
        .take(usize::from(width))
        .filter_map(|e| e.duration(scene.now))
        .collect();
    lengths.reverse();
    vec![piece(
        words::sparkline(&lengths, usize::from(width)),
        Role::Bar,
    )]
}

fn secret<'a>(
    scene: &Scene<'_>,
    status: &EnvironmentStatus,
    station: usize,
    width: u16,
) -> Vec<Piece<'a>> {
    let Some(versions) = status.secret.value() else {
        return without_value(&status.secret, status.environment.secret.is_some());
    };
    let Some(latest) = versions.latest() else {
        return vec![piece("✗ no version", Role::Bad)];
    };
    let (role, symbol) = words::version(latest.state);
    let text = aged(
        scene,
        station,
        Part::Secret,
        if role == Role::Good { Role::Text } else { role },
    );
    let mut out = vec![
        piece(symbol, aged(scene, station, Part::Secret, role)),
        piece(format!(" {}", latest.version), text),
    ];
    if role != Role::Good {
        out.push(piece(format!(" {}", latest.state.word()), text));
    }
    if role == Role::Good || width >= 18 {
        out.push(piece(
            format!(" {}", words::since(latest.created_at, scene.now)),
            Role::Dim,
        ));
    }
    out
}

/// How old the oldest value of the row is, when that is worth a word.
fn data<'a>(scene: &Scene<'_>, station: usize) -> Vec<Piece<'a>> {
    let parts = Part::ALL.map(|part| chrome::part_state(scene, station, part));
    let failing = parts.iter().any(|(_, failed, _)| *failed);
    let oldest = parts
        .iter()
        .filter_map(|(freshness, _, at)| at.map(|at| (*freshness, at)))
        .max_by_key(|(freshness, at)| (*freshness, std::cmp::Reverse(*at)));
    match oldest {
        _ if scene.model.requests.reads(station) && oldest.is_none() => {
            vec![piece("reading…", Role::Dim)]
        }
        None => vec![piece("none", Role::Dim)],
        Some((Freshness::Fresh, _)) if failing => vec![piece("partly", Role::Warn)],
        Some((Freshness::Fresh, _)) => vec![piece("fresh", Role::Dim)],
        Some((Freshness::Old, at)) => {
            vec![piece(
                format!("{} old", words::since(at, scene.now)),
                Role::Warn,
            )]
        }
        Some((_, at)) => vec![piece(
            format!("stale {}", words::since(at, scene.now)),
            Role::Bad,
        )],
    }
}

/// What is wrong, worst first; each with what to do and the key that leads there.
fn problem_list(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    problems: &[FleetRow],
    selected: Option<usize>,
) {
    if area.height < 2 {
        return;
    }
    let known = scene.model.stations.iter().any(|s| s.job.value().is_some());
    if problems.is_empty() {
        let text = if known { " ✓ no problems known" } else { "" };
        canvas.put(area.x, area.y, area.width, text, Role::Good);
        return;
    }
    canvas.put(area.x, area.y, area.width, " PROBLEMS", Role::Heading);
    let number = problems.len().to_string();
    canvas.pieces_right(area.right() - 1, area.y, 6, &[piece(number, Role::Heading)]);
    let area = below(area, 1);
    let names = problems
        .iter()
        .filter_map(|row| scene.model.problem(*row))
        .map(|problem| columns(problem.environment.as_str()))
        .max()
        .unwrap_or(4)
        .min(16);
    let blocks: Vec<Block> = problems
        .iter()
        .filter_map(|row| Block::new(scene, *row, area.width, names))
        .collect();
    let first = first_block(&blocks, selected.unwrap_or(0), area.height);
    let mut y = area.y;
    for (at, block) in blocks.iter().enumerate().skip(first) {
        let height = u16::try_from(block.lines.len()).unwrap_or(u16::MAX);
        if y >= area.bottom() {
            break;
        }
        let place = Rect {
            y,
            height: height.min(area.bottom() - y),
            ..area
        };
        block.draw(canvas, place);
        if selected == Some(at) {
            canvas.lay(place, Role::Selected);
        }
        y = y.saturating_add(height);
    }
    let hidden = y > area.bottom()
        || blocks[first..].iter().map(|b| b.lines.len()).sum::<usize>() > usize::from(area.height);
    canvas.more_marks(area, first, if hidden { usize::MAX } else { 0 });
}

/// The first problem to show, so that the selected one is wholly visible.
fn first_block(blocks: &[Block], selected: usize, height: u16) -> usize {
    let mut used = 0;
    let mut first = selected.min(blocks.len().saturating_sub(1));
    for at in (0..=first).rev() {
        used += blocks[at].lines.len();
        if used > usize::from(height) {
            break;
        }
        first = at;
    }
    first
}

/// One problem, broken into lines.
struct Block {
    role: Role,
    symbol: &'static str,
    name: String,
    lines: Vec<Vec<Piece<'static>>>,
    key: String,
}

impl Block {
    const TEXT_AT: u16 = 3;
    const KEY: u16 = 15;

    fn new(scene: &Scene<'_>, row: FleetRow, width: u16, names: u16) -> Option<Self> {
        let problem = scene.model.problem(row)?;
        let (role, symbol) = words::severity(problem.severity);
        let tab = tab_of(&problem.code);
        let key = scene
            .model
            .setup
            .bindings
            .key(Place::Fleet, Command::Show(tab))
            .map(|key| format!("[{key}] {}", tab.word()))
            .filter(|_| width >= 70)
            .unwrap_or_default();
        let taken = Self::TEXT_AT + names + 2 + if key.is_empty() { 0 } else { Self::KEY + 1 };
        Some(Self {
            role,
            symbol,
            name: super::executions::column(problem.environment.as_str(), names + 1),
            lines: told(
                &problem.message,
                &problem.hint,
                width.saturating_sub(taken).max(12),
            ),
            key,
        })
    }

    fn draw(&self, canvas: &mut Canvas<'_>, area: Rect) {
        canvas.put(area.x + 1, area.y, 1, self.symbol, self.role);
        let x = area.x + Self::TEXT_AT;
        let name = canvas.put(x, area.y, area.width / 3, &self.name, Role::Strong);
        for (y, line) in (area.top()..area.bottom()).zip(&self.lines) {
            let x = x + name;
            canvas.pieces(x, y, area.right().saturating_sub(x), line);
        }
        let key = format!("{:<width$}", self.key, width = usize::from(Self::KEY));
        canvas.pieces_right(area.right(), area.y, Self::KEY, &[piece(key, Role::Key)]);
    }
}

/// A message and what to do, in lines; what to do stands in the last line when it fits there whole.
fn told(message: &str, hint: &str, width: u16) -> Vec<Vec<Piece<'static>>> {
    let mut lines: Vec<Vec<Piece<'static>>> = wrap(message, width)
        .into_iter()
        .map(|line| vec![piece(line, Role::Text)])
        .collect();
    if hint.is_empty() {
        return lines;
    }
    let hint = format!("→ {hint}");
    let last = lines.last().map_or(0, |line| columns(&line[0].text));
    match lines.last_mut() {
        Some(line) if last + 2 + columns(&hint) <= width => {
            line.push(piece("  ", Role::Text));
            line.push(piece(hint, Role::Accent));
        }
        _ => lines.extend(
            wrap(&hint, width)
                .into_iter()
                .map(|line| vec![piece(line, Role::Accent)]),
        ),
    }
    lines
}
