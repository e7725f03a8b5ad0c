//! Every size is drawn, from one cell to more than sixteen bits can count.

use crate::session::{Home, Session};

#[test]
fn any_size_is_drawn_and_survived() {
    let home = Home::without_network();
    let mut session = Session::sized(home.console(), (20, 5));
    session.until("something on 20x5", |screen, _| {
        !screen.contents().trim().is_empty()
    });
    for size in [(1, 1), (2, 2), (300, 100), (7, 40)] {
        session.resize(size);
        session.until("a frame of the new size", |_, bytes| ends_a_frame(bytes));
    }
    session.resize((80, 24));
    session.expect("PRODUCTION");
    session.send(b"q");
    assert!(session.end().success());
    session.expect_restored();
}

#[test]
fn a_hundred_thousand_cells_are_drawn_to_the_last_row() {
    let home = Home::without_network();
    let session = Session::sized(home.console(), (500, 200));
    session.expect("PRODUCTION");
    session.until("the help in the last row", |screen, _| {
        let last = screen.rows(0, 500).nth(199).unwrap_or_default();
        last.contains("quit")
    });
}

fn ends_a_frame(bytes: &[u8]) -> bool {
    bytes.ends_with(b"\x1b[?2026l")
}
