//! What is asked of the entries, in SQL that both databases understand.
//!
//! `Filter::admits` decides what a filter lets through. The conditions here let through at least
//! that, and leave to it what a database cannot decide: case outside of ASCII.

use super::session::{Asked, Session};
use crate::domain::environment::EnvironmentName;
use crate::domain::ledger::{EntryKind, Filter};

const COLUMNS: &str =
    "SELECT seq, at, run_id, kind, environment, record, previous, hash FROM entries";

/// Whether an entry has words with characters outside of ASCII.
const BEYOND_ASCII: &str = "length(words) <> octet_length(words)";

/// What the two databases say differently.
pub(super) struct Dialect {
    /// Names the index that holds words in the order of entries: SQLite would read every record.
    words_index: &'static str,
    /// The function that finds a text in another.
    position: &'static str,
}

const SQLITE: Dialect = Dialect {
    words_index: " INDEXED BY entries_words",
    position: "instr",
};

const POSTGRES: Dialect = Dialect {
    words_index: "",
    position: "strpos",
};

impl Session {
    /// How this database says things.
    pub(super) fn dialect(&self) -> &'static Dialect {
        match self {
            Self::Sqlite(_) => &SQLITE,
            Self::Postgres(_) => &POSTGRES,
        }
    }
}

/// The last entry.
pub(super) fn last() -> Asked {
    Asked::new(format!("{COLUMNS} ORDER BY seq DESC LIMIT 1"))
}

/// The last entry of a run.
pub(super) fn of_run(run_id: &str) -> Asked {
    let sql = format!("{COLUMNS} WHERE run_id = $1 ORDER BY seq DESC LIMIT 1");
    Asked::new(sql).with(run_id)
}

/// The entries after one, the oldest first.
pub(super) fn after(seq: u64, limit: u32) -> Asked {
    let sql = format!("{COLUMNS} WHERE seq > $1 ORDER BY seq LIMIT $2");
    Asked::new(sql).with(seq).with(u64::from(limit))
}

/// The hash of an entry.
pub(super) fn hash_of(seq: u64) -> Asked {
    Asked::new("SELECT hash FROM entries WHERE seq = $1").with(seq)
}

/// The seals, with the hashes of the entries that have their numbers.
pub(super) fn seals() -> Asked {
    Asked::new(
        "SELECT s.key_id, s.seq, s.hash, s.mac, e.hash FROM seals AS s \
         LEFT JOIN entries AS e ON e.seq = s.seq",
    )
}

/// The last entries of the runs that are open, in one environment or in all.
pub(super) fn open_runs(environment: Option<&EnvironmentName>) -> Asked {
    let kinds: Vec<_> = EntryKind::ALL
        .iter()
        .filter(|kind| kind.is_open())
        .map(|kind| format!("'{}'", kind.word()))
        .collect();
    // One pass over an index that holds all three columns: of each run the last entry, and in the
    // same number whether that leaves it open.
    let mut sql = format!(
        "{COLUMNS} WHERE seq IN (SELECT last / 2 FROM (SELECT max(seq * 2 + CASE WHEN kind IN ({}) \
         THEN 1 ELSE 0 END) AS last FROM entries GROUP BY run_id) AS runs WHERE last % 2 = 1)",
        kinds.join(", ")
    );
    let mut asked = Asked::default();
    if let Some(environment) = environment {
        let name = asked.bind(environment.as_str());
        sql = format!("{sql} AND environment = {name}");
    }
    asked.sql = format!("{sql} ORDER BY seq");
    asked
}

/// A page of what a filter may let through, the newest first.
pub(super) fn page(dialect: &Dialect, filter: &Filter, before: Option<u64>, limit: u32) -> Asked {
    let mut asked = Asked::default();
    let mut all = Vec::new();
    if let Some(before) = before {
        all.push(format!("seq < {}", asked.bind(before)));
    }
    for (column, wanted) in [
        (
            "environment",
            filter.environment.as_ref().map(EnvironmentName::as_str),
        ),
        ("run_id", filter.run_id.as_deref()),
        ("actor", filter.actor.as_deref()),
    ] {
        if let Some(wanted) = wanted {
            all.push(format!("{column} = {}", asked.bind(wanted)));
        }
    }
    if !filter.kinds.is_empty() {
        let words: Vec<_> = filter
            .kinds
            .iter()
            .map(|kind| asked.bind(kind.word()))
            .collect();
        all.push(format!("kind IN ({})", words.join(", ")));
    }
    if let Some(start) = &filter.plan {
        let from = asked.bind(start.as_str());
        // The last character there is: nothing that begins so comes after it.
        let to = asked.bind(format!("{start}\u{10ffff}").as_str());
        all.push(format!("plan >= {from} AND plan < {to}"));
    }
    times(&mut asked, &mut all, filter);
    let mut index = "";
    if let Some(text) = &filter.text {
        index = dialect.words_index;
        all.push(holds(dialect, &mut asked, text));
    }
    let conditions = match all.as_slice() {
        [] => String::new(),
        all => format!(" WHERE {}", all.join(" AND ")),
    };
    let limit = asked.bind(u64::from(limit));
    asked.sql = format!("{COLUMNS}{index}{conditions} ORDER BY seq DESC LIMIT {limit}");
    asked
}

/// Times are texts of different lengths, with `Z` at their end; without it they sort as they follow each other.
fn times(asked: &mut Asked, all: &mut Vec<String>, filter: &Filter) {
    for (comparison, time) in [(">=", filter.since), ("<", filter.until)] {
        if let Some(time) = time {
            let text = time.to_string();
            let name = asked.bind(text.trim_end_matches('Z'));
            all.push(format!("rtrim(at, 'Z') {comparison} {name}"));
        }
    }
}

/// Words are kept folded as far as ASCII goes. Words with other characters in them may hold a
/// text in another case, so they are let through for a closer look.
fn holds(dialect: &Dialect, asked: &mut Asked, text: &str) -> String {
    let text = text.to_lowercase();
    if !text.is_ascii() {
        return BEYOND_ASCII.to_owned();
    }
    let name = asked.bind(text.as_str());
    format!(
        "({}(words, {name}) > 0 OR {BEYOND_ASCII})",
        dialect.position
    )
}
