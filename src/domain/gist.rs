//! A review in a few words, for a line of a list.

use super::review::{Change, LockMode, Object, Review, Verb};

/// The most kinds of changes that are named in one line.
const NAMED: usize = 3;

/// What a revision does, in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gist {
    /// `creates 2 tables, adds column note to trial`.
    pub does: String,
    /// Whom it keeps waiting: `blocks writes`, `blocks reads and writes of 2 tables`.
    pub blocks: Option<String>,
    /// Whether rows or values are lost by it.
    pub destroys: bool,
    /// Whether something in it cannot be known without running it.
    pub partly_known: bool,
}

impl Gist {
    /// The gist of a review.
    pub fn of(review: &Review) -> Self {
        let groups = grouped(&review.changes);
        let mut words: Vec<String> = groups.iter().take(NAMED).map(|g| phrase(g)).collect();
        let rest: usize = groups.iter().skip(NAMED).map(Vec::len).sum();
        if rest > 0 {
            words.push(format!("{} more", counted(rest, "change")));
        }
        if words.is_empty() {
            words.push(if review.opaque.is_empty() {
                "does nothing".to_owned()
            } else {
                "not known without running it".to_owned()
            });
        } else if !review.opaque.is_empty() {
            words.push(format!(
                "{} not known",
                counted(review.opaque.len(), "place")
            ));
        }
        Self {
            does: words.join(", "),
            blocks: blocks(review, &groups),
            destroys: review.destroys(),
            partly_known: !review.is_complete(),
        }
    }

    /// All of it in one line.
    pub fn line(&self) -> String {
        match &self.blocks {
            Some(blocks) => format!("{}, {blocks}", self.does),
            None => self.does.clone(),
        }
    }
}

/// The strongest lock of each table that was there before, the strongest first.
pub fn strongest_locks(review: &Review) -> Vec<(&str, LockMode)> {
    let mut strongest: Vec<(&str, LockMode)> = Vec::new();
    for lock in review.changes.iter().flat_map(|change| &change.locks) {
        match strongest.iter_mut().find(|(table, _)| *table == lock.table) {
            Some((_, mode)) => *mode = lock.mode.max(*mode),
            None => strongest.push((&lock.table, lock.mode)),
        }
    }
    strongest.sort_by_key(|(_, mode)| std::cmp::Reverse(*mode));
    strongest
}

/// Whom a lock keeps waiting.
pub fn keeps_waiting(mode: LockMode) -> &'static str {
    if mode.blocks_reads() {
        "blocks reads and writes"
    } else if mode.blocks_writes() {
        "blocks writes"
    } else {
        "blocks neither reads nor writes"
    }
}

/// `1 table`, `2 tables`, `3 indexes`.
fn counted(count: usize, word: &str) -> String {
    match (count, word) {
        (1, word) => format!("1 {word}"),
        (count, "index") => format!("{count} indexes"),
        (count, "policy") => format!("{count} policies"),
        (count, "rows") => format!("rows {count} times"),
        (count, word) => format!("{count} {word}s"),
    }
}

/// Changes of one kind together, in the order of their first; what only reads or sets says nothing.
fn grouped(changes: &[Change]) -> Vec<Vec<&Change>> {
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    let telling = |change: &&Change| !matches!(change.verb, Verb::Read | Verb::Set);
    for change in changes.iter().filter(telling) {
        let like = |group: &&mut Vec<&Change>| {
            (group[0].verb, group[0].object) == (change.verb, change.object)
        };
        match groups.iter_mut().find(like) {
            Some(group) => group.push(change),
            None => groups.push(vec![change]),
        }
    }
    // What is lost is never among "more changes".
    groups.sort_by_key(|group| !group.iter().any(|change| change.destroys));
    groups
}

fn phrase(group: &[&Change]) -> String {
    let first = group[0];
    let verb = verb(first.verb, first.object);
    let word = first.object.word();
    let same_table = first
        .table
        .as_deref()
        .filter(|_| group.iter().all(|change| change.table == first.table));
    let place = match same_table {
        Some(table) if first.object != Object::Table => {
            format!(" {} {table}", preposition(first.verb, first.object))
        }
        _ => String::new(),
    };
    match (group, &first.name) {
        ([_], Some(name)) if first.object != Object::Rows && first.object != Object::Index => {
            format!("{verb} {word} {name}{place}")
        }
        ([_], _) if first.object == Object::Rows => format!("{verb} rows{place}"),
        ([_], _) => format!("{verb} {word}{place}"),
        (several, _) => format!("{verb} {}{place}", counted(several.len(), word)),
    }
}

/// A column is added to a table, it is not created.
fn verb(verb: Verb, object: Object) -> &'static str {
    match (verb, object) {
        (Verb::Create, Object::Column | Object::Constraint) => "adds",
        (verb, _) => verb.word(),
    }
}

fn preposition(verb: Verb, object: Object) -> &'static str {
    match (verb, object) {
        (Verb::Create, Object::Column | Object::Constraint) => "to",
        (Verb::Insert, _) => "into",
        (Verb::Drop | Verb::Delete, Object::Column | Object::Constraint | Object::Rows) => "from",
        (_, Object::Index | Object::Trigger | Object::Policy) => "on",
        _ => "of",
    }
}

/// Whom it keeps waiting; the table is left out where the line has just named it.
fn blocks(review: &Review, groups: &[Vec<&Change>]) -> Option<String> {
    let locks = strongest_locks(review);
    let (table, mode) = locks.first().filter(|(_, mode)| mode.blocks_writes())?;
    let felt = locks
        .iter()
        .filter(|(_, mode)| mode.blocks_writes())
        .count();
    let named = groups.len() == 1 && groups[0].iter().all(|c| c.table.as_deref() == Some(*table));
    let words = keeps_waiting(*mode);
    Some(match felt {
        1 if named => words.to_owned(),
        1 => format!("{words} of {table}"),
        several => format!("{words} of {several} tables"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::review::{Certainty, Lock, Opaque, Undo};

    fn change(
        verb: Verb,
        object: Object,
        name: &str,
        table: &str,
        lock: Option<LockMode>,
    ) -> Change {
        Change {
            line: 1,
            verb,
            object,
            name: Some(name.to_owned()),
            table: Some(table.to_owned()),
            locks: lock
                .map(|mode| Lock {
                    table: table.to_owned(),
                    mode,
                    named: true,
                })
                .into_iter()
                .collect(),
            destroys: verb == Verb::Drop,
            transactional: true,
            certainty: Certainty::Always,
            sql: String::new(),
            exact: true,
        }
    }

    fn review(changes: Vec<Change>) -> Review {
        Review {
            id: "007".into(),
            file: "007.py".to_owned(),
            script: None,
            changes,
            opaque: Vec::new(),
            undo: Undo::Written,
            verdicts: Vec::new(),
        }
    }

    fn line(changes: Vec<Change>) -> String {
        Gist::of(&review(changes)).line()
    }

    #[test]
    fn changes_of_one_kind_are_counted() {
        use Object::{Column, Index, Table};
        use Verb::{Create, Drop};
        let table = |name| change(Create, Table, name, name, None);
        assert_eq!(line(vec![table("a"), table("b")]), "creates 2 tables");
        assert_eq!(line(vec![table("a")]), "creates table a");
        let index = change(Create, Index, "ix", "audit_logs", Some(LockMode::Share));
        assert_eq!(
            line(vec![index.clone()]),
            "creates index on audit_logs, blocks writes"
        );
        assert_eq!(
            line(vec![table("a"), index]),
            "creates table a, creates index on audit_logs, blocks writes of audit_logs"
        );
        let column = change(
            Create,
            Column,
            "note",
            "trial",
            Some(LockMode::AccessExclusive),
        );
        let gone = change(
            Drop,
            Column,
            "old",
            "trial",
            Some(LockMode::AccessExclusive),
        );
        assert_eq!(
            line(vec![column, gone]),
            "drops column old from trial, adds column note to trial, blocks reads and writes of trial"
        );
    }

    #[test]
    fn what_is_lost_is_always_named() {
        let mut changes: Vec<_> = [Object::Table, Object::View, Object::Type, Object::Schema]
            .map(|object| change(Verb::Create, object, "x", "x", None))
            .to_vec();
        changes.push(change(Verb::Drop, Object::Table, "users", "users", None));
        let gist = Gist::of(&review(changes));
        assert!(
            gist.does.starts_with("drops table users, "),
            "{}",
            gist.does
        );
        assert!(
            gist.does.ends_with(", 2 changes more") && gist.destroys,
            "{}",
            gist.does
        );
    }

    #[test]
    fn what_is_not_known_is_said() {
        let opaque = Opaque {
            line: 3,
            code: "op.execute(sql)".to_owned(),
            why: "computed".to_owned(),
        };
        let mut nothing = review(Vec::new());
        assert_eq!(Gist::of(&nothing).line(), "does nothing");
        nothing.opaque.push(opaque.clone());
        assert_eq!(Gist::of(&nothing).line(), "not known without running it");
        let mut partly = review(vec![change(Verb::Create, Object::Table, "a", "a", None)]);
        partly.opaque.push(opaque);
        let gist = Gist::of(&partly);
        assert_eq!(gist.line(), "creates table a, 1 place not known");
        assert!(gist.partly_known);
    }
}
