//! Stepping aside: for the shell (suspend), and for a program in front of the console (pager).
#![expect(
    clippy::disallowed_methods,
    reason = "the pager is a process, started and waited for here"
)]

use std::io::{self, Write};
use std::process::{Child, Command, Stdio};
use std::thread;

use rustix::process::{Signal, getpgrp, getpid, getppid, getsid, kill_current_process_group};

use super::bell::Bell;
use super::signals::Signals;
use super::tty;

/// Stops the whole job, as the terminal's own suspend character does, and returns when it is
/// continued. Does nothing where no shell could continue it.
pub(super) fn stop_job() -> io::Result<()> {
    if is_orphaned() {
        return Ok(());
    }
    // Not SIGTSTP: our own handler would take it.
    kill_current_process_group(Signal::STOP)?;
    Ok(())
}

/// Whether nobody is there who would continue us: we lead the session, or our parent is of
/// another session.
fn is_orphaned() -> bool {
    let ours = getsid(None).ok();
    if ours == Some(getpid()) {
        return true;
    }
    // Our parent may be in our own group (cargo, say); the group's leader's parent counts then,
    // and it is of our session wherever there is job control.
    getppid().is_none_or(|parent| getsid(Some(parent)).ok() != ours) && getpgrp() == getpid()
}

/// Shows text in the pager and returns when it was left.
pub(super) fn page(command: &str, text: String, bell: &Bell, signals: &Signals) -> io::Result<()> {
    let mut pager = Command::new("sh")
        .arg("-c")
        .arg(command)
        .stdin(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = pager.stdin.take() {
        // A pager that is left early closes its end, which ends this thread.
        thread::spawn(move || input.write_all(text.as_bytes()));
    }
    wait_for(&mut pager, bell, signals)
}

/// Waits for a program that has the terminal: its interrupts are not ours, its suspension is.
fn wait_for(child: &mut Child, bell: &Bell, signals: &Signals) -> io::Result<()> {
    while child.try_wait()?.is_none() {
        tty::wait(None, std::os::fd::AsFd::as_fd(bell), None)?;
        bell.silence();
        if signals.stop() {
            stop_job()?;
        }
    }
    signals.forget_interrupts();
    Ok(())
}
