//! The rules of squawk, an established linter for PostgreSQL migrations: which of them are asked.

use std::ops::Range;

use squawk_linter::{Linter, Rule};
use squawk_syntax::SourceFile;

use super::analysis::deep_enough;
use super::split::split;

/// What squawk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Squawk's name of the rule.
    pub rule: &'static str,
    /// Where, in the text.
    pub range: Range<usize>,
    /// What it says.
    pub message: String,
    /// What it advises.
    pub help: Option<String>,
}

/// Whether a rule of squawk is asked, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lint {
    /// Squawk's name of it.
    pub name: &'static str,
    /// Why it is not asked; `None` when it is.
    pub off: Option<&'static str>,
}

const fn on(name: &'static str) -> Lint {
    Lint { name, off: None }
}

const fn off(name: &'static str, why: &'static str) -> Lint {
    Lint {
        name,
        off: Some(why),
    }
}

const OURS: &str = "a rule of Portcullis knows the lock, the table and the revision";
const STYLE: &str = "a matter of style: nothing goes wrong at run time";
const ROUTINE: &str = "part of the daily work: a finding each time teaches people to look away";

/// Every rule of squawk that is on unless somebody says otherwise.
pub const LINTS: &[Lint] = &[
    off("require-concurrent-index-creation", OURS),
    off("require-concurrent-index-deletion", OURS),
    off("constraint-missing-not-valid", OURS),
    off("adding-field-with-default", OURS),
    off("adding-foreign-key-constraint", OURS),
    off("changing-column-type", OURS),
    off("adding-not-nullable-field", OURS),
    off("adding-serial-primary-key-field", OURS),
    off("renaming-column", OURS),
    off("renaming-table", OURS),
    off("renaming-object", OURS),
    off("ban-set-schema", OURS),
    off("disallowed-unique-constraint", OURS),
    off("ban-drop-database", OURS),
    off("ban-drop-column", OURS),
    off("ban-drop-table", OURS),
    off("ban-drop-schema", OURS),
    off("ban-truncate-cascade", OURS),
    off("adding-required-field", OURS),
    off("ban-concurrent-index-creation-in-transaction", OURS),
    off("require-concurrent-partition-detach", OURS),
    off("require-concurrent-reindex", OURS),
    off("require-lock-timeout", OURS),
    off("require-statement-timeout", OURS),
    off("require-enum-value-ordering", STYLE),
    off("prefer-bigint-over-int", STYLE),
    off("prefer-bigint-over-smallint", STYLE),
    off("prefer-identity", STYLE),
    off("prefer-repack", STYLE),
    off("prefer-robust-stmts", STYLE),
    off("prefer-text-field", STYLE),
    off("prefer-timestamp-tz", STYLE),
    off("ban-char-field", STYLE),
    off("ban-drop-default", ROUTINE),
    off("ban-drop-constraint", ROUTINE),
    off("ban-drop-sequence", ROUTINE),
    off("ban-drop-generated-expression", ROUTINE),
    off("ban-alter-identity", ROUTINE),
    off("ban-drop-extension", ROUTINE),
    on("ban-drop-not-null"),
    on("ban-drop-view"),
    on("ban-drop-function"),
    on("ban-drop-type"),
    on("ban-drop-domain"),
    on("ban-create-domain-with-constraint"),
    off("ban-alter-domain-with-add-constraint", OURS),
    on("transaction-nesting"),
    on("ban-uncommitted-transaction"),
    on("ban-duplicate-column-assignments"),
    on("identifier-too-long"),
];

/// What squawk's rules find in a text of statements; nothing where it cannot be parsed.
pub fn lint(text: &str) -> Vec<Complaint> {
    let deepest = split(text).iter().map(|piece| piece.depth).max();
    deep_enough(deepest.unwrap_or_default(), || complaints(text)).unwrap_or_default()
}

fn complaints(text: &str) -> Vec<Complaint> {
    let asked: Vec<Rule> = LINTS
        .iter()
        .filter(|lint| lint.off.is_none())
        .filter_map(|lint| Rule::try_from(lint.name).ok())
        .collect();
    let mut linter = Linter::from(asked);
    linter.settings.assume_in_transaction = true;
    let parse = SourceFile::parse(text);
    let found = linter.lint(&parse, text).into_iter();
    found
        .filter_map(|violation| {
            let word = violation.code.to_string();
            let known = LINTS.iter().find(|lint| lint.name == word)?;
            Some(Complaint {
                rule: known.name,
                range: violation.text_range.into(),
                message: violation.message,
                help: violation.help,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_rule_that_squawk_turns_on_is_decided_about() {
        let theirs = Linter::with_default_rules().rules;
        let theirs: BTreeSet<String> = theirs
            .iter()
            .filter(|rule| **rule != Rule::UnusedIgnore)
            .map(ToString::to_string)
            .collect();
        let ours: BTreeSet<String> = LINTS.iter().map(|lint| lint.name.to_owned()).collect();
        assert_eq!(ours, theirs);
    }

    #[test]
    fn complaints_have_their_place() {
        let found = lint("SELECT 1;\nDROP VIEW v;");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].rule, found[0].range.start), ("ban-drop-view", 10));
    }
}
