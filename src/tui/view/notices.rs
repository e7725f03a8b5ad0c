//! Notices on the fleet: what the ledger has for whoever looks, one line each.

use ratatui::layout::Rect;

use super::Scene;
use super::canvas::{Canvas, Piece, Row, piece};
use super::footer::key_name;
use super::ledger::against;
use super::table::below;
use super::words;
use crate::app::command::{Command, ConsentCommand};
use crate::app::notices::Notice;
use crate::app::place::Place;
use crate::domain::settlement::Settlement;
use crate::domain::text::clean;
use crate::tui::theme::Role;

/// Room for the key at the right.
const KEY: u16 = 13;

/// Draws the lines that there is room for; `selected` is the one of the cursor.
pub(super) fn draw(
    scene: &Scene<'_>,
    canvas: &mut Canvas<'_>,
    area: Rect,
    notices: &[Notice<'_>],
    selected: Option<usize>,
) {
    if notices.is_empty() || area.height < 2 {
        return;
    }
    canvas.put(
        area.x,
        area.y,
        area.width,
        " FROM THE LEDGER",
        Role::Heading,
    );
    let count = vec![piece(notices.len().to_string(), Role::Heading)];
    canvas.pieces_right(area.right() - 1, area.y, 6, &count);
    let body = below(area, 1);
    let rows = usize::from(body.height);
    let first = selected.map_or(0, |at| (at + 1).saturating_sub(rows));
    let shown = notices.iter().enumerate().skip(first);
    for (y, (at, notice)) in (body.top()..body.bottom()).zip(shown) {
        let place = Rect {
            y,
            height: 1,
            ..body
        };
        canvas.row(place, y, &line(scene, notice, area.width));
        if selected == Some(at) {
            canvas.lay(place, Role::Selected);
        }
    }
    canvas.more_marks(body, first, notices.len());
}

fn line<'a>(scene: &Scene<'_>, notice: &Notice<'_>, width: u16) -> Row<'a> {
    let (role, symbol, text, command, does) = match notice {
        Notice::Chain(found) => (
            Role::Alarm,
            "✗",
            against(found).unwrap_or_default(),
            Command::Open,
            "ledger",
        ),
        Notice::Earlier(run) => {
            let (role, symbol, text) = earlier(scene, run);
            (role, symbol, text, Command::Open, "story")
        }
        Notice::Requests(newest) => {
            let count = scene.model.requests_heard().count();
            let text = format!(
                "{}: {} on {}, by {}, {} ago",
                match count {
                    1 => "1 request waits for you".to_owned(),
                    many => format!("{many} requests wait for you"),
                },
                newest.title,
                newest.environment,
                words::name(&newest.request.author),
                words::since(newest.request.at, scene.now)
            );
            (
                Role::Accent,
                "?",
                text,
                Command::Consent(ConsentCommand::Requests),
                "look",
            )
        }
    };
    let row = Row::of(vec![
        piece(format!(" {symbol} "), role),
        piece(clean(&text).into_owned(), Role::Text),
    ]);
    if width < 70 {
        return row;
    }
    row.right(key(scene, command, does))
}

fn key<'a>(scene: &Scene<'_>, command: Command, does: &str) -> Vec<Piece<'a>> {
    let key = scene.model.setup.bindings.key(Place::Fleet, command);
    let text = key.map(|key| format!("[{}] {does}", key_name(key)));
    let wide = usize::from(KEY);
    vec![piece(
        format!("{:<wide$}", text.unwrap_or_default()),
        Role::Key,
    )]
}

/// What was found about a run that was left open: told as what it is, not as news of a run.
fn earlier(scene: &Scene<'_>, run: &Settlement) -> (Role, &'static str, String) {
    let (role, symbol, word) = words::outcome(run.outcome);
    let (role, symbol, word) = if run.closed {
        (role, symbol, word)
    } else {
        (Role::Warn, "?", "still open")
    };
    let text = format!(
        "run {} of {} on {}, {}: {word}, {}",
        short(&run.run_id),
        run.operation,
        run.environment,
        when(scene, run),
        run.why
    );
    (role, symbol, text)
}

/// The end of a run id is what tells it from another.
fn short(run_id: &str) -> String {
    let all: Vec<char> = run_id.chars().collect();
    let from = all.len().saturating_sub(6);
    let mark = if from > 0 { "…" } else { "" };
    format!("{mark}{}", all[from..].iter().collect::<String>())
}

fn when(scene: &Scene<'_>, run: &Settlement) -> String {
    let day = |at: jiff::Timestamp| at.strftime("%Y-%m-%d").to_string();
    let clock = run.begun_at.strftime("%H:%M");
    let yesterday = scene.now.checked_sub(jiff::SignedDuration::from_hours(24));
    if day(run.begun_at) == day(scene.now) {
        format!("{clock} UTC")
    } else if yesterday.is_ok_and(|at| day(at) == day(run.begun_at)) {
        format!("yesterday {clock} UTC")
    } else {
        words::date(run.begun_at)
    }
}
