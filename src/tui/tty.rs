//! The terminal device: its two ends, its size, reading and writing.
#![expect(clippy::disallowed_methods, reason = "the device is a file")]

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{self, OptionalActions, QueueSelector, Termios};

/// Rows and columns where the device does not know its own.
const FALLBACK: (u16, u16) = (80, 24);

/// The terminal that the process talks to.
#[derive(Debug)]
pub(super) struct Tty {
    input: OwnedFd,
    output: OwnedFd,
}

impl Tty {
    /// The terminal on standard input and output; keys come from `/dev/tty` where standard
    /// input is something else. `None` when the output is no terminal.
    pub(super) fn open() -> Option<Self> {
        let output = rustix::stdio::stdout();
        let input = rustix::stdio::stdin();
        if !termios::isatty(output) {
            return None;
        }
        let input = if termios::isatty(input) {
            input.try_clone_to_owned().ok()?
        } else {
            std::fs::File::open("/dev/tty").ok()?.into()
        };
        Some(Self {
            input,
            output: output.try_clone_to_owned().ok()?,
        })
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (u16, u16) {
        match termios::tcgetwinsize(&self.output) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
            _ => FALLBACK,
        }
    }

    /// Its settings.
    pub(super) fn settings(&self) -> io::Result<Termios> {
        Ok(termios::tcgetattr(&self.input)?)
    }

    /// Changes its settings at once. Input that nobody has read is thrown away: keys that were
    /// meant for the console must not reach the shell.
    pub(super) fn set(&self, settings: &Termios) -> io::Result<()> {
        termios::tcsetattr(&self.input, OptionalActions::Now, settings)?;
        self.discard_input();
        Ok(())
    }

    /// Throws away input that nobody has read.
    pub(super) fn discard_input(&self) {
        // Fails only when the terminal is gone, which the next poll says.
        let _ = termios::tcflush(&self.input, QueueSelector::IFlush);
    }

    /// Whether this process may use the terminal now, or a shell has it.
    pub(super) fn is_foreground(&self) -> bool {
        termios::tcgetpgrp(&self.input).is_ok_and(|group| group == rustix::process::getpgrp())
    }

    /// Reads what is there; empty at the end of the terminal's life.
    pub(super) fn read<'b>(&self, buffer: &'b mut [u8]) -> io::Result<&'b [u8]> {
        let length = loop {
            match rustix::io::read(&self.input, &mut *buffer) {
                Ok(length) => break length,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        };
        Ok(&buffer[..length])
    }

    /// Writes everything.
    pub(super) fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match rustix::io::write(&self.output, bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = &bytes[written..],
                Err(Errno::INTR) => {}
                // Somebody who shares the device made it non-blocking.
                Err(Errno::AGAIN) => {
                    poll(&mut [PollFd::new(&self.output, PollFlags::OUT)], None)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Where input is waited for.
    pub(super) fn input(&self) -> BorrowedFd<'_> {
        self.input.as_fd()
    }
}

/// What a wait ended with.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ready {
    /// There is input, or the terminal is gone: reading tells.
    pub(super) input: bool,
    /// Somebody rang.
    pub(super) rung: bool,
}

/// Waits for input (unless `tty` is `None`: then a shell has it), for the bell, or for the time.
pub(super) fn wait(
    tty: Option<&Tty>,
    bell: BorrowedFd<'_>,
    timeout: Option<&Timespec>,
) -> io::Result<Ready> {
    let any = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL | PollFlags::IN;
    let mut ready = Ready::default();
    let mut fds = vec![PollFd::from_borrowed_fd(bell, PollFlags::IN)];
    fds.extend(tty.map(|tty| PollFd::from_borrowed_fd(tty.input(), PollFlags::IN)));
    match poll(&mut fds, timeout) {
        Ok(_) => {
            ready.rung = fds[0].revents().intersects(any);
            ready.input = fds.get(1).is_some_and(|fd| fd.revents().intersects(any));
            Ok(ready)
        }
        // A signal came; its handler has rung the bell.
        Err(Errno::INTR) => Ok(ready),
        Err(error) => Err(error.into()),
    }
}
