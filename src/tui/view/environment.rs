//! One environment: its frame with tabs, and the overview of everything that is known of it.

use super::facts;
use super::frame;
use ratatui::layout::Rect;

use super::canvas::{Canvas, Piece, Row, piece, wrap};
use super::words::{self, Freshness};
use super::{Drawn, Scene, chrome};
use crate::app::command::Tab;
use crate::app::effect::Part;
use crate::app::event::Painted;
use crate::app::screen::EnvironmentScreen;
use crate::domain::fleet::EnvironmentStatus;
use crate::domain::observed::Remote;
use crate::domain::text::clean;
use crate::tui::theme::Role;

/// Draws the frame by tier with the tabs; returns what is inside.
pub(super) fn frame(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    screen: &EnvironmentScreen,
    status: &EnvironmentStatus,
) -> Rect {
    let environment = &status.environment;
    let name = environment.name.to_string();
    let armed = scene.model.is_armed(&environment.name);
    let read_only = scene.model.setup.policies.of(environment.tier).read_only;
    let right = match (read_only, armed) {
        (_, true) => vec![piece(" armed ", Role::Alarm)],
        (true, false) => vec![piece(" read-only ", Role::Dim)],
        (false, false) => Vec::new(),
    };
    let title = [piece(
        format!(" {} · {} ", environment.project, environment.region),
        Role::Dim,
    )];
    let inner = frame::frame(canvas, area, (environment.tier, &name), &title, &right, &[]);
    if inner.height < 3 {
        return inner;
    }
    tabs(scene, canvas, Rect { height: 1, ..inner }, screen);
    let filter = &screen.list().filter;
    if !filter.is_empty() {
        let text = [
            piece("filter ", Role::Dim),
            piece(filter.text(), Role::Input),
            piece(" ", Role::Dim),
        ];
        canvas.pieces_right(inner.right(), inner.y, inner.width / 2, &text);
    }
    Rect {
        y: inner.y + 1,
        height: inner.height - 1,
        ..inner
    }
}

fn tabs(scene: &Scene<'_>, canvas: &mut Canvas<'_>, area: Rect, screen: &EnvironmentScreen) {
    let mut x = area.x + 1;
    let short = area.width < 60;
    for (at, tab) in Tab::ALL.into_iter().enumerate() {
        let number = format!("{} ", at + 1);
        let word = if short && tab != screen.tab {
            &tab.word()[..3]
        } else {
            tab.word()
        };
        let counted = if short {
            String::new()
        } else {
            counted(scene, screen, tab)
        };
        let start = x;
        x += canvas.put(
            x,
            area.y,
            area.right().saturating_sub(x),
            &format!(" {number}"),
            Role::Key,
        );
        let role = if tab == screen.tab {
            Role::Strong
        } else {
            Role::Dim
        };
        x += canvas.put(
            x,
            area.y,
            area.right().saturating_sub(x),
            &format!("{word}{counted} "),
            role,
        );
        if tab == screen.tab {
            canvas.lay(
                Rect {
                    x: start,
                    y: area.y,
                    width: x - start,
                    height: 1,
                },
                Role::Selected,
            );
        }
        x += 1;
        if x >= area.right() {
            break;
        }
    }
}

fn counted(scene: &Scene<'_>, screen: &EnvironmentScreen, tab: Tab) -> String {
    let Some(status) = scene.model.station(screen.station) else {
        return String::new();
    };
    let number = match tab {
        Tab::Overview => return String::new(),
        Tab::Migrations => status
            .standing
            .as_ref()
            .map(|s| s.pending.len())
            .filter(|n| *n > 0)
            .map(|n| format!("{n} pending")),
        Tab::Secrets => status.secret.value().map(|s| s.versions.len().to_string()),
        Tab::Executions => status.executions.value().map(|e| e.len().to_string()),
    };
    number.map_or_else(String::new, |text| format!(" {text}"))
}

/// The line above a list that says where its data comes from and how old it is.
pub(super) fn provenance<T>(
    scene: &Scene<'_>,
    remote: &Remote<T>,
    station: usize,
    part: Part,
) -> Vec<Piece<'static>> {
    let (freshness, _, at) = chrome::part_state(scene, station, part);
    let mut out = Vec::new();
    if let Some(failure) = &remote.failure {
        out.push(piece(
            format!("✗ {} ", words::failure_word(failure)),
            Role::Bad,
        ));
    }
    let source = remote
        .last
        .as_ref()
        .map_or_else(String::new, |seen| clean(&seen.source).into_owned());
    match (freshness, at) {
        (_, None) if remote.loading => out.push(piece("reading… ", Role::Dim)),
        (_, None) => out.push(piece("not known ", Role::Dim)),
        (Freshness::Fresh, _) => out.push(piece(format!("{source} "), Role::Dim)),
        (Freshness::Old, Some(at)) => {
            out.push(piece(
                format!("{source} {} old ", words::since(at, scene.now)),
                Role::Warn,
            ));
        }
        (_, Some(at)) => out.push(piece(
            format!("{source} stale {} ", words::since(at, scene.now)),
            Role::Bad,
        )),
    }
    out
}

/// Everything that is known, each with its source and age.
pub(super) fn overview(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    screen: &EnvironmentScreen,
    status: &EnvironmentStatus,
) -> Drawn {
    let area = frame::padded(area);
    let mut rows = Vec::new();
    problems(status, area.width, &mut rows);
    rows.extend(facts::facts(scene, screen.station, area.width));
    let first = screen
        .list()
        .offset
        .min(rows.len().saturating_sub(usize::from(area.height)));
    canvas.rows(area, &rows, first);
    Drawn {
        painted: Painted {
            gate: None,
            rows: area.height,
            columns: area.width,
            content: rows.len(),
        },
        cursor: None,
    }
}

fn problems(status: &EnvironmentStatus, width: u16, rows: &mut Vec<Row<'_>>) {
    for problem in &status.problems {
        let (role, symbol) = words::severity(problem.severity);
        for (at, line) in wrap(&problem.message, width.saturating_sub(3))
            .into_iter()
            .enumerate()
        {
            let mark = if at == 0 {
                format!("{symbol} ")
            } else {
                "  ".to_owned()
            };
            rows.push(Row::of(vec![piece(mark, role), piece(line, Role::Text)]));
        }
        if !problem.hint.is_empty() {
            for (at, line) in wrap(&problem.hint, width.saturating_sub(5))
                .into_iter()
                .enumerate()
            {
                let arrow = if at == 0 { "→ " } else { "  " };
                rows.push(
                    Row::of(vec![piece(arrow, Role::Accent), piece(line, Role::Accent)])
                        .indented(2),
                );
            }
        }
    }
    rows.push(Row::default());
}
