//! What is known of one statement.

use std::ops::Range;

use crate::domain::review::{Certainty, Lock, LockMode, Object, Verb};

/// One statement of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Where it stands in the text, without the semicolon.
    pub range: Range<usize>,
    /// The statement.
    pub text: String,
    /// What it does, in order.
    pub effects: Vec<Effect>,
    /// Why it is no statement that PostgreSQL understands.
    pub fault: Option<Fault>,
    /// How it gets on with a transaction.
    pub transaction: Transaction,
    /// The setting of the session that it sets.
    pub setting: Option<Setting>,
    /// Why its text does not tell all of its effects.
    pub unknown: Option<String>,
    /// Whether a second run, after a first that failed later, finds nothing in its way.
    pub repeatable: bool,
}

impl Statement {
    /// The locks that it takes, the strongest mode for each table.
    pub fn locks(&self) -> Vec<Lock> {
        let mut locks = Vec::new();
        for lock in self.effects.iter().flat_map(|effect| &effect.locks) {
            add(&mut locks, lock);
        }
        locks
    }
}

/// Adds a lock, or strengthens the one that is there.
pub(super) fn add(locks: &mut Vec<Lock>, lock: &Lock) {
    match locks.iter_mut().find(|held| held.table == lock.table) {
        Some(held) => held.mode = held.mode.max(lock.mode),
        None => locks.push(lock.clone()),
    }
}

/// One thing that a statement does; an `ALTER TABLE` can do several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What is done.
    pub verb: Verb,
    /// To what kind of thing.
    pub object: Object,
    /// The thing's own name, spelled so that PostgreSQL reads it back.
    pub name: Option<String>,
    /// The table that it belongs to; for a table itself the same as its name.
    pub table: Option<String>,
    /// The locks that it takes, each until the transaction ends.
    pub locks: Vec<Lock>,
    /// Whether rows or values are lost by it.
    pub destroys: bool,
    /// How much of the table it touches while it holds the locks.
    pub work: Work,
    /// What else is to be known.
    pub hazard: Option<Hazard>,
    /// Whether it runs in any case; a block of code may decide.
    pub certainty: Certainty,
}

impl Effect {
    pub(super) fn new(verb: Verb, object: Object) -> Self {
        Self {
            verb,
            object,
            name: None,
            table: None,
            locks: Vec::new(),
            destroys: false,
            work: Work::Quick,
            hazard: None,
            certainty: Certainty::Always,
        }
    }

    pub(super) fn named(mut self, name: Option<String>) -> Self {
        self.name = name;
        self
    }

    /// Of this table.
    pub(super) fn of(mut self, table: Option<&str>) -> Self {
        self.table = table.map(str::to_owned);
        self
    }

    /// Locks a table by name.
    pub(super) fn lock(mut self, table: Option<&str>, mode: LockMode) -> Self {
        if let Some(table) = table {
            let named = true;
            let table = table.to_owned();
            add(&mut self.locks, &Lock { table, mode, named });
        }
        self
    }

    /// Locks tables that the statement does not name.
    pub(super) fn lock_other(mut self, what: impl Into<String>, mode: LockMode) -> Self {
        let (table, named) = (what.into(), false);
        add(&mut self.locks, &Lock { table, mode, named });
        self
    }

    pub(super) fn works(mut self, work: Work) -> Self {
        self.work = work;
        self
    }

    pub(super) fn destroys(mut self, destroys: bool) -> Self {
        self.destroys = destroys;
        self
    }

    pub(super) fn hazard(mut self, hazard: Hazard) -> Self {
        self.hazard = Some(hazard);
        self
    }
}

/// How much of a table an effect touches, which is how long its locks are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// Only the catalogue.
    Quick,
    /// The rows that it finds.
    Rows,
    /// All rows are read.
    Scan,
    /// All rows are read, and an index is made of them.
    Build,
    /// All rows are written anew.
    Rewrite,
}

/// What makes an effect fail or bite later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hazard {
    /// A column that must not be null and has no value for the rows that are there.
    NotNullWithoutDefault,
    /// A value is added to an enum, which cannot be used before the transaction ends.
    EnumValue(String),
    /// What hangs on the thing goes with it.
    Cascade,
}

/// Why a text is no statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, in the whole text.
    pub offset: usize,
    /// What the parser says.
    pub message: String,
}

/// How a statement gets on with a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transaction {
    /// It runs inside or outside.
    Either,
    /// PostgreSQL refuses it inside.
    Outside,
    /// It begins or ends one.
    Control,
}

/// A setting of the session that a statement sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name, in small letters.
    pub name: String,
    /// The value; `None` when it is set back to the default.
    pub value: Option<String>,
    /// Whether it ends with the transaction.
    pub local: bool,
}

impl Setting {
    /// Whether it bounds a time that is unbounded without it.
    pub fn bounds(&self, name: &str) -> bool {
        let off = |value: &String| {
            let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
            digits.parse() == Ok(0_u64)
        };
        self.name == name && self.value.as_ref().is_some_and(|value| !off(value))
    }
}
