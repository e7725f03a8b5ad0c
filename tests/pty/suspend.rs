//! Suspended and continued, by key and by signal, under a shell with job control.

use rustix::process::Signal;

use crate::session::{Home, Session};

/// A shell that says when its job has stopped, and continues it at the next line.
const SHELL: &str = "set -m; \"$@\"; while [ \"$(jobs -s)\" ]; do echo stopped; read -r _; fg >/dev/null; done; echo over";

fn under_a_shell(home: &Home) -> Session {
    let program = env!("CARGO_BIN_EXE_portcullis");
    let session = Session::start(home.command(&["bash", "-c", SHELL, "bash", program]));
    session.expect("PRODUCTION");
    session
}

/// The console, which is the only child of the shell.
fn console(session: &Session) -> u32 {
    let shell = session.pid();
    let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"));
    let children = children.expect("the shell is there");
    children.trim().parse().expect("one child")
}

#[track_caller]
fn stops_and_comes_back(session: &mut Session, times: usize) {
    session.until("a stopped job on a whole terminal", |screen, _| {
        !screen.alternate_screen() && screen.contents().matches("stopped").count() == times
    });
    session.expect_restored();
    session.send(b"\n");
    session.until("the console again, drawn whole", |screen, _| {
        screen.alternate_screen() && screen.contents().contains("PRODUCTION")
    });
}

fn leave(mut session: Session) {
    session.send(b"q");
    session.until("the end", |screen, _| screen.contents().contains("over"));
    session.end();
    session.expect_restored();
}

#[test]
fn by_key() {
    let home = Home::without_network();
    let mut session = under_a_shell(&home);
    session.send(b"\x1a");
    stops_and_comes_back(&mut session, 1);
    leave(session);
}

#[test]
fn by_signal_and_twice() {
    let home = Home::without_network();
    let mut session = under_a_shell(&home);
    for times in 1..=2 {
        session.signal(Some(console(&session)), Signal::TSTP);
        stops_and_comes_back(&mut session, times);
    }
    leave(session);
}

#[test]
fn without_a_shell_nobody_would_continue_it_so_it_goes_on() {
    let home = Home::without_network();
    let mut session = Session::start(home.console());
    session.expect("PRODUCTION");
    session.send(b"\x1a");
    session.send(b"?");
    session.expect("KEYS OF THIS PLACE");
    session.send(b"\x1b");
    session.expect("PRODUCTION");
    session.send(b"q");
    session.end();
    session.expect_restored();
}
