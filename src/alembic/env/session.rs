//! A connection as `env.py` uses it: who began its transaction, who ends it, and what is in force meanwhile.

use super::settings::{Kind, Scope, Setting};

/// A place in `env.py`, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The line, from 1.
    pub(super) line: usize,
    /// The code, shortened, or what happens.
    pub(super) what: String,
}

/// One connection to a database.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    /// What began the transaction that is open.
    pub(super) begun: Option<Place>,
    /// Whether each statement is committed at once.
    pub(super) autocommit: bool,
    /// What makes it unknowable whether a transaction is open.
    pub(super) doubt: Option<Place>,
    /// Whether revisions ran on it that nobody has committed yet.
    work: bool,
    settings: Vec<(Setting, bool)>,
    /// What became of the revisions that ran on it.
    pub(super) end: Option<End>,
}

/// What became of revisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// They were committed.
    Kept,
    /// They were rolled back, and nothing said so.
    Lost,
}

impl Session {
    /// A connection that was just opened, with what its engine sets.
    pub(super) fn new(autocommit: bool, settings: &[Setting]) -> Self {
        Self {
            autocommit,
            settings: settings.iter().map(|s| (*s, false)).collect(),
            ..Self::default()
        }
    }

    /// A statement is executed: a transaction begins unless there is one.
    pub(super) fn execute(&mut self, place: Place, settings: &[Setting]) {
        self.begun.get_or_insert(place);
        for setting in settings {
            // Without a transaction what is set for one is gone with its statement.
            if !(self.autocommit && setting.scope == Scope::Transaction) {
                self.settings.push((*setting, true));
            }
        }
        if self.autocommit {
            self.settle();
        }
    }

    /// Revisions run on it.
    pub(super) fn run(&mut self, place: Place) {
        self.execute(place, &[]);
        self.work = true;
        self.end = None;
        if self.autocommit {
            self.keep();
        }
    }

    /// Its transaction is committed.
    pub(super) fn commit(&mut self) {
        self.keep();
        self.begun = None;
        self.doubt = None;
        self.settings.retain(|(s, _)| s.scope == Scope::Session);
        self.settle();
    }

    /// Its transaction is rolled back.
    pub(super) fn roll_back(&mut self) {
        if self.work {
            self.work = false;
            self.end = Some(End::Lost);
        }
        self.begun = None;
        self.doubt = None;
        // A lock of the session survives; a variable that was set meanwhile does not.
        self.settings.retain(|(setting, open)| {
            setting.scope == Scope::Session && (!open || setting.kind == Kind::Lock)
        });
        self.settle();
    }

    /// Whether something is in force.
    pub(super) fn has(&self, kind: Kind) -> bool {
        self.settings.iter().any(|(s, _)| s.kind == kind)
    }

    fn keep(&mut self) {
        if self.work {
            self.work = false;
            self.end = Some(End::Kept);
        }
    }

    fn settle(&mut self) {
        for (_, open) in &mut self.settings {
            *open = false;
        }
    }
}
