//! Answers of probes that contradict each other: all of them, each with its source and age.

use ratatui::layout::Rect;

use super::Scene;
use super::canvas::{Canvas, Row, piece};
use super::words;
use crate::domain::disagreement::ProbeAnswer;
use crate::domain::fleet::EnvironmentStatus;
use crate::tui::theme::Role;

/// Draws the answers, when they contradict each other, and gives the rows that it took.
pub(super) fn draw(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    status: &EnvironmentStatus,
) -> u16 {
    let Some(found) = status.disagreement() else {
        return 0;
    };
    let mut rows = vec![Row::of(vec![
        piece("! the probes disagree: ", Role::Warn),
        piece(found.meaning(), Role::Text),
    ])];
    let answers = status.probe_answers();
    rows.extend(answers.iter().map(|answer| line(scene, answer)));
    let shown = rows.iter().take(usize::from(area.height));
    for (row, y) in shown.zip(area.y..) {
        canvas.row(area, y, row);
    }
    u16::try_from(rows.len()).unwrap_or(0).min(area.height)
}

fn line<'a>(scene: &Scene<'_>, answer: &ProbeAnswer) -> Row<'a> {
    let probe = piece(format!("  {:<9}", answer.probe.word()), Role::Dim);
    match (&answer.reading, &answer.failure) {
        (Some(reading), _) => Row::of(vec![
            probe,
            piece(reading.told(), Role::Strong),
            piece(
                format!("  {} ago", words::since(reading.at, scene.now)),
                Role::Dim,
            ),
        ]),
        (None, Some(failure)) => Row::of(vec![probe, piece(failure.to_string(), Role::Dim)]),
        (None, None) => Row::of(vec![probe]),
    }
}
