//! The first frame comes before the network, and shows what was last seen.

use crate::session::{Home, Session};

#[test]
fn the_first_frame_needs_no_network() {
    let home = Home::without_network();
    let mut session = Session::start(home.console());
    for word in ["prod", "PRODUCTION", "uat", "demo"] {
        session.expect(word);
    }
    session.send(b"q");
    assert!(session.end().success());
    session.expect_restored();
}

#[test]
fn a_dead_network_is_told_and_the_keyboard_answers() {
    let home = Home::without_network();
    let mut session = Session::start(home.console());
    session.expect("prod");
    session.send(b"?");
    session.expect("KEYS OF THIS PLACE");
    session.send(b"\x1b");
    session.expect("PRODUCTION");
    session.send(b"q");
    assert!(session.end().success());
}

#[test]
fn output_that_is_no_terminal_is_refused_with_a_remedy() {
    let home = Home::without_network();
    let program = env!("CARGO_BIN_EXE_portcullis");
    let session = Session::start(home.command(&["sh", "-c", &format!("{program} | cat")]));
    session.expect("needs a terminal");
    session.expect("portcullis status");
}

#[test]
fn the_sandbox_is_shown_and_its_snapshot_comes_back_without_it() {
    let home = Home::without_network();
    let mut sandbox = home.console();
    sandbox.args(["sandbox", "--state-dir"]);
    sandbox.arg(home.path("sandbox"));
    let mut session = Session::sized(sandbox.clone(), (120, 36));
    session.expect("at_head_or_behind");
    session.send(b"q");
    assert!(session.end().success());
    session.expect_restored();
}
