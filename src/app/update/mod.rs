//! How the model changes: pure, synchronous, one message at a time.

mod acts;
mod answers;
mod arming;
mod consent;
mod ledger;
mod logs;
mod navigate;
mod overlays;
mod planning;
mod refresh;
mod revisions;
mod terminal;

use jiff::{SignedDuration, Timestamp};

use super::Msg;
use super::command::Command;
use super::effect::Effect;
use super::event::Event;
use super::model::Model;
use super::screen::{Screen, Toast};

/// Applies one message and says what the world is asked for.
pub fn update(model: &mut Model, msg: Msg, now: Timestamp) -> Vec<Effect> {
    forget_what_expired(model, now);
    let before = gate_in_front(model);
    let mut effects = match msg {
        Msg::Command(command) => give(model, command, now),
        Msg::Event(event) => happen(model, event, now),
    };
    effects.extend(revisions::ask(model));
    effects.extend(ledger::ask(model, now));
    effects.extend(consent::ask(model, now));
    let front = gate_in_front(model);
    if front.is_some() && front != before {
        look_again(model);
    }
    effects
}

/// The gate that takes keys: on top, and nothing lies above it.
fn gate_in_front(model: &Model) -> Option<u64> {
    let gate = model.gate().filter(|_| model.overlay.is_none());
    gate.map(|gate| gate.serial)
}

/// A gate that comes to the front again has to be looked at again: keys that were typed before
/// it can be seen must not answer it.
fn look_again(model: &mut Model) {
    if let Screen::Gate(gate) = model.screen_mut() {
        gate.drawn_at = None;
    }
}

/// Gives a command, if it can be given; otherwise says why not.
fn give(model: &mut Model, command: Command, now: Timestamp) -> Vec<Effect> {
    let nobody_looked = model.is_paused(now);
    model.touched_at = Some(now);
    if let Err(why) = model.available(command) {
        say(model, why, true, now);
        return Vec::new();
    }
    let mut effects = carry_out(model, command, now);
    if nobody_looked {
        effects.extend(refresh::due(model, now));
    }
    effects
}

fn carry_out(model: &mut Model, command: Command, now: Timestamp) -> Vec<Effect> {
    match command {
        Command::Move(step) => navigate::step(model, step),
        Command::Open => navigate::open(model, now),
        Command::Back => navigate::back(model),
        Command::Show(tab) => navigate::show(model, tab, now),
        Command::NextTab => navigate::turn(model, true, now),
        Command::PreviousTab => navigate::turn(model, false, now),
        Command::NextField => navigate::next_field(model, true),
        Command::PreviousField => navigate::next_field(model, false),
        Command::Search => overlays::open_search(model),
        Command::Palette => overlays::open_palette(model),
        Command::Help => overlays::open_help(model),
        Command::Refresh => refresh::everything(model, now),
        Command::Operations => planning::open_operations(model),
        Command::Upgrade => planning::upgrade(model, now),
        Command::Replan => planning::again(model, now),
        Command::BackupFirst => planning::turn_backup(model),
        Command::Arm => arming::turn(model, now),
        Command::Approve => acts::approve(model, now),
        Command::Yes => acts::yes(model, now),
        Command::CancelRun => acts::open_cancel(model),
        Command::Secret(verb) => acts::open_secret(model, verb),
        Command::ShowLog => logs::open(model),
        Command::Log(command) => logs::within(model, command, now),
        Command::Revision(command) => revisions::give(model, command, now),
        Command::Ledger(command) => ledger::give(model, command),
        Command::Consent(command) => consent::give(model, command, now),
        Command::SignIn => acts::sign_in(model, now),
        Command::Suspend => vec![Effect::Suspend],
        Command::Quit => quit(model, now),
    }
}

fn happen(model: &mut Model, event: Event, now: Timestamp) -> Vec<Effect> {
    match event {
        Event::Terminal(event) => terminal::happen(model, event, now),
        Event::Identity { id, answer } => answers::identity(model, id, answer, now),
        Event::Part {
            id,
            environment,
            answer,
        } => answers::part(model, id, &environment, answer, now),
        Event::Assessed {
            id,
            environment,
            standing,
            heard,
            directory,
            problems,
        } => {
            let known = (standing, heard, directory, problems);
            answers::assessed(model, id, &environment, known)
        }
        Event::Directory { id, answer } => answers::directory(model, id, answer, now),
        Event::Reviewed { id, answer } => revisions::reviewed(model, id, answer),
        Event::Planned { id, answer } => planning::planned(model, id, answer),
        Event::Run { id, event } => acts::run_step(model, id, event, now),
        Event::Cancelled { id, answer } => acts::cancelled(model, id, answer, now),
        Event::SecretChanged { id, answer } => acts::secret_changed(model, id, answer, now),
        Event::Log { id, answer } => logs::answer(model, id, answer),
        Event::Consent { id, answer } => consent::answer(model, id, answer, now),
        Event::Earlier(found) => consent::earlier(model, found, now),
        Event::Alive {
            execution,
            backends,
        } => acts::alive(model, &execution, backends),
        Event::Armed { id, answer } => arming::answered(model, id, answer, now),
        Event::Ledger { id, answer } => ledger::answer(model, id, answer, now),
        Event::Backend(words) => {
            model.setup.backend = words;
            Vec::new()
        }
        Event::Notice(failure) => {
            say(model, failure.to_string(), true, now);
            Vec::new()
        }
    }
}

/// Leaves; while a run goes on it asks once more, because the run goes on without us.
fn quit(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    let asked = model
        .quit_asked_at
        .is_some_and(|at| now.duration_since(at) < SignedDuration::from_secs(5));
    if asked
        || !model
            .runs
            .iter()
            .any(|run| run.is_live() && run.plan.is_some())
    {
        let mut effects = arming::end(model);
        effects.push(Effect::SaveSnapshot(Box::new(refresh::snapshot(
            model, now,
        ))));
        effects.push(Effect::Quit);
        return effects;
    }
    model.quit_asked_at = Some(now);
    say(
        model,
        "a run goes on; it continues in the cloud and the next start reads it back. Again to leave",
        true,
        now,
    );
    Vec::new()
}

/// Says something in one line, for a while.
fn say(model: &mut Model, text: impl Into<String>, bad: bool, now: Timestamp) {
    let seconds = if bad { 8 } else { 5 };
    let until = now
        .checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(now);
    model.toast = Some(Toast {
        text: text.into(),
        bad,
        until,
    });
}

fn forget_what_expired(model: &mut Model, now: Timestamp) {
    if model.toast.as_ref().is_some_and(|toast| toast.until <= now) {
        model.toast = None;
    }
    arming::expire(model, now);
}
