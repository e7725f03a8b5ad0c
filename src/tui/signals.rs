//! Signals, as flags that the loop looks at once the bell has rung.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::{SigId, flag, low_level};

use super::bell::Bell;

/// Signals that end the console.
const ENDING: [i32; 4] = [SIGTERM, SIGHUP, SIGINT, SIGQUIT];
/// Signals that it only has to know of.
const TELLING: [i32; 4] = [SIGTSTP, SIGCONT, SIGWINCH, SIGCHLD];

/// The signals that arrived and have not been looked at.
#[derive(Debug)]
pub(super) struct Signals {
    flags: Vec<(i32, Arc<AtomicBool>)>,
    handlers: Vec<SigId>,
    /// Whether nobody looks at the flags any more.
    over: Arc<AtomicBool>,
}

impl Signals {
    /// Takes the signals and rings the bell for each.
    pub(super) fn catch(bell: &Bell) -> io::Result<Self> {
        let mut signals = Self {
            flags: Vec::new(),
            handlers: Vec::new(),
            over: Arc::default(),
        };
        for signal in ENDING {
            // Once the loop is over, such a signal must still be able to end the process.
            let over = Arc::clone(&signals.over);
            flag::register_conditional_default(signal, over)?;
        }
        for signal in ENDING.into_iter().chain(TELLING) {
            let raised = Arc::new(AtomicBool::new(false));
            signals
                .handlers
                .push(flag::register(signal, Arc::clone(&raised))?);
            signals
                .handlers
                .push(low_level::pipe::register(signal, bell.sender()?)?);
            signals.flags.push((signal, raised));
        }
        Ok(signals)
    }

    /// The signal that asks the console to end, if one did.
    pub(super) fn ending(&self) -> Option<i32> {
        ENDING.into_iter().find(|signal| self.take(*signal))
    }

    /// Whether the terminal asked to step aside.
    pub(super) fn stop(&self) -> bool {
        self.take(SIGTSTP)
    }

    /// Whether the process was continued.
    pub(super) fn continued(&self) -> bool {
        self.take(SIGCONT)
    }

    /// Whether the terminal has a new size.
    pub(super) fn resized(&self) -> bool {
        self.take(SIGWINCH)
    }

    /// Forgets an interrupt that was meant for a program in front of the console.
    pub(super) fn forget_interrupts(&self) {
        self.take(SIGINT);
        self.take(SIGQUIT);
    }

    fn take(&self, signal: i32) -> bool {
        self.flags
            .iter()
            .any(|(known, raised)| *known == signal && raised.swap(false, Ordering::SeqCst))
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        for handler in self.handlers.drain(..) {
            low_level::unregister(handler);
        }
    }
}
