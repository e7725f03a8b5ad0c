//! Revision files that were damaged: cut off, overwritten, spliced, in the wrong encoding.

use std::path::Path;

use portcullis::alembic::parse::{FileProblem, NoModules, ParsedRevision, Reason, parse_revision};
use serde_json::{Value, json};

use crate::directories::spell;
use crate::generator::{Case, Seeded};

/// What may follow the variables of a revision; harmless when it is run.
const BODIES: [&str; 4] = [
    "\n\ndef upgrade() -> None:\n    op.create_table(\n        't',\n        sa.Column('id', sa.Integer(), nullable=False),\n    )\n\n\ndef downgrade() -> None:\n    op.drop_table('t')\n",
    "\n\ndef upgrade():\n    for name in ('a', \"b\"):\n        op.execute(f'''ALTER TABLE {name} ADD x int''')\n\n\ndef downgrade():\n    raise NotImplementedError(\n        'no way back')\n",
    "\nTABLES = {'a': [1, 2], 'b': {3}}\n\nasync def work(x, *, y=1, **z):\n    async with x as (a, b):\n        return [i async for i in a if i]\n\ndef upgrade():\n    pass\n",
    "\nclass Kind(object):\n    'a kind'\n    A = 1 if True else 2\n\ntry:\n    LIMIT = int('3')\nexcept (ValueError, TypeError) as error:\n    del error\n\ndef upgrade(): pass\n",
];

/// Bytes that mean something to a reader of Python, or to a decoder of text.
const PIECES: [&[u8]; 26] = [
    b"'",
    b"\"",
    b"'''",
    b"\"\"\"",
    b"(",
    b")",
    b"[",
    b"]",
    b"{",
    b"}",
    b"\\",
    b"\n",
    b"\n    ",
    b"\t",
    b"#",
    b",",
    b" + ",
    b"None",
    b"revision",
    b"\xff",
    b"\xc3\xa4",
    b"\x00",
    b"\r",
    b"f'{",
    b"\xef\xbb\xbf",
    b"# coding: latin-1\n",
];

/// A damaged revision file, of those that all versions of Python take alike.
pub(crate) fn damaged(random: &mut Seeded) -> Vec<u8> {
    loop {
        let bytes = any_damaged(random);
        let text = String::from_utf8_lossy(&bytes);
        // Template strings are for the newest Python; and the parser's rule for tabs among
        // spaces is not Python's, which tells apart blocks but never variables of the module.
        let is_new = ["t'", "t\"", "T'", "T\""]
            .iter()
            .any(|start| text.contains(start));
        let is_mixed = text.contains(" \t") || text.contains("\t ");
        if !(is_new || is_mixed) {
            break bytes;
        }
    }
}

fn any_damaged(random: &mut Seeded) -> Vec<u8> {
    let revision = loop {
        let case = Case::random(random);
        if !case.revisions.is_empty() {
            break random.pick(&case.revisions).clone();
        }
    };
    let mut bytes = spell(random, &revision).into_bytes();
    bytes.extend_from_slice(random.pick(&BODIES).as_bytes());
    for _ in 0..random.below(4) {
        damage(random, &mut bytes);
    }
    bytes
}

fn damage(random: &mut Seeded, bytes: &mut Vec<u8>) {
    let at = random.below(bytes.len() + 1);
    let end = (at + random.below(12)).min(bytes.len());
    match random.below(6) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => drop(bytes.splice(at..end, random.pick(&PIECES).iter().copied())),
        3 => drop(bytes.splice(at..at, random.pick(&PIECES).iter().copied())),
        4 => {
            let copy = bytes[at..end].to_vec();
            let to = random.below(bytes.len() + 1);
            bytes.splice(to..to, copy);
        }
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
    }
}

/// The question what Python makes of a file.
pub(crate) fn question(bytes: &[u8]) -> Value {
    json!({ "file": hex::encode(bytes) })
}

/// What is read here.
pub(crate) fn read(bytes: &[u8]) -> Result<ParsedRevision, FileProblem> {
    parse_revision(Path::new("damaged.py"), bytes, &NoModules)
}

/// Holds what is read here against what Python says; a reason when they differ.
pub(crate) fn compare(
    mine: &Result<ParsedRevision, FileProblem>,
    truth: &Value,
) -> Result<(), String> {
    let failed = truth["error"].as_str();
    match mine {
        // What Python's compiler refuses, and what happens when the file runs, is not known here.
        Ok(_) if matches!(failed, Some("compile" | "run")) => Ok(()),
        Ok(parsed) if failed == Some("value") && parsed.unknown_labels.is_some() => Ok(()),
        Ok(_) if failed.is_some() => Err("it is read here, and Python refuses it".to_owned()),
        Ok(parsed) => same(parsed, truth),
        Err(problem) => match &problem.reason {
            Reason::NotStatic { .. } | Reason::TooDeep => Ok(()),
            Reason::Encoding(why) if why.contains("cannot be read here") => Ok(()),
            // A comment that names half a coding: Python guesses, here it is refused.
            Reason::Encoding(_) if problem.line <= 2 => Ok(()),
            Reason::Syntax(_) | Reason::Encoding(_) if failed == Some("syntax") => Ok(()),
            Reason::Missing(_) | Reason::WrongKind { .. } if failed.is_some() => Ok(()),
            _ => Err(format!("{problem}, and Python reads it")),
        },
    }
}

fn same(parsed: &ParsedRevision, truth: &Value) -> Result<(), String> {
    let revision = &parsed.revision;
    let labels = parsed
        .unknown_labels
        .is_none()
        .then_some(&revision.branch_labels);
    let pairs = [
        (json!(revision.id), "revision"),
        (json!(revision.down), "down_revision"),
        (json!(revision.depends_on), "depends_on"),
        (json!(labels), "branch_labels"),
    ];
    for (mine, name) in pairs {
        if mine != truth[name] && !mine.is_null() {
            return Err(format!(
                "{name} is {mine} here, and {} in Python",
                truth[name]
            ));
        }
    }
    Ok(())
}
