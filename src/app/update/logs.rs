//! Logs: opening them, moving and searching in them, taking their lines.

use jiff::Timestamp;

use super::overlays::{log_of, text_of};
use super::say;
use crate::app::command::{LogCommand, Move, Tab};
use crate::app::effect::{Effect, RequestId};
use crate::app::event::LogAnswer;
use crate::app::logs::{LogBuffer, LogView, TIME};
use crate::app::model::Model;
use crate::app::pacing::Wanted;
use crate::app::rows::execution_rows;
use crate::app::run::{Phase, Run};
use crate::app::screen::{LogScreen, LogSource, LogState, RunScreen, Screen};
use crate::domain::execution::{Execution, ExecutionName};

/// Columns of a page that the pager gets.
const PAGER: u16 = 100;

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
    text_of(model, |text, view| view.step(step, text, rows));
}

/// Does something within the log on top.
pub(super) fn within(model: &mut Model, command: LogCommand, now: Timestamp) -> Vec<Effect> {
    let rows = usize::from(model.painted.rows);
    let columns = model.comparison_columns(model.painted.columns);
    let furthest = model.stations.len().saturating_sub(columns.room);
    if let Screen::Comparison(screen) = model.screen_mut() {
        screen.left = match command {
            LogCommand::Right => (screen.left + 1).min(furthest),
            _ => screen.left.min(furthest).saturating_sub(1),
        };
        return Vec::new();
    }
    match command {
        LogCommand::NextMatch | LogCommand::PreviousMatch => {
            let forward = command == LogCommand::NextMatch;
            let found = text_of(model, |text, view| view.search(forward, text, rows));
            if found == Some(false) {
                say(model, "no line holds that", true, now);
            }
            return Vec::new();
        }
        LogCommand::Pager => {
            let text = match model.screen() {
                Screen::Revision(screen) => model.revision_page(screen, PAGER).text(),
                Screen::Story(screen) => screen.page(PAGER).text(),
                _ => log_of(model).map_or_else(String::new, |(log, _)| log.text()),
            };
            return vec![Effect::Pager { text }];
        }
        LogCommand::Wrap | LogCommand::Left | LogCommand::Right => {
            let before = match model.screen() {
                Screen::Revision(_) | Screen::Story(_) => 0,
                _ => TIME,
            };
            let room = (rows, model.painted.columns.saturating_sub(before));
            text_of(model, |text, view| match command {
                LogCommand::Wrap => view.wrap = !view.wrap,
                _ => view.sideways(command == LogCommand::Right, text, room),
            });
            return Vec::new();
        }
        LogCommand::Follow | LogCommand::FirstError => {}
    }
    let Some((log, view)) = log_of(model) else {
        return Vec::new();
    };
    match command {
        LogCommand::Follow => {
            if view.follow {
                view.top = view.first(log, rows);
            }
            view.follow = !view.follow;
        }
        LogCommand::FirstError => {
            if let Some(at) = log.first_error() {
                view.show(at, log, rows);
            }
        }
        _ => {}
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
