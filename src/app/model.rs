//! The model: everything that the console knows and shows. Only `update` changes it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::bindings::Bindings;
use super::consent::Desk;
use super::effect::RequestId;
use super::event::{Earlier, Painted};
use super::gate::{GateScreen, Stage};
use super::list::ListState;
use super::pacing::{Pace, Requests, Wanted};
use super::place::Place;
use super::reviews::Reviews;
use super::run::Run;
use super::screen::{LogSource, Overlay, Screen, Toast};
use crate::domain::environment::{Environment, EnvironmentName};
use crate::domain::fleet::{EnvironmentStatus, Fleet, Identity};
use crate::domain::graph::Layout;
use crate::domain::ledger::Soundness;
use crate::domain::migration::Directory;
use crate::domain::observed::Remote;
use crate::domain::operation::Operation;
use crate::domain::policy::Policies;

/// How often it is looked whether others gave their word, while a gate waits for it.
pub const LOOKS_EVERY: SignedDuration = SignedDuration::from_secs(5);
/// Without a key for this long nobody looks, and nothing is read any more.
pub const NOBODY_LOOKS_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// What the console starts with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What the title says of the world behind: empty for Google Cloud, `sandbox · PostgreSQL` and the like otherwise.
    pub backend: String,
    /// The environments in the order of the config.
    pub environments: Vec<Environment>,
    /// The operations that may be planned.
    pub operations: Vec<Operation>,
    /// The policies of the gates.
    pub policies: Policies,
    /// The keys.
    pub bindings: Bindings,
    /// What was last seen.
    pub snapshot: Option<Fleet>,
    /// How often everything is read again.
    pub refresh_every: SignedDuration,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
}

/// Everything that the console knows.
#[derive(Clone, Debug)]
pub struct Model {
    /// What it started with; the snapshot is taken out of it.
    pub setup: Setup,
    /// What is known of the environments, in the order of the config.
    pub stations: Vec<EnvironmentStatus>,
    /// The order in which the fleet shows them; it changes only when the person asks for it.
    pub order: Vec<usize>,
    /// Who is signed in.
    pub identity: Remote<Identity>,
    /// The migration directory.
    pub directory: Remote<Arc<Directory>>,
    /// Its drawing, made once for a directory.
    pub layout: Layout,
    /// What its revisions do.
    pub reviews: Reviews,
    /// Whether its revisions are shown as a graph.
    pub graph_shown: bool,
    /// The screens, the fleet at the bottom.
    pub screens: Vec<Screen>,
    /// What lies above the screen.
    pub overlay: Option<Overlay>,
    /// Runs that were started or followed, the oldest first.
    pub runs: Vec<Run>,
    /// What became of runs that had been left open: the newest word about each, until it was looked at.
    pub earlier: Vec<Earlier>,
    /// A word that goes away by itself.
    pub toast: Option<Toast>,
    /// Whether the chain of the ledger holds, as far as it was checked.
    pub chain: Remote<Soundness>,
    pub(super) chain_asked_at: Option<Timestamp>,
    /// What waits for somebody's word.
    pub desk: Remote<Desk>,
    pub(super) desk_asked_at: Option<Timestamp>,
    /// Until when environments are armed.
    pub armed: BTreeMap<EnvironmentName, Timestamp>,
    /// What the last frame showed.
    pub painted: Painted,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Whether the terminal has the focus.
    pub focused: bool,
    /// When the loop began to run.
    pub opened_at: Option<Timestamp>,
    /// When a key was last pressed.
    pub touched_at: Option<Timestamp>,
    /// When quitting was asked for while a run goes on.
    pub quit_asked_at: Option<Timestamp>,
    /// Open requests.
    pub requests: Requests,
    pub(super) paces: Vec<Pace>,
    pub(super) assess_again: Vec<bool>,
    pub(super) serial: u64,
    /// Whether the fleet was put in order after the first round of answers.
    pub(super) sorted_once: bool,
}

impl Model {
    /// The model of the first frame: what was last seen, before any answer.
    pub fn new(mut setup: Setup) -> Self {
        let snapshot = setup.snapshot.take().unwrap_or_default();
        let stations: Vec<_> = setup
            .environments
            .iter()
            .map(|environment| seen(environment, &snapshot))
            .collect();
        let count = stations.len();
        let mut model = Self {
            size: setup.size,
            setup,
            stations,
            order: (0..count).collect(),
            identity: Remote::default(),
            directory: Remote::default(),
            layout: Layout::default(),
            reviews: Reviews::default(),
            graph_shown: false,
            screens: vec![Screen::Fleet(ListState::default())],
            overlay: None,
            runs: Vec::new(),
            earlier: Vec::new(),
            toast: None,
            chain: Remote::default(),
            chain_asked_at: None,
            desk: Remote::default(),
            desk_asked_at: None,
            armed: BTreeMap::new(),
            painted: Painted::default(),
            focused: true,
            opened_at: None,
            touched_at: None,
            quit_asked_at: None,
            requests: Requests::default(),
            paces: vec![Pace::default(); count],
            assess_again: vec![false; count],
            serial: 0,
            sorted_once: false,
        };
        model.sort();
        model
    }

    /// The screen on top.
    pub fn screen(&self) -> &Screen {
        self.screens
            .last()
            .expect("the fleet is always at the bottom of the stack")
    }

    /// The screen on top, to change it.
    pub(super) fn screen_mut(&mut self) -> &mut Screen {
        self.screens
            .last_mut()
            .expect("the fleet is always at the bottom of the stack")
    }

    /// Where the keyboard is.
    pub fn place(&self) -> Place {
        match &self.overlay {
            Some(Overlay::Help { .. }) => Place::Help,
            Some(Overlay::Palette { .. }) => Place::Palette,
            Some(Overlay::Search) => Place::Search,
            None => self.place_below(),
        }
    }

    /// Where the keyboard would be without what lies above the screen.
    pub fn place_below(&self) -> Place {
        match self.screen() {
            Screen::Fleet(_) => Place::Fleet,
            Screen::Environment(screen) => Place::Environment(screen.tab),
            Screen::Operations(_) => Place::Operations,
            Screen::Parameters(_) => Place::Parameters,
            Screen::Gate(gate) if self.types_into(gate) => Place::GateText,
            Screen::Gate(_) => Place::Gate,
            Screen::Run(screen) => match self.run(screen.run) {
                Some(run) if run.is_live() => Place::Live,
                _ => Place::Outcome,
            },
            Screen::Log(_) => Place::Log,
            Screen::Revision(_) => Place::Revision,
            Screen::Comparison(_) => Place::Comparison,
            Screen::Ledger(_) => Place::Ledger,
            Screen::Story(_) => Place::Story,
            Screen::Requests(_) => Place::Requests,
        }
    }

    /// Whether keys are typed into a gate: it asks for text, and nothing else keeps it closed.
    fn types_into(&self, gate: &GateScreen) -> bool {
        if gate.is_blocked() || self.moved_at(gate).is_some() {
            return false;
        }
        if gate.lacks().is_some() {
            return gate.may_ask();
        }
        gate.asks_text()
            && !gate.asks_again
            && (gate.demand().is_none_or(|d| !d.arm) || self.is_armed(&gate.environment))
    }

    /// A run by its request.
    pub fn run(&self, id: RequestId) -> Option<&Run> {
        self.runs.iter().find(|run| run.id == id)
    }

    pub(super) fn run_mut(&mut self, id: RequestId) -> Option<&mut Run> {
        self.runs.iter_mut().find(|run| run.id == id)
    }

    /// The run of an environment that goes on, if one does.
    pub fn live_run(&self, environment: &EnvironmentName) -> Option<&Run> {
        self.runs
            .iter()
            .rev()
            .find(|run| run.is_live() && run.environment == *environment)
    }

    /// Whether an environment is armed. Expired entries are removed with every message.
    pub fn is_armed(&self, environment: &EnvironmentName) -> bool {
        self.armed.contains_key(environment)
    }

    /// Whether arming, or disarming, is being recorded.
    pub fn is_arming(&self, environment: &EnvironmentName) -> bool {
        let station = self.index_of(environment);
        self.requests
            .is_open_like(|w| matches!(w, Wanted::Arm(at, true) if Some(*at) == station))
    }

    /// The environment of an index in the config.
    pub fn station(&self, index: usize) -> Option<&EnvironmentStatus> {
        self.stations.get(index)
    }

    /// The index of an environment.
    pub fn index_of(&self, name: &EnvironmentName) -> Option<usize> {
        self.stations
            .iter()
            .position(|status| status.environment.name == *name)
    }

    /// The environment that the keyboard acts upon.
    pub fn focus(&self) -> Option<usize> {
        match self.screen() {
            Screen::Fleet(list) => self
                .fleet_rows(list)
                .get(list.cursor)
                .and_then(|row| row.station()),
            Screen::Environment(screen) => Some(screen.station),
            Screen::Operations(screen) => Some(screen.station),
            Screen::Parameters(screen) => Some(screen.station),
            Screen::Gate(gate) => self.index_of(&gate.environment),
            Screen::Run(screen) => self
                .run(screen.run)
                .and_then(|run| self.index_of(&run.environment)),
            Screen::Log(screen) => Some(screen.station),
            Screen::Revision(screen) => Some(screen.station),
            Screen::Comparison(screen) => Some(screen.station),
            Screen::Ledger(_) | Screen::Story(_) | Screen::Requests(_) => None,
        }
        .filter(|index| *index < self.stations.len())
    }

    /// The gate on top, when there is one.
    pub fn gate(&self) -> Option<&GateScreen> {
        match self.screen() {
            Screen::Gate(gate) => Some(gate),
            _ => None,
        }
    }

    pub(super) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// When the loop must send [`Terminal::Tick`](super::event::Terminal): the next moment at which something on
    /// the screen, or what is due, changes by itself.
    pub fn wakes_at(&self, now: Timestamp) -> Option<Timestamp> {
        let second = SignedDuration::from_secs(1);
        let next_second = now
            .checked_add(second)
            .ok()
            .filter(|_| self.counts_seconds());
        let next_age = now.checked_add(SignedDuration::from_secs(15)).ok();
        let next_look = now
            .checked_add(LOOKS_EVERY)
            .ok()
            .filter(|_| self.waits_for_others());
        [next_second, next_age, self.toast.as_ref().map(|t| t.until)]
            .into_iter()
            .chain([self.refresh_due(now), next_look])
            .flatten()
            .min()
            .map(|at| at.max(now))
    }

    /// Whether the gate on top waits for the word of others.
    pub fn waits_for_others(&self) -> bool {
        self.gate()
            .is_some_and(|gate| gate.lacks().is_some() && !gate.may_ask())
    }

    /// Whether something on the screen changes with every second.
    fn counts_seconds(&self) -> bool {
        let planning = self
            .gate()
            .is_some_and(|gate| matches!(gate.stage, Stage::Planning(_)));
        let live = match self.screen() {
            Screen::Run(screen) => self.run(screen.run).is_some_and(Run::is_live),
            Screen::Log(screen) => match screen.source {
                LogSource::Run(id) => self.run(id).is_some_and(Run::is_live),
                LogSource::Own { .. } => false,
            },
            _ => false,
        };
        planning || live || !self.armed.is_empty()
    }
}

/// What the snapshot knows of an environment; the config has the last word about what it is.
fn seen(environment: &Environment, snapshot: &Fleet) -> EnvironmentStatus {
    snapshot
        .environments
        .iter()
        .find(|known| known.environment.name == environment.name)
        .map_or_else(
            || EnvironmentStatus::unread(environment.clone()),
            |known| EnvironmentStatus {
                environment: environment.clone(),
                ..known.clone()
            },
        )
}
