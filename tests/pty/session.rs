//! A program on a pty of its own, with a terminal that reads what it writes. It ends with the test.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{
    Child, CommandBuilder, ExitStatus, MasterPty, PtyPair, PtySize, native_pty_system,
};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The longest wait on a loaded machine before a test gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// A home, a config and the program's arguments.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    /// A home whose config knows three environments behind an address where nobody answers.
    pub(crate) fn without_network() -> Self {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        // The port of `discard`, where nothing listens.
        let endpoints = [
            "run",
            "secretmanager",
            "sql",
            "logging",
            "cloudresourcemanager",
        ]
        .map(|service| format!("{service} = \"http://127.0.0.1:9\"\n"))
        .concat();
        let environments = [
            ("demo", "development"),
            ("uat", "staging"),
            ("prod", "production"),
        ]
        .map(|(name, tier)| {
            format!(
                "\n[environments.{name}]\ntier = \"{tier}\"\njob = \"plant-db-migrations-{name}\"\n\
                     sql_instance = \"plant-sql-{name}\"\ndatabase = \"plant\"\n\
                     secret = \"{name}-plant-database-url\"\n"
            )
        })
        .concat();
        let config = format!(
            "project = \"waooaw-oauth\"\nregion = \"asia-south1\"\n\n[google.endpoints]\n{endpoints}{environments}"
        );
        std::fs::write(folder.path().join("portcullis.toml"), config).expect("a writable home");
        Self { folder }
    }

    /// A path inside.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The console on the config of this home.
    pub(crate) fn console(&self) -> CommandBuilder {
        self.command(&[env!("CARGO_BIN_EXE_portcullis")])
    }

    /// Any command in this home, with nothing of the machine's settings.
    pub(crate) fn command(&self, words: &[&str]) -> CommandBuilder {
        let mut command = CommandBuilder::new(words[0]);
        command.args(&words[1..]);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.folder.path());
        command.env("XDG_CONFIG_HOME", self.path("config"));
        command.env("XDG_STATE_HOME", self.path("state"));
        command.env("CLOUDSDK_CONFIG", self.path("gcloud"));
        command.env("CLOUDSDK_AUTH_ACCESS_TOKEN", "sandbox");
        command.env("PORTCULLIS_SANDBOX_BACKEND", "embedded");
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("NO_PROXY", "*");
        command.env("NO_GCE_CHECK", "true");
        command.cwd(self.folder.path());
        command
    }
}

/// What the terminal has seen so far.
#[derive(Default)]
struct Seen {
    bytes: Vec<u8>,
    over: bool,
    /// Whether nobody wants to see more.
    enough: bool,
}

/// A program that runs on a pty.
pub(crate) struct Session {
    master: Option<Box<dyn MasterPty + Send>>,
    /// Held open, so that the terminal's settings can still be read when the program has ended.
    slave: Option<Box<dyn portable_pty::SlavePty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    reader: Option<JoinHandle<()>>,
    size: (u16, u16),
    pid: u32,
    ended: mpsc::Receiver<ExitStatus>,
    settings: String,
}

impl Session {
    /// Starts a command on a pty of 80 by 24.
    pub(crate) fn start(command: CommandBuilder) -> Self {
        Self::sized(command, (80, 24))
    }

    /// Starts a command on a pty of this many columns and rows.
    pub(crate) fn sized(command: CommandBuilder, (columns, rows): (u16, u16)) -> Self {
        let size = PtySize {
            rows,
            cols: columns,
            ..PtySize::default()
        };
        let PtyPair { master, slave } = native_pty_system().openpty(size).expect("a pty");
        let settings = settings(master.as_ref());
        let child = slave.spawn_command(command).expect("the program starts");
        let seen = Arc::default();
        let reader = read_all(master.try_clone_reader().expect("a reader"), &seen);
        Self {
            writer: Some(master.take_writer().expect("a writer")),
            master: Some(master),
            slave: Some(slave),
            seen,
            reader: Some(reader),
            size: (columns, rows),
            pid: child.process_id().expect("a process"),
            ended: wait_in_background(child),
            settings,
        }
    }

    /// Types bytes.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let writer = self.writer.as_mut().expect("an open terminal");
        writer.write_all(bytes).expect("the pty takes input");
    }

    /// Sends a signal to a process, by default to the program itself.
    pub(crate) fn signal(&self, pid: Option<u32>, signal: Signal) {
        let pid = pid.unwrap_or(self.pid);
        let pid = Pid::from_raw(i32::try_from(pid).expect("a pid")).expect("a pid");
        kill_process(pid, signal).expect("the process is there");
    }

    /// The process of the program.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&mut self, (columns, rows): (u16, u16)) {
        let size = PtySize {
            rows,
            cols: columns,
            ..PtySize::default()
        };
        let master = self.master.as_ref().expect("an open terminal");
        master.resize(size).expect("a pty has a size");
        self.size = (columns, rows);
        // What was drawn for the old size says nothing of the new one.
        self.seen
            .0
            .lock()
            .expect("no reader panicked")
            .bytes
            .clear();
    }

    /// Takes the terminal away.
    pub(crate) fn close(&mut self) {
        self.seen.0.lock().expect("no reader panicked").enough = true;
        // The reader holds the terminal as well: a frame lets it see that it is enough.
        self.resize((self.size.0 + 1, self.size.1));
        let reader = self.reader.take().expect("closed once");
        reader.join().expect("no reader panicked");
        self.writer.take();
        self.slave.take();
        self.master.take();
    }

    /// Waits until the screen holds a text.
    #[track_caller]
    pub(crate) fn expect(&self, text: &str) {
        self.until(text, |screen, _| screen.contents().contains(text));
    }

    /// Waits until something holds of the screen and of all bytes so far.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, holds: impl Fn(&vt100::Screen, &[u8]) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let (seen, changed) = &*self.seen;
        let mut now = seen.lock().expect("no reader panicked");
        loop {
            let (columns, rows) = self.size;
            // The emulator falls over a wide character in a single column and over a wrap in a single
            // row, and bytes that were under way for the size before may hold both.
            let mut terminal = vt100::Parser::new(rows.max(2), columns.max(2), 0);
            terminal.process(&now.bytes);
            if holds(terminal.screen(), &now.bytes) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !now.over && !left.is_zero(),
                "never came: {what}\n{}",
                terminal.screen().contents()
            );
            now = changed
                .wait_timeout(now, left)
                .expect("no reader panicked")
                .0;
        }
    }

    /// Waits for the end of the program.
    #[track_caller]
    pub(crate) fn end(&self) -> ExitStatus {
        self.ended
            .recv_timeout(PATIENCE)
            .expect("the program ends by itself")
    }

    /// Fails the test unless the terminal is as the program found it.
    #[track_caller]
    pub(crate) fn expect_restored(&self) {
        self.until("a restored terminal", |screen, bytes| {
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && last_is(bytes, b"\x1b[?1004l", b"\x1b[?1004h")
                && last_is(bytes, b"\x1b[<1u", b"\x1b[>1u")
                && last_is(bytes, b"\x1b[?2026l", b"\x1b[?2026h")
        });
        let master = self.master.as_ref().expect("an open terminal");
        assert_eq!(settings(master.as_ref()), self.settings);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid
            && matches!(self.ended.try_recv(), Err(mpsc::TryRecvError::Empty))
        {
            // Its own session and so its own group; gone already is what is wanted.
            let _ = rustix::process::kill_process_group(pid, Signal::KILL);
        }
    }
}

/// The settings of the terminal, as text.
fn settings(master: &dyn MasterPty) -> String {
    format!(
        "{:?}",
        master.get_termios().expect("a terminal has settings")
    )
}

/// Whether the last of two sequences is the first one.
fn last_is(bytes: &[u8], last: &[u8], other: &[u8]) -> bool {
    let position = |needle: &[u8]| bytes.windows(needle.len()).rposition(|w| w == needle);
    position(last) > position(other)
}

fn read_all(
    mut reader: Box<dyn Read + Send>,
    seen: &Arc<(Mutex<Seen>, Condvar)>,
) -> JoinHandle<()> {
    let seen = Arc::clone(seen);
    std::thread::spawn(move || {
        let mut buffer = vec![0; 65536];
        loop {
            let read = reader.read(&mut buffer).unwrap_or(0);
            let mut now = seen.0.lock().unwrap_or_else(PoisonError::into_inner);
            now.bytes.extend_from_slice(&buffer[..read]);
            now.over = read == 0;
            seen.1.notify_all();
            if now.over || now.enough {
                return;
            }
        }
    })
}

fn wait_in_background(mut child: Box<dyn Child + Send + Sync>) -> mpsc::Receiver<ExitStatus> {
    let (tell, ended) = mpsc::channel();
    std::thread::spawn(move || {
        if let Ok(status) = child.wait() {
            // Nobody may be waiting any more.
            let _ = tell.send(status);
        }
    });
    ended
}
