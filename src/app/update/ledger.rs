//! The ledger on the screen: what is asked of it, and what it answers. Keys never wait for it.

use jiff::{SignedDuration, Timestamp};

use crate::app::command::{LedgerCommand, Move};
use crate::app::effect::{Effect, LedgerAsk, RequestId};
use crate::app::event::LedgerAnswer;
use crate::app::ledger::words::{self, Known};
use crate::app::ledger::{LedgerScreen, StoryScreen, WINDOW};
use crate::app::model::Model;
use crate::app::pacing::Wanted;
use crate::app::screen::Screen;
use crate::domain::failure::Failure;
use crate::domain::ledger::{Filter, Reach};
use crate::domain::observed::Remote;

impl Model {
    /// The filter of the ledger that is typed, or what is wrong with it.
    pub fn ledger_filter(&self, screen: &LedgerScreen, now: Timestamp) -> Result<Filter, String> {
        let known = Known {
            environments: self
                .stations
                .iter()
                .map(|status| status.environment.name.as_str())
                .collect(),
            actors: screen.actors().into_iter().collect(),
        };
        words::parse(screen.list.filter.text(), &known, now)
    }
}

pub(super) fn give(model: &mut Model, command: LedgerCommand) -> Vec<Effect> {
    match command {
        LedgerCommand::Show => show(model),
        LedgerCommand::Story => {
            let run_id = match model.screen() {
                Screen::Run(screen) => model.run(screen.run).and_then(|run| run.run_id.clone()),
                _ => None,
            };
            run_id.map_or_else(Vec::new, |run_id| story(model, run_id))
        }
    }
}

/// Opens the ledger.
pub(super) fn show(model: &mut Model) -> Vec<Effect> {
    model.screens.push(Screen::Ledger(Box::default()));
    Vec::new()
}

/// Opens the story of the run under the cursor.
pub(super) fn open_story(model: &mut Model) -> Vec<Effect> {
    let selected = match model.screen() {
        Screen::Ledger(screen) => screen.selected(),
        _ => None,
    };
    match selected.map(|entry| entry.record.run_id.clone()) {
        Some(run_id) => story(model, run_id),
        None => Vec::new(),
    }
}

/// Opens the story of a run.
pub(super) fn story(model: &mut Model, run_id: String) -> Vec<Effect> {
    let id = model.requests.open(Wanted::Story);
    let screen = StoryScreen::new(run_id.clone(), id);
    model.screens.push(Screen::Story(Box::new(screen)));
    vec![Effect::Ledger {
        id,
        ask: LedgerAsk::Story { run_id },
    }]
}

/// Moves the cursor; the ends of the ledger may have to be read first.
pub(super) fn step(screen: &mut LedgerScreen, step: Move, rows: usize) {
    screen.towards = match step {
        Move::First if !screen.newest || screen.arrived > 0 => Some(Reach::Newest),
        Move::Last if !screen.oldest => Some(Reach::Oldest),
        _ => None,
    };
    screen.list.step(step, screen.entries.len(), rows);
    if screen.list.cursor == 0 {
        screen.arrived = 0;
    }
}

/// How old a check of the chain may be while newer entries are looked at.
const CHECKED_AT_ONCE: SignedDuration = SignedDuration::from_secs(2);
/// How old a check of the chain may be while the ledger is looked at.
const CHECKED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Asks for what the screen needs, and whether the chain holds.
pub(super) fn ask(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    let mut effects = Vec::from_iter(entries(model, now));
    let asked = model.chain_asked_at;
    let grown = match (model.screen(), model.chain.value()) {
        (Screen::Ledger(screen), Some(found)) => screen
            .entries
            .first()
            .is_some_and(|e| e.seq > found.entries),
        _ => false,
    };
    let every = if grown {
        CHECKED_AT_ONCE
    } else {
        CHECKED_EVERY
    };
    let old = asked.is_none_or(|at| now.duration_since(at) >= every);
    if old && matches!(model.screen(), Screen::Ledger(_)) && !model.is_paused(now) {
        effects.extend(check(model, now));
    }
    effects
}

/// Asks whether the chain holds, unless that is being checked already.
pub(super) fn check(model: &mut Model, now: Timestamp) -> Option<Effect> {
    if model.requests.is_open(&Wanted::Soundness) {
        return None;
    }
    model.chain.loading = true;
    model.chain_asked_at = Some(now);
    Some(Effect::Ledger {
        id: model.requests.open(Wanted::Soundness),
        ask: LedgerAsk::Soundness,
    })
}

/// Asks for what the screen needs: one question at a time, so that typing a filter does not pile them up.
fn entries(model: &mut Model, now: Timestamp) -> Option<Effect> {
    let Screen::Ledger(screen) = model.screen() else {
        return None;
    };
    let stale = screen
        .answered_at
        .is_none_or(|at| now.duration_since(at) >= model.setup.refresh_every)
        && !model.is_paused(now);
    let reach = screen.wants(stale)?;
    let filter = model.ledger_filter(screen, now).ok()?;
    let typed = screen.list.filter.text().to_owned();
    let id = model.requests.open(Wanted::Ledger);
    if let Screen::Ledger(screen) = model.screen_mut() {
        screen.open = Some((id, reach, typed));
    }
    Some(Effect::Ledger {
        id,
        ask: LedgerAsk::Window {
            filter: Box::new(filter),
            reach,
            size: WINDOW,
        },
    })
}

/// What was read is shown, if its screen is still there and still wants it.
pub(super) fn answer(
    model: &mut Model,
    id: RequestId,
    answer: Result<LedgerAnswer, Failure>,
    now: Timestamp,
) -> Vec<Effect> {
    let Some(wanted) = model.requests.close(id) else {
        return Vec::new();
    };
    if wanted == Wanted::Soundness {
        model.chain.absorb(match answer {
            Ok(LedgerAnswer::Soundness(found)) => Remote::ready(found, "ledger", now),
            Ok(_) => Remote::default(),
            Err(failure) => Remote::failed(failure),
        });
        return Vec::new();
    }
    for screen in &mut model.screens {
        match screen {
            Screen::Ledger(screen) => window(screen, id, &answer, now),
            Screen::Story(screen) if screen.request == Some(id) => {
                screen.request = None;
                screen.entries.absorb(match &answer {
                    Ok(LedgerAnswer::Story(entries)) => {
                        Remote::ready(entries.clone(), "ledger", now)
                    }
                    Ok(_) => Remote::default(),
                    Err(failure) => Remote::failed(failure.clone()),
                });
            }
            _ => {}
        }
    }
    Vec::new()
}

fn window(
    screen: &mut LedgerScreen,
    id: RequestId,
    answer: &Result<LedgerAnswer, Failure>,
    now: Timestamp,
) {
    let Some((_, reach, filter)) = screen.open.take_if(|(open, ..)| *open == id) else {
        return;
    };
    screen.answered_at = Some(now);
    // Where the filter was typed on meanwhile, the answer is already the wrong one.
    if screen.list.filter.text() != filter {
        return;
    }
    match answer {
        Ok(LedgerAnswer::Window(window)) => screen.absorb(reach, filter, window.clone()),
        Ok(_) => {}
        Err(failure) => {
            screen.failure = Some(failure.clone());
            screen.towards = None;
            screen.asked = Some(filter);
        }
    }
}

/// Reads the newest again, at the person's wish.
pub(super) fn refresh(model: &mut Model) {
    model.chain_asked_at = None;
    for screen in &mut model.screens {
        if let Screen::Ledger(screen) = screen {
            screen.failure = None;
            screen.towards = Some(Reach::Newest);
        }
    }
}

/// An answer that nobody waits for any more is not fetched to its end.
pub(super) fn leave(model: &mut Model, open: Option<RequestId>) -> Vec<Effect> {
    match open {
        Some(id) if model.requests.close(id).is_some() => vec![Effect::Abandon { id }],
        _ => Vec::new(),
    }
}
