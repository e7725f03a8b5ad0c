//! Directories that somebody damaged: each ends with a clear word, none with a panic or a hang.

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::migrations::with_revisions;
use crate::support::Finished;
use crate::support::program::Home;
use serde_json::Value;

/// The largest file that anybody leaves among revisions by mistake.
const LARGE: u64 = 100 * 1024 * 1024;

fn graph(home: &Home) -> Finished {
    let arguments = ["migrations", "graph", "--path", "app", "--format", "json"];
    Finished::of(&mut home.portcullis(&arguments))
}

/// The kind of the only file that is complained about, and the whole message.
#[track_caller]
fn complaint(home: &Home) -> (String, String) {
    let finished = graph(home).expect_code(3);
    assert!(!finished.stderr.contains('\u{1b}'), "{finished:?}");
    let document: Value = serde_json::from_str(&finished.stderr).expect("an error in JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let error = &document["error"];
    assert!(!text(&error["hint"]).is_empty(), "{error}");
    (text(&error["kind"]), text(&error["message"]))
}

/// A sound directory with one more file.
fn beside(name: &str, content: &[u8]) -> Home {
    let home = with_revisions("aaaa1");
    std::fs::write(home.path(&format!("app/m/versions/{name}")), content).expect("a file");
    home
}

#[test]
fn content_that_is_no_revision_is_named() {
    let half = b"revision = 'b'\ndown_revision = 'a'\n\ndef upgrade():\n    op.create_table(\n";
    let merge = b"<<<<<<< HEAD\nrevision = 'b'\n=======\nrevision = 'c'\n>>>>>>> other\n";
    let deep = format!("x = {}1{}\n", "(".repeat(5_000), ")".repeat(5_000));
    for (content, kind) in [
        (&b"\x7fELF\x02\x01\x01\0\0\0"[..], "encoding"),
        (
            b"revision = 'b'\ndown_revision = None\n'\xfc\xf6'\n",
            "encoding",
        ),
        (
            b"# coding: klingon\nrevision = 'b'\ndown_revision = None\n",
            "encoding",
        ),
        (half, "syntax"),
        (merge, "syntax"),
        (deep.as_bytes(), "too_deep"),
        (b"", "missing"),
        (b"revision = 'b'\n", "missing"),
        (b"revision = 7\ndown_revision = None\n", "wrong_kind"),
        (b"revision = 'b'\ndown_revision = find()\n", "not_static"),
    ] {
        let (found, message) = complaint(&beside("bad.py", content));
        assert_eq!(found, kind, "{message}");
        assert!(message.contains("bad.py:"), "{message}");
    }
}

#[test]
fn a_cookie_makes_another_encoding_readable() {
    let text = b"# coding: latin-1\n'''Gr\xf6\xdfe'''\nrevision = 'b'\ndown_revision = 'aaaa1'\n";
    let document = graph(&beside("b.py", text)).expect_code(0).json();
    assert_eq!(document["heads"], serde_json::json!(["b"]));
    assert!(document.to_string().contains("Größe"), "{document}");
}

#[test]
fn a_large_file_is_not_read() {
    let home = beside("large.py", b"");
    let file = std::fs::File::options()
        .write(true)
        .open(home.path("app/m/versions/large.py"))
        .expect("the file");
    file.set_len(LARGE).expect("a file with a hole");
    let (kind, message) = complaint(&home);
    assert_eq!(kind, "too_large");
    assert!(message.contains(&LARGE.to_string()), "{message}");
}

#[test]
fn what_is_no_plain_file_is_not_opened() {
    let home = with_revisions("aaaa1");
    let pipe = home.path("app/m/versions/pipe.py");
    let made = Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .expect("mkfifo runs");
    assert!(made.success());
    // A pipe would be waited for until somebody writes into it; Alembic does.
    assert_eq!(complaint(&home).0, "unreadable");
    std::fs::remove_file(&pipe).expect("the pipe");
    std::fs::create_dir(home.path("app/m/versions/folder.py")).expect("a folder");
    graph(&home).expect_code(0);
}

#[test]
fn links_in_a_circle_come_to_an_end() {
    let home = with_revisions("aaaa1");
    home.write(
        "app/alembic.ini",
        "[alembic]\nscript_location = %(here)s/m\nrecursive_version_locations = true\n",
    );
    let versions = home.path("app/m/versions");
    symlink(&versions, versions.join("again")).expect("a link to the folder above");
    let document = graph(&home).expect_code(0).json();
    assert_eq!(document["revisions"].as_array().map(Vec::len), Some(1));
    for (name, target) in [("self.py", "self.py"), ("dangling.py", "gone.py")] {
        symlink(target, versions.join(name)).expect("a link that leads nowhere");
        let (kind, message) = complaint(&home);
        assert_eq!(kind, "unreadable");
        assert!(message.contains(name), "{message}");
        std::fs::remove_file(versions.join(name)).expect("the link");
    }
}

#[test]
fn odd_ids_reach_no_terminal_raw() {
    let text = "'''A \\x1b[31mred\\u202e message'''\nrevision = '\\x1b]0;title\\x07 ü \"quoted\"'\ndown_revision = 'aaaa1'\n";
    let home = beside("odd.py", text.as_bytes());
    let document = graph(&home).expect_code(0).json();
    assert_eq!(
        document["heads"][0], "\u{1b}]0;title\u{7} ü \"quoted\"",
        "JSON escapes, and loses nothing"
    );
    let arguments = ["migrations", "graph", "--path", "app"];
    let text = Finished::of(&mut home.portcullis(&arguments))
        .expect_code(0)
        .stdout;
    let raw = ['\u{1b}', '\u{7}', '\u{202e}'];
    assert!(!text.contains(raw), "{text:?}");
    assert!(text.contains("quoted"), "{text}");
}

#[test]
fn an_empty_directory_has_no_heads() {
    let document = graph(&with_revisions("")).expect_code(0).json();
    assert_eq!(document["heads"], serde_json::json!([]));
}
