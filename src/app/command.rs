//! Commands: what the person at the keyboard wishes. Only the key map and the palette make them.

use crate::domain::act::SecretVerb;

/// A wish of the person at the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Move the cursor, or scroll where there is no cursor.
    Move(Move),
    /// Open what the cursor is on.
    Open,
    /// Go back one screen, or close what is open above it.
    Back,
    /// Show a part of the selected environment.
    Show(Tab),
    /// The next tab.
    NextTab,
    /// The previous tab.
    PreviousTab,
    /// Type a filter, or a search in a log.
    Search,
    /// Open the command palette.
    Palette,
    /// Open the help of this place.
    Help,
    /// Read everything on this screen again.
    Refresh,
    /// Choose an operation to plan.
    Operations,
    /// Plan an upgrade to the head.
    Upgrade,
    /// Make a new plan in place of the one that is shown.
    Replan,
    /// Make a new plan with a backup as its first step, or without one.
    BackupFirst,
    /// Arm the selected environment for a limited time, or disarm it.
    Arm,
    /// Say yes at a gate, in the way that it asks for.
    Approve,
    /// The second key of a confirmation; never enough for production.
    Yes,
    /// The next field of a form.
    NextField,
    /// The previous field of a form.
    PreviousField,
    /// Cancel the execution that is shown.
    CancelRun,
    /// Change the state of the selected secret version.
    Secret(SecretVerb),
    /// Show the log of the selected, or of the last, execution.
    ShowLog,
    /// Something within a log, or within another text.
    Log(LogCommand),
    /// Something about the revisions of a directory.
    Revision(RevisionCommand),
    /// Something about the ledger.
    Ledger(LedgerCommand),
    /// Something about the second person.
    Consent(ConsentCommand),
    /// Say how to sign in.
    SignIn,
    /// Step aside for the shell.
    Suspend,
    /// Leave.
    Quit,
}

/// A movement of the cursor, or of the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Move {
    /// One up.
    Up,
    /// One down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first.
    First,
    /// To the last.
    Last,
}

/// The parts of an environment's screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// What there is, and what is wrong with it.
    #[default]
    Overview,
    /// The revisions of the migration directory, and where the database stands.
    Migrations,
    /// The versions of the secret.
    Secrets,
    /// The runs of the job.
    Executions,
}

impl Tab {
    /// All tabs in their order on screen.
    pub const ALL: [Self; 4] = [
        Self::Overview,
        Self::Migrations,
        Self::Secrets,
        Self::Executions,
    ];

    /// The word on the tab.
    pub fn word(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Migrations => "migrations",
            Self::Secrets => "secrets",
            Self::Executions => "executions",
        }
    }

    /// The tab after this one, around the end.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    /// The tab before this one, around the end.
    #[must_use]
    pub fn previous(self) -> Self {
        Self::ALL[(self as usize + Self::ALL.len() - 1) % Self::ALL.len()]
    }
}

/// A wish about the revisions of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RevisionCommand {
    /// Show the revisions as a drawn graph, or as a list.
    Graph,
    /// Plan an upgrade to the revision that is selected.
    UpgradeTo,
    /// Plan the operation that asks the database itself where it stands.
    Probe,
    /// Show all environments side by side.
    Compare,
    /// Show only revisions in which environments differ, or all.
    Differences,
    /// The revision above.
    Newer,
    /// The revision below.
    Older,
}

/// A wish about the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LedgerCommand {
    /// Show the ledger.
    Show,
    /// Show the whole story of the run on the screen.
    Story,
}

/// A wish about the second person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConsentCommand {
    /// Break the glass, or leave it whole.
    Glass,
    /// Show what waits for somebody's word.
    Requests,
    /// Decline a request, or take one's own back.
    Decline,
    /// Do a review that is owed.
    Review,
}

/// A wish within a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogCommand {
    /// To the next match.
    NextMatch,
    /// To the match before.
    PreviousMatch,
    /// Stay at the end while lines arrive, or stop doing so.
    Follow,
    /// Break long lines, or cut them.
    Wrap,
    /// To the first line that says that something is wrong.
    FirstError,
    /// Hand the text to the pager.
    Pager,
    /// What is out of sight at the left.
    Left,
    /// What is out of sight at the right.
    Right,
}
