//! The loop: one thread between the keyboard and the picture, which never waits for the world.
//!
//! It sleeps in one `poll` on the terminal and on the bell. Input comes first and is drained
//! before anything is drawn; a frame that only the world asked for waits until the last one is
//! a frame's time old; a frame that shows what was there already writes nothing.
#![expect(
    clippy::disallowed_methods,
    reason = "the loop is where the clock is read for the whole console"
)]

use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::event::Timespec;

use super::aside;
use super::bell::Bell;
use super::input::{Decoder, Input};
use super::mailbox::Mailbox;
use super::runner::Runner;
use super::screen::Screen;
use super::signals::Signals;
use super::terminal::Terminal;
use super::theme::Theme;
use super::tty::{self, Ready};
use super::view;
use crate::app::effect::Effect;
use crate::app::event::{Event, Painted, Terminal as Happened};
use crate::app::input::Key;
use crate::app::model::Model;
use crate::app::{Msg, update};

/// The least time between two frames that only the world asked for.
const FRAME: Duration = Duration::from_millis(16);
/// How long a burst of keys or answers may hold up the picture.
const BURST: Duration = Duration::from_millis(8);
/// How often a console in the background looks whether it is in front again.
const BACKGROUND: Duration = Duration::from_millis(500);

/// How the console ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Somebody left.
    Quit,
    /// A signal asked for it.
    Signal(i32),
    /// The terminal is gone.
    Closed,
}

/// Whether the picture is behind the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Behind {
    /// It shows what is known.
    No,
    /// The world told something.
    World,
    /// The person did something.
    Person,
}

/// Everything that the loop turns on.
pub(super) struct Loop {
    pub(super) model: Model,
    pub(super) theme: Theme,
    pub(super) pager: String,
    pub(super) terminal: Terminal,
    pub(super) screen: Screen,
    pub(super) bell: Bell,
    pub(super) signals: Signals,
    pub(super) mailbox: Mailbox,
    pub(super) state: State,
}

/// What the loop remembers from turn to turn.
pub(super) struct State {
    decoder: Decoder,
    behind: Behind,
    drawn: Instant,
    painted: Painted,
    /// When the model wants to be told the time.
    wakes: Option<Timestamp>,
    /// Whether a shell has the terminal.
    away: bool,
    /// Effects that the runner has not got yet, because it does not run yet.
    effects: Vec<Effect>,
    ended: Option<Ended>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            decoder: Decoder::default(),
            behind: Behind::Person,
            drawn: Instant::now(),
            painted: Painted::default(),
            wakes: None,
            away: false,
            effects: Vec::new(),
            ended: None,
        }
    }
}

impl Loop {
    /// The first frame: before the runtime, the clients or any answer.
    pub(super) fn open(&mut self) -> io::Result<()> {
        self.draw()?;
        self.tell(Happened::Opened);
        Ok(())
    }

    /// Turns until the console ends.
    pub(super) fn run(&mut self, runner: &mut Runner) -> io::Result<Ended> {
        loop {
            for effect in std::mem::take(&mut self.state.effects) {
                self.carry_out(effect, runner)?;
            }
            if let Some(ended) = self.state.ended {
                return Ok(ended);
            }
            match self.turn() {
                Ok(()) => {}
                Err(error) if is_gone(&error) => return Ok(Ended::Closed),
                Err(error) => return Err(error),
            }
        }
    }

    fn turn(&mut self) -> io::Result<()> {
        let ready = self.wait()?;
        if ready.rung {
            self.bell.silence();
            self.take_signals()?;
        }
        if self.state.ended.is_some() {
            return Ok(());
        }
        if self.state.away {
            return self.come_back();
        }
        if ready.input {
            self.take_input()?;
        } else if self.state.decoder.patience().is_some() && !ready.rung {
            let input = self.state.decoder.give_up();
            self.take(input);
        }
        self.take_answers();
        self.take_time();
        // A frame would be the last one, or be drawn on a terminal that is about to be given away.
        let leaves = self.state.effects.iter().any(concerns_the_terminal);
        if self.is_due() && !leaves {
            self.draw()?;
        }
        Ok(())
    }

    /// Sleeps until there is something to do.
    fn wait(&self) -> io::Result<Ready> {
        let tty = (!self.state.away).then(|| self.terminal.tty());
        let timeout = self.timeout().map(|time| Timespec {
            tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: time.subsec_nanos().into(),
        });
        tty::wait(tty, self.bell.as_fd(), timeout.as_ref())
    }

    fn timeout(&self) -> Option<Duration> {
        if self.state.away {
            return Some(BACKGROUND);
        }
        let frame = match self.state.behind {
            Behind::No => None,
            Behind::World => Some(FRAME.saturating_sub(self.state.drawn.elapsed())),
            Behind::Person => Some(Duration::ZERO),
        };
        let letters = (!self.mailbox.is_empty()).then_some(Duration::ZERO);
        let clock = self.state.wakes.map(|at| {
            let left = at.duration_since(Timestamp::now());
            // A timer that is a little early would make the loop turn twice.
            Duration::try_from(left).map_or(Duration::ZERO, |d| d + Duration::from_micros(100))
        });
        [frame, letters, clock, self.state.decoder.patience()]
            .into_iter()
            .flatten()
            .min()
    }

    fn take_signals(&mut self) -> io::Result<()> {
        if let Some(signal) = self.signals.ending() {
            self.state.ended = Some(Ended::Signal(signal));
            return Ok(());
        }
        if self.signals.stop() {
            self.suspend()?;
        }
        if self.signals.continued() && !self.state.away {
            // Stopped behind our back, by SIGSTOP: the shell has changed the terminal.
            self.return_to_front()?;
        }
        if self.signals.resized() {
            self.resize();
        }
        Ok(())
    }

    fn resize(&mut self) {
        let (width, height) = self.terminal.tty().size();
        self.screen.resize((width, height));
        self.tell(Happened::Resized { width, height });
    }

    /// Gives the terminal to the shell and stops the job; goes on when it is continued.
    fn suspend(&mut self) -> io::Result<()> {
        if self.state.away {
            return aside::stop_job();
        }
        self.terminal.leave();
        aside::stop_job()?;
        self.state.away = true;
        self.come_back()
    }

    /// Takes the terminal again, unless a shell still has it.
    fn come_back(&mut self) -> io::Result<()> {
        self.signals.continued();
        if self.terminal.tty().is_foreground() {
            self.state.away = false;
            self.return_to_front()?;
            self.tell(Happened::Resumed);
        }
        Ok(())
    }

    fn return_to_front(&mut self) -> io::Result<()> {
        self.terminal.resume()?;
        self.state.decoder.discard();
        self.screen.forget()?;
        self.resize();
        self.draw()
    }

    /// Reads and applies all input that is there, for as long as the picture may wait.
    fn take_input(&mut self) -> io::Result<()> {
        let begun = Instant::now();
        let mut buffer = [0; 4096];
        loop {
            let bytes = self.terminal.tty().read(&mut buffer)?;
            if bytes.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.state.decoder.feed(bytes);
            while let Some(input) = self.state.decoder.next_input() {
                self.take(Some(input));
            }
            let done = self.state.ended.is_some() || !self.state.effects.is_empty();
            if done || begun.elapsed() > BURST {
                return Ok(());
            }
            let now = Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            let more = tty::wait(Some(self.terminal.tty()), self.bell.as_fd(), Some(&now))?;
            if !more.input {
                return Ok(());
            }
        }
    }

    fn take(&mut self, input: Option<Input>) {
        match input {
            Some(Input::Key(key)) => self.press(key),
            Some(Input::Paste(text)) => self.tell(Happened::Paste(text)),
            Some(Input::Focus(here)) => self.tell(Happened::Focus(here)),
            None => {}
        }
    }

    fn press(&mut self, key: Key) {
        match self.model.setup.bindings.command(self.model.place(), key) {
            Some(command) => self.apply(Msg::Command(command), Behind::Person),
            None => self.tell(Happened::Key(key)),
        }
    }

    /// Applies answers, for as long as a key may wait.
    fn take_answers(&mut self) {
        let begun = Instant::now();
        while let Some(event) = self.mailbox.take() {
            self.apply(Msg::Event(event), Behind::World);
            if begun.elapsed() > BURST {
                return;
            }
        }
    }

    /// Tells the model the time once it asked for it.
    fn take_time(&mut self) {
        if self.state.wakes.is_some_and(|at| at <= Timestamp::now()) {
            self.state.wakes = None;
            self.apply(Msg::Event(Event::Terminal(Happened::Tick)), Behind::World);
        }
    }

    fn tell(&mut self, happened: Happened) {
        self.apply(Msg::Event(Event::Terminal(happened)), Behind::Person);
    }

    fn apply(&mut self, msg: Msg, behind: Behind) {
        let effects = update(&mut self.model, msg, Timestamp::now());
        self.state.effects.extend(effects);
        self.state.behind = self.state.behind.max(behind);
    }

    fn is_due(&self) -> bool {
        match self.state.behind {
            Behind::No => false,
            Behind::World => self.state.drawn.elapsed() >= FRAME,
            Behind::Person => true,
        }
    }

    /// Draws a frame; a second one when the first taught the model how much room there is.
    fn draw(&mut self) -> io::Result<()> {
        let before = self.state.painted;
        self.draw_once()?;
        if self.state.painted != before {
            self.draw_once()?;
        }
        Ok(())
    }

    /// Puts a frame on the terminal in one write.
    fn draw_once(&mut self) -> io::Result<()> {
        let now = Timestamp::now();
        let Self {
            model,
            theme,
            screen,
            ..
        } = self;
        let (painted, bytes) = screen.draw(|frame| view::draw(model, theme, now, frame))?;
        if painted.gate.is_some() && painted.gate != self.state.painted.gate {
            // Keys that were typed before the gate can be seen must not answer it.
            self.terminal.tty().discard_input();
            self.state.decoder.discard();
        }
        self.state.painted = painted;
        self.terminal.tty().write(&bytes)?;
        self.state.drawn = Instant::now();
        self.state.behind = Behind::No;
        let drawn = Msg::Event(Event::Terminal(Happened::Drawn(painted)));
        self.state
            .effects
            .extend(update(&mut self.model, drawn, now));
        self.state.wakes = self.model.wakes_at(now);
        Ok(())
    }

    fn carry_out(&mut self, effect: Effect, runner: &mut Runner) -> io::Result<()> {
        match effect {
            Effect::Quit => self.state.ended = Some(Ended::Quit),
            Effect::Suspend => self.suspend()?,
            Effect::Pager { text } => self.page(text)?,
            effect => runner.dispatch(effect),
        }
        Ok(())
    }

    fn page(&mut self, text: String) -> io::Result<()> {
        self.terminal.leave();
        aside::page(&self.pager, text, &self.bell, &self.signals)?;
        self.state.away = true;
        self.come_back()
    }
}

/// Whether an effect is the loop's own.
fn concerns_the_terminal(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Quit | Effect::Suspend | Effect::Pager { .. }
    )
}

/// Whether an error says that the terminal is gone, and not that something is wrong with it.
fn is_gone(error: &io::Error) -> bool {
    use rustix::io::Errno;
    error.kind() == io::ErrorKind::UnexpectedEof
        || [Errno::IO, Errno::NXIO, Errno::NODEV, Errno::BADF]
            .iter()
            .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}
