//! Asking a person for something that must not be seen.
#![expect(
    clippy::disallowed_methods,
    reason = "the terminal is a file, and it is asked whoever standard input belongs to"
)]

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};

use rustix::termios::{self, LocalModes, OptionalActions, QueueSelector, Termios};
use secrecy::{SecretString, zeroize::Zeroizing};

/// A longer answer is a mistake, such as a whole file that was pasted.
const LONGEST: usize = 16 * 1024;

const INTERRUPT: u8 = 0x03;
const END: u8 = 0x04;
const CLEAR: u8 = 0x15;
const BACKSPACE: [u8; 2] = [0x08, 0x7f];

/// Asks on the terminal of this process; `None` when there is none, or the person left.
pub fn without_echo(question: &str) -> Option<SecretString> {
    let tty = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .ok()?;
    // Somebody in the background would be stopped for asking.
    let is_ours = termios::tcgetpgrp(&tty).ok()? == rustix::process::getpgrp();
    let quiet = is_ours.then(|| Quiet::on(&tty)).flatten()?;
    let asked = (&tty).write_all(question.as_bytes());
    let answer = asked.ok().and_then(|()| read(&tty));
    drop(quiet);
    let _ = (&tty).write_all(b"\n");
    answer
}

fn read(mut tty: &File) -> Option<SecretString> {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = [0];
    loop {
        if tty.read(&mut byte).ok()? == 0 {
            return None;
        }
        match byte[0] {
            b'\n' | b'\r' => break,
            INTERRUPT => return None,
            END if line.is_empty() => return None,
            CLEAR => line.clear(),
            erase if BACKSPACE.contains(&erase) => erase_one(&mut line),
            // The buffer never grows, so no copy of it is left behind in memory.
            _ if line.len() == LONGEST => return None,
            other => line.push(other),
        }
    }
    str::from_utf8(&line).ok().map(SecretString::from)
}

/// Takes back one character, which may be several bytes.
fn erase_one(line: &mut Vec<u8>) {
    while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
}

/// A terminal that shows nothing of what is typed, until this goes.
struct Quiet<'t> {
    tty: &'t File,
    before: Termios,
}

impl<'t> Quiet<'t> {
    /// Signals from keys are off as well: they would leave the terminal mute.
    fn on(tty: &'t File) -> Option<Quiet<'t>> {
        let before = termios::tcgetattr(tty).ok()?;
        let mut quiet = before.clone();
        let off = LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        quiet.local_modes.remove(off);
        termios::tcsetattr(tty, OptionalActions::Flush, &quiet).ok()?;
        Some(Quiet { tty, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // What was pasted behind the answer must not reach the shell.
        let _ = termios::tcflush(self.tty, QueueSelector::IFlush);
        let _ = termios::tcsetattr(self.tty, OptionalActions::Now, &self.before);
    }
}
