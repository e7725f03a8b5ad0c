//! The terminal: the loop, the runner of effects, the theme and the views.

mod aside;
mod bell;
mod crash;
pub mod input;
mod mailbox;
mod run_loop;
mod runner;
pub mod screen;
mod signals;
mod terminal;
pub mod theme;
mod tty;
pub mod view;

use std::io;
use std::path::PathBuf;

pub use run_loop::Ended;
pub use runner::OpenWorld;

use futures::future::BoxFuture;

use crate::app::event::Event;
use crate::app::model::{Model, Setup};
use crate::domain::failure::{Failure, FailureKind};
use bell::Bell;
use mailbox::Mailbox;
use run_loop::{Loop, State};
use runner::Runner;
use screen::Screen;
use signals::Signals;
use terminal::Terminal;
use theme::Theme;
use tty::Tty;

/// What the console is started with.
pub struct Console {
    /// What it shows and what may be done; the size is filled in here.
    pub setup: Setup,
    /// How it looks.
    pub theme: Theme,
    /// Opens the world, beside the first frame.
    pub open_world: OpenWorld,
    /// Tells what stands behind the world, when that is known only later.
    pub backend: Option<BoxFuture<'static, String>>,
    /// Where reports of crashes go.
    pub state_dir: PathBuf,
    /// The command line of the pager.
    pub pager: String,
}

/// Runs the console until somebody leaves, a signal ends it or the terminal is gone. The
/// terminal is as it was when this returns, and after a panic.
pub fn run(console: Console) -> Result<Ended, Failure> {
    let tty = Tty::open().ok_or_else(no_terminal)?;
    let bell = Bell::new().map_err(|error| broken(&error))?;
    let signals = Signals::catch(&bell).map_err(|error| broken(&error))?;
    crash::install(console.state_dir);
    let size = tty.size();
    let setup = Setup {
        size,
        ..console.setup
    };
    let mailbox = Mailbox::new(bell.ringer());
    let mut turning = Loop {
        model: Model::new(setup.clone()),
        theme: console.theme,
        pager: console.pager,
        terminal: Terminal::enter(tty).map_err(|error| broken(&error))?,
        screen: Screen::new(size).map_err(|error| broken(&error))?,
        bell,
        signals,
        mailbox: mailbox.clone(),
        state: State::default(),
    };
    turning.open().map_err(|error| broken(&error))?;
    let mut runner = Runner::start(&setup, mailbox.clone(), console.open_world)
        .map_err(|error| broken(&error))?;
    if let Some(backend) = console.backend {
        runner.later(async move { mailbox.put(Event::Backend(backend.await)) });
    }
    let ended = turning.run(&mut runner);
    // The terminal first: what is still being written must not hold up the person.
    drop(turning);
    runner.finish();
    ended.map_err(|error| broken(&error))
}

fn no_terminal() -> Failure {
    Failure::new(
        FailureKind::Usage,
        "the console needs a terminal, and standard output is none",
        "`portcullis status` shows the same as text or as JSON.",
    )
}

fn broken(error: &io::Error) -> Failure {
    Failure::new(
        FailureKind::Internal,
        format!("the terminal failed: {error}"),
        "",
    )
}
