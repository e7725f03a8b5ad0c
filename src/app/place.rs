//! Places: where in the console the keyboard is, and which layers of keys hold there.

use super::command::Tab;

/// Where the keyboard is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// All environments.
    Fleet,
    /// One environment.
    Environment(Tab),
    /// The list of operations of an environment.
    Operations,
    /// The parameters of an operation.
    Parameters,
    /// A plan with its gate, while no text is asked for.
    Gate,
    /// A gate that asks for text.
    GateText,
    /// A run that goes on.
    Live,
    /// A run that is over.
    Outcome,
    /// A log.
    Log,
    /// One revision.
    Revision,
    /// The environments side by side.
    Comparison,
    /// The ledger.
    Ledger,
    /// One run's whole story.
    Story,
    /// The requests that wait.
    Requests,
    /// The help.
    Help,
    /// The command palette.
    Palette,
    /// A filter or a search that is being typed.
    Search,
}

/// A layer of the key maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// Everywhere that no text is typed.
    Global,
    /// Really everywhere.
    Always,
    /// Wherever there is a list or a text to move in.
    List,
    /// All environments.
    Fleet,
    /// One environment, every tab.
    Environment,
    /// The tab of the migrations.
    Migrations,
    /// The tab of the secrets.
    Secrets,
    /// The tab of the executions.
    Executions,
    /// The list of operations.
    Operations,
    /// The parameters of an operation.
    Parameters,
    /// A gate that asks for no text.
    Gate,
    /// A gate that asks for text.
    GateText,
    /// A run that goes on.
    Live,
    /// A run that is over.
    Outcome,
    /// A log.
    Log,
    /// One revision.
    Revision,
    /// The environments side by side.
    Comparison,
    /// The ledger.
    Ledger,
    /// One run's whole story.
    Story,
    /// The requests that wait.
    Requests,
    /// The help.
    Help,
    /// The command palette.
    Palette,
    /// A filter or a search.
    Search,
}

impl Layer {
    /// All layers in the order of the documentation.
    pub const ALL: [Self; 23] = [
        Self::Always,
        Self::Global,
        Self::List,
        Self::Fleet,
        Self::Environment,
        Self::Migrations,
        Self::Secrets,
        Self::Executions,
        Self::Operations,
        Self::Parameters,
        Self::Gate,
        Self::GateText,
        Self::Live,
        Self::Outcome,
        Self::Log,
        Self::Revision,
        Self::Comparison,
        Self::Ledger,
        Self::Story,
        Self::Requests,
        Self::Help,
        Self::Palette,
        Self::Search,
    ];

    /// The name of its table in a key map.
    pub fn word(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Always => "always",
            Self::List => "list",
            Self::Fleet => "fleet",
            Self::Environment => "environment",
            Self::Migrations => "migrations",
            Self::Secrets => "secrets",
            Self::Executions => "executions",
            Self::Operations => "operations",
            Self::Parameters => "parameters",
            Self::Gate => "gate",
            Self::GateText => "gate-text",
            Self::Live => "live",
            Self::Outcome => "outcome",
            Self::Log => "log",
            Self::Revision => "revision",
            Self::Comparison => "comparison",
            Self::Ledger => "ledger",
            Self::Story => "story",
            Self::Requests => "requests",
            Self::Help => "help",
            Self::Palette => "palette",
            Self::Search => "search",
        }
    }
}

impl Place {
    /// The layers that hold here; the first that knows a key wins.
    pub fn layers(self) -> &'static [Layer] {
        use Layer as L;
        match self {
            Self::Fleet => &[L::Fleet, L::List, L::Global, L::Always],
            Self::Environment(Tab::Overview) => &[L::Environment, L::List, L::Global, L::Always],
            Self::Environment(Tab::Migrations) => {
                &[L::Migrations, L::Environment, L::List, L::Global, L::Always]
            }
            Self::Environment(Tab::Secrets) => {
                &[L::Secrets, L::Environment, L::List, L::Global, L::Always]
            }
            Self::Environment(Tab::Executions) => {
                &[L::Executions, L::Environment, L::List, L::Global, L::Always]
            }
            Self::Operations => &[L::Operations, L::List, L::Global, L::Always],
            Self::Parameters => &[L::Parameters, L::Always],
            Self::Gate => &[L::Gate, L::List, L::Global, L::Always],
            Self::GateText => &[L::GateText, L::Always],
            Self::Live => &[L::Live, L::List, L::Global, L::Always],
            Self::Outcome => &[L::Outcome, L::List, L::Global, L::Always],
            Self::Log => &[L::Log, L::List, L::Global, L::Always],
            Self::Revision => &[L::Revision, L::List, L::Global, L::Always],
            Self::Comparison => &[L::Comparison, L::List, L::Global, L::Always],
            Self::Ledger => &[L::Ledger, L::List, L::Global, L::Always],
            Self::Story => &[L::Story, L::List, L::Global, L::Always],
            Self::Requests => &[L::Requests, L::List, L::Global, L::Always],
            Self::Help => &[L::Help, L::List, L::Always],
            Self::Palette => &[L::Palette, L::Always],
            Self::Search => &[L::Search, L::Always],
        }
    }

    /// Whether keys that no layer knows are typed into a text field here.
    pub fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Parameters | Self::GateText | Self::Palette | Self::Search
        )
    }
}
