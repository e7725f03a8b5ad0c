//! The window follows the cursor and never moves what is looked at.

use proptest::prelude::*;

use super::*;
use crate::app::command::Move;
use crate::domain::digest::Digest;
use crate::domain::ledger::{EntryKind, Record, chain, genesis};

const ROWS: usize = 17;

fn entry(seq: u64) -> Entry {
    let record = Record {
        actor: "ravi".to_owned(),
        run_id: "01J".to_owned(),
        kind: EntryKind::Intended,
        environment: "prod".into(),
        operation: "upgrade".to_owned(),
        plan: Digest::of_bytes(b"plan"),
        execution: None,
        outcome: None,
        reason: None,
        detail: None,
    };
    chain(seq, Timestamp::UNIX_EPOCH, record, genesis())
}

fn entries(from: u64, to: u64) -> Vec<Entry> {
    (from..=to).rev().map(entry).collect()
}

/// What a ledger of so many entries answers.
fn answer(count: u64, reach: Reach) -> Window {
    let size = u64::from(WINDOW);
    let (from, to) = match reach {
        Reach::Newest => (count.saturating_sub(size) + 1, count),
        Reach::Oldest => (1, size.min(count)),
        Reach::Older(seq) => (seq.saturating_sub(size).max(1), seq - 1),
        Reach::Newer(seq) => (seq + 1, (seq + size).min(count)),
    };
    Window {
        entries: entries(from, to),
        newest: to >= count,
        oldest: from <= 1,
    }
}

fn answered(screen: &mut LedgerScreen, count: u64, stale: bool) -> bool {
    let Some(reach) = screen.wants(stale) else {
        return false;
    };
    screen.absorb(reach, String::new(), answer(count, reach));
    screen.list.settle(screen.entries.len(), ROWS);
    true
}

proptest! {
    #[test]
    fn walking_meets_every_entry_and_nothing_jumps(count in 1u64..3_000, steps in prop::collection::vec(0usize..8, 1..80)) {
        let mut screen = LedgerScreen::default();
        let mut count = count;
        answered(&mut screen, count, false);
        prop_assert_eq!(screen.selected().map(|e| e.seq), Some(count));
        for step in steps {
            let len = screen.entries.len();
            let before = screen.selected().unwrap().seq;
            let moves = [Move::Up, Move::Down, Move::PageUp, Move::PageDown];
            match step {
                0..4 => {
                    screen.list.step(moves[step], len, ROWS);
                    let after = screen.selected().unwrap().seq;
                    let by = if step < 2 { 1 } else { ROWS as u64 - 1 };
                    prop_assert!(before.abs_diff(after) <= by);
                    // Also a page is a whole one: what comes next is there before it is needed.
                    let wanted = if step % 2 == 0 { (before + by).min(count) } else { before.saturating_sub(by).max(1) };
                    if !screen.newest || step % 2 == 1 { prop_assert_eq!(after, wanted); }
                }
                4 => screen.towards = Some(Reach::Oldest),
                5 => screen.towards = Some(Reach::Newest),
                6 => count += 3,
                _ => {}
            }
            let selected = screen.selected().unwrap().seq;
            let row = screen.list.cursor - screen.list.offset;
            let towards = screen.towards;
            while answered(&mut screen, count, false) {}
            answered(&mut screen, count, true);
            if towards.is_none() {
                prop_assert_eq!(screen.selected().unwrap().seq, selected);
                // A list that does not fill the screen has its rows from the top.
                if len > ROWS { prop_assert_eq!(screen.list.cursor - screen.list.offset, row); }
            } else {
                prop_assert_eq!(screen.towards, None);
            }
            prop_assert!(screen.entries.len() <= MOST + ROWS + 3 * NEAR);
            prop_assert!(screen.entries.windows(2).all(|pair| pair[0].seq == pair[1].seq + 1));
        }
    }
}

#[test]
fn a_failure_is_not_asked_about_again_and_again() {
    let mut screen = LedgerScreen {
        asked: Some(String::new()),
        failure: Some(Failure::new(
            crate::domain::failure::FailureKind::Ledger,
            "damaged",
            "",
        )),
        ..LedgerScreen::default()
    };
    assert_eq!(screen.wants(false), None);
    assert_eq!(screen.wants(true), Some(Reach::Newest));
    screen.list.filter.insert("env:prod");
    assert_eq!(screen.wants(false), Some(Reach::Newest));
}
