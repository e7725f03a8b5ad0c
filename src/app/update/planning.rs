//! From an operation to a plan in front of its gate.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::app::effect::{Effect, RequestId};
use crate::app::event::Prepared;
use crate::app::gate::{GateScreen, Stage, Subject};
use crate::app::list::ListState;
use crate::app::model::Model;
use crate::app::pacing::Wanted;
use crate::app::screen::{OperationsScreen, ParameterField, ParametersScreen, Screen};
use crate::app::text::TextField;
use crate::domain::failure::Failure;

/// Lists the operations of the environment in focus.
pub(super) fn open_operations(model: &mut Model) -> Vec<Effect> {
    if let Some(station) = model.focus() {
        model.screens.push(Screen::Operations(OperationsScreen {
            station,
            list: ListState::default(),
        }));
    }
    Vec::new()
}

/// Plans an upgrade to the default target.
pub(super) fn upgrade(model: &mut Model, _now: Timestamp) -> Vec<Effect> {
    match model.focus() {
        Some(station) => plan(model, station, "upgrade".to_owned(), BTreeMap::new(), false),
        None => Vec::new(),
    }
}

/// Plans an upgrade to the revision that is selected; whether it can be, the model has said.
pub(super) fn upgrade_to_selected(model: &mut Model) -> Vec<Effect> {
    let Some((station, id)) = model.selected_revision() else {
        return Vec::new();
    };
    let params = [("target".to_owned(), id.as_str().to_owned())].into();
    plan(model, station, "upgrade".to_owned(), params, false)
}

/// Plans the run that asks the database itself where it stands.
pub(super) fn probe(model: &mut Model) -> Vec<Effect> {
    match model.focus() {
        Some(station) => plan(model, station, "current".to_owned(), BTreeMap::new(), false),
        None => Vec::new(),
    }
}

/// Chooses the operation under the cursor: its parameters are asked for when it has any.
pub(super) fn choose(model: &mut Model, _now: Timestamp) -> Vec<Effect> {
    let Screen::Operations(screen) = model.screen() else {
        return Vec::new();
    };
    let station = screen.station;
    let Some(operation) = model.operation_rows(&screen.list).nth(screen.list.cursor) else {
        return Vec::new();
    };
    let name = operation.name.clone();
    if operation.params.is_empty() {
        return plan(model, station, name, BTreeMap::new(), false);
    }
    let fields = operation
        .params
        .iter()
        .map(|(name, param)| ParameterField {
            name: name.clone(),
            kind: param.kind,
            value: TextField::with(param.default.clone().unwrap_or_default()),
        })
        .collect();
    model.screens.push(Screen::Parameters(ParametersScreen {
        station,
        operation: name,
        fields,
        at: 0,
        note: None,
    }));
    Vec::new()
}

/// Plans with the parameters that were typed, if they are of the right types.
pub(super) fn submit(model: &mut Model, _now: Timestamp) -> Vec<Effect> {
    let Screen::Parameters(screen) = model.screen() else {
        return Vec::new();
    };
    let (station, name) = (screen.station, screen.operation.clone());
    let params: BTreeMap<_, _> = screen
        .fields
        .iter()
        .filter(|field| !field.value.is_empty())
        .map(|field| (field.name.clone(), field.value.text().trim().to_owned()))
        .collect();
    let checked = model
        .setup
        .operations
        .iter()
        .find(|operation| operation.name == name)
        .map(|operation| operation.values(&params));
    match checked {
        Some(Ok(_)) => plan(model, station, name, params, false),
        Some(Err(wrong)) => {
            if let Screen::Parameters(screen) = model.screen_mut() {
                screen.note = Some(wrong.to_string());
            }
            Vec::new()
        }
        None => Vec::new(),
    }
}

/// Opens a gate screen and asks for the plan.
fn plan(
    model: &mut Model,
    station: usize,
    operation: String,
    params: BTreeMap<String, String>,
    backup_first: bool,
) -> Vec<Effect> {
    let serial = model.next_serial();
    let id = model.requests.open(Wanted::Plan);
    let environment = &model.stations[station].environment;
    let (name, tier) = (environment.name.clone(), environment.tier);
    let mut gate = GateScreen::new(
        serial,
        name.clone(),
        tier,
        operation.clone(),
        Stage::Planning(id),
    );
    gate.params.clone_from(&params);
    gate.backup_first = backup_first;
    model.screens.push(Screen::Gate(Box::new(gate)));
    vec![Effect::MakePlan {
        id,
        environment: name,
        operation,
        params,
        backup_first,
    }]
}

/// Reads the facts again and makes a new plan, at the gate or after a run.
pub(super) fn again(model: &mut Model, _now: Timestamp) -> Vec<Effect> {
    match model.screen() {
        Screen::Gate(_) => plan_here(model),
        Screen::Run(screen) => {
            let Some(plan) = model.run(screen.run).and_then(|run| run.plan.as_ref()) else {
                return Vec::new();
            };
            let (operation, params) = (plan.operation.clone(), plan.params.clone());
            let backup_first = !plan.steps.is_empty();
            let Some(station) = model.index_of(&plan.environment) else {
                return Vec::new();
            };
            model.screens.pop();
            self::plan(model, station, operation, params, backup_first)
        }
        _ => Vec::new(),
    }
}

/// Plans again with a backup as the first step, or without one.
pub(super) fn turn_backup(model: &mut Model) -> Vec<Effect> {
    if let Screen::Gate(gate) = model.screen_mut() {
        gate.backup_first = !gate.backup_first;
    }
    plan_here(model)
}

/// Makes a new plan in place of the one on the screen; the reason stays, the phrase does not.
fn plan_here(model: &mut Model) -> Vec<Effect> {
    let serial = model.next_serial();
    let id = model.requests.open(Wanted::Plan);
    let Screen::Gate(gate) = model.screen_mut() else {
        return Vec::new();
    };
    gate.show(serial, Stage::Planning(id));
    vec![Effect::MakePlan {
        id,
        environment: gate.environment.clone(),
        operation: gate.verb.clone(),
        params: gate.params.clone(),
        backup_first: gate.backup_first,
    }]
}

/// Shows a plan that has come, if its screen still waits for it.
pub(super) fn planned(
    model: &mut Model,
    id: RequestId,
    answer: Result<Box<Prepared>, Failure>,
) -> Vec<Effect> {
    if model.requests.close(id) == Some(Wanted::Plan) {
        let stage = match answer {
            Ok(prepared) => Stage::Open(Subject::Plan(prepared)),
            Err(failure) => Stage::Failed(failure),
        };
        arrived(model, id, stage);
    }
    Vec::new()
}

/// Shows what a gate screen waited for, if it is still there.
pub(super) fn arrived(model: &mut Model, id: RequestId, stage: Stage) {
    let serial = model.next_serial();
    let waiting = model
        .screens
        .iter_mut()
        .rev()
        .find_map(|screen| match screen {
            Screen::Gate(gate) if gate.stage == Stage::Planning(id) => Some(gate),
            _ => None,
        });
    if let Some(gate) = waiting {
        gate.show(serial, stage);
    }
}
