//! The terminal's guard: what is switched on is switched off again, however the console ends.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::termios::Termios;

use super::tty::Tty;

/// Alternate screen, hidden cursor, paste told from typing, focus reports; then the kitty
/// keyboard flags, which terminals that do not know them ignore. Nothing is asked, because an
/// answer would have to be waited for.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1004h\x1b[>1u";
/// The same backwards; first of all the end of a frame that may be half written.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[<1u\x1b[?1004l\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049l";

/// The terminal that a panic has to restore.
static ENTERED: Mutex<Option<Arc<State>>> = Mutex::new(None);

/// Holds the terminal; dropping it restores what was before.
#[derive(Debug)]
pub(super) struct Terminal {
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    tty: Tty,
    before: Termios,
    raw: Termios,
    entered: AtomicBool,
}

impl Terminal {
    /// Takes the terminal.
    pub(super) fn enter(tty: Tty) -> io::Result<Self> {
        let before = tty.settings()?;
        let mut raw = before.clone();
        raw.make_raw();
        let state = Arc::new(State {
            tty,
            before,
            raw,
            entered: AtomicBool::new(false),
        });
        *lock() = Some(Arc::clone(&state));
        let terminal = Self { state };
        terminal.resume()?;
        Ok(terminal)
    }

    /// Takes the terminal again after [`Terminal::leave`], or after somebody else changed it.
    pub(super) fn resume(&self) -> io::Result<()> {
        // Said first, so that a failure half way is undone as well.
        self.state.entered.store(true, Ordering::SeqCst);
        self.state.tty.set(&self.state.raw)?;
        self.state.tty.write(ENTER)
    }

    /// Gives the terminal back as it was found.
    pub(super) fn leave(&self) {
        self.state.leave();
    }

    /// The device.
    pub(super) fn tty(&self) -> &Tty {
        &self.state.tty
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.leave();
        lock().take();
    }
}

impl State {
    fn leave(&self) {
        if self.entered.swap(false, Ordering::SeqCst) {
            // A terminal that is gone needs no restoring.
            let _ = self.tty.write(LEAVE);
            let _ = self.tty.set(&self.before);
        }
    }
}

/// Restores the terminal from wherever a panic happens.
pub(super) fn restore() {
    let state = lock().clone();
    if let Some(state) = state {
        state.leave();
    }
}

fn lock() -> std::sync::MutexGuard<'static, Option<Arc<State>>> {
    ENTERED.lock().unwrap_or_else(PoisonError::into_inner)
}
