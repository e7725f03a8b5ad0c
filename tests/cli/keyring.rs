//! A real Secret Service (GNOME's) on a bus of its own: what it keeps, and what happens when it does not answer.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::Finished;
use crate::support::program::Home;
use crate::support::sandbox::{Sandbox, signal_group};
use serde_json::Value;

/// The passphrase of the keyring, which the test gives it.
const LOGIN: &str = "login";

/// A bus that starts nothing by itself: the keyring on it is the one that the test unlocks.
const BUS: &str = "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>\
    <policy context='default'><allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/>\
    <allow own='*'/></policy></busconfig>";

/// A session bus with a keyring on it, which end with the test.
struct Session {
    bus: Child,
    keyring: Child,
    address: String,
}

impl Session {
    fn start(home: &Home) -> Self {
        let mut bus = home
            .command("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .arg("--config-file")
            .arg(home.write("bus.conf", BUS))
            .process_group(0)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon: run `tests/run`, which installs what the tests need");
        let mut address = String::new();
        let out = bus.stdout.take().expect("its standard output");
        BufReader::new(out)
            .read_line(&mut address)
            .expect("an address");
        let address = address.trim().to_owned();
        let run = home.path("run");
        std::fs::create_dir_all(&run).expect("a folder");
        let mut keyring = home
            .command("gnome-keyring-daemon")
            .args([
                "--foreground",
                "--unlock",
                "--components=secrets",
                "--control-directory",
            ])
            .arg(&run)
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .env("XDG_DATA_HOME", home.path("data"))
            .env("XDG_RUNTIME_DIR", &run)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon: run `tests/run`, which installs what the tests need");
        let mut input = keyring.stdin.take().expect("its standard input");
        input.write_all(LOGIN.as_bytes()).expect("a passphrase");
        drop(input);
        let session = Self {
            bus,
            keyring,
            address,
        };
        session.until_unlocked(home);
        session
    }

    /// Asks the bus itself until the keyring is there; the time is bounded by the tool's own.
    fn until_unlocked(&self, home: &Home) {
        let begin = Instant::now();
        loop {
            let asked = Finished::of(
                home.command("dbus-send")
                    .args([
                        "--session",
                        "--print-reply",
                        "--dest=org.freedesktop.secrets",
                    ])
                    .arg("/org/freedesktop/secrets/collection/login")
                    .args(["org.freedesktop.DBus.Properties.Get"])
                    .args(["string:org.freedesktop.Secret.Collection", "string:Locked"])
                    .env("DBUS_SESSION_BUS_ADDRESS", &self.address),
            );
            if asked.stdout.contains("boolean false") {
                return;
            }
            let patience = Duration::from_secs(60);
            assert!(begin.elapsed() < patience, "no keyring: {asked:?}");
        }
    }

    /// The program on this session.
    fn on<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in [&mut self.keyring, &mut self.bus] {
            signal_group(child.id(), rustix::process::Signal::KILL);
            let _ = child.wait();
        }
    }
}

/// Something that is refused at the gate, and recorded.
const REFUSED: [&str; 4] = ["run", "upgrade", "-e", "uat"];

fn verified(command: &mut Command) -> Value {
    Finished::of(command).expect_code(0).json()
}

#[test]
fn the_keyring_keeps_the_key_and_how_far_the_ledger_had_come() {
    let sandbox = Sandbox::start_with(&[("PORTCULLIS_SANDBOX_BACKEND", "embedded")]);
    let home = sandbox.home();
    let session = Session::start(home);
    let verify = ["ledger", "verify", "--format", "json"];
    Finished::of(session.on(&mut sandbox.portcullis(&REFUSED))).expect_code(8);
    let found = verified(session.on(&mut sandbox.portcullis(&verify)));
    assert_eq!(found["key"]["kind"], "keyring", "{found}");
    assert_eq!(found["seal"]["state"], "sealed", "{found}");
    let state = std::path::PathBuf::from(found["ledger"]["name"].as_str().expect("a path"));
    let state = state.parent().expect("a folder");
    assert!(!state.join("keys.age").exists() && !state.join("heads").exists());

    // Everything on disk is put away, the ledger with its seal: the keyring still knows better.
    std::fs::remove_dir_all(state).expect("a folder to remove");
    let gone = Finished::of(session.on(&mut sandbox.portcullis(&verify))).expect_code(13);
    assert_eq!(gone.json()["seal"]["state"], "truncated");
    // A ledger that was cut is not continued, so nothing is sent.
    let allowed = [&REFUSED[..], &["--yes"]].concat();
    let stopped = Finished::of(session.on(&mut sandbox.portcullis(&allowed))).expect_code(13);
    assert!(stopped.stderr.contains("`ledger verify`"), "{stopped:?}");
    let forget = ["ledger", "verify", "--forget", "--format", "json"];
    let accepted = verified(session.on(&mut sandbox.portcullis(&forget)));
    assert_eq!(accepted["forgotten"], true);
}

#[test]
fn a_keyring_that_does_not_answer_costs_a_second() {
    let sandbox = Sandbox::start_with(&[("PORTCULLIS_SANDBOX_BACKEND", "embedded")]);
    let home = sandbox.home();
    let socket = home.path("bus");
    // Takes connections, and says nothing.
    let bus = UnixListener::bind(&socket).expect("a socket");
    let address = format!("unix:path={}", socket.display());
    let mut command = sandbox.portcullis(&["ledger", "verify", "--format", "json"]);
    let begin = Instant::now();
    let found = verified(command.env("DBUS_SESSION_BUS_ADDRESS", &address));
    let took = begin.elapsed();
    assert_eq!(found["key"]["kind"], "open", "{found}");
    assert!(took > Duration::from_secs(1), "it was waited for: {took:?}");
    assert!(
        took < Duration::from_secs(20),
        "it was waited for too long: {took:?}"
    );
    drop(bus);
}
