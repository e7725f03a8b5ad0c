//! What a text that is sent to PostgreSQL sets for the session: a lock, or a timeout.

/// What is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// Something that keeps a second run out.
    Lock,
    /// `lock_timeout`.
    LockTimeout,
    /// `statement_timeout`.
    StatementTimeout,
}

/// For how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Until the transaction ends.
    Transaction,
    /// Until the connection ends.
    Session,
}

/// Something that is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) kind: Kind,
    pub(super) scope: Scope,
}

/// What a text sets. Words are looked for, not grammar: the text may hold values that are not known.
pub(super) fn of_statement(sql: &str) -> Vec<Setting> {
    let words = sql.to_ascii_lowercase();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    words.split(';').flat_map(of_one).collect()
}

fn of_one(sql: &str) -> Vec<Setting> {
    let mut found = Vec::new();
    let setting = |kind, in_transaction| Setting {
        kind,
        scope: if in_transaction {
            Scope::Transaction
        } else {
            Scope::Session
        },
    };
    if sql.contains("pg_advisory") || sql.contains("pg_try_advisory") {
        let releases = sql.contains("advisory_unlock");
        if !releases {
            found.push(setting(Kind::Lock, sql.contains("advisory_xact")));
        }
    } else if sql.trim_start().starts_with("lock ") {
        found.push(setting(Kind::Lock, true));
    }
    let sql = sql.trim_start();
    let local = sql.starts_with("set local ")
        || (sql.contains("set_config") && !sql.replace(' ', "").ends_with("false)"));
    let sets = sql.starts_with("set ") || sql.contains("set_config");
    for (name, kind) in TIMEOUTS {
        if sets && sql.contains(name) {
            found.push(setting(kind, local));
        }
    }
    found
}

const TIMEOUTS: [(&str, Kind); 2] = [
    ("lock_timeout", Kind::LockTimeout),
    ("statement_timeout", Kind::StatementTimeout),
];

/// What an argument of an engine sets: options that each of its connections begins with.
pub(super) fn of_engine(text: &str) -> Vec<Setting> {
    let timeouts = TIMEOUTS.iter().filter(|(name, _)| text.contains(name));
    let session = |kind: &Kind| Setting {
        kind: *kind,
        scope: Scope::Session,
    };
    timeouts.map(|(_, kind)| session(kind)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(sql: &str) -> Vec<(Kind, Scope)> {
        of_statement(sql)
            .iter()
            .map(|s| (s.kind, s.scope))
            .collect()
    }

    #[test]
    fn locks_and_timeouts_are_told_by_their_words() {
        assert_eq!(
            words("SELECT pg_advisory_lock(1)"),
            [(Kind::Lock, Scope::Session)]
        );
        assert_eq!(
            words("select PG_ADVISORY_XACT_LOCK(:id)"),
            [(Kind::Lock, Scope::Transaction)]
        );
        assert_eq!(words("SELECT pg_advisory_unlock(1)"), []);
        assert_eq!(words("LOCK TABLE a"), [(Kind::Lock, Scope::Transaction)]);
        assert_eq!(
            words("SET lock_timeout = '5s'; SET  LOCAL\n statement_timeout TO 0"),
            [
                (Kind::LockTimeout, Scope::Session),
                (Kind::StatementTimeout, Scope::Transaction)
            ]
        );
        assert_eq!(
            words("SELECT set_config('lock_timeout', '5s', false)"),
            [(Kind::LockTimeout, Scope::Session)]
        );
        assert_eq!(words("SHOW lock_timeout"), []);
    }
}
