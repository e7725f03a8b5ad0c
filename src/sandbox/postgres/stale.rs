//! Ends a server that a crash has left running.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// How long a server may take to obey one signal.
const PATIENCE: Duration = Duration::from_secs(10);

/// Ends the server of a cluster, if one runs. Blocks until it is gone.
pub(super) fn end(data: &Path) {
    let Some(pid) = server_of(data) else { return };
    for signal in [Signal::INT, Signal::QUIT, Signal::KILL] {
        // It may end by itself at this moment.
        let _ = kill_process(pid, signal);
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if test_kill_process(pid).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The server whose number is in the cluster's own file, if that number is still its.
fn server_of(data: &Path) -> Option<Pid> {
    let file = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let pid = file
        .lines()
        .next()?
        .trim()
        .parse()
        .ok()
        .and_then(Pid::from_raw)?;
    let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) else {
        // Where there is no `/proc`, the file is all that there is to go by.
        return (!Path::new("/proc/self").exists()).then_some(pid);
    };
    let names_it = String::from_utf8_lossy(&line).contains(&*data.to_string_lossy());
    names_it.then_some(pid)
}
