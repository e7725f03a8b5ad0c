//! One way through `env.py`, from its first line to its last, as the `alembic` command would go it.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::{Expr, Stmt, WithItem};
use ruff_text_size::{Ranged, TextSize};

use super::session::{End, Place, Session};
use super::settings::{Kind, Setting};
use super::value::{Engine, FrameId, Id, Value};

/// More steps than any sensible way takes.
const MOST_STEPS: usize = 20_000;
/// Deeper than any sensible file calls.
const DEEPEST: usize = 24;
/// The most of a line that a verdict quotes.
const QUOTED: usize = 60;

/// Python raised, or nothing more can be followed: this way ends with a noise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raised;

/// What a condition that is not known was taken for, in the order in which they were met.
#[derive(Clone, Debug, Default)]
pub(super) struct Choices {
    pub(super) taken: Vec<bool>,
    next: usize,
    /// The same words mean the same truth throughout one way.
    known: HashMap<String, bool>,
}

impl Choices {
    pub(super) fn of(taken: Vec<bool>) -> Self {
        Self {
            taken,
            ..Self::default()
        }
    }

    fn take(&mut self, words: &str) -> bool {
        if let Some(known) = self.known.get(words) {
            return *known;
        }
        if self.next == self.taken.len() {
            self.taken.push(false);
        }
        let taken = self.taken[self.next];
        self.next += 1;
        self.known.insert(words.to_owned(), taken);
        taken
    }
}

/// Names of a module, or of one call of a function.
#[derive(Default)]
pub(super) struct Frame<'a> {
    pub(super) names: HashMap<&'a str, Value<'a>>,
    pub(super) parent: Option<FrameId>,
    pub(super) globals: HashSet<&'a str>,
    /// What runs where a context manager yields.
    pub(super) hook: Option<Hook<'a>>,
}

/// The rest of a `with` statement.
#[derive(Clone, Copy)]
pub(super) struct Hook<'a> {
    pub(super) target: Option<&'a Expr>,
    pub(super) items: &'a [WithItem],
    pub(super) body: &'a [Stmt],
    pub(super) frame: FrameId,
}

/// What `context.configure` was told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Configured {
    /// None when it cannot be known which connection it is.
    pub(super) session: Option<Id>,
    /// Whether a transaction was open, which Alembic then leaves to others.
    pub(super) external: bool,
    pub(super) per_migration: bool,
}

/// What held when `context.run_migrations` was called.
#[derive(Clone, Debug)]
pub(super) struct Ran {
    pub(super) place: Place,
    pub(super) session: Option<Id>,
    pub(super) begun: Option<Place>,
    pub(super) external: bool,
    pub(super) per_migration: bool,
    pub(super) doubt: Option<Place>,
    pub(super) in_force: Vec<Kind>,
}

/// The state of one way.
pub(super) struct Machine<'a> {
    source: &'a str,
    lines: &'a [usize],
    pub(super) frames: Vec<Frame<'a>>,
    pub(super) sessions: Vec<Session>,
    foreign: HashSet<Id>,
    pub(super) configured: Option<Configured>,
    pub(super) choices: Choices,
    pub(super) ran: Option<Ran>,
    /// What listeners of the file set on every connection.
    pub(super) listeners: Vec<Setting>,
    /// What was executed anywhere on this way.
    pub(super) executed: Vec<Kind>,
    /// Whether something that cannot be looked into had a connection, or a lock in its name.
    pub(super) is_touched: bool,
    /// Whether it does what only SQLAlchemy 1.4 takes, in the style in which each statement commits.
    pub(super) is_legacy: bool,
    pub(super) steps: usize,
    depth: usize,
}

impl<'a> Machine<'a> {
    pub(super) fn new(source: &'a str, lines: &'a [usize], choices: Choices) -> Self {
        let mut top = Frame::default();
        top.names.insert("__name__", Value::Text("env_py".into()));
        Self {
            source,
            lines,
            frames: vec![top],
            sessions: Vec::new(),
            foreign: HashSet::new(),
            configured: None,
            choices,
            ran: None,
            listeners: Vec::new(),
            executed: Vec::new(),
            is_touched: false,
            is_legacy: false,
            steps: 0,
            depth: 0,
        }
    }

    /// Goes the whole way; connections that are open at its end are closed by the system.
    pub(super) fn follow(&mut self, suite: &'a [Stmt]) {
        let _ = self.block(suite, 0);
        for session in &mut self.sessions {
            session.roll_back();
        }
    }

    /// What became of the revisions.
    pub(super) fn end(&self) -> Option<End> {
        let ran = self.ran.as_ref()?;
        self.sessions.get(ran.session?)?.end
    }

    /// Whether the connection of the revisions comes from another module.
    pub(super) fn is_foreign(&self) -> bool {
        let session = self.ran.as_ref().and_then(|ran| ran.session);
        session.is_some_and(|id| self.foreign.contains(&id))
    }

    /// Counts a step; too many end the way.
    pub(super) fn step(&mut self) -> Result<(), Raised> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err(Raised);
        }
        Ok(())
    }

    /// Goes into a call; too deep a one ends the way.
    pub(super) fn deeper<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, Raised>,
    ) -> Result<T, Raised> {
        if self.depth == DEEPEST {
            return Err(Raised);
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// The truth of something that is not known: both are tried, one on each way.
    pub(super) fn choose(&mut self, at: &impl Ranged) -> bool {
        let words = self.code(at).to_owned();
        self.choices.take(&words)
    }

    fn code(&self, at: &impl Ranged) -> &'a str {
        let range = at.range();
        self.source
            .get(range.start().to_usize()..range.end().to_usize())
            .unwrap_or_default()
    }

    /// Where something stands, with its code.
    pub(super) fn place(&self, at: &impl Ranged) -> Place {
        let code = self
            .code(at)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let what = if code.chars().count() > QUOTED {
            code.chars().take(QUOTED - 1).chain(['…']).collect()
        } else {
            code
        };
        Place {
            line: self.line(at.range().start()),
            what,
        }
    }

    fn line(&self, offset: TextSize) -> usize {
        self.lines
            .partition_point(|start| *start <= offset.to_usize())
    }

    /// Opens a connection.
    pub(super) fn connect(&mut self, engine: &Engine) -> Id {
        let mut settings = engine.settings.clone();
        settings.extend(&self.listeners);
        let id = self.sessions.len();
        self.sessions
            .push(Session::new(engine.autocommit, &settings));
        if engine.is_foreign {
            self.foreign.insert(id);
        }
        id
    }

    /// Looks a name up.
    pub(super) fn lookup(&self, name: &str, frame: FrameId) -> Value<'a> {
        let mut here = Some(frame);
        while let Some(at) = here {
            if let Some(value) = self.frames[at].names.get(name) {
                return value.clone();
            }
            here = self.frames[at].parent;
        }
        Value::Unknown
    }

    /// Whether a name has a meaning of its own in the file.
    pub(super) fn is_bound(&self, name: &str, frame: FrameId) -> bool {
        let mut here = Some(frame);
        while let Some(at) = here {
            if self.frames[at].names.contains_key(name) {
                return true;
            }
            here = self.frames[at].parent;
        }
        false
    }

    /// Gives a name its meaning.
    pub(super) fn set(&mut self, name: &'a str, value: Value<'a>, frame: FrameId) {
        let frame = if self.frames[frame].globals.contains(name) {
            0
        } else {
            frame
        };
        self.frames[frame].names.insert(name, value);
    }

    /// Makes it unknowable what these connections are at.
    pub(super) fn doubt(&mut self, sessions: &[Id], place: &Place) {
        for id in sessions {
            self.is_touched = true;
            self.sessions[*id]
                .doubt
                .get_or_insert_with(|| place.clone());
        }
    }
}
