//! The ledger on the screen: what is seen, filtered and told.

use jiff::SignedDuration;
use portcullis::domain::failure::{Failure, FailureKind};
use portcullis::domain::ledger::{Broken, EntryKind, Record, SealState, Soundness};
use portcullis::domain::outcome::Outcome;

use crate::book::{Book, record};
use crate::stage::Stage;
use crate::world::{START, ago};

fn with(book: Book, width: u16, height: u16) -> Stage {
    let mut stage = Stage::dark(width, height);
    stage.book = book;
    stage.open();
    stage.press("L");
    stage
}

/// The row of the screen that holds a text.
fn row(stage: &Stage, text: &str) -> usize {
    let shown = stage.text();
    let found = shown.lines().position(|line| line.contains(text));
    found.unwrap_or_else(|| panic!("no `{text}` in:\n{shown}"))
}

#[test]
fn it_opens_everywhere_with_the_newest_first_and_the_chain_always_visible() {
    let mut stage = with(Book::long(60), 80, 24);
    stage.shows("✓ chain sound to #60, sealed");
    stage.shows("⊘ REFUSED");
    stage.shows("✓ APPLIED");
    assert!(row(&stage, "⊘ REFUSED") < row(&stage, "✓ APPLIED"));
    stage.press("esc");
    stage.shows("PROBLEMS");
    for keys in ["m", "d", "s", "e", "u", "c", "r"] {
        stage.press(keys);
        stage.press("L");
        stage.shows("✓ chain sound");
        stage.press("esc esc");
        stage.shows("PROBLEMS");
    }
    stage.press("L L");
    stage.shows("this is the ledger");
}

#[test]
fn an_empty_an_unread_and_a_broken_ledger_say_so() {
    let stage = with(Book::default(), 80, 24);
    stage.shows("nothing was recorded yet");
    let mut stage = Stage::new(80, 24);
    stage.wait(SignedDuration::from_secs(2));
    stage.key(portcullis::app::input::Key::char('L'));
    stage.draw();
    stage.shows("reading…");
    let book = Book {
        broken: Some(Failure::new(
            FailureKind::Ledger,
            "the ledger could not be read: the disk is full",
            "check the space",
        )),
        ..Book::default()
    };
    let mut stage = with(book, 80, 24);
    stage.shows("✗ the ledger could not be read: the disk is full");
    stage.shows("→ check the space");
    let asked = stage.asked.len();
    stage.press("j j k");
    assert_eq!(stage.asked.len(), asked, "it is not asked again and again");
    stage.book = Book::long(9);
    stage.press("ctrl-r");
    stage.shows("chain sound to #9");
    stage.hides("the disk is full");
}

#[test]
fn words_filter_and_what_is_no_word_says_so() {
    let mut stage = with(Book::long(300), 80, 24);
    stage.press("/");
    stage.type_text("kind:refused env:u");
    stage.settle();
    stage.press("enter");
    stage.shows("only kind:refused env:u");
    stage.hides("APPLIED");
    stage.hides(" prod ");
    stage.press("/");
    stage.press("ctrl-u");
    stage.type_text("kind:nonsense");
    stage.settle();
    stage.shows("there is no kind `nonsense`");
    stage.press("ctrl-u");
    stage.type_text("no such text");
    stage.settle();
    stage.shows("no entry passes the filter");
    stage.shows("env: kind: by: run: plan: since: until:");
    stage.press("esc");
    stage.settle();
    stage.shows("APPLIED");
}

#[test]
fn typing_a_filter_asks_one_question_at_a_time() {
    let mut stage = with(Book::long(300), 80, 24);
    let asked = stage.asked.len();
    stage.press("/");
    stage.type_text("refused");
    assert_eq!(stage.asked.len(), asked + 1);
    stage.settle();
    assert_eq!(stage.asked.len(), asked + 2);
}

#[test]
fn a_hundred_thousand_entries_are_walked_in_windows() {
    let mut stage = with(Book::long(100_000), 120, 36);
    stage.shows("#100000");
    for _ in 0..60 {
        stage.press("pagedown");
    }
    let kept = |stage: &Stage| match stage.model.screen() {
        portcullis::app::screen::Screen::Ledger(screen) => screen.entries.len(),
        _ => 0,
    };
    assert!(kept(&stage) < 1_000, "{} are kept", kept(&stage));
    stage.press("G");
    stage.shows("\n 1       2025-");
    assert!(kept(&stage) < 1_000);
    for _ in 0..30 {
        stage.press("pageup");
    }
    stage.press("g");
    stage.shows("#100000");
}

#[test]
fn what_is_looked_at_stays_in_its_place_while_entries_arrive() {
    let mut stage = with(Book::long(500), 80, 24);
    stage.press("j j j");
    let before = stage.text();
    for _ in 0..3 {
        stage.book.write(stage.now, record("prod", "downgrade"));
    }
    stage.wait(SignedDuration::from_secs(40));
    stage.settle();
    stage.shows("▲ 3 newer");
    let body = |text: &str| {
        text.lines()
            .skip(3)
            .take(15)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    // The small arrow at the right border is new.
    let same = |line: &String| line.chars().take(70).collect::<String>();
    assert_eq!(
        body(&before).iter().map(same).collect::<Vec<_>>(),
        body(&stage.text()).iter().map(same).collect::<Vec<_>>()
    );
    stage.press("g");
    stage.shows("downgrade");
    stage.hides("newer");
}

#[test]
fn a_broken_chain_is_loud() {
    let book = Book {
        found: Some(Soundness {
            entries: 11,
            broken: Some(Broken::Edited(12)),
            seal: SealState::Unsealed,
        }),
        ..Book::long(30)
    };
    let stage = with(book, 80, 24);
    stage.shows("✗ CHAIN BROKEN");
    stage.shows("entry 12 was changed after it was written; sound to #11");
    let book = Book {
        found: Some(Soundness {
            entries: 30,
            broken: None,
            seal: SealState::Truncated { seq: 34, last: 30 },
        }),
        ..Book::long(30)
    };
    let stage = with(book, 80, 24);
    stage.shows("✗ SEAL BROKEN");
    stage.shows("the end is cut off");
}

/// A run with a refusal before it, broken glass, and an outcome.
fn one_run() -> Book {
    let mut book = Book::default();
    let mut write = |minutes, kind, outcome, reason: &str, execution: Option<&str>| {
        book.write(
            ago(START, minutes),
            Record {
                run_id: "01JHQX3V9K2M8Z4W7T5R6P1N0D".into(),
                kind,
                outcome,
                reason: Some(reason.into()),
                execution: execution.map(Into::into),
                ..record("prod", "upgrade")
            },
        );
    };
    write(
        50,
        EntryKind::BrokeGlass,
        None,
        "OPS-9 nobody answers",
        None,
    );
    write(49, EntryKind::Intended, None, "OPS-9 nobody answers", None);
    write(
        48,
        EntryKind::Started,
        None,
        "OPS-9 nobody answers",
        Some("job-x7q"),
    );
    let why = "OPS-9 nobody answers · the database is at 007 日本語 \u{1b}[31m\u{202e}now";
    write(
        9,
        EntryKind::Settled,
        Some(Outcome::Applied),
        why,
        Some("job-x7q"),
    );
    book
}

#[test]
fn one_runs_whole_story_is_told_from_its_begin_with_the_time_between() {
    let mut stage = with(one_run(), 80, 24);
    stage.shows("‼ BROKE GLASS");
    stage.press("enter");
    stage.shows("◆ PRODUCTION  prod");
    stage.shows("what happened");
    stage.shows("+1m00s → intended");
    stage.shows("+39m00s ✓ APPLIED");
    stage.shows("execution job-x7q");
    stage.shows("the database is at 007 日本語 now");
    assert!(row(&stage, "‼ BROKE GLASS") < row(&stage, "+1m00s"));
    let text = stage.text();
    let reasons = text.matches("OPS-9 nobody answers").count();
    assert_eq!(reasons, 1, "a reason is told once:\n{text}");
    stage.press("/");
    stage.type_text("job-x7q");
    stage.press("enter n esc");
    stage.shows("✓ chain sound");
}

#[test]
fn a_run_leads_to_its_own_story() {
    let mut stage = Stage::dark(80, 24);
    stage.book = one_run();
    stage.open();
    stage.press("/ u a t enter u x y");
    stage.shows("APPLIED");
    stage.press("S");
    stage.shows("‼ BROKE GLASS");
    stage.press("esc");
    stage.shows("read back just now");
}

#[test]
fn large_screens_tell_the_entry_of_the_cursor_in_full() {
    let stage = with(one_run(), 120, 36);
    stage.shows("OPS-9 nobody answers · the database is at 007 日本語 now");
    stage.shows("hash");
    let stage = with(one_run(), 200, 60);
    stage.shows("│ hash");
    stage.shows("2026-01-17 00:51:00 UTC");
}

#[test]
fn any_size_and_hostile_text_are_drawn() {
    let mut book = one_run();
    let reason = "日本👍🏽\u{301}\u{200d} \u{1b}]0;x\u{7}".repeat(400);
    book.write(
        START,
        Record {
            reason: Some(reason),
            actor: "\u{202e}evil\u{1b}[2J@example.com".into(),
            operation: "\u{7}".into(),
            execution: Some(String::new()),
            detail: Some("{\"from\":[1,{}],\"x\":\"\\u001b[1m\"}".into()),
            ..record("prod", "upgrade")
        },
    );
    let mut stage = with(book, 80, 24);
    for (width, height) in [
        (1, 1),
        (20, 5),
        (45, 9),
        (80, 24),
        (110, 30),
        (160, 50),
        (300, 4),
    ] {
        stage.resize(width, height);
        stage.press("enter G esc");
    }
    stage.resize(80, 24);
    stage.hides("\u{1b}");
    stage.hides("\u{202e}");
}
