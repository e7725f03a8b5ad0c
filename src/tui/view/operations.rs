//! Choosing an operation, and typing its parameters.

use super::frame;
use ratatui::layout::Rect;

use super::canvas::{Canvas, Row, columns, piece};
use super::{Drawn, Scene, executions::column, table};
use crate::app::event::Painted;
use crate::app::screen::{OperationsScreen, ParametersScreen};
use crate::domain::operation::{Operation, ParamKind, Risk};
use crate::tui::theme::Role;

fn framed(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    station: usize,
    title: &str,
) -> Rect {
    let environment = &scene.model.stations[station].environment;
    let name = environment.name.to_string();
    let title = [piece(format!(" {title} "), Role::Text)];
    let inner = frame::frame(canvas, area, (environment.tier, &name), &title, &[], &[]);
    frame::padded(inner)
}

/// The operations that can be planned.
pub(super) fn list(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    screen: &OperationsScreen,
) -> Drawn {
    let area = framed(scene, canvas, area, screen.station, "choose an operation");
    canvas.row(
        area,
        area.y,
        &Row::plain(
            format!("{:<20}{:<13}ARGS", "OPERATION", "RISK"),
            Role::Heading,
        ),
    );
    let body = table::below(area, 1);
    let rows: Vec<_> = scene.model.operation_rows(&screen.list).collect();
    table::rows(canvas, body, &screen.list, rows.len(), |at| line(rows[at]))
}

fn line(operation: &Operation) -> Row<'_> {
    let role = match operation.risk {
        Risk::Read => Role::Good,
        Risk::Change => Role::Accent,
        Risk::Destructive => Role::Bad,
    };
    Row::of(vec![
        piece(column(&operation.name, 20), Role::Strong),
        piece(format!("{:<13}", operation.risk.word()), role),
        piece(operation.args.join(" "), Role::Dim),
    ])
}

/// The parameters of one operation.
pub(super) fn parameters(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    screen: &ParametersScreen,
) -> Drawn {
    let title = format!("parameters of {}", screen.operation);
    let area = framed(scene, canvas, area, screen.station, &title);
    let mut cursor = None;
    for (at, field) in screen.fields.iter().enumerate() {
        let Some(y) = u16::try_from(at * 2)
            .ok()
            .map(|by| area.y.saturating_add(1 + by))
        else {
            break;
        };
        if y >= area.bottom() {
            break;
        }
        let role = if at == screen.at {
            Role::Strong
        } else {
            Role::Dim
        };
        let mut x = area.x + canvas.put(area.x, y, 20, &column(&field.name, 16), role);
        let room = area.right().saturating_sub(x);
        if at == screen.at {
            cursor = Some((x + columns(field.value.before_cursor()), y));
        }
        x += canvas.put(x, y, room, field.value.text(), Role::Input);
        let kind = format!("   {}", kind_words(field.kind));
        canvas.put(x, y, area.right().saturating_sub(x), &kind, Role::Dim);
    }
    if let Some(note) = &screen.note {
        let y = area.bottom().saturating_sub(1);
        canvas.put(area.x, y, area.width, note, Role::Bad);
    }
    Drawn {
        painted: Painted::default(),
        cursor,
    }
}

fn kind_words(kind: ParamKind) -> &'static str {
    match kind {
        ParamKind::Revision => "a revision: `head`, `+1`, an id, or its beginning",
        ParamKind::Range => "a range of revisions, A:B",
        ParamKind::Text => "text",
        ParamKind::Integer => "a whole number",
        ParamKind::Boolean => "true or false",
    }
}
