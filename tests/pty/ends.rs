//! However it ends, the terminal is whole.

use rustix::process::Signal;

use crate::session::{Home, Session};

#[track_caller]
fn ends_whole(signal: Signal, code: u32) {
    let home = Home::without_network();
    let session = Session::start(home.console());
    session.expect("PRODUCTION");
    session.signal(None, signal);
    assert_eq!(session.end().exit_code(), code);
    session.expect_restored();
}

#[test]
fn terminated() {
    ends_whole(Signal::TERM, 143);
}

#[test]
fn hung_up() {
    ends_whole(Signal::HUP, 129);
}

#[test]
fn interrupted() {
    ends_whole(Signal::INT, 130);
}

#[test]
fn quit_by_signal() {
    ends_whole(Signal::QUIT, 131);
}

#[test]
fn a_terminal_that_goes_away_ends_it() {
    let home = Home::without_network();
    let mut session = Session::start(home.console());
    session.expect("PRODUCTION");
    session.close();
    session.end();
}

#[test]
fn keys_of_all_kinds_do_no_harm() {
    let home = Home::without_network();
    let mut session = Session::start(home.console());
    session.expect("PRODUCTION");
    // Everything but what leaves, suspends or pages.
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..3_000 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let byte = random.to_be_bytes()[0];
        if !matches!(byte, b'q' | b'v' | 0x03 | 0x1a) {
            session.send(&[byte]);
        }
    }
    // The end of a paste or of a sequence that may be open, and then out.
    session.send(b"\x1b[201~");
    session.send(b"\x03");
    session.send(b"\x03");
    let status = session.end();
    assert!(status.success(), "{status:?}");
    session.expect_restored();
}
