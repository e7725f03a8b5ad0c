//! The table of rules. Each has its section in `docs/rules.md`; a test holds the two together.

use crate::domain::preflight::Severity;

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, which never changes.
    pub name: &'static str,
    /// How bad its findings are at worst: `block` is for what fails, or is lost, for certain.
    pub severity: Severity,
    /// What it looks for, in one sentence.
    pub summary: &'static str,
    /// What to do about a finding.
    pub remedy: &'static str,
}

/// The rule of this name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    let all = RULES.iter().chain(crate::alembic::env::RULES);
    all.into_iter().find(|rule| rule.name == name)
}

const fn warn(name: &'static str, summary: &'static str, remedy: &'static str) -> Rule {
    Rule {
        name,
        severity: Severity::Warn,
        summary,
        remedy,
    }
}

const fn block(name: &'static str, summary: &'static str, remedy: &'static str) -> Rule {
    Rule {
        name,
        severity: Severity::Block,
        summary,
        remedy,
    }
}

/// All rules for revisions.
pub const RULES: &[Rule] = &[
    warn(
        "blocks-reads",
        "A lock against readers is held while rows are read or written.",
        "build the index beforehand with CREATE UNIQUE INDEX CONCURRENTLY and add the constraint with USING INDEX; refresh views CONCURRENTLY",
    ),
    warn(
        "blocks-writes",
        "A lock against writers is held while an index is built.",
        "create or rebuild the index CONCURRENTLY inside op.get_context().autocommit_block()",
    ),
    warn(
        "rewrites-table",
        "All rows are written anew while nobody can read or write the table.",
        "add a new column, fill it in batches, switch over, and drop the old one later",
    ),
    warn(
        "scans-table",
        "All rows are read while the table is locked.",
        "add a CHECK constraint NOT VALID, validate it in a later revision, and PostgreSQL finds its proof there",
    ),
    warn(
        "constraint-not-valid",
        "A constraint is added and checked on all rows in one step, under a lock.",
        "add it NOT VALID, and run VALIDATE CONSTRAINT in a later revision",
    ),
    warn(
        "no-lock-timeout",
        "A strong lock on a table in use is waited for without an end.",
        "put op.execute(\"SET LOCAL lock_timeout = '5s'\") first, or set it in env.py for all revisions",
    ),
    warn(
        "several-tables-locked",
        "One transaction collects strong locks on several tables.",
        "give each table a revision of its own, with transaction_per_migration",
    ),
    warn(
        "mixed-data-and-schema",
        "Rows are changed while a strong lock of an earlier statement is held.",
        "put the change of rows into a revision of its own",
    ),
    block(
        "destroys-data",
        "Rows or values are lost.",
        "take a backup or an export, and say in the file why nothing of it is needed any more",
    ),
    warn(
        "no-undo-empty",
        "The downgrade does nothing, although the upgrade does something.",
        "write the downgrade, or let it raise with the reason",
    ),
    warn(
        "no-undo-raises",
        "The downgrade raises.",
        "plan the way back before the way forward: a backup, or a further revision that repairs",
    ),
    warn(
        "no-undo-missing",
        "There is no downgrade.",
        "write one; Alembic stops with an AttributeError when it is asked to go back",
    ),
    warn(
        "outside-transaction",
        "Statements run outside the transaction of the revision and cannot simply run again.",
        "write IF NOT EXISTS or IF EXISTS, and keep nothing else in the revision",
    ),
    block(
        "concurrently-in-transaction",
        "A statement that PostgreSQL refuses inside a transaction is run inside one.",
        "run it inside `with op.get_context().autocommit_block():`",
    ),
    warn(
        "renames",
        "A table, a view or a column that code uses gets another name.",
        "add the new name beside the old one, move the code, and drop the old one later",
    ),
    block(
        "not-null-without-default",
        "A column that must not be null has no value for the rows that are there.",
        "give it a server_default, or add it nullable, fill it, and set NOT NULL later",
    ),
    block(
        "enum-value-in-transaction",
        "A new value of an enum is added in a transaction that may go on to use it.",
        "add the value inside autocommit_block(), or set transaction_per_migration and use it in a later revision",
    ),
    block(
        "id-too-long",
        "The id of the revision does not fit into alembic_version.",
        "shorten the id to 32 characters before anything refers to it",
    ),
    warn(
        "opaque",
        "What a place in the file does cannot be known without running it.",
        "run the operation sql to see what Alembic sends, or write the statement out",
    ),
    warn(
        "sql-syntax",
        "A statement is none that PostgreSQL understands.",
        "correct the statement; psql -f on an empty database shows PostgreSQL's own word",
    ),
    warn(
        "silence-without-reason",
        "A comment silences a rule and gives no reason, so it does not silence.",
        "write `# portcullis: allow <rule> because <reason>`",
    ),
    warn(
        "silence-unknown-rule",
        "A comment silences a rule that does not exist.",
        "take the name from docs/rules.md",
    ),
    warn(
        "silence-unused",
        "A comment silences a rule that finds nothing there.",
        "remove the comment",
    ),
    warn(
        "squawk/ban-drop-not-null",
        "A column may be null from now on.",
        "make sure that every reader of the column copes with null first",
    ),
    warn(
        "squawk/ban-drop-view",
        "A view is dropped.",
        "make sure that nothing reads it any more",
    ),
    warn(
        "squawk/ban-drop-function",
        "A function is dropped.",
        "make sure that nothing calls it any more",
    ),
    warn(
        "squawk/ban-drop-type",
        "A type is dropped.",
        "make sure that no code and no column uses it any more",
    ),
    warn(
        "squawk/ban-drop-domain",
        "A domain is dropped.",
        "make sure that no code and no column uses it any more",
    ),
    warn(
        "squawk/ban-create-domain-with-constraint",
        "A domain is made with a constraint, which cannot be changed gently later.",
        "put the constraint on the columns",
    ),
    warn(
        "squawk/transaction-nesting",
        "A transaction is begun inside of one.",
        "leave BEGIN and COMMIT to Alembic",
    ),
    warn(
        "squawk/ban-uncommitted-transaction",
        "A transaction is begun and never ended.",
        "leave BEGIN and COMMIT to Alembic",
    ),
    warn(
        "squawk/ban-duplicate-column-assignments",
        "One UPDATE sets one column twice, which PostgreSQL refuses.",
        "set it once",
    ),
    warn(
        "squawk/identifier-too-long",
        "PostgreSQL cuts a name at 63 bytes.",
        "choose a shorter name: the downgrade will look for it in full",
    ),
];
