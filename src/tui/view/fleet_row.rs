//! A row of the fleet: one environment in as many columns as there is room for.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Piece, piece};
use super::words::{self, Freshness};
use super::{Scene, chrome};
use crate::app::effect::Part;
use crate::app::run::Run;
use crate::domain::environment::Tier;
use crate::domain::fleet::EnvironmentStatus;
use crate::domain::migration::MigrationState;
use crate::domain::observed::Remote;
use crate::domain::text::clean;
use crate::tui::theme::Role;

/// The columns of the table, by the width that there is.
pub(super) struct Columns {
    pub(super) name: u16,
    pub(super) tier: u16,
    pub(super) database: u16,
    pub(super) revision: u16,
    pub(super) pending: u16,
    pub(super) run: u16,
    pub(super) spark: u16,
    pub(super) secret: u16,
    pub(super) data: u16,
}

impl Columns {
    pub(super) fn new(width: u16, longest_name: u16) -> Self {
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
        // The revision is what people come for: what widens must leave it room for 24 cells.
        if width >= 92 {
            columns.pending = 7;
            columns.secret = 18;
        }
        if width >= 116 {
            columns.database = 13;
            columns.spark = 12;
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

    pub(super) fn widths(&self) -> [u16; 9] {
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

/// Draws the row of an environment.
pub(super) fn draw(
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
