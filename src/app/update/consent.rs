//! The second person: asking others, answering them, what is owed, and what was left open.

use jiff::{SignedDuration, Timestamp};

use super::acts::with_hint;
use super::{acts, refresh, say};
use crate::app::command::ConsentCommand;
use crate::app::consent::{ConsentAnswer, ConsentAsk, RequestSeen};
use crate::app::effect::{Effect, RequestId};
use crate::app::event::Earlier;
use crate::app::gate::{GateScreen, Stage, Subject};
use crate::app::list::ListState;
use crate::app::model::{LOOKS_EVERY, Model};
use crate::app::notices::Notice;
use crate::app::pacing::Wanted;
use crate::app::screen::Screen;
use crate::domain::act::Act;
use crate::domain::environment::Tier;
use crate::domain::failure::Failure;
use crate::domain::gate::{Answer, Demand};
use crate::domain::observed::Remote;
use crate::domain::plan::Plan;
use crate::domain::policy::{Confirm, ReasonRule};
use crate::domain::review_debt::Debt;

/// How often it is looked what waits for somebody's word.
const DESK_EVERY: SignedDuration = SignedDuration::from_mins(1);

pub(super) fn give(model: &mut Model, command: ConsentCommand, now: Timestamp) -> Vec<Effect> {
    match command {
        ConsentCommand::Glass => {
            let serial = model.next_serial();
            if let Screen::Gate(gate) = model.screen_mut() {
                gate.turn_glass(serial);
            }
            Vec::new()
        }
        ConsentCommand::Requests => {
            model.screens.push(Screen::Requests(ListState::default()));
            model.desk_asked_at = None;
            Vec::new()
        }
        ConsentCommand::Decline => decline(model, now),
        ConsentCommand::Review => {
            if let Some(owed) = model.selected_review().cloned() {
                open_review(model, owed);
            }
            Vec::new()
        }
    }
}

/// Looks where the gate on top stands, and asks for what is to be known of others.
pub(super) fn ask(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    let serial = model.next_serial();
    if let Screen::Gate(gate) = model.screen_mut() {
        gate.look(serial, now);
    }
    let mut effects = Vec::from_iter(look(model, now));
    let old = model
        .desk_asked_at
        .is_none_or(|at| now.duration_since(at) >= DESK_EVERY);
    if old && model.opened_at.is_some() && !model.is_paused(now) {
        effects.extend(desk(model, now));
    }
    effects
}

fn desk(model: &mut Model, now: Timestamp) -> Option<Effect> {
    if model.requests.is_open(&Wanted::Desk) {
        return None;
    }
    model.desk.loading = true;
    model.desk_asked_at = Some(now);
    Some(Effect::Consent {
        id: model.requests.open(Wanted::Desk),
        ask: ConsentAsk::Desk,
    })
}

/// While a gate waits for others it is looked again and again whether they gave their word.
fn look(model: &mut Model, now: Timestamp) -> Option<Effect> {
    let waits = model.waits_for_others() && !model.is_paused(now);
    let gate = model.gate().filter(|_| waits)?;
    let due = gate
        .asked_at
        .is_none_or(|at| now.duration_since(at) >= LOOKS_EVERY);
    let Stage::Open(Subject::Plan(prepared)) = &gate.stage else {
        return None;
    };
    if gate.asking.is_some() || !due {
        return None;
    }
    let plan = Box::new(prepared.plan.clone());
    Some(at_the_gate(model, ConsentAsk::Standing { plan }, now))
}

/// Sends a question whose answer the gate on top waits for.
fn at_the_gate(model: &mut Model, ask: ConsentAsk, now: Timestamp) -> Effect {
    let id = model.requests.open(Wanted::Consents);
    if let Screen::Gate(gate) = model.screen_mut() {
        gate.asking = Some(id);
        gate.asked_at = Some(now);
    }
    Effect::Consent { id, ask }
}

/// Asks others to agree to the plan on the screen.
pub(super) fn ask_others(
    model: &mut Model,
    plan: Plan,
    answer: Answer,
    now: Timestamp,
) -> Vec<Effect> {
    let ask = ConsentAsk::Others {
        plan: Box::new(plan),
        reason: answer.reason.unwrap_or_default(),
    };
    vec![at_the_gate(model, ask, now)]
}

/// Opens the request under the cursor, with the plan as its author saw it.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Screen::Requests(list) = model.screen() else {
        return Vec::new();
    };
    let Some(open) = model.open_requests(list).nth(list.cursor).cloned() else {
        return Vec::new();
    };
    let tier = model
        .index_of(&open.environment)
        .and_then(|at| model.station(at))
        .map_or(Tier::Production, |status| status.environment.tier);
    let serial = model.next_serial();
    let id = model.requests.open(Wanted::Plan);
    let title = format!("request {}", open.title);
    let gate = GateScreen::new(serial, open.environment, tier, title, Stage::Planning(id));
    model.screens.push(Screen::Gate(Box::new(gate)));
    vec![Effect::Consent {
        id,
        ask: ConsentAsk::Look {
            request: open.request.id,
            plan: open.request.plan,
        },
    }]
}

/// What is to be typed to agree: more than a key, whatever the tier asks of the one who acts.
fn demand_of(seen: &RequestSeen) -> Demand {
    let plan = &seen.prepared.plan;
    let target = plan.target().map(|t| format!(" {t}")).unwrap_or_default();
    let heard = seen.request.admits(&seen.who).is_ok();
    Demand {
        confirm: if heard {
            Confirm::TypeTarget
        } else {
            Confirm::None
        },
        phrase: if heard {
            format!("agree {}{target}", plan.environment)
        } else {
            String::new()
        },
        reason: ReasonRule::Optional,
        ticket: None,
        approvals: 0,
        arm: false,
    }
}

fn open_review(model: &mut Model, owed: Debt) {
    let demand = Demand {
        confirm: Confirm::None,
        phrase: String::new(),
        reason: ReasonRule::Required,
        ticket: None,
        approvals: 0,
        arm: false,
    };
    let tier = model
        .index_of(&owed.environment)
        .and_then(|at| model.station(at))
        .map_or(Tier::Production, |status| status.environment.tier);
    acts::push_gate(
        model,
        (owed.environment.clone(), tier, "review".to_owned()),
        Subject::Review(Box::new(owed), demand),
    );
}

/// Somebody agrees, or records a review; the gate has taken what was typed.
pub(super) fn word(model: &mut Model, subject: Subject, answer: Answer) -> Vec<Effect> {
    match subject {
        Subject::Request(seen, _) => say_word(model, &seen, true, answer.reason),
        Subject::Review(owed, _) => {
            let said = format!("the review of run {} is recorded", owed.run_id);
            vec![Effect::Consent {
                id: model.requests.open(Wanted::Word(said)),
                ask: ConsentAsk::Review {
                    run_id: owed.run_id,
                    reason: answer.reason.unwrap_or_default(),
                },
            }]
        }
        _ => Vec::new(),
    }
}

fn decline(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    let Screen::Gate(gate) = model.screen_mut() else {
        return Vec::new();
    };
    if !gate.is_looked_at(now) {
        gate.note = Some(super::acts::TOO_SOON.to_owned());
        return Vec::new();
    }
    if let Err(refusal) = gate.check_reason() {
        gate.note = Some(refusal.to_string());
        return Vec::new();
    }
    let reason = gate.reason.text().trim().to_owned();
    let Stage::Open(Subject::Request(seen, _)) = &gate.stage else {
        return Vec::new();
    };
    let seen = seen.clone();
    model.screens.pop();
    say_word(model, &seen, false, Some(reason))
}

fn say_word(
    model: &mut Model,
    seen: &RequestSeen,
    agrees: bool,
    reason: Option<String>,
) -> Vec<Effect> {
    let request = &seen.request;
    let verb = if agrees { "agreed" } else { "declined" };
    let said = format!(
        "{verb}: the request of {} on {}",
        request.author, seen.prepared.plan.environment
    );
    vec![Effect::Consent {
        id: model.requests.open(Wanted::Word(said)),
        ask: ConsentAsk::Word {
            request: request.id.clone(),
            plan: request.plan.clone(),
            environment: seen.prepared.plan.environment.clone(),
            agrees,
            reason,
        },
    }]
}

/// Takes what was answered, if it is still waited for.
pub(super) fn answer(
    model: &mut Model,
    id: RequestId,
    answer: Result<ConsentAnswer, Failure>,
    now: Timestamp,
) -> Vec<Effect> {
    match model.requests.close(id) {
        Some(Wanted::Desk) => {
            let found = answer.map(|answer| match answer {
                ConsentAnswer::Desk(desk) => Remote::ready(desk, "ledger", now),
                _ => Remote::default(),
            });
            model.desk.absorb(found.unwrap_or_else(Remote::failed));
        }
        Some(Wanted::Consents) => consents(model, id, answer, now),
        Some(Wanted::Plan) => seen(model, id, answer),
        Some(Wanted::Word(said)) => {
            // Whatever came of it, what waits is another thing now.
            model.desk_asked_at = None;
            match answer {
                Ok(_) => say(model, said, false, now),
                Err(failure) => {
                    say(
                        model,
                        format!("not recorded: {}", with_hint(&failure)),
                        true,
                        now,
                    );
                }
            }
        }
        _ => {}
    }
    Vec::new()
}

fn consents(
    model: &mut Model,
    id: RequestId,
    answer: Result<ConsentAnswer, Failure>,
    now: Timestamp,
) {
    let waiting = model.screens.iter_mut().find_map(|screen| match screen {
        Screen::Gate(gate) if gate.asking == Some(id) => Some(gate),
        _ => None,
    });
    let Some(gate) = waiting else { return };
    gate.asking = None;
    match (answer, &mut gate.stage) {
        (Ok(ConsentAnswer::Consents(found)), Stage::Open(Subject::Plan(prepared)))
            if *found.plan() == prepared.plan.digest() =>
        {
            prepared.consents = found;
        }
        (Err(failure), _) => {
            gate.note = Some(with_hint(&failure));
            say(model, with_hint(&failure), true, now);
        }
        _ => {}
    }
    model.desk_asked_at = None;
}

fn seen(model: &mut Model, id: RequestId, answer: Result<ConsentAnswer, Failure>) {
    let stage = match answer {
        Ok(ConsentAnswer::Seen(seen)) => {
            let demand = demand_of(&seen);
            Stage::Open(Subject::Request(seen, demand))
        }
        Ok(_) => return,
        Err(failure) => Stage::Failed(failure),
    };
    super::planning::arrived(model, id, stage);
}

/// What became of runs that had been left open: told on the fleet until somebody has looked at it.
pub(super) fn earlier(model: &mut Model, found: Vec<Earlier>, now: Timestamp) -> Vec<Effect> {
    let stations: Vec<_> = found
        .iter()
        .filter_map(|run| model.index_of(&run.environment))
        .collect();
    for run in found {
        model.earlier.retain(|known| known.run_id != run.run_id);
        model.earlier.push(run);
    }
    let read = |station| refresh::station(model, station, now);
    stations.into_iter().flat_map(read).collect()
}

/// Opens what a notice is about.
pub(super) fn open_notice(model: &mut Model, at: usize, now: Timestamp) -> Vec<Effect> {
    let Some(notice) = model.notices().into_iter().nth(at) else {
        return Vec::new();
    };
    match notice {
        Notice::Chain(_) => super::ledger::show(model),
        Notice::Requests(_) => give(model, ConsentCommand::Requests, now),
        Notice::Earlier(run) => {
            let run_id = run.run_id.clone();
            // Told and looked at; what is still open stays.
            model
                .earlier
                .retain(|known| known.run_id != run_id || !known.closed);
            super::ledger::story(model, run_id)
        }
    }
}

impl Model {
    /// The requests that wait, as far as a filter lets them through.
    pub fn open_requests<'a>(
        &'a self,
        list: &'a ListState,
    ) -> impl Iterator<Item = &'a crate::app::consent::OpenRequest> {
        let all = self
            .desk
            .value()
            .into_iter()
            .flat_map(|desk| &desk.requests);
        all.filter(|open| {
            list.filter.is_empty()
                || list.lets_through(&format!(
                    "{} {} {}",
                    open.environment, open.title, open.request.author
                ))
        })
    }

    /// The review that is owed for what the cursor is on, or else the oldest.
    pub fn selected_review(&self) -> Option<&Debt> {
        let here = self.focus().and_then(|at| self.station(at));
        let all = self.stations.iter().flat_map(|status| &status.debts);
        here.and_then(|status| status.debts.first())
            .or_else(|| all.min_by_key(|debt| debt.at))
    }
}
