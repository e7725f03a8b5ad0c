//! Acts: arming, answering gates, and what comes of it.

use jiff::Timestamp;

use super::{consent, refresh, say};
use crate::app::command::Tab;
use crate::app::effect::{Effect, Gated, LeftGate, RequestId};
use crate::app::event::RunEvent;
use crate::app::gate::{GateScreen, Halt, Stage, Subject};
use crate::app::model::Model;
use crate::app::pacing::Wanted;
use crate::app::rows::execution_rows;
use crate::app::run::Run;
use crate::app::screen::{RunScreen, Screen};
use crate::domain::act::{Cancellation, SecretChange, SecretVerb};
use crate::domain::backend::Backend;
use crate::domain::environment::{EnvironmentName, Tier};
use crate::domain::execution::ExecutionName;
use crate::domain::failure::Failure;
use crate::domain::gate::{Answer, Gate, Refusal};
use crate::domain::plan::Plan;
use crate::domain::secret::SecretVersion;

/// What is said of a key that came before anybody can have looked.
pub(super) const TOO_SOON: &str = "too soon, or held down: look first, then press it once";

/// The approving key of a gate.
pub(super) fn approve(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    let again = model
        .gate()
        .is_some_and(|gate| gate.asks_again && gate.tier == Tier::Production);
    press(model, again, now)
}

/// The second key of a confirmation; production never takes it.
pub(super) fn yes(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    let asked = model
        .gate()
        .is_some_and(|gate| gate.asks_again && gate.tier != Tier::Production);
    if asked {
        press(model, true, now)
    } else {
        Vec::new()
    }
}

fn press(model: &mut Model, again: bool, now: Timestamp) -> Vec<Effect> {
    let serial = model.next_serial();
    if let Some(moved) = model.gate().and_then(|gate| model.moved_at(gate)) {
        // It closed when the fact was read; a key that meant the open gate does nothing.
        if let Screen::Gate(gate) = model.screen_mut() {
            gate.note = Some(format!("not passed: {moved}"));
        }
        return Vec::new();
    }
    let armed = model
        .gate()
        .is_some_and(|gate| model.is_armed(&gate.environment));
    let Screen::Gate(gate) = model.screen_mut() else {
        return Vec::new();
    };
    match gate.press(again, armed, now) {
        Ok(answer) => match asks_others(gate) {
            Some(plan) => consent::ask_others(model, plan, answer, now),
            None => pass(model, answer, now),
        },
        Err(Halt::TooSoon) => {
            gate.note = Some(TOO_SOON.to_owned());
            Vec::new()
        }
        Err(Halt::AskAgain) => {
            gate.asks_again = true;
            gate.serial = serial;
            gate.drawn_at = None;
            gate.note = None;
            Vec::new()
        }
        Err(Halt::Refused(refusal)) => {
            gate.note = Some(refusal.to_string());
            record_left(gate, Some(refusal))
        }
    }
}

/// The plan that others have to agree to before anything else is asked.
fn asks_others(gate: &GateScreen) -> Option<Plan> {
    match &gate.stage {
        Stage::Open(Subject::Plan(prepared)) if gate.lacks().is_some() => {
            Some(prepared.plan.clone())
        }
        _ => None,
    }
}

/// The gate is open: what stands behind it is sent.
fn pass(model: &mut Model, answer: Answer, now: Timestamp) -> Vec<Effect> {
    let Some(Screen::Gate(gate)) = model.screens.pop() else {
        return Vec::new();
    };
    let Stage::Open(subject) = gate.stage else {
        return Vec::new();
    };
    match subject {
        Subject::Plan(prepared) => {
            let id = model.requests.next_id();
            let plan = prepared.plan;
            let title = title(&plan);
            let mut run = Run::new(id, plan.environment.clone(), plan.tier, title, now);
            run.plan = Some(plan.clone());
            model.runs.push(run);
            close_forms(model);
            model
                .screens
                .push(Screen::Run(RunScreen { run: id, scroll: 0 }));
            vec![Effect::Execute {
                id,
                run: Box::new(Gated {
                    act: plan,
                    gate: prepared.gate,
                    answer,
                }),
            }]
        }
        word @ (Subject::Request(..) | Subject::Review(..)) => consent::word(model, word, answer),
        Subject::Cancel(act, gate) => {
            let station = model.index_of(&act.environment).unwrap_or_default();
            if let Some(run) = run_of(model, &act.execution) {
                run.cancelling = true;
            }
            vec![Effect::Cancel {
                id: model.requests.open(Wanted::Cancel(station)),
                cancel: Box::new(Gated { act, gate, answer }),
            }]
        }
        Subject::Secret(act, gate) => {
            let station = model.index_of(&act.environment).unwrap_or_default();
            vec![Effect::ChangeSecret {
                id: model.requests.open(Wanted::Secret(station)),
                change: Box::new(Gated { act, gate, answer }),
            }]
        }
    }
}

/// The forms that led to a gate are done with once it was passed.
fn close_forms(model: &mut Model) {
    model
        .screens
        .retain(|screen| !matches!(screen, Screen::Operations(_) | Screen::Parameters(_)));
}

fn title(plan: &crate::domain::plan::Plan) -> String {
    match plan.to.as_slice() {
        [] => plan.operation.clone(),
        [one] => format!("{} → {one}", plan.operation),
        several => format!("{} → {} revisions", plan.operation, several.len()),
    }
}

fn run_of<'a>(model: &'a mut Model, execution: &ExecutionName) -> Option<&'a mut Run> {
    model.runs.iter_mut().find(|run| {
        run.execution
            .as_ref()
            .is_some_and(|known| known.name == *execution)
    })
}

/// A gate that was left, or that stayed closed, is recorded.
pub(super) fn record_left(gate: &GateScreen, refusal: Option<Refusal>) -> Vec<Effect> {
    let Stage::Open(subject) = &gate.stage else {
        return Vec::new();
    };
    // Asking, and not answering yet, refuses nothing.
    if subject.gate().is_none() || (refusal.is_some() && gate.lacks().is_some()) {
        return Vec::new();
    }
    vec![Effect::RecordLeft(Box::new(LeftGate {
        environment: gate.environment.clone(),
        verb: subject.verb().to_owned(),
        digest: subject.digest(),
        refusal,
    }))]
}

/// Opens the gate in front of a cancellation.
pub(super) fn open_cancel(model: &mut Model) -> Vec<Effect> {
    let Some(status) = model.focus().and_then(|at| model.station(at)) else {
        return Vec::new();
    };
    let execution = match model.screen() {
        Screen::Run(screen) => model
            .run(screen.run)
            .and_then(|run| run.execution.as_ref())
            .map(|execution| execution.name.clone()),
        Screen::Environment(screen) if screen.tab == Tab::Executions => {
            execution_rows(status, screen.list())
                .nth(screen.list().cursor)
                .map(|execution| execution.name.clone())
        }
        _ => None,
    };
    let Some(execution) = execution else {
        return Vec::new();
    };
    let act = Cancellation {
        environment: status.environment.name.clone(),
        tier: status.environment.tier,
        job: status.environment.job_resource(),
        execution,
    };
    let gate = Gate::before(&act, &model.setup.policies, &[]);
    open_gate(model, Subject::Cancel(act, gate))
}

/// Opens the gate in front of the change of a secret version.
pub(super) fn open_secret(model: &mut Model, verb: SecretVerb) -> Vec<Effect> {
    let Some(status) = model.focus().and_then(|at| model.station(at)) else {
        return Vec::new();
    };
    let (Some(version), Some(secret)) = (model.selected_version(), &status.environment.secret)
    else {
        return Vec::new();
    };
    let act = SecretChange {
        environment: status.environment.name.clone(),
        tier: status.environment.tier,
        project: status.environment.project.clone(),
        secret: secret.clone(),
        version: version.version,
        etag: version.etag.clone(),
        verb,
    };
    let gate = Gate::before(&act, &model.setup.policies, &[]);
    open_gate(model, Subject::Secret(act, gate))
}

fn open_gate(model: &mut Model, subject: Subject) -> Vec<Effect> {
    let (environment, tier) = match &subject {
        Subject::Cancel(act, _) => (act.environment.clone(), act.tier),
        Subject::Secret(act, _) => (act.environment.clone(), act.tier),
        _ => return Vec::new(),
    };
    let verb = subject.verb().to_owned();
    push_gate(model, (environment, tier, verb), subject);
    Vec::new()
}

/// Puts a gate on the screen.
pub(super) fn push_gate(
    model: &mut Model,
    (environment, tier, verb): (EnvironmentName, Tier, String),
    subject: Subject,
) {
    let serial = model.next_serial();
    let gate = GateScreen::new(serial, environment, tier, verb, Stage::Open(subject));
    model.screens.push(Screen::Gate(Box::new(gate)));
}

/// A step of a run that is known; of others nothing is wanted.
pub(super) fn run_step(
    model: &mut Model,
    id: RequestId,
    event: RunEvent,
    now: Timestamp,
) -> Vec<Effect> {
    let Some(run) = model.run_mut(id) else {
        return Vec::new();
    };
    let was_live = run.is_live();
    run.apply(event, now);
    if !was_live || run.is_live() {
        return Vec::new();
    }
    let environment = run.environment.clone();
    match model.index_of(&environment) {
        Some(station) => refresh::station(model, station, now),
        None => Vec::new(),
    }
}

/// What a run left at work in the database is told at the run, while it is known.
pub(super) fn alive(
    model: &mut Model,
    execution: &ExecutionName,
    backends: Vec<Backend>,
) -> Vec<Effect> {
    if let Some(run) = run_of(model, execution) {
        run.alive = backends;
    }
    Vec::new()
}

pub(super) fn cancelled(
    model: &mut Model,
    id: RequestId,
    answer: Result<(), Failure>,
    now: Timestamp,
) -> Vec<Effect> {
    let Some(Wanted::Cancel(station)) = model.requests.close(id) else {
        return Vec::new();
    };
    match answer {
        Ok(()) => say(
            model,
            "cancellation was asked for; what it left behind is read back",
            false,
            now,
        ),
        Err(failure) => {
            model.runs.iter_mut().for_each(|run| run.cancelling = false);
            say(model, with_hint(&failure), true, now);
        }
    }
    refresh::station(model, station, now)
}

pub(super) fn secret_changed(
    model: &mut Model,
    id: RequestId,
    answer: Result<SecretVersion, Failure>,
    now: Timestamp,
) -> Vec<Effect> {
    let Some(Wanted::Secret(station)) = model.requests.close(id) else {
        return Vec::new();
    };
    match answer {
        Ok(version) => say(
            model,
            format!("{} is {} now", version.version, version.state.word()),
            false,
            now,
        ),
        Err(failure) => say(model, with_hint(&failure), true, now),
    }
    refresh::station(model, station, now)
}

pub(super) fn with_hint(failure: &Failure) -> String {
    if failure.hint.is_empty() {
        failure.to_string()
    } else {
        format!("{failure}: {}", failure.hint)
    }
}

/// Says who is signed in, and how to sign in again.
pub(super) fn sign_in(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    let text = match (&model.identity.failure, model.identity.value()) {
        (Some(failure), _) => with_hint(failure),
        (None, Some(identity)) => format!(
            "signed in as {} by {}",
            identity
                .email
                .as_deref()
                .unwrap_or("somebody whose name is not told"),
            identity.credential
        ),
        (None, None) => "who is signed in is not known yet".to_owned(),
    };
    let bad = model.identity.failure.is_some();
    say(model, text, bad, now);
    Vec::new()
}
