use super::*;
use proptest::prelude::*;

fn parse(text: impl AsRef<[u8]>) -> Result<ParsedRevision, FileProblem> {
    parse_revision(Path::new("versions/ab12_x.py"), text.as_ref(), &NoModules)
}

fn revision(text: impl AsRef<[u8]>) -> Revision {
    parse(text).unwrap().revision
}

fn problem(text: impl AsRef<[u8]>) -> (usize, &'static str) {
    let problem = parse(text).unwrap_err();
    (problem.line, problem.reason.word())
}

/// The `down_revision` of a file that says this of it.
fn down(line: &str) -> Vec<String> {
    revision(format!("revision = 'r'\n{line}\n")).down
}

const WHOLE: &str = r#""""Add a table

More about it.

Revision ID: ae1027a6acf
Revises: 1975ea83b712
Create Date: 2011-11-10 11:50:02.123456

"""
from typing import Sequence, Union

from alembic import op

# revision identifiers, used by Alembic.
revision: str = "ae1027a6acf"
down_revision: Union[str, None] = "1975ea83b712"
branch_labels: Union[str, Sequence[str], None] = ("api",)
depends_on = ["55af2cb1c267"]


def upgrade() -> None:
    revision = "not this"
    op.create_table("t")


def downgrade() -> None:
    pass
"#;

#[test]
fn a_whole_file_is_read() {
    let revision = revision(WHOLE);
    assert_eq!(revision.id.as_str(), "ae1027a6acf");
    assert_eq!(revision.down, ["1975ea83b712"]);
    assert_eq!(revision.branch_labels, ["api"]);
    assert_eq!(revision.depends_on, ["55af2cb1c267"]);
    assert_eq!(revision.message(), "Add a table");
    assert_eq!(
        revision.created.as_deref(),
        Some("2011-11-10 11:50:02.123456")
    );
}

#[test]
fn every_spelling_of_a_parent_is_understood() {
    for (line, expected) in [
        ("down_revision = None", vec![]),
        ("down_revision = ()", vec![]),
        ("down_revision = (None,)", vec![]),
        ("down_revision = 'a'", vec!["a"]),
        ("down_revision: str = (\n  'a'\n  'b'\n)", vec!["ab"]),
        ("down_revision = ('a', \"b\")", vec!["a", "b"]),
        ("down_revision = ['a', r'b']", vec!["a", "b"]),
        ("down_revision = 'a' 'b', 'c'", vec!["ab", "c"]),
        ("down_revision = 'a' + \\\n 'b'", vec!["ab"]),
        ("PREFIX = 'a'\ndown_revision = f'{PREFIX}_1'", vec!["a_1"]),
        ("A = B = 'x'\ndown_revision = B", vec!["x"]),
        ("down_revision, rest = ('a', 'b'), 1", vec!["a", "b"]),
        ("down_revision = 'a'\ndown_revision = 'b'", vec!["b"]),
        ("down_revision = 'a'\ndown_revision += 'b'", vec!["ab"]),
        (
            "down_revision = tuple(['a', *('b', 'c')])",
            vec!["a", "b", "c"],
        ),
        ("down_revision = '\\x61\\u0062'", vec!["ab"]),
        ("if True:\n    down_revision = 'a'", vec!["a"]),
        (
            "down_revision = 'a'\nif __name__ == '__main__':\n    down_revision = 'b'",
            vec!["a"],
        ),
    ] {
        assert_eq!(down(line), expected, "{line}");
    }
}

#[test]
fn what_only_a_run_can_tell_is_reported_with_its_line() {
    for line in [
        "down_revision = compute()",
        "from ids import down_revision",
        "from ids import *",
        "import ids; down_revision = ids.LAST",
        "down_revision = LAST",
        "down_revision = 'a' if x else 'b'",
        "down_revision = 'a'.lower()",
        "down_revision = '%s' % 'a'",
        "down_revision = f'{1}'",
        "down_revision = ids[0]",
        "down_revision = [x for x in 'ab']",
        "down_revision = 'a'; print(down_revision := 'b')",
        "try: down_revision = 'a'\nexcept: pass",
        "for down_revision in 'ab': pass",
        "with x as down_revision: pass",
        "def tuple(x): return 1\ndown_revision = tuple(['a'])",
    ] {
        let text = format!("revision = 'r'\n{line}\n");
        let (at, word) = problem(&text);
        assert_eq!(word, "not_static", "{line}");
        assert!((2..=3).contains(&at), "{line}: line {at}");
    }
}

#[test]
fn values_of_the_wrong_kind_are_no_ids() {
    assert_eq!(
        problem("revision = 1\ndown_revision = None"),
        (1, "wrong_kind")
    );
    assert_eq!(
        problem("revision = None\ndown_revision = None"),
        (1, "wrong_kind")
    );
    assert_eq!(
        problem("revision = 'a'\ndown_revision = True"),
        (2, "wrong_kind")
    );
    assert_eq!(
        problem("revision = 'a'\ndown_revision = ('x', None)"),
        (2, "wrong_kind")
    );
    assert_eq!(
        problem("def revision(): pass\ndown_revision = None"),
        (1, "wrong_kind")
    );
}

#[test]
fn a_missing_id_is_taken_from_an_old_style_name_only() {
    let old = |name: &str| parse_revision(Path::new(name), b"down_revision = None", &NoModules);
    assert_eq!(old("v/1a2b.py").unwrap().revision.id.as_str(), "1a2b");
    assert_eq!(
        old("v/1a2b_x.py").unwrap_err().reason,
        Reason::Missing("revision")
    );
    assert_eq!(problem("revision = 'a'"), (1, "missing"));
    assert_eq!(
        problem("revision = 'a'\ndel revision\ndown_revision = None"),
        (1, "missing")
    );
}

#[test]
fn labels_may_be_unknown_without_spoiling_the_rest() {
    let text = "import x\nrevision = 'a'\ndown_revision = None\nbranch_labels = ('k', x.LABEL)";
    let parsed = parse(text).unwrap();
    assert_eq!(parsed.revision.branch_labels, ["k"]);
    assert_eq!(parsed.unknown_labels.unwrap().line, 4);
}

#[test]
fn labels_may_come_from_the_same_package() {
    struct One;
    impl Modules for One {
        fn source(&self, module: &str) -> Option<std::borrow::Cow<'_, [u8]>> {
            (module == "app.names").then_some(b"LABEL = 'api'".into())
        }
    }
    for import in ["from app import names", "import app.names as names"] {
        let text = format!(
            "{import}\nrevision = 'a'\ndown_revision = None\nbranch_labels = (names.LABEL,)"
        );
        let parsed = parse_revision(Path::new("a.py"), text.as_bytes(), &One).unwrap();
        assert_eq!(parsed.revision.branch_labels, ["api"], "{import}");
        assert_eq!(parsed.unknown_labels, None);
    }
    let text = "from app.names import LABEL\nrevision = LABEL\ndown_revision = None";
    let error = parse_revision(Path::new("a.py"), text.as_bytes(), &One).unwrap_err();
    assert_eq!(
        error.reason.word(),
        "not_static",
        "an id is never followed elsewhere"
    );
}

#[test]
fn bytes_become_text_as_python_reads_them() {
    let with = |head: &[u8]| [head, b"\nrevision = 'r'\ndown_revision = None"].concat();
    let utf8 = "\u{feff}'''Größe'''".as_bytes();
    assert_eq!(revision(with(utf8)).message(), "Größe");
    let latin = b"# -*- coding: latin-1 -*-\n'''Gr\xf6\xdfe'''";
    assert_eq!(revision(with(latin)).message(), "Größe");
    let second = b"#!/usr/bin/python\n# vim: set fileencoding=cp1251 :\n'''\xc4\xe0'''";
    assert_eq!(revision(with(second)).id.as_str(), "r");
    assert_eq!(problem(with(b"\n\n'''Gr\xf6\xdfe'''")), (3, "encoding"));
    let comment = revision(with(b"'''Plain\r\ntext'''\r\r# Gr\xf6\xdfe"));
    assert_eq!(comment.doc, "Plain\ntext");
    assert_eq!(problem(with(b"# coding: \xf6")), (1, "encoding"));
    assert_eq!(
        problem(with(b"# coding: ascii\n# \xc3\xb6")),
        (2, "encoding")
    );
    assert_eq!(problem(with(b"# coding: shift_jis")), (1, "encoding"));
    assert_eq!(
        problem(with(b"\xef\xbb\xbf# coding: latin-1")),
        (1, "encoding")
    );
    assert_eq!(problem(with(b"\x7fELF\0\0")), (1, "encoding"));
    let unclear = b"# coding: cp1251\nrevision = '\xc4'\ndown_revision = None";
    assert_eq!(problem(unclear), (2, "not_static"));
}

#[test]
fn half_a_file_is_no_python() {
    let (line, word) = problem(&WHOLE[..WHOLE.find("not this").unwrap()]);
    assert_eq!((line, word), (22, "syntax"));
    assert_eq!(problem("revision = 'a'\ndown_revision = ("), (2, "syntax"));
    assert_eq!(problem("<<<<<<< HEAD\nrevision = 'a'"), (1, "syntax"));
}

#[test]
fn an_empty_file_lacks_its_id() {
    let empty = parse_revision(Path::new("a_step.py"), b"", &NoModules).unwrap_err();
    assert_eq!(empty.reason, Reason::Missing("revision"));
}

#[test]
fn depth_is_refused_before_it_can_overflow_a_stack() {
    let many = 200_000;
    for (name, text) in [
        ("brackets", "(".repeat(many) + "1" + &")".repeat(many)),
        ("open brackets", "[".repeat(many)),
        ("signs", "-".repeat(many) + "1"),
        ("nots", "not ".repeat(many) + "x"),
        ("nots on lines", format!("({}x)", "not\n".repeat(many))),
        ("sums", "'a'+".repeat(many) + "'a'"),
        ("attributes", "a".to_owned() + &".a".repeat(many)),
        ("calls", "a".to_owned() + &"()".repeat(many)),
        ("lambdas", "lambda:".repeat(many) + "0"),
        ("conditions", "a if b else ".repeat(many) + "c"),
        ("powers", "a**".repeat(many) + "b"),
        ("f-strings", "f'{".repeat(many)),
        (
            "blocks",
            (0..1500).fold(String::new(), |text, at| text + &" ".repeat(at) + "if x:\n"),
        ),
        ("walrus", "(a:=".repeat(many)),
        (
            "brackets in a call",
            format!("f(\"{}\", {}", ")".repeat(many), "(".repeat(many)),
        ),
    ] {
        let text = format!("revision = 'r'\ndown_revision = None\nx = 1\n{text}\n");
        let word = problem(text).1;
        assert!(matches!(word, "too_deep" | "syntax"), "{name}: {word}");
    }
}

#[test]
fn what_is_just_not_too_deep_is_read() {
    let sum = format!("'a'{}", "+'a'".repeat(500));
    assert_eq!(down(&format!("down_revision = {sum}")), ["a".repeat(501)]);
    let list = format!(
        "x = [{}]\ndown_revision = None",
        "('a', {'b': -1}), ".repeat(50_000)
    );
    assert!(down(&list).is_empty());
    let walrus = format!(
        "x = {}1{}\n(y := 2)\ndown_revision = None",
        "(-".repeat(190),
        ")".repeat(190)
    );
    assert!(down(&walrus).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(bytes);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(\\PC|\n|\t| ){0,200}") {
        let _ = parse(text);
    }

    /// Python-like rubble: tokens of real files in any order.
    #[test]
    fn rubble_is_read_or_refused(tokens in prop::collection::vec(prop::sample::select(vec![
        "revision", "down_revision", "=", "(", ")", "[", "]", "{", "}", ",", "'a'", "\"b", "'''", "f'{", "+",
        "\n", "    ", "def ", "if ", "else", ":", ":=", "*", "import ", "from ", "#", "\\", "None", "lambda ", "@", ".", "é",
        "try", "except", "with ", " as ", "for ", " in ", "match ", "case ", "del ", "class ", ";", "-> ", "**", "%",
    ]), 0..60)) {
        let _ = parse(tokens.concat());
    }

    /// Cutting a real file anywhere gives a revision or a reason.
    #[test]
    fn a_cut_file_is_read_or_refused(from in 0..WHOLE.len(), to in 0..WHOLE.len()) {
        let _ = parse(&WHOLE.as_bytes()[from.min(to)..from.max(to)]);
    }
}
