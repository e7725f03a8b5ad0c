//! PostgreSQL's backends: who is in a database now, what they hold and whom they keep waiting.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::review::LockMode;
use super::text::RemoteText;

/// How a run of ours names itself to the database, before its run id.
const OURS: &str = "portcullis-";

/// The name under which a run appears in the database, where its driver lets it.
pub fn application_name(run_id: &str) -> String {
    format!("{OURS}{run_id}")
}

/// One backend of a database, from `pg_stat_activity` and `pg_locks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backend {
    /// Its process id at the server.
    pub pid: i64,
    /// Who is signed in; empty for the server's own.
    pub user: RemoteText,
    /// `application_name`; a run of ours names itself by its run id where its driver lets it.
    pub application: RemoteText,
    /// Whether the role that asked may see what this one does. Without `pg_read_all_stats` or
    /// `pg_monitor` state, wait, statement and times of others are not known: they are empty then.
    pub readable: bool,
    /// `active`, `idle`, `idle in transaction`, …
    pub state: RemoteText,
    /// What it waits for: `Lock: relation` and the like; empty when it does not wait.
    pub wait: RemoteText,
    /// The beginning of its current or last statement, without the values that stood in it.
    pub statement: RemoteText,
    /// When it connected.
    pub connected_at: Option<Timestamp>,
    /// When its transaction began; `None` when it has none.
    pub transaction_at: Option<Timestamp>,
    /// When it was looked at, by the server's clock, as the times above.
    pub seen_at: Timestamp,
    /// Tables that it holds a lock on.
    pub holds: Vec<Held>,
    /// Backends that it waits for.
    pub blocked_by: Vec<i64>,
}

/// A lock on a table that a backend holds until its transaction ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The table with its schema, spelled so that PostgreSQL reads it back.
    pub table: RemoteText,
    /// The strongest mode that it holds there.
    pub mode: LockMode,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.table, self.mode)
    }
}

/// How sure it is that a backend is one of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Belongs {
    /// It is somebody else's.
    No,
    /// It connected while the run went on; others may have, too.
    Likely,
    /// It names itself by the run id.
    Certain,
}

/// The time in which a run could connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// When the run was started.
    pub from: Timestamp,
    /// When it ended; `None` while it goes on.
    pub until: Option<Timestamp>,
}

impl Window {
    fn holds(self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at <= until)
    }
}

impl Backend {
    /// How long its transaction had been open when it was looked at.
    pub fn transaction_age(&self) -> Option<SignedDuration> {
        let age = self.seen_at.duration_since(self.transaction_at?);
        Some(age.max(SignedDuration::ZERO))
    }

    /// Whether it runs a statement or has a transaction open, as far as that can be seen: whoever
    /// holds a lock on a table has a transaction.
    pub fn is_busy(&self) -> bool {
        self.transaction_at.is_some() || !self.holds.is_empty()
    }

    /// Whether it is one of a run. libpq (psycopg, psycopg2) takes the name that the run gives it,
    /// asyncpg and pg8000 do not; for those only the time of the connection speaks, and that is
    /// no proof.
    pub fn belongs_to(&self, run_id: &str, window: Window) -> Belongs {
        if self.application.raw() == application_name(run_id) {
            return Belongs::Certain;
        }
        let named_otherwise = self.application.raw().starts_with(OURS);
        let connected = self.connected_at.is_some_and(|at| window.holds(at));
        if connected && !named_otherwise && !self.user.is_empty() {
            Belongs::Likely
        } else {
            Belongs::No
        }
    }

    /// Who it is, for a person: `reporting, pid 123`.
    pub fn who(&self) -> String {
        let name = [&self.application, &self.user]
            .into_iter()
            .map(|text| text.clean().trim().to_owned())
            .find(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| "the server itself".to_owned());
        format!("{name}, pid {}", self.pid)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    /// A session of `plant_app` that connected at second 10 and has done nothing.
    pub(crate) fn idle(pid: i64) -> Backend {
        Backend {
            pid,
            user: "plant_app".into(),
            application: "".into(),
            readable: true,
            state: "idle".into(),
            wait: "".into(),
            statement: "".into(),
            connected_at: Some(at(10)),
            transaction_at: None,
            seen_at: at(100),
            holds: Vec::new(),
            blocked_by: Vec::new(),
        }
    }

    fn window(from: i64, until: Option<i64>) -> Window {
        Window {
            from: at(from),
            until: until.map(at),
        }
    }

    #[test]
    fn a_run_is_known_by_its_name_and_guessed_by_its_time() {
        let named = |name: &str| Backend {
            application: name.into(),
            ..idle(1)
        };
        let during = window(5, Some(50));
        assert_eq!(
            named("portcullis-01J").belongs_to("01J", window(20, None)),
            Belongs::Certain
        );
        assert_eq!(named("").belongs_to("01J", during), Belongs::Likely);
        assert_eq!(named("worker").belongs_to("01J", during), Belongs::Likely);
        assert_eq!(
            named("portcullis-01K").belongs_to("01J", during),
            Belongs::No
        );
        for outside in [window(11, None), window(1, Some(9))] {
            assert_eq!(idle(1).belongs_to("01J", outside), Belongs::No);
        }
    }

    #[test]
    fn what_cannot_be_seen_is_nobodys() {
        let hidden = Backend {
            readable: false,
            connected_at: None,
            ..idle(1)
        };
        assert_eq!(hidden.belongs_to("01J", window(0, None)), Belongs::No);
        let vacuum = Backend {
            user: "".into(),
            ..idle(1)
        };
        assert_eq!(vacuum.belongs_to("01J", window(0, None)), Belongs::No);
    }

    #[test]
    fn ages_are_those_of_the_server() {
        let open = Backend {
            transaction_at: Some(at(86)),
            ..idle(1)
        };
        assert_eq!(open.transaction_age(), Some(SignedDuration::from_secs(14)));
        assert!(open.is_busy() && !idle(1).is_busy());
        assert_eq!(open.who(), "plant_app, pid 1");
    }
}
