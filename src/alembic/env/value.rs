//! What an expression of `env.py` stands for, as far as transactions hang on it.

use std::collections::BTreeMap;

use ruff_python_ast::{ExprLambda, StmtFunctionDef};

use super::settings::Setting;

/// The number of a session.
pub(super) type Id = usize;
/// The number of a frame of names.
pub(super) type FrameId = usize;

/// What an expression stands for.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    /// Nothing that is known, and no connection in it.
    Unknown,
    /// Nothing that is known, with these connections somewhere inside.
    Holder(Vec<Id>),
    None,
    Bool(bool),
    /// A string; what is not known of it stands as `{}`.
    Text(String),
    /// An SQL expression with this text.
    Sql(String),
    /// Something imported, by its dotted name.
    Imported(String),
    /// A dictionary whose keys are known.
    Dict(BTreeMap<String, Value<'a>>),
    /// A list or tuple that is written out.
    Many(Vec<Value<'a>>),
    Function(&'a StmtFunctionDef, FrameId),
    Lambda(&'a ExprLambda, FrameId),
    /// A call that runs when it is awaited, or entered.
    Later(Box<Call<'a>>),
    /// A class or function of the file that is not followed.
    Engine(Engine),
    /// `engine.begin()`.
    Beginning(Engine),
    Connection(Id),
    /// `connection.connection`: what goes past SQLAlchemy.
    Driver,
    /// `connection.begin()`.
    Transaction(Id),
    /// `connection.begin_nested()`.
    Nested,
    /// `context.begin_transaction()`; none when it leaves transactions alone.
    ContextTransaction(Option<Id>),
    Inspector(Id),
    /// A `MigrationContext`.
    MigrationContext(Id),
    /// `config.attributes`: empty when the `alembic` command runs.
    Attributes,
}

/// An engine, as it was made.
#[derive(Clone, Debug, Default)]
pub(super) struct Engine {
    pub(super) autocommit: bool,
    /// Whether it comes from another module, which may have set anything.
    pub(super) is_foreign: bool,
    pub(super) settings: Vec<Setting>,
}

/// A function with its arguments.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    pub(super) function: Value<'a>,
    pub(super) given: Given<'a>,
}

/// Arguments that were evaluated.
#[derive(Clone, Debug, Default)]
pub(super) struct Given<'a> {
    pub(super) plain: Vec<Value<'a>>,
    pub(super) named: Vec<(String, Value<'a>)>,
    /// Whether there are more, unpacked from something that is not known.
    pub(super) more: bool,
}

impl<'a> Given<'a> {
    /// A named argument.
    pub(super) fn named(&self, name: &str) -> Option<&Value<'a>> {
        self.named.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// The argument at a place, or by its name.
    pub(super) fn get(&self, at: usize, name: &str) -> Option<&Value<'a>> {
        self.plain.get(at).or_else(|| self.named(name))
    }

    /// All values.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value<'a>> {
        self.plain.iter().chain(self.named.iter().map(|(_, v)| v))
    }
}

impl Value<'_> {
    /// The connections that this value gives access to.
    pub(super) fn sessions(&self) -> Vec<Id> {
        match self {
            Self::Holder(ids) => ids.clone(),
            Self::Connection(id)
            | Self::Transaction(id)
            | Self::Inspector(id)
            | Self::MigrationContext(id) => vec![*id],
            Self::Dict(items) => items.values().flat_map(Value::sessions).collect(),
            Self::Many(items) => items.iter().flat_map(Value::sessions).collect(),
            Self::Later(call) => call.given.values().flat_map(Value::sessions).collect(),
            _ => Vec::new(),
        }
    }

    /// The text in it, for looking for words.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) | Self::Sql(text) => text.clone(),
            Self::Dict(items) => {
                let words = items
                    .iter()
                    .map(|(key, value)| format!("{key} {}", value.text()));
                words.collect::<Vec<_>>().join(" ")
            }
            Self::Many(items) => items.iter().map(Value::text).collect::<Vec<_>>().join(" "),
            _ => String::new(),
        }
    }

    /// Whether Python takes it for true, where that is known.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Unknown | Self::Holder(_) | Self::Imported(_) => None,
            Self::None | Self::Attributes => Some(false),
            Self::Bool(value) => Some(*value),
            Self::Text(text) if text.contains("{}") => None,
            Self::Text(text) => Some(!text.is_empty()),
            Self::Dict(items) => Some(!items.is_empty()),
            Self::Many(items) => Some(!items.is_empty()),
            _ => Some(true),
        }
    }
}
