//! Screens and what lies above them: plain data, one struct each.

use super::command::Tab;
use super::effect::RequestId;
use super::gate::GateScreen;
use super::ledger::{LedgerScreen, StoryScreen};
use super::list::ListState;
use super::logs::{LogBuffer, LogView};
use super::revision::RevisionScreen;
use super::standings::ComparisonScreen;
use super::text::TextField;
use crate::domain::execution::ExecutionName;
use crate::domain::failure::Failure;
use crate::domain::operation::ParamKind;

/// A screen of the stack; the fleet is always at the bottom.
#[derive(Clone, Debug)]
pub enum Screen {
    /// All environments.
    Fleet(ListState),
    /// One environment.
    Environment(EnvironmentScreen),
    /// The operations of an environment.
    Operations(OperationsScreen),
    /// The parameters of an operation.
    Parameters(ParametersScreen),
    /// A plan or another act with its gate.
    Gate(Box<GateScreen>),
    /// A run, live or over.
    Run(RunScreen),
    /// A log.
    Log(Box<LogScreen>),
    /// One revision.
    Revision(Box<RevisionScreen>),
    /// The environments side by side.
    Comparison(Box<ComparisonScreen>),
    /// The ledger.
    Ledger(Box<LedgerScreen>),
    /// One run's whole story.
    Story(Box<StoryScreen>),
    /// The requests that wait for somebody's word.
    Requests(ListState),
}

/// One environment, in tabs.
#[derive(Clone, Debug)]
pub struct EnvironmentScreen {
    /// Its index in the config.
    pub station: usize,
    /// The tab that is shown.
    pub tab: Tab,
    /// The list of each tab.
    pub lists: [ListState; 4],
}

impl EnvironmentScreen {
    /// The list of the tab that is shown.
    pub fn list(&self) -> &ListState {
        &self.lists[self.tab as usize]
    }

    /// The list of the tab that is shown, to change it.
    pub fn list_mut(&mut self) -> &mut ListState {
        &mut self.lists[self.tab as usize]
    }
}

/// The operations that an environment's job can run.
#[derive(Clone, Debug)]
pub struct OperationsScreen {
    /// Index of the environment in the config.
    pub station: usize,
    /// The list.
    pub list: ListState,
}

/// The parameters of one operation.
#[derive(Clone, Debug)]
pub struct ParametersScreen {
    /// Index of the environment in the config.
    pub station: usize,
    /// The operation by name.
    pub operation: String,
    /// The parameters.
    pub fields: Vec<ParameterField>,
    /// The field that takes the keys.
    pub at: usize,
    /// What is wrong with what was typed.
    pub note: Option<String>,
}

/// One parameter that is being typed.
#[derive(Clone, Debug)]
pub struct ParameterField {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: ParamKind,
    /// Its value.
    pub value: TextField,
}

/// A run on the screen.
#[derive(Clone, Copy, Debug)]
pub struct RunScreen {
    /// The run.
    pub run: RequestId,
    /// First visible row of the part above the log, once it is over.
    pub scroll: usize,
}

/// A log on the screen.
#[derive(Clone, Debug)]
pub struct LogScreen {
    /// Index of the environment in the config.
    pub station: usize,
    /// The execution.
    pub execution: ExecutionName,
    /// Where its lines are.
    pub source: LogSource,
}

/// Where the lines of a log screen are.
#[derive(Clone, Debug)]
pub enum LogSource {
    /// In a run that is known.
    Run(RequestId),
    /// Read for this screen.
    Own {
        /// The request that reads them.
        request: RequestId,
        /// The lines.
        log: LogBuffer,
        /// What is looked at.
        view: LogView,
        /// Whether more may come.
        state: LogState,
    },
}

/// How far a log has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogState {
    /// Nothing has come yet.
    Loading,
    /// Lines came, more may come.
    Reading,
    /// All is here.
    Complete,
    /// It could not be read any further.
    Failed(Failure),
}

/// What lies above a screen.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// The keys of the place below.
    Help {
        /// First visible row.
        scroll: usize,
    },
    /// Commands by name.
    Palette {
        /// What was typed.
        query: TextField,
        /// The cursor.
        list: ListState,
    },
    /// A filter or a search that is being typed.
    Search,
}

/// A word that goes away by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// What it says.
    pub text: String,
    /// Whether it says that something is wrong.
    pub bad: bool,
    /// When it goes away.
    pub until: jiff::Timestamp,
}
