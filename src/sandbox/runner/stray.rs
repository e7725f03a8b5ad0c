//! Finds and ends processes that an earlier sandbox left behind.

use std::{fs, path::Path};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::sandbox::world::model::run::ProcessMark;

/// The variable that tells whose child a process is: the state folder of its sandbox.
pub const OWNER: &str = "PORTCULLIS_SANDBOX_STATE";

/// The mark of a process that runs.
pub(super) fn mark(pid: i32) -> ProcessMark {
    ProcessMark {
        pid,
        started: started(pid).unwrap_or(0),
    }
}

/// When the kernel says that a process began; nothing where there is no `/proc`.
fn started(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is a name in brackets and may hold anything.
    stat.rsplit_once(')')?
        .1
        .split_whitespace()
        .nth(19)?
        .parse()
        .ok()
}

/// Ends the group of a recorded process, if it is still the same one.
pub fn end_recorded(recorded: &ProcessMark) {
    let same = recorded.started != 0 && started(recorded.pid) == Some(recorded.started);
    if let Some(group) = Pid::from_raw(recorded.pid).filter(|_| same) {
        // It may end by itself at this moment.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Ends all processes that carry the mark of this state folder, wherever their group went.
pub fn end_marked(state: &Path) {
    let wanted = format!("{OWNER}={}", state.display());
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(pid) = name
            .to_str()
            .and_then(|name| name.parse().ok())
            .and_then(Pid::from_raw)
        else {
            continue;
        };
        let Ok(environment) = fs::read(entry.path().join("environ")) else {
            continue;
        };
        if environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == wanted.as_bytes())
        {
            // It may end by itself at this moment.
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}
