//! What the benchmarks measure on: fleets of any size, a console at any screen, a terminal that swallows.

use jiff::{SignedDuration, Timestamp};
use portcullis::app::event::{Event, Terminal};
use portcullis::app::input::Key;
use portcullis::app::model::{Model, Setup};
use portcullis::app::{Msg, effect::Effect, update};
use portcullis::domain::environment::{Environment, ProbeKind, Tier};
use portcullis::domain::execution::{Execution, ExecutionState};
use portcullis::domain::fleet::{EnvironmentStatus, Fleet};
use portcullis::domain::observed::Remote;
use portcullis::tui::screen::Screen;
use portcullis::tui::theme::{Colours, Theme};
use portcullis::tui::view;

/// Runs of the job in each environment of a fleet.
const RUNS: i64 = 20;
/// The terminal of all measurements.
const SIZE: (u16, u16) = (120, 40);

/// The time of all measurements.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_750_000_000).expect("a time within range")
}

/// A fleet of this many environments, each with its runs.
pub(crate) fn fleet(environments: usize) -> Fleet {
    Fleet {
        generated_at: Some(now()),
        environments: (0..environments).map(status).collect(),
    }
}

fn status(number: usize) -> EnvironmentStatus {
    let mut status = EnvironmentStatus::unread(environment(number));
    let runs = (0..RUNS).map(execution).collect();
    status.executions = Remote::ready(runs, "run", now());
    status
}

fn environment(number: usize) -> Environment {
    Environment {
        name: format!("environment-{number:04}").into(),
        tier: Tier::ALL[number % Tier::ALL.len()],
        project: "waooaw-oauth".into(),
        region: "asia-south1".into(),
        job: format!("plant-db-migrations-{number:04}"),
        sql_instance: Some(format!("plant-sql-{number:04}")),
        database: Some("plant".into()),
        secret: Some(format!("{number:04}-plant-database-url")),
        services: Vec::new(),
        probes: vec![ProbeKind::DataApi, ProbeKind::Logs],
        direct: None,
        labels: std::collections::BTreeMap::new(),
    }
}

fn execution(age: i64) -> Execution {
    let started = now() - SignedDuration::from_hours(age * 7);
    Execution {
        name: format!("plant-db-migrations-{age:05}").into(),
        job: "plant-db-migrations".into(),
        state: if age % 5 == 3 {
            ExecutionState::Failed
        } else {
            ExecutionState::Succeeded
        },
        message: "".into(),
        timed_out: false,
        cancelling: false,
        created_at: started,
        started_at: Some(started),
        completed_at: Some(started + SignedDuration::from_secs(30 + age)),
        creator: "ci@waooaw-oauth.iam.gserviceaccount.com".into(),
        args: vec![
            "python".into(),
            "-m".into(),
            "alembic".into(),
            "upgrade".into(),
            "head".into(),
        ],
        image: "asia-south1-docker.pkg.dev/waooaw-oauth/plant/migrations:latest".into(),
        run_id: None,
        retried: 0,
        log_uri: String::new(),
    }
}

/// A console without a terminal: keys go in, the bytes of frames come out.
pub(crate) struct Console {
    /// What it knows.
    pub model: Model,
    theme: Theme,
    screen: Screen,
}

impl Console {
    /// A console on a fleet.
    pub(crate) fn on(fleet: Fleet) -> Self {
        let setup = Setup {
            backend: "bench".into(),
            environments: fleet
                .environments
                .iter()
                .map(|e| e.environment.clone())
                .collect(),
            operations: Vec::new(),
            policies: portcullis::domain::policy::Policies::default(),
            bindings: portcullis::app::bindings::Bindings::default(),
            snapshot: Some(fleet),
            refresh_every: SignedDuration::from_secs(15),
            size: SIZE,
        };
        let mut console = Self {
            model: Model::new(setup),
            theme: Theme::named("dark", Colours::True).expect("a built-in theme"),
            screen: Screen::new(SIZE).expect("a screen in memory"),
        };
        console.draw();
        console.draw();
        console
    }

    /// Presses keys by their names, parted by spaces, without drawing; what the world is asked for.
    pub(crate) fn press(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for name in keys.split(' ') {
            let key = Key::parse(name).expect("the name of a key");
            let msg = match self.model.setup.bindings.command(self.model.place(), key) {
                Some(command) => Msg::Command(command),
                None => Msg::Event(Event::Terminal(Terminal::Key(key))),
            };
            effects.extend(update(&mut self.model, msg, now()));
        }
        effects
    }

    /// Tells a fact.
    pub(crate) fn tell(&mut self, event: Event) {
        update(&mut self.model, Msg::Event(event), now());
    }

    /// Draws a frame as the loop does; how many bytes it takes.
    pub(crate) fn draw(&mut self) -> usize {
        let (painted, bytes) = self
            .screen
            .draw(|frame| view::draw(&self.model, &self.theme, now(), frame))
            .expect("memory is written");
        self.tell(Event::Terminal(Terminal::Drawn(painted)));
        bytes.len()
    }

    /// One key with its picture.
    pub(crate) fn key(&mut self, name: &str) -> usize {
        self.press(name);
        self.draw()
    }
}
