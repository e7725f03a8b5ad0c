//! What no run of Alembic can say: what is known and what is not, and whether it is reached.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::domain::review::Certainty::{Always, Perhaps, Repeated};

const HEAD: &str =
    "import os, sqlalchemy as sa\nfrom alembic import op, context\nfrom app import helpers\n";

fn script(text: &str) -> Script {
    read(Path::new("a.py"), format!("{HEAD}{text}").as_bytes()).expect("a file that can be read")
}

/// The steps of an `upgrade` with this body, each in a line.
fn steps(body: &str) -> Vec<String> {
    let text = format!(
        "def upgrade():\n    {}\n",
        body.trim().replace('\n', "\n    ")
    );
    let body = script(&text).upgrade.expect("an upgrade");
    body.steps.iter().map(shown).collect()
}

fn shown(step: &Step) -> String {
    let certainty = match step.certainty {
        Always => "",
        Perhaps => "perhaps ",
        Repeated => "repeated ",
    };
    let outside = if step.transactional { "" } else { "outside " };
    match &step.action {
        Action::Sql { text, exact: true } => format!("{certainty}{outside}{text}"),
        Action::Sql { text, .. } => format!("{certainty}{outside}about {text}"),
        Action::Opaque { why } => format!("{certainty}{outside}opaque: {why}"),
    }
}

#[test]
fn conditions_that_are_not_known_leave_both_ways() {
    let all = steps(
        "if helpers.FLAG:\n    op.drop_table('a')\nelif os.environ['X']:\n    return\nelse:\n    op.drop_table('b')\nop.drop_table('c')",
    );
    assert_eq!(
        all,
        [
            "perhaps DROP TABLE a",
            "perhaps DROP TABLE b",
            "perhaps DROP TABLE c"
        ]
    );
    let all = steps("if helpers.FLAG:\n    raise RuntimeError\nop.drop_table('c')");
    assert_eq!(all, ["DROP TABLE c"], "whoever gets there gets on");
    let all = steps(
        "x = 'a' if helpers.FLAG else 'b'\nop.drop_table(x)\nif helpers.FLAG:\n    y = 1\nelse:\n    y = 1\nop.drop_table(f't{y}')",
    );
    assert_eq!(all, ["about DROP TABLE __unknown__", "DROP TABLE t1"]);
}

#[test]
fn loops_that_are_not_known_repeat() {
    let all = steps(
        "n = 1\nfor t in helpers.TABLES:\n    op.drop_table(t)\n    op.execute('SELECT 1')\n    n = 2\nop.drop_table(f't{n}')",
    );
    assert_eq!(
        all,
        [
            "repeated about DROP TABLE __unknown__",
            "repeated SELECT 1",
            "about DROP TABLE t__unknown__"
        ]
    );
    let all = steps("while True:\n    op.execute('SELECT 1')");
    assert_eq!(all, ["repeated SELECT 1"]);
    let all = steps(
        "for t in 'ab':\n    if helpers.stop:\n        break\n    op.drop_table(t)\nop.drop_table('c')",
    );
    assert_eq!(
        all,
        [
            "perhaps DROP TABLE a",
            "perhaps DROP TABLE b",
            "DROP TABLE c"
        ]
    );
}

#[test]
fn what_stands_elsewhere_is_opaque() {
    assert_eq!(
        steps("helpers.seed()"),
        ["opaque: `seed` is defined in another file"]
    );
    assert_eq!(
        steps("run(op.get_bind())"),
        ["opaque: it is handed what leads to the database; `run` is not set"]
    );
    assert_eq!(
        steps("op.create_view('v')"),
        ["opaque: `create_view` is no operation of Alembic itself"]
    );
    assert_eq!(
        steps("op.execute(open('x.sql').read())"),
        ["opaque: the statement is not known: it is computed"]
    );
    assert_eq!(
        steps("op.execute('SELECT :a')"),
        ["opaque: the parameter `:a` has no value"]
    );
    assert_eq!(
        steps(
            "print('x')\ninspector = sa.inspect(op.get_bind())\ninspector.get_table_names()\nx = os.path.join('a')"
        ),
        [""; 0]
    );
}

#[test]
fn parts_that_are_not_known_are_stand_ins() {
    assert_eq!(
        steps("op.add_column('t', sa.Column('a', helpers.Type(), nullable=False))"),
        ["about ALTER TABLE t ADD COLUMN a __unknown__ NOT NULL"]
    );
    assert_eq!(
        steps("op.execute(f'DELETE FROM {helpers.NAME} WHERE a = 1')"),
        ["about DELETE FROM __unknown__ WHERE a = 1"]
    );
    assert_eq!(
        steps("op.create_table('t', *helpers.columns())"),
        [
            "opaque: `columns` is defined in another file",
            "about CREATE TABLE t (\n    \n)/* __unknown__ */"
        ]
    );
    assert_eq!(
        steps("op.alter_column('t', 'a', nullable=helpers.X)"),
        ["opaque: `nullable` is not known: `app.helpers.X` is only known when it runs"]
    );
}

#[test]
fn blocks_outside_of_the_transaction_are_marked() {
    let all = steps(
        "with op.get_context().autocommit_block():\n    op.create_index('i', 't', ['a'], postgresql_concurrently=True)\nop.drop_table('t')",
    );
    assert_eq!(
        all,
        [
            "outside CREATE INDEX CONCURRENTLY i ON t (a)",
            "DROP TABLE t"
        ]
    );
}

#[test]
fn types_that_are_looked_for_first_are_perhaps_made() {
    let all = steps(
        "from sqlalchemy.dialects.postgresql import ENUM\nt = ENUM('a', name='e')\nt.create(op.get_bind(), checkfirst=True)\nt.create(op.get_bind(), checkfirst=False)",
    );
    let sql = "CREATE TYPE e AS ENUM ('a')";
    assert_eq!(all, [format!("perhaps {sql}"), sql.to_owned()]);
}

#[test]
fn what_may_be_caught_is_in_doubt() {
    let all = steps(
        "try:\n    op.drop_table('a')\n    helpers.x()\n    op.drop_table('b')\nexcept Exception:\n    op.drop_table('c')\nop.drop_table('d')",
    );
    assert_eq!(
        all,
        [
            "DROP TABLE a",
            "perhaps opaque: `x` is defined in another file",
            "perhaps DROP TABLE b",
            "perhaps DROP TABLE c",
            "DROP TABLE d"
        ]
    );
}

#[test]
fn functions_that_are_empty_raise_or_are_missing() {
    let read = script(
        "def upgrade():\n    '''Nothing.'''\n    pass\n\ndef downgrade():\n    raise NotImplementedError('no')\n",
    );
    let upgrade = read.upgrade.expect("an upgrade");
    assert_eq!(
        (upgrade.line, upgrade.steps.len(), upgrade.raises),
        (4, 0, false)
    );
    let downgrade = read.downgrade.expect("a downgrade");
    assert_eq!(
        (downgrade.line, downgrade.steps.len(), downgrade.raises),
        (8, 0, true)
    );
    assert_eq!(script("x = 1").upgrade, None);
    let late = script("def downgrade():\n    op.drop_table('a')\n    raise ValueError\n").downgrade;
    assert!(!late.expect("a downgrade").raises);
    let imported = script("from app.base import upgrade\n")
        .upgrade
        .expect("one");
    assert!(matches!(imported.steps[0].action, Action::Opaque { .. }));
}

#[test]
fn remarks_are_found_where_they_stand() {
    let text = "# portcullis: of the file\ndef upgrade():\n    # portcullis: above\n    op.drop_table('a')  #portcullis:  beside \n# no portcullis: this\nx = '# portcullis: a string'\n";
    let remarks = script(text).remarks;
    let all: Vec<(usize, &str, bool, bool)> = remarks
        .iter()
        .map(|one| (one.line, one.text.as_str(), one.trailing, one.top_level))
        .collect();
    assert_eq!(
        all,
        [
            (4, "of the file", false, true),
            (6, "above", false, false),
            (7, "beside", true, false)
        ]
    );
}

#[test]
fn lines_and_calls_are_those_of_the_file() {
    let text = "def drop(name):\n    op.drop_table(\n        name)\n\ndef upgrade():\n    drop('a')\n    (op\n      .drop_table('b'))\n";
    let steps = script(text).upgrade.expect("an upgrade").steps;
    let all: Vec<(usize, &str)> = steps
        .iter()
        .map(|step| (step.line, step.call.as_str()))
        .collect();
    assert_eq!(all, [(5, "op.drop_table"), (10, "op .drop_table")]);
}

#[test]
fn endless_code_comes_to_an_end() {
    for body in [
        "def f():\n    f()\nf()",
        "f = lambda: f()\nf()",
        "x = 'a'\nfor i in range(100):\n    x = x + x\nop.execute(x)",
        "for a in range(4000):\n    for b in range(4000):\n        for c in range(4000):\n            op.drop_table('t')",
        "x = []\nx.append(x)\nop.drop_table(x)",
        "class A:\n    x = 1\nA.x.y.z()",
        "def f(n):\n    g(n)\ndef g(n):\n    f(n)\nf(1)",
    ] {
        steps(body);
    }
    let deep = format!("op.execute({}'a'{})", "str(".repeat(180), ")".repeat(180));
    assert_eq!(steps(&deep).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Python-like rubble: pieces of real functions in any order.
    #[test]
    fn rubble_is_read_or_refused(pieces in prop::collection::vec(prop::sample::select(vec![
        "op.", "sa.", "execute", "create_table", "add_column", "batch_alter_table", "(", ")", "[", "]", "{", "}", ",",
        "'a'", "'%s:x {}'", "f'{x}'", " % ", "x", "=", ".", "None", "1", "-1", "\n    ", "\n        ", "if ", "for x in ", "with ",
        " as b", ":", "try:", "except:", "lambda x: ", "Column", "Enum", "text", "table", "*", "**", "==", "+", "return ", "b.",
        "def f(x):", "f(", "get_bind()", "c.a", "where", "values", "in_", "~", "not ", "\\\\:", "await ", "yield ",
    ]), 0..50)) {
        let text = format!("{HEAD}def upgrade():\n    {}", pieces.concat());
        let _ = read(Path::new("a.py"), text.as_bytes());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(Path::new("a.py"), &bytes);
    }
}
