//! One attempt as one process group.

use std::{
    os::unix::process::ExitStatusExt,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    process::{Child, Command},
    sync::watch,
};

use super::{Stop, lines, stray, surroundings::Launch};
use crate::sandbox::world::{logs::Stream, model::run::ProcessMark};

/// How long the output may stay open after the process has ended: somebody else holds it.
const LINGER: Duration = Duration::from_secs(2);

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// By itself.
    Exited(i32),
    /// By a signal that we did not send.
    Signalled(i32),
    /// Its time was up.
    TimedOut,
    /// It was asked to end.
    Stopped(Stop),
    /// It never began.
    NotStarted(String),
}

/// Limits of an attempt.
pub(super) struct Limits {
    /// How long it may take.
    pub(super) timeout: Duration,
    /// How long it has after it was asked to end.
    pub(super) grace: Duration,
}

/// Runs a process to its end, whichever comes first: its own, the timeout, or the wish to stop.
///
/// Afterwards nothing of its group is left.
pub(super) async fn run(
    launch: Launch,
    limits: Limits,
    mut stop: watch::Receiver<Stop>,
    started: impl FnOnce(Option<ProcessMark>),
    take: impl Fn(Stream, Vec<String>) + Clone + Send + 'static,
) -> Ended {
    let mut child = match spawn(launch) {
        Ok(child) => child,
        Err(error) => return Ended::NotStarted(error.to_string()),
    };
    let group = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    started(group.map(|pid| stray::mark(pid.as_raw_nonzero().get())));
    let readers = readers(&mut child, take);
    let ended = tokio::select! {
        status = child.wait() => by_itself(status),
        () = tokio::time::sleep(limits.timeout) => Ended::TimedOut,
        wish = wish_to_stop(&mut stop) => Ended::Stopped(wish),
    };
    if matches!(ended, Ended::TimedOut | Ended::Stopped(_)) {
        signal(group, Signal::TERM);
        // Whether it obeyed does not matter: the next signal cannot be ignored.
        let _ = tokio::time::timeout(limits.grace, child.wait()).await;
    }
    signal(group, Signal::KILL);
    let _ = child.wait().await;
    for mut reader in readers {
        if tokio::time::timeout(LINGER, &mut reader).await.is_err() {
            reader.abort();
        }
    }
    ended
}

fn spawn(launch: Launch) -> std::io::Result<Child> {
    Command::new(launch.program)
        .args(launch.args)
        .env_clear()
        .envs(launch.env)
        .current_dir(launch.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}

fn readers(
    child: &mut Child,
    take: impl Fn(Stream, Vec<String>) + Clone + Send + 'static,
) -> Vec<tokio::task::JoinHandle<()>> {
    let mut readers = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let take = take.clone();
        readers.push(tokio::spawn(lines::read(stdout, move |lines| {
            take(Stream::Stdout, lines);
        })));
    }
    if let Some(stderr) = child.stderr.take() {
        readers.push(tokio::spawn(lines::read(stderr, move |lines| {
            take(Stream::Stderr, lines);
        })));
    }
    readers
}

fn by_itself(status: std::io::Result<ExitStatus>) -> Ended {
    match status {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => Ended::Exited(code),
            (None, signal) => Ended::Signalled(signal.unwrap_or(0)),
        },
        Err(error) => Ended::NotStarted(error.to_string()),
    }
}

/// Waits until somebody wants it to stop; for ever when nobody can any more.
pub(super) async fn wish_to_stop(stop: &mut watch::Receiver<Stop>) -> Stop {
    let wish = stop
        .wait_for(|wish| *wish != Stop::No)
        .await
        .map(|wish| *wish);
    match wish {
        Ok(wish) => wish,
        Err(_) => std::future::pending().await,
    }
}

fn signal(group: Option<Pid>, signal: Signal) {
    if let Some(group) = group {
        // Gone already is what is wanted.
        let _ = kill_process_group(group, signal);
    }
}
