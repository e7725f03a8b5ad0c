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
fn what_was_last_seen_is_there_at_once_without_a_network() {
    let home = Home::without_network();
    let folder = home.path("sandbox");
    let mut sandbox = home.console();
    sandbox.args(["sandbox", "--state-dir"]);
    sandbox.arg(&folder);
    let mut session = Session::sized(sandbox, (120, 36));
    session.expect("010_usage_events");
    session.expect("v3 disabled");
    session.send(b"q");
    assert!(session.end().success());
    session.expect_restored();

    let mut console = home.console();
    console.arg("--state-dir");
    console.arg(folder.join("console"));
    let session = Session::sized(console, (120, 36));
    session.until("what the sandbox said, and how old it is", |screen, _| {
        let text = screen.contents();
        text.contains("010_usage_events") && text.contains("v3 disabled")
    });
}
