//! `upgrade`, followed statement by statement.

use crate::alembic::script::{Action, STAND_IN, Script, Step};
use crate::domain::review::{Certainty, Change, Lock, Object, Opaque, Verb};
use crate::sql::{self, Effect, Statement};

/// Longer pieces of code are cut before they are shown.
const SHOWN: usize = 80;

/// What `upgrade` runs, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trace {
    /// Its statements.
    pub(super) runs: Vec<Run>,
    /// Places that cannot be known.
    pub(super) opaque: Vec<Opaque>,
}

/// One statement at one place of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) line: usize,
    /// The statement; its effects lock only what was there before this revision.
    pub(super) statement: Statement,
    pub(super) exact: bool,
    pub(super) certainty: Certainty,
    /// Whether it runs in the transaction of the revision.
    pub(super) transactional: bool,
    /// For each effect, whether it concerns a thing that this revision made.
    pub(super) own: Vec<bool>,
}

impl Run {
    /// Effects on things that were there before.
    pub(super) fn effects(&self) -> impl Iterator<Item = &Effect> {
        let effects = self.statement.effects.iter().zip(&self.own);
        effects.filter(|(_, own)| !**own).map(|(effect, _)| effect)
    }
}

impl Trace {
    pub(super) fn of(script: &Script) -> Self {
        let mut trace = Self::default();
        let mut made = Made::default();
        for step in script.upgrade.iter().flat_map(|body| &body.steps) {
            match &step.action {
                Action::Opaque { why } => trace.opaque.push(Opaque {
                    line: step.line,
                    code: shortened(&step.call),
                    why: why.clone(),
                }),
                Action::Sql { text, exact } => {
                    for statement in sql::statements(text) {
                        trace.take(step, statement, *exact, &mut made);
                    }
                }
            }
        }
        trace
    }

    fn take(&mut self, step: &Step, mut statement: Statement, exact: bool, made: &mut Made) {
        if let Some(why) = &statement.unknown {
            self.opaque.push(Opaque {
                line: step.line,
                code: shortened(&statement.text),
                why: why.clone(),
            });
        }
        statement.effects.iter_mut().for_each(unname);
        let effects = statement.effects.iter_mut();
        let own = effects.map(|effect| made.meet(effect)).collect();
        self.runs.push(Run {
            line: step.line,
            statement,
            exact,
            certainty: step.certainty,
            transactional: step.transactional,
            own,
        });
    }

    /// The changes, one for each effect.
    pub(super) fn changes(&self) -> Vec<Change> {
        let each = |run: &Run, effect: &Effect| Change {
            line: run.line,
            verb: effect.verb,
            object: effect.object,
            name: effect.name.clone(),
            table: effect.table.clone(),
            locks: effect.locks.clone(),
            destroys: effect.destroys,
            transactional: run.transactional,
            certainty: weaker(run.certainty, effect.certainty),
            sql: run.statement.text.clone(),
            exact: run.exact,
        };
        let all = |run| {
            let run: &Run = run;
            run.statement.effects.iter().map(move |e| each(run, e))
        };
        self.runs.iter().flat_map(all).collect()
    }
}

/// The less certain of two.
fn weaker(one: Certainty, other: Certainty) -> Certainty {
    match (one, other) {
        (Certainty::Repeated, _) | (_, Certainty::Repeated) => Certainty::Repeated,
        (Certainty::Perhaps, _) | (_, Certainty::Perhaps) => Certainty::Perhaps,
        _ => Certainty::Always,
    }
}

fn shortened(code: &str) -> String {
    let line = code.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// A stand-in is no name.
fn unname(effect: &mut Effect) {
    let unknown = |name: &String| name.contains(STAND_IN);
    effect.name.take_if(|name| unknown(name));
    effect.table.take_if(|table| unknown(table));
    for lock in effect.locks.iter_mut().filter(|lock| unknown(&lock.table)) {
        lock.named = false;
        "a table whose name is only known when it runs".clone_into(&mut lock.table);
    }
}

/// What the revision has made so far.
#[derive(Default)]
struct Made {
    tables: Vec<String>,
    columns: Vec<(String, String)>,
    /// Indexes with their tables, also those of tables that were there before.
    indexes: Vec<(String, String)>,
}

impl Made {
    /// Takes locks on own things off an effect, and says whether it concerns only such.
    fn meet(&mut self, effect: &mut Effect) -> bool {
        self.name_index(effect);
        let own = effect.table.as_ref().is_some_and(|table| self.has(table));
        let own = own || self.has_columns(effect);
        effect.locks.retain(|lock| {
            if lock.named {
                !self.has(&lock.table)
            } else {
                !own
            }
        });
        if own {
            effect.destroys = false;
        }
        self.remember(effect);
        own
    }

    fn has(&self, table: &str) -> bool {
        self.tables.iter().any(|made| sql::same_table(made, table))
    }

    /// Whether an effect touches only columns that are new: there is nothing to lose in them.
    fn has_columns(&self, effect: &mut Effect) -> bool {
        let (Some(table), Some(names)) = (&effect.table, &effect.name) else {
            return false;
        };
        let new = |name: &str| {
            let mut columns = self.columns.iter();
            columns.any(|(of, column)| sql::same_table(of, table) && column == name)
        };
        let concerns = matches!(effect.verb, Verb::Update | Verb::Drop | Verb::Rename)
            && matches!(effect.object, Object::Rows | Object::Column);
        if concerns && names.split(", ").all(new) {
            effect.destroys = false;
            return effect.verb == Verb::Rename;
        }
        false
    }

    /// The table of an index that this revision made is known.
    fn name_index(&self, effect: &mut Effect) {
        let (Object::Index, None, Some(name)) = (effect.object, &effect.table, &effect.name) else {
            return;
        };
        let mut indexes = self.indexes.iter();
        let Some((_, table)) = indexes.find(|(index, _)| sql::same_table(index, name)) else {
            return;
        };
        effect.table = Some(table.clone());
        for lock in &mut effect.locks {
            *lock = Lock {
                table: table.clone(),
                mode: lock.mode,
                named: true,
            };
        }
    }

    fn remember(&mut self, effect: &Effect) {
        let (Some(name), Some(table)) = (&effect.name, &effect.table) else {
            return;
        };
        match (effect.verb, effect.object) {
            (Verb::Create, Object::Table | Object::View) => self.tables.push(name.clone()),
            (Verb::Create, Object::Column) => self.columns.push((table.clone(), name.clone())),
            (Verb::Create, Object::Index) => self.indexes.push((name.clone(), table.clone())),
            (Verb::Drop, Object::Table | Object::View) => {
                self.tables.retain(|made| !sql::same_table(made, name));
            }
            _ => {}
        }
    }
}
