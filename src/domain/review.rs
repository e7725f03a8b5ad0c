//! The review of a revision: what it does to a live database, as far as its file tells.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::preflight::Severity;
use super::revision::RevisionId;

/// What a revision file tells about running it, without running it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The revision.
    pub id: RevisionId,
    /// Its file, as the directory names it.
    pub file: String,
    /// Digest of the file with the line ends of Unix; `None` where the bytes were not at hand.
    #[serde(default)]
    pub script: Option<Digest>,
    /// What `upgrade` does, in order.
    pub changes: Vec<Change>,
    /// Places of `upgrade` that cannot be known without running it.
    pub opaque: Vec<Opaque>,
    /// Whether `downgrade` takes it back.
    pub undo: Undo,
    /// Rules that found something, worst first; silenced ones are among them.
    pub verdicts: Vec<Verdict>,
}

impl Review {
    /// The verdicts that nobody silenced.
    pub fn standing(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().filter(|v| v.silenced.is_none())
    }

    /// The worst of them.
    pub fn severity(&self) -> Severity {
        self.standing()
            .map(|v| v.severity)
            .max()
            .unwrap_or(Severity::Pass)
    }

    /// Whether rows or values are lost by it, which no `downgrade` brings back.
    pub fn destroys(&self) -> bool {
        self.changes.iter().any(|change| change.destroys)
    }

    /// What `downgrade` is worth, for a person.
    pub fn way_back(&self) -> &'static str {
        if self.undo.is_possible() && self.destroys() {
            "undo without data"
        } else {
            self.undo.word()
        }
    }

    /// Whether everything that it does could be read from its file.
    pub fn is_complete(&self) -> bool {
        self.opaque.is_empty() && self.changes.iter().all(|c| c.exact)
    }
}

/// One change of a database, or of what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Line of the revision file, from 1.
    pub line: usize,
    /// What is done.
    pub verb: Verb,
    /// To what kind of thing.
    pub object: Object,
    /// The thing's own name: of the table, the column, the index.
    pub name: Option<String>,
    /// The table that it belongs to; for a table itself the same as its name.
    pub table: Option<String>,
    /// Locks that it takes on tables that were there before this revision.
    pub locks: Vec<Lock>,
    /// Whether rows or values are lost by it.
    pub destroys: bool,
    /// Whether it runs in the transaction of the revision.
    pub transactional: bool,
    /// Whether it runs in any case.
    pub certainty: Certainty,
    /// The statement.
    pub sql: String,
    /// Whether the statement is what PostgreSQL will be sent, to the letter that matters;
    /// `false` when a part of it (a type, a default) is only known when the file runs.
    pub exact: bool,
}

/// Whether a place in a function is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Each time, once.
    Always,
    /// Under a condition that is not known.
    Perhaps,
    /// In a loop that is not known.
    Repeated,
}

/// A place that cannot be known without running the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opaque {
    /// Line of the revision file, from 1.
    pub line: usize,
    /// What stands there, shortened.
    pub code: String,
    /// Why it is not known.
    pub why: String,
}

/// What is done to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// It is made.
    Create,
    /// It is changed.
    Alter,
    /// It is gone afterwards.
    Drop,
    /// It has another name afterwards.
    Rename,
    /// A constraint or a partition is checked or attached.
    Validate,
    /// Rows are added.
    Insert,
    /// Rows are changed.
    Update,
    /// Rows are removed.
    Delete,
    /// All rows are removed.
    Truncate,
    /// It is only read.
    Read,
    /// Rights are given or taken.
    Grant,
    /// A setting of the session.
    Set,
    /// A table or an index is written anew.
    Rewrite,
    /// Something else.
    Other,
}

impl Verb {
    /// The word for a person: `adds`, `drops`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "creates",
            Self::Alter => "alters",
            Self::Drop => "drops",
            Self::Rename => "renames",
            Self::Validate => "validates",
            Self::Insert => "inserts",
            Self::Update => "updates",
            Self::Delete => "deletes",
            Self::Truncate => "truncates",
            Self::Read => "reads",
            Self::Grant => "grants",
            Self::Set => "sets",
            Self::Rewrite => "rewrites",
            Self::Other => "runs",
        }
    }
}

/// The kinds of things that a revision changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    /// A table.
    Table,
    /// A column of a table.
    Column,
    /// An index.
    Index,
    /// A constraint of a table.
    Constraint,
    /// Rows of a table.
    Rows,
    /// A view, plain or materialised.
    View,
    /// A type, an enum, a domain.
    Type,
    /// A sequence.
    Sequence,
    /// A function or a procedure.
    Function,
    /// A trigger or a rule.
    Trigger,
    /// A policy of row level security.
    Policy,
    /// A schema.
    Schema,
    /// An extension.
    Extension,
    /// Rights.
    Privilege,
    /// A setting.
    Setting,
    /// Something else.
    Other,
}

impl Object {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Column => "column",
            Self::Index => "index",
            Self::Constraint => "constraint",
            Self::Rows => "rows",
            Self::View => "view",
            Self::Type => "type",
            Self::Sequence => "sequence",
            Self::Function => "function",
            Self::Trigger => "trigger",
            Self::Policy => "policy",
            Self::Schema => "schema",
            Self::Extension => "extension",
            Self::Privilege => "privilege",
            Self::Setting => "setting",
            Self::Other => "statement",
        }
    }
}

/// A lock that a statement holds until its transaction ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// The table, as the statement names it; where it names none, what is known
    /// of the table: `the table of index ix`.
    pub table: String,
    /// The mode.
    pub mode: LockMode,
    /// Whether `table` is a name.
    pub named: bool,
}

/// PostgreSQL's modes of locking a table, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LockMode {
    /// `SELECT`.
    AccessShare,
    /// `SELECT … FOR UPDATE`.
    RowShare,
    /// `INSERT`, `UPDATE`, `DELETE`.
    RowExclusive,
    /// `CREATE INDEX CONCURRENTLY`, `VALIDATE CONSTRAINT`.
    ShareUpdateExclusive,
    /// `CREATE INDEX`.
    Share,
    /// `ADD FOREIGN KEY`, `CREATE TRIGGER`.
    ShareRowExclusive,
    /// `REFRESH MATERIALIZED VIEW CONCURRENTLY`.
    Exclusive,
    /// Most forms of `ALTER TABLE`, `DROP`, `TRUNCATE`.
    AccessExclusive,
}

impl LockMode {
    /// How PostgreSQL's documentation spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::AccessShare => "ACCESS SHARE",
            Self::RowShare => "ROW SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }

    /// Every mode, the weakest first.
    pub const ALL: [Self; 8] = [
        Self::AccessShare,
        Self::RowShare,
        Self::RowExclusive,
        Self::ShareUpdateExclusive,
        Self::Share,
        Self::ShareRowExclusive,
        Self::Exclusive,
        Self::AccessExclusive,
    ];

    /// Whether two sessions cannot hold both on one table.
    pub fn conflicts_with(self, other: Self) -> bool {
        let (weak, strong) = (self.min(other), self.max(other));
        match weak {
            Self::AccessShare => strong == Self::AccessExclusive,
            Self::RowShare => strong >= Self::Exclusive,
            Self::RowExclusive => strong >= Self::Share,
            Self::Share => strong != Self::Share,
            _ => true,
        }
    }

    /// Whether a plain `SELECT` waits for it.
    pub fn blocks_reads(self) -> bool {
        self == Self::AccessExclusive
    }

    /// Whether `INSERT`, `UPDATE` and `DELETE` wait for it.
    pub fn blocks_writes(self) -> bool {
        self >= Self::Share
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What `downgrade` of a revision does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// It does something; whether it is the reverse, only a person can say.
    Written,
    /// It does nothing, and `upgrade` does nothing either.
    NothingToUndo,
    /// It does nothing, although `upgrade` does something.
    Empty,
    /// It raises.
    Raises,
    /// There is none.
    Missing,
}

impl Undo {
    /// A word for a list.
    pub fn word(self) -> &'static str {
        match self {
            Self::Written | Self::NothingToUndo => "undoable",
            Self::Empty => "no undo: downgrade is empty",
            Self::Raises => "no undo: downgrade raises",
            Self::Missing => "no undo: no downgrade",
        }
    }

    /// Each kind by a phrase of its own.
    pub fn told(self) -> &'static str {
        match self {
            Self::Written => "downgrade is written",
            Self::NothingToUndo => "nothing to undo",
            Self::Empty | Self::Raises | Self::Missing => self.word(),
        }
    }

    /// Whether `downgrade` takes the revision back.
    pub fn is_possible(self) -> bool {
        matches!(self, Self::Written | Self::NothingToUndo)
    }
}

/// What a rule found in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The rule, as `docs/rules.md` heads it.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// What was found, in one sentence.
    pub message: String,
    /// What to do instead.
    pub remedy: String,
    /// Line of the file, from 1.
    pub line: usize,
    /// The table concerned.
    pub table: Option<String>,
    /// The reason with which the file silences it.
    pub silenced: Option<String>,
}

impl Verdict {
    /// The page that explains the rule, from the top of the project.
    pub fn page(&self) -> String {
        format!("docs/rules.md#{}", self.rule.replace('/', ""))
    }
}

/// The review of `env.py`, which decides how revisions are run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvReview {
    /// The file, as the directory names it.
    pub file: String,
    /// Rules that found something, worst first.
    pub verdicts: Vec<Verdict>,
}
