//! Events: facts that happened. The runner and the loop make them, never a key map.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::consent::ConsentAnswer;
use super::effect::RequestId;
use super::input::Key;
use crate::domain::approval::Consents;
use crate::domain::backend::Backend;
use crate::domain::database::Reading;
use crate::domain::directory::{Comparison, Heard};
use crate::domain::environment::EnvironmentName;
use crate::domain::execution::{Execution, ExecutionName};
use crate::domain::failure::Failure;
use crate::domain::fleet::Identity;
pub use crate::domain::fleet::PartAnswer;
use crate::domain::gate::Gate;
use crate::domain::ledger::{Entry, Soundness, Window};
use crate::domain::logs::LogLine;
use crate::domain::migration::{Directory, Standing};
use crate::domain::observed::Remote;
use crate::domain::outcome::Outcome;
use crate::domain::plan::Plan;
use crate::domain::preflight::Finding;
use crate::domain::problem::Problem;
use crate::domain::review::Review;
use crate::domain::revision::RevisionId;
use crate::domain::secret::SecretVersion;

/// A fact that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Something at the terminal.
    Terminal(Terminal),
    /// Who is signed in.
    Identity {
        /// The request.
        id: RequestId,
        /// The answer.
        answer: Result<Identity, Failure>,
    },
    /// One part of an environment.
    Part {
        /// The request.
        id: RequestId,
        /// Its environment.
        environment: EnvironmentName,
        /// The answer.
        answer: PartAnswer,
    },
    /// Standing and problems of an environment.
    Assessed {
        /// The request.
        id: RequestId,
        /// Its environment.
        environment: EnvironmentName,
        /// Where its database stands; `None` when that is not known.
        standing: Option<Standing>,
        /// What the logs of finished runs told of their images.
        heard: Vec<Heard>,
        /// Whose revisions it is compared with.
        directory: Option<Box<Comparison>>,
        /// What is wrong, worst first.
        problems: Vec<Problem>,
    },
    /// The migration directory.
    Directory {
        /// The request.
        id: RequestId,
        /// The answer.
        answer: Result<Arc<Directory>, Failure>,
    },
    /// What revisions do.
    Reviewed {
        /// The request.
        id: RequestId,
        /// The answer.
        answer: Result<Vec<Arc<Review>>, Failure>,
    },
    /// A plan with its preflight and gate.
    Planned {
        /// The request.
        id: RequestId,
        /// The answer.
        answer: Result<Box<Prepared>, Failure>,
    },
    /// A step of a run.
    Run {
        /// The request.
        id: RequestId,
        /// The step.
        event: RunEvent,
    },
    /// A cancellation was accepted, or not.
    Cancelled {
        /// The request.
        id: RequestId,
        /// The answer.
        answer: Result<(), Failure>,
    },
    /// A secret version was changed, or not.
    SecretChanged {
        /// The request.
        id: RequestId,
        /// The answer.
        answer: Result<SecretVersion, Failure>,
    },
    /// Lines of a log that was asked for.
    Log {
        /// The request.
        id: RequestId,
        /// The answer.
        answer: LogAnswer,
    },
    /// Something about the second person.
    Consent {
        /// The request.
        id: RequestId,
        /// The answer.
        answer: Result<ConsentAnswer, Failure>,
    },
    /// What became of runs that an earlier start, or another machine, had left open.
    Earlier(Vec<Earlier>),
    /// Backends of a run that are still at work in the database after its execution is over.
    Alive {
        /// The execution.
        execution: ExecutionName,
        /// The backends.
        backends: Vec<Backend>,
    },
    /// An environment was armed or disarmed, and that is in the ledger; or it is not armed.
    Armed {
        /// The request.
        id: RequestId,
        /// The answer: until when.
        answer: Result<Option<Timestamp>, Failure>,
    },
    /// Entries of the ledger.
    Ledger {
        /// The request.
        id: RequestId,
        /// The answer.
        answer: Result<LedgerAnswer, Failure>,
    },
    /// A word from the runner that no screen waits for: a snapshot or a record that could not be written.
    Notice(Failure),
    /// What stands behind the world is known now: the words for the title bar.
    Backend(String),
}

/// Something that happened at the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Terminal {
    /// The loop runs; the first effects are due.
    Opened,
    /// A key that no command of this place takes.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The terminal has a new size, in cells.
    Resized {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// The terminal got or lost the focus.
    Focus(bool),
    /// A frame is on the screen.
    Drawn(Painted),
    /// The moment that [`Model::wakes_at`](super::model::Model::wakes_at) named has come.
    Tick,
    /// The console is back from the shell or from the pager.
    Resumed,
}

/// What a drawn frame showed; `draw` returns it and the loop hands it back once it is on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Painted {
    /// Serial number of the gate whose demand was wholly visible.
    pub gate: Option<u64>,
    /// Rows that the main list or text had.
    pub rows: u16,
    /// Columns that the main list or text had.
    pub columns: u16,
    /// Rows that the main text would need, for scrolling.
    pub content: usize,
}

/// A plan with everything that a person needs to agree to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The plan.
    pub plan: Plan,
    /// The findings of the preflight.
    pub findings: Vec<Finding>,
    /// The gate.
    pub gate: Gate,
    /// What other people gave for it, as the ledger had it then.
    pub consents: Consents,
    /// What the pending revisions do, as far as the checkout has them.
    pub reviews: Vec<Arc<Review>>,
    /// When the facts were read.
    pub at: Timestamp,
}

/// A step of a run, in the order in which they usually come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEvent {
    /// The facts were read again and are what was shown; the intent is in the ledger.
    Recorded {
        /// The run's id.
        run_id: String,
    },
    /// A step before the run moved, such as a backup.
    Step {
        /// What it does.
        words: String,
        /// Whether it is over.
        over: bool,
    },
    /// It was sent and the answer came.
    Started(Box<Execution>),
    /// It was sent and the answer was lost: it is looked for, never sent again.
    Lost(Failure),
    /// The execution as it is now.
    State(Box<Execution>),
    /// New log lines, the oldest first.
    Lines(Vec<LogLine>),
    /// The execution is over; the database is being asked.
    ReadingBack,
    /// What the database says, in a new session.
    ReadBack(Remote<Reading>),
    /// Backends that are still at work in the database after the execution is over.
    Alive(Vec<Backend>),
    /// Watching meets trouble and goes on; shown, not fatal.
    Trouble(Failure),
    /// It is over and recorded.
    Settled(Box<Settlement>),
    /// It never ran: the gate, a changed fact, the ledger, another run.
    Refused(Failure),
}

/// How a run ended, with the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The outcome; `None` for a run of somebody else that was only followed.
    pub outcome: Option<Outcome>,
    /// The run's id, when Portcullis started it.
    pub run_id: Option<String>,
    /// The execution, if one is known.
    pub execution: Option<ExecutionName>,
    /// Revisions before.
    pub before: Vec<RevisionId>,
    /// Revisions read back; `None` when the database could not be read.
    pub after: Option<Vec<RevisionId>>,
    /// Who told, and when.
    pub read_back: Option<(String, Timestamp)>,
    /// How long it took.
    pub duration: Option<SignedDuration>,
    /// What happened, in one sentence.
    pub happened: String,
    /// What to do now, in one sentence; empty when there is nothing to do.
    pub remedy: String,
    /// Known causes that were found.
    pub causes: Vec<CauseFound>,
}

/// What became of a run that had been left open.
pub use crate::domain::settlement::Settlement as Earlier;

/// A known cause that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseFound {
    /// Its id in the catalogue.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The line that shows it.
    pub line: String,
    /// What to do.
    pub remedy: String,
}

/// What the ledger answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerAnswer {
    /// Some of its entries.
    Window(Window),
    /// All entries of a run, the oldest first.
    Story(Vec<Entry>),
    /// Whether the chain holds.
    Soundness(Soundness),
}

/// Lines of a log that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogAnswer {
    /// Lines, the oldest first; more may come.
    Lines(Vec<LogLine>),
    /// Nothing more will come.
    End,
    /// It could not be read.
    Failed(Failure),
}
