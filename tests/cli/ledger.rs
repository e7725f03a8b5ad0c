//! The verbs of `ledger` as scripts meet them: filters, pages, exports, seals, keys, the shared ledger's address.

use std::path::Path;
use std::sync::Arc;

use portcullis::adapters::keys::{KeySettings, SystemKeys};
use portcullis::adapters::ledgers::ChosenLedger;
use portcullis::adapters::variables::Variables;
use portcullis::domain::digest::Digest;
use portcullis::domain::ledger::{Entry, EntryKind, Record, verify};
use portcullis::domain::outcome::Outcome;
use portcullis::ports::ledger::Ledger as _;
use serde_json::Value;

use crate::support::Finished;
use crate::support::program::Home;

const CONFIG: &str = "project = 'p'\nregion = 'r'\n\
    [environments.prod]\ntier = 'production'\njob = 'j'\n";

/// A password that must be found nowhere.
const CANARY: &str = "canary-77aa";

fn home() -> Home {
    let home = Home::new();
    home.write("portcullis.toml", CONFIG);
    home
}

fn record(run: &str, kind: EntryKind, reason: &str) -> Record {
    Record {
        actor: "ravi@example.com".to_owned(),
        run_id: run.to_owned(),
        kind,
        environment: "prod".into(),
        operation: "upgrade".to_owned(),
        plan: Digest::of_bytes(run.as_bytes()),
        execution: None,
        outcome: (kind == EntryKind::Settled).then_some(Outcome::Applied),
        reason: Some(reason.to_owned()),
        detail: None,
    }
}

/// Writes entries as the program does, on a machine without a keyring.
fn write(home: &Home, records: Vec<Record>) {
    let state = home.path("state/portcullis");
    let keys = Arc::new(SystemKeys::new(KeySettings {
        state: state.clone(),
        variables: Variables::default(),
        keyring: false,
        ask: None,
    }));
    let ledger = ChosenLedger::new(state, None, keys);
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        for record in records {
            ledger.append(record).await.expect("an entry");
        }
    });
}

/// A run that was applied, one that is open, and one that broke the glass and is owed a review.
fn three_runs(home: &Home) {
    write(
        home,
        vec![
            record("run-a", EntryKind::Intended, "OPS-1: add | index"),
            record("run-b", EntryKind::Intended, "OPS-2 \u{1b}[31mred\u{1b}[0m"),
            record("run-a", EntryKind::Settled, "OPS-1: add | index"),
            record("run-c", EntryKind::BrokeGlass, "=HYPERLINK(\"http://x\")"),
            record("run-c", EntryKind::Settled, "OPS-3"),
        ],
    );
}

fn ledger(home: &Home, arguments: &[&str]) -> Finished {
    let mut words = vec!["ledger"];
    words.extend(arguments);
    Finished::of(&mut home.portcullis(&words))
}

fn json(home: &Home, arguments: &[&str]) -> Value {
    let mut words = arguments.to_vec();
    words.extend(["--format", "json"]);
    ledger(home, &words).expect_code(0).json()
}

fn seqs(document: &Value) -> Vec<u64> {
    let entries = document["entries"].as_array().expect("entries");
    entries.iter().filter_map(|e| e["seq"].as_u64()).collect()
}

#[test]
fn lists_are_filtered_and_paged() {
    let home = home();
    three_runs(&home);
    let seqs = |arguments: &[&str]| {
        let mut words = vec!["list"];
        words.extend(arguments);
        seqs(&json(&home, &words))
    };
    assert_eq!(seqs(&[]), [5, 4, 3, 2, 1]);
    assert_eq!(
        seqs(&["--kind", "intended", "--kind", "broke_glass"]),
        [4, 2, 1]
    );
    assert_eq!(seqs(&["--run", "run-a"]), [3, 1]);
    assert_eq!(seqs(&["--search", "ops-2"]), [2]);
    assert_eq!(seqs(&["--actor", "nobody"]), [0_u64; 0]);
    assert_eq!(seqs(&["-e", "uat"]), [0_u64; 0]);
    assert_eq!(
        seqs(&["--since", "1h", "-e", "prod", "--until", "2099-01-01"]).len(),
        5
    );
    let plan = Digest::of_bytes(b"run-b");
    assert_eq!(seqs(&["--plan", &plan.short()]), [2]);
    let first = json(&home, &["list", "--limit", "2"]);
    assert_eq!(first["next"], 4);
    let second = json(&home, &["list", "--limit", "2", "--before", "4"]);
    assert_eq!(
        (
            second["next"].as_u64(),
            second["entries"][0]["seq"].as_u64()
        ),
        (Some(2), Some(3))
    );
    assert_eq!(
        json(&home, &["list", "--limit", "2", "--before", "2"])["next"],
        Value::Null
    );
    ledger(&home, &["list", "--since", "soon"]).expect_code(2);
    ledger(&home, &["list", "--kind", "rumoured"]).expect_code(2);
    ledger(&home, &["list", "--limit", "0"]).expect_code(2);
}

#[test]
fn one_run_is_told_from_its_beginning() {
    let home = home();
    three_runs(&home);
    assert_eq!(seqs(&json(&home, &["show", "run-a"])), [1, 3]);
    let text = ledger(&home, &["show", "run-b"]).expect_code(0).stdout;
    assert!(text.starts_with("upgrade on prod, run run-b"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    ledger(&home, &["show", "run-x"]).expect_code(6);
}

#[test]
fn exported_lines_can_be_checked_elsewhere() {
    let home = home();
    three_runs(&home);
    let lines = ledger(&home, &["export"]).expect_code(0).stdout;
    let entries: Vec<Entry> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("an entry"))
        .collect();
    assert_eq!(verify(&entries), Ok(5));
    let one = ledger(&home, &["export", "--run", "run-b"])
        .expect_code(0)
        .stdout;
    assert_eq!(one.lines().count(), 1);
}

#[test]
fn a_spreadsheet_computes_nothing() {
    let home = home();
    three_runs(&home);
    let table = ledger(&home, &["export", "--as", "csv"])
        .expect_code(0)
        .stdout;
    let mut sheet = csv::Reader::from_reader(table.as_bytes());
    let head = sheet.headers().expect("names of columns").clone();
    let reason = head
        .iter()
        .position(|name| name == "reason")
        .expect("reasons");
    let rows: Vec<_> = sheet.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), 5);
    assert_eq!(&rows[3][reason], "'=HYPERLINK(\"http://x\")");
    assert_eq!(&rows[1][reason], "OPS-2 red");
}

#[test]
fn a_colleague_learns_what_is_open_and_owed() {
    let home = home();
    three_runs(&home);
    let text = ledger(&home, &["export", "--as", "markdown"])
        .expect_code(0)
        .stdout;
    for expected in [
        "- Entries: 5, runs: 3",
        "- Chain: whole, 5 entries",
        "- Seal: sealed up to its last entry, 5",
        "- upgrade on prod, run run-b: intended at",
        "- upgrade on prod, run run-c: broke glass at",
        "upgrade on prod: applied",
        r"OPS-1: add \| index",
    ] {
        assert!(text.contains(expected), "{expected} is missing in:\n{text}");
    }
    let later = ledger(
        &home,
        &["export", "--as", "markdown", "--since", "2099-01-01"],
    );
    let text = later.expect_code(0).stdout;
    assert!(
        text.contains("Entries: 0") && text.contains("run run-b: intended"),
        "{text}"
    );
}

#[test]
fn looking_at_a_ledger_begins_none() {
    let home = home();
    for verb in [&["list"][..], &["verify"], &["export", "--as", "markdown"]] {
        ledger(&home, verb).expect_code(0);
    }
    assert!(!home.path("state").exists(), "looking makes nothing");
}

#[test]
fn an_older_copy_is_found_and_can_be_accepted() {
    let home = home();
    three_runs(&home);
    let state = home.path("state/portcullis");
    copy_ledger(&state, &home.path("copy"));
    write(&home, vec![record("run-d", EntryKind::Settled, "OPS-4")]);
    let sound = json(&home, &["verify"]);
    assert_eq!(sound["seal"]["state"], "sealed");
    assert_eq!(
        (&sound["seal"]["seq"], &sound["sound"]),
        (&6.into(), &true.into())
    );
    assert_eq!(sound["key"]["kind"], "open");
    let words = sound["key"]["words"].as_str().expect("words");
    assert!(
        words.contains("not against the owner of this account"),
        "{words}"
    );

    copy_ledger(&home.path("copy"), &state);
    let broken = ledger(&home, &["verify", "--format", "json"]).expect_code(13);
    let found = broken.json();
    assert_eq!(found["sound"], false);
    assert_eq!(found["seal"]["state"], "truncated");
    let error: Value = serde_json::from_str(&broken.stderr).expect("an error in JSON");
    assert_eq!(error["error"]["kind"], "ledger_broken");
    assert!(
        error["error"]["hint"].to_string().contains("--forget"),
        "{error}"
    );

    ledger(&home, &["verify", "--forget"]).expect_code(0);
    ledger(&home, &["verify"]).expect_code(0);
}

/// The ledger with its log, as a backup would copy it.
fn copy_ledger(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let _ = std::fs::remove_file(to.join(name));
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.join(name)).expect("a copy");
        }
    }
}

#[test]
fn keys_behind_a_passphrase_are_said_to_be_so() {
    let home = home();
    three_runs(&home);
    let words = home.write("words", "correct horse battery\n");
    let words = words.to_str().expect("a path");
    let protected = json(&home, &["protect", "--passphrase-file", words]);
    assert_eq!(protected["key"]["kind"], "passphrase");
    assert!(!home.path("state/portcullis/keys.key").exists());

    // Without a terminal nobody can be asked: nothing is proven, and that is said.
    let without = json(&home, &["verify"]);
    assert_eq!(without["key"]["kind"], "nowhere");
    assert_eq!(without["seal"]["state"], "unproven");
    let mut command = home.portcullis(&["ledger", "verify", "--format", "json"]);
    command.env("PORTCULLIS_KEY_PASSPHRASE_FILE", words);
    let with = Finished::of(&mut command).expect_code(0);
    assert_eq!(with.json()["seal"]["state"], "sealed");
    for text in [with.stdout, with.stderr] {
        assert!(!text.contains("horse"), "{text}");
    }
}

#[test]
fn a_shared_ledger_that_is_expected_has_no_stand_in() {
    let home = home();
    three_runs(&home);
    home.write(
        "portcullis.toml",
        &format!("{CONFIG}\n[ledger]\nshared = 'payments'\n"),
    );
    for verb in [&["list"][..], &["verify"], &["export"]] {
        let finished = ledger(&home, verb).expect_code(13);
        assert!(finished.stderr.contains("`payments`"), "{finished:?}");
        assert!(finished.stderr.contains("ledger connect"), "{finished:?}");
        assert_eq!(finished.stdout, "");
    }
    home.write(
        "portcullis.toml",
        &format!("{CONFIG}\n[ledger]\nshared = 'postgresql://u:{CANARY}@h/d'\n"),
    );
    let finished = ledger(&home, &["list"]).expect_code(3);
    assert!(finished.stderr.contains("ledger connect"), "{finished:?}");
    assert!(!finished.stderr.contains(CANARY), "{finished:?}");
}

#[test]
fn an_address_that_does_not_answer_is_neither_kept_nor_told() {
    let home = home();
    for address in [
        format!("postgresql://ops:{CANARY}@127.0.0.1:1/ledger"),
        format!("postgresql://ops:{CANARY}@127.0.0.1:port/ledger"),
        format!("mysql://ops:{CANARY}@127.0.0.1/ledger"),
        CANARY.to_owned(),
    ] {
        let file = home.write("address", &address);
        for format in ["text", "json"] {
            let file = file.to_str().expect("a path");
            let finished = ledger(&home, &["connect", "--file", file, "--format", format]);
            assert_ne!(finished.code, Some(0), "{finished:?}");
            assert!(!format!("{finished:?}").contains(CANARY), "{finished:?}");
        }
    }
    assert!(!home.path("state/portcullis/keys.age").exists());
    assert!(!home.path("state/portcullis/shared-ledger").exists());
    home.write("empty", "\n");
    ledger(&home, &["connect", "--file", "empty"]).expect_code(2);
    ledger(&home, &["connect", "--file", "missing"]).expect_code(2);
    ledger(&home, &["connect", "--stdin"]).expect_code(2);
    ledger(&home, &["connect", &format!("postgresql://u:{CANARY}@h/d")]).expect_code(2);
}

#[test]
fn a_mark_without_a_name_is_no_leave_to_write_elsewhere() {
    let home = home();
    three_runs(&home);
    home.write("state/portcullis/shared-ledger", "../../etc");
    ledger(&home, &["list"]).expect_code(13);
}
