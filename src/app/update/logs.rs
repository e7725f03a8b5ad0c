//! Logs: opening them, moving and searching in them, taking their lines.

use jiff::Timestamp;

use super::overlays::log_of;
use super::say;
use crate::app::command::{LogCommand, Move, Tab};
use crate::app::effect::{Effect, RequestId};
use crate::app::event::LogAnswer;
use crate::app::logs::{LogBuffer, LogView};
use crate::app::model::Model;
use crate::app::pacing::Wanted;
use crate::app::rows::execution_rows;
use crate::app::run::{Phase, Run};
use crate::app::screen::{LogScreen, LogSource, LogState, RunScreen, Screen};
use crate::domain::execution::{Execution, ExecutionName};

/// The log that would be shown: of which execution, and whether that one goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTarget {
    /// Index of the environment in the config.
    pub station: usize,
    /// The execution.
    pub execution: ExecutionName,
    /// Whether more lines may come.
    pub goes_on: bool,
    /// The run that has its lines already.
    pub run: Option<RequestId>,
}

impl Model {
    /// Which log `show log` would show here.
    pub fn log_target(&self) -> Option<LogTarget> {
        let station = self.focus()?;
        let status = self.station(station)?;
        let target = |execution: &Execution| LogTarget {
            station,
            execution: execution.name.clone(),
            goes_on: !execution.state.is_over(),
            run: self.run_with(&execution.name),
        };
        match self.screen() {
            Screen::Run(screen) => {
                let run = self.run(screen.run)?;
                run.execution.as_ref().map(|execution| LogTarget {
                    run: Some(run.id),
                    ..target(execution)
                })
            }
            Screen::Environment(screen) if screen.tab == Tab::Executions => {
                execution_rows(status, screen.list())
                    .nth(screen.list().cursor)
                    .map(target)
            }
            Screen::Fleet(_) | Screen::Environment(_) => status.last_execution().map(target),
            _ => None,
        }
    }

    fn run_with(&self, execution: &ExecutionName) -> Option<RequestId> {
        self.runs
            .iter()
            .rev()
            .find(|run| {
                run.execution
                    .as_ref()
                    .is_some_and(|known| known.name == *execution)
            })
            .map(|run| run.id)
    }
}

/// Shows the log of the execution in focus.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(target) = model.log_target() else {
        return Vec::new();
    };
    if let Some(run) = target.run {
        model.screens.push(Screen::Log(Box::new(LogScreen {
            station: target.station,
            execution: target.execution,
            source: LogSource::Run(run),
        })));
        return Vec::new();
    }
    let request = model.requests.open(Wanted::Log);
    let effect = Effect::ReadLog {
        id: request,
        environment: model.stations[target.station].environment.name.clone(),
        execution: target.execution.clone(),
        follow: target.goes_on,
    };
    model.screens.push(Screen::Log(Box::new(LogScreen {
        station: target.station,
        execution: target.execution,
        source: LogSource::Own {
            request,
            log: LogBuffer::default(),
            view: LogView {
                follow: target.goes_on,
                ..LogView::default()
            },
            state: LogState::Loading,
        },
    })));
    vec![effect]
}

/// Opens the run of the execution under the cursor: one that goes on is followed, of others the log is shown.
pub(super) fn open_run_or_log(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    let Some(target) = model.log_target() else {
        return Vec::new();
    };
    if let Some(run) = target.run {
        model
            .screens
            .push(Screen::Run(RunScreen { run, scroll: 0 }));
        return Vec::new();
    }
    if target.goes_on {
        follow(model, &target, now)
    } else {
        open(model)
    }
}

/// Follows an execution that somebody else started.
fn follow(model: &mut Model, target: &LogTarget, now: Timestamp) -> Vec<Effect> {
    let id = model.requests.next_id();
    let status = &model.stations[target.station];
    let environment = status.environment.name.clone();
    let known = status
        .executions
        .value()
        .and_then(|list| list.iter().find(|e| e.name == target.execution))
        .cloned();
    let mut run = Run::new(
        id,
        environment.clone(),
        status.environment.tier,
        format!("follow {}", target.execution),
        known
            .as_ref()
            .map_or(now, |e| e.started_at.unwrap_or(e.created_at)),
    );
    run.execution = known;
    run.phase = Phase::Running;
    model.runs.push(run);
    model
        .screens
        .push(Screen::Run(RunScreen { run: id, scroll: 0 }));
    vec![Effect::Follow {
        id,
        environment,
        execution: target.execution.clone(),
    }]
}

/// Moves in the log on top.
pub(super) fn step(model: &mut Model, step: Move, rows: usize) {
    if let Some((log, view)) = log_of(model) {
        view.step(step, log, rows);
    }
}

/// Does something within the log on top.
pub(super) fn within(model: &mut Model, command: LogCommand, now: Timestamp) -> Vec<Effect> {
    let rows = usize::from(model.painted.rows);
    let Some((log, view)) = log_of(model) else {
        return Vec::new();
    };
    match command {
        LogCommand::NextMatch | LogCommand::PreviousMatch => {
            if !view.search(command == LogCommand::NextMatch, log, rows) {
                say(model, "no line holds that", true, now);
            }
        }
        LogCommand::Follow => {
            if view.follow {
                view.top = view.first(log, rows);
            }
            view.follow = !view.follow;
        }
        LogCommand::Wrap => view.wrap = !view.wrap,
        LogCommand::FirstError => {
            if let Some(at) = log.first_error() {
                view.show(at, log, rows);
            }
        }
        LogCommand::Pager => return vec![Effect::Pager { text: log.text() }],
    }
    Vec::new()
}

/// Takes lines of a log, if its screen is still there.
pub(super) fn answer(model: &mut Model, id: RequestId, answer: LogAnswer) -> Vec<Effect> {
    if model.requests.wanted(id) != Some(&Wanted::Log) {
        return Vec::new();
    }
    if !matches!(answer, LogAnswer::Lines(_)) {
        model.requests.close(id);
    }
    let waiting = model.screens.iter_mut().find_map(|screen| match screen {
        Screen::Log(screen) => match &mut screen.source {
            LogSource::Own {
                request,
                log,
                state,
                ..
            } if *request == id => Some((log, state)),
            _ => None,
        },
        _ => None,
    });
    if let Some((log, state)) = waiting {
        match answer {
            LogAnswer::Lines(lines) => {
                log.extend(lines);
                *state = LogState::Reading;
            }
            LogAnswer::End => *state = LogState::Complete,
            LogAnswer::Failed(failure) => *state = LogState::Failed(failure),
        }
    }
    Vec::new()
}
