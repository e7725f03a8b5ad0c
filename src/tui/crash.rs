//! Panics: the terminal first, then a word to the person, and a report without payloads.
#![expect(
    clippy::disallowed_methods,
    reason = "a crash is told to the file system, with its time"
)]

use std::any::Any;
use std::backtrace::Backtrace;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::{Location, PanicHookInfo};
use std::path::{Path, PathBuf};
use std::thread::{self, ThreadId};

use jiff::Timestamp;

use super::terminal;
use crate::domain::text;

/// From here on a panic of this thread restores the terminal before it says anything; one of
/// another thread leaves a report only, because its task's answer says that it died.
pub(super) fn install(folder: PathBuf) {
    let console = thread::current().id();
    std::panic::set_hook(Box::new(move |info| hook(info, console, &folder)));
}

fn hook(info: &PanicHookInfo<'_>, console: ThreadId, folder: &Path) {
    let mine = thread::current().id() == console;
    if mine {
        terminal::restore();
    }
    let what = describe(info.payload(), info.location());
    let report = write_report(folder, &what);
    if mine {
        let place = report.map_or_else(
            || "The report could not be written.".to_owned(),
            |path| format!("A report without secrets is in {}.", path.display()),
        );
        // Standard error may be gone with the terminal.
        let _ = writeln!(
            std::io::stderr(),
            "portcullis: a fault of its own: {what}\n{place}\n\
             Nothing is sent twice: the ledger knows what was sent, and the next start settles it."
        );
    }
}

/// The message and the place. What is formatted into a message may hold a payload, so only
/// the part before the first colon, which is the programmer's own, is kept.
fn describe(payload: &dyn Any, location: Option<&Location<'_>>) -> String {
    let message = match (
        payload.downcast_ref::<&str>(),
        payload.downcast_ref::<String>(),
    ) {
        (Some(fixed), _) => *fixed,
        (None, Some(made)) => made.split(':').next().unwrap_or_default(),
        (None, None) => "no message",
    };
    let mut what = text::clean(message).into_owned();
    if let Some(at) = location {
        let _ = write!(what, " ({}:{})", at.file(), at.line());
    }
    what
}

fn write_report(folder: &Path, what: &str) -> Option<PathBuf> {
    let now = Timestamp::now();
    let path = folder.join(format!("crash-{}.txt", now.strftime("%Y%m%dT%H%M%SZ")));
    let thread = thread::current();
    let report = format!(
        "portcullis {} crashed at {now}\nthread: {}\n{what}\n\n{}\n",
        env!("CARGO_PKG_VERSION"),
        thread.name().unwrap_or("unnamed"),
        Backtrace::force_capture(),
    );
    std::fs::create_dir_all(folder).ok()?;
    std::fs::write(&path, report).ok()?;
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_no_formatted_value() {
        let made = format!(
            "the answer is read: {:?}",
            "postgresql://plant:hunter2@10.0.0.1"
        );
        assert_eq!(describe(&made, None), "the answer is read");
        assert_eq!(
            describe(&"index: fixed words stay", None),
            "index: fixed words stay"
        );
        assert_eq!(describe(&7_u8, None), "no message");
    }

    #[test]
    fn a_report_is_written_even_where_the_folder_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let path = write_report(&folder.path().join("state"), "what happened").unwrap();
        let report = std::fs::read_to_string(path).unwrap();
        assert!(report.contains("what happened"));
    }

    /// Set in the process that is to panic.
    const CHILD: &str = "PORTCULLIS_TEST_PANICS";

    #[test]
    fn a_panic_gives_the_terminal_back_before_it_speaks() {
        if let Some(folder) = std::env::var_os(CHILD) {
            let tty = super::super::tty::Tty::open().unwrap();
            install(folder.into());
            let _terminal = terminal::Terminal::enter(tty).unwrap();
            let payload = String::from("hunter2");
            panic!("the answer was read: {payload}");
        }
        let folder = tempfile::tempdir().unwrap();
        let output = on_a_pty(folder.path());
        let left = output.find("\x1b[?1049l").expect("the screen was left");
        let told = output.find("a fault of its own").expect("it was told");
        assert!(left < told, "{output:?}");
        assert!(
            output.contains("the answer was read (src/tui/crash.rs"),
            "{output:?}"
        );
        let report = std::fs::read_dir(folder.path()).unwrap().next().unwrap();
        let report = std::fs::read_to_string(report.unwrap().path()).unwrap();
        assert!(!(output + &report).contains("hunter2"));
    }

    /// Runs this test in a process of its own on a terminal; what it wrote.
    fn on_a_pty(folder: &Path) -> String {
        let pty = portable_pty::native_pty_system()
            .openpty(portable_pty::PtySize::default())
            .unwrap();
        let mut command = portable_pty::CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--exact", "--nocapture"]);
        command.arg("tui::crash::tests::a_panic_gives_the_terminal_back_before_it_speaks");
        command.env(CHILD, folder);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let mut child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut output = Vec::new();
        let mut buffer = [0; 4096];
        // The end of a pty is an error on Linux.
        while let Ok(read @ 1..) = std::io::Read::read(&mut reader, &mut buffer) {
            output.extend_from_slice(&buffer[..read]);
        }
        child.wait().unwrap();
        String::from_utf8_lossy(&output).into_owned()
    }
}
