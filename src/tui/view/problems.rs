//! What is wrong, in words, worst first; each with what to do and the key that leads there.

use ratatui::layout::Rect;

use super::Scene;
use super::canvas::{Canvas, Piece, columns, piece, wrap};
use super::table::below;
use super::words::{self};
use crate::app::command::{Command, ConsentCommand};
use crate::app::fleet::{FleetRow, tab_of};
use crate::app::place::Place;
use crate::tui::theme::Role;

/// What is wrong, worst first; each with what to do and the key that leads there.
pub(super) fn draw(
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
        let (command, does) = match problem.code.as_str() {
            "review-owed" => (Command::Consent(ConsentCommand::Review), "review"),
            _ => (Command::Show(tab), tab.word()),
        };
        let bindings = &scene.model.setup.bindings;
        let key = bindings
            .key(Place::Fleet, command)
            .map(|key| format!("[{key}] {does}"))
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
