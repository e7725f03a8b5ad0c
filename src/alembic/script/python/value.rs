//! Values of a revision file, as far as its text tells them.

use std::rc::Rc;

use ruff_python_ast as ast;

use super::super::schema::Item;

/// What stands in a statement in place of a part that is not known: a word that
/// PostgreSQL's grammar takes as a name, as a value, and inside of both.
pub const STAND_IN: &str = "__unknown__";

/// What an expression is worth.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Value<'a> {
    /// Only a run can tell.
    Unknown(Unknown),
    None,
    Bool(bool),
    Int(i64),
    /// A number as Python writes it.
    Float(Rc<str>),
    /// A string; parts that are not known are stand-ins.
    Text(Rc<str>),
    List(Rc<Vec<Value<'a>>>),
    Tuple(Rc<Vec<Value<'a>>>),
    Set(Rc<Vec<Value<'a>>>),
    Dict(Rc<Vec<(Value<'a>, Value<'a>)>>),
    /// Something imported or built in, by its dotted name.
    Path(Rc<str>),
    Function(&'a ast::StmtFunctionDef, Rc<Vec<(String, Value<'a>)>>),
    Lambda(&'a ast::ExprLambda),
    Class(Rc<Class<'a>>),
    /// A member of an enumeration: its class, its name, its value.
    Member(Rc<(Rc<str>, Rc<str>, Value<'a>)>),
    /// `batch_op`.
    Batch(Rc<Batch>),
    /// Something that leads to the database.
    Handle(Handle),
    /// Something of SQLAlchemy.
    Item(Rc<Item>),
    /// An attribute of a value, before it is called.
    Bound(Rc<(Value<'a>, Rc<str>)>),
}

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Unknown {
    pub(in super::super) why: Rc<str>,
    /// Whether it was made by code that stands elsewhere.
    pub(in super::super) foreign: bool,
}

/// A class of the file.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Class<'a> {
    pub(in super::super) name: Rc<str>,
    /// Names that its body sets, in order.
    pub(in super::super) members: Vec<(String, Value<'a>)>,
    pub(in super::super) is_enum: bool,
}

/// The table that a `batch_op` changes.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Batch {
    pub(in super::super) table: String,
    pub(in super::super) schema: Option<String>,
    /// Whether the table is made anew, which needs what the database knows of it.
    pub(in super::super) rebuilds: bool,
}

/// Objects through which a database is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Handle {
    /// `op.get_bind()`.
    Connection,
    /// A session on a connection.
    Session,
    /// A transaction or a savepoint that was begun.
    Transaction,
    /// `op.get_context()`.
    Context,
    /// The dialect, which is PostgreSQL.
    Dialect,
    /// `sa.inspect(…)`: reads only.
    Inspector,
    /// An engine of the file's own.
    Engine,
    /// What a statement answered.
    Answer,
}

impl Value<'_> {
    pub(in super::super) fn unknown(why: impl AsRef<str>) -> Self {
        Self::Unknown(Unknown {
            why: why.as_ref().into(),
            foreign: false,
        })
    }

    /// What code of another file gave back.
    pub(in super::super) fn foreign(name: &str) -> Self {
        Self::Unknown(Unknown {
            why: format!("`{name}` is defined in another file").into(),
            foreign: true,
        })
    }

    pub(in super::super) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text.as_ref().into())
    }

    pub(in super::super) fn item(item: Item) -> Self {
        Self::Item(Rc::new(item))
    }

    pub(in super::super) fn list(values: Vec<Self>) -> Self {
        Self::List(Rc::new(values))
    }

    pub(in super::super) fn tuple(values: Vec<Self>) -> Self {
        Self::Tuple(Rc::new(values))
    }

    /// The string, when it is one and wholly known.
    pub(in super::super) fn as_known_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.contains(STAND_IN) => Some(text),
            _ => None,
        }
    }

    /// The elements of a list, a tuple or a set.
    pub(in super::super) fn elements(&self) -> Option<&[Self]> {
        match self {
            Self::List(all) | Self::Tuple(all) | Self::Set(all) => Some(all),
            _ => None,
        }
    }

    /// The values that a loop goes through, if they are known.
    pub(in super::super) fn iterate(&self) -> Option<Vec<Self>> {
        match self {
            Self::List(all) | Self::Tuple(all) | Self::Set(all) => Some(all.to_vec()),
            Self::Dict(all) => Some(all.iter().map(|(key, _)| key.clone()).collect()),
            Self::Text(_) => {
                let text = self.as_known_text()?;
                Some(text.chars().map(|c| Self::text(c.to_string())).collect())
            }
            Self::Class(class) if class.is_enum => Some(class.enumerate()),
            _ => None,
        }
    }

    /// Whether it is neither unknown nor holds anything unknown.
    pub(in super::super) fn is_known(&self) -> bool {
        match self {
            Self::Unknown(_) | Self::Bound(_) => false,
            Self::Handle(handle) => *handle != Handle::Answer,
            Self::Text(text) => !text.contains(STAND_IN),
            Self::List(all) | Self::Tuple(all) | Self::Set(all) => all.iter().all(Self::is_known),
            Self::Dict(all) => all.iter().all(|(k, v)| k.is_known() && v.is_known()),
            _ => true,
        }
    }

    /// Whether it counts as true, if that is known.
    pub(in super::super) fn truth(&self) -> Option<bool> {
        match self {
            Self::None => Some(false),
            Self::Bool(truth) => Some(*truth),
            Self::Int(number) => Some(*number != 0),
            Self::Float(number) => number.parse::<f64>().ok().map(|number| number != 0.0),
            Self::Text(text) if text.is_empty() => Some(false),
            Self::Text(_) => self.is_known().then_some(true),
            Self::List(all) | Self::Tuple(all) | Self::Set(all) => Some(!all.is_empty()),
            Self::Dict(all) => Some(!all.is_empty()),
            Self::Path(path) if path.ends_with(".TYPE_CHECKING") => Some(false),
            Self::Function(..)
            | Self::Lambda(_)
            | Self::Class(_)
            | Self::Batch(_)
            | Self::Handle(Handle::Connection | Handle::Session | Handle::Context) => Some(true),
            _ => None,
        }
    }

    /// Whether two values are equal, if that is known.
    pub(in super::super) fn equals(&self, other: &Self) -> Option<bool> {
        if !self.is_plain() || !other.is_plain() {
            return None;
        }
        Some(match (self, other) {
            (Self::Bool(a), Self::Int(b)) | (Self::Int(b), Self::Bool(a)) => i64::from(*a) == *b,
            (Self::Float(a), Self::Int(b)) | (Self::Int(b), Self::Float(a)) => {
                a.parse() == Ok(*b) || a.strip_suffix(".0").is_some_and(|a| a.parse() == Ok(*b))
            }
            _ => self == other,
        })
    }

    /// Whether it is a value whose equality the text tells.
    fn is_plain(&self) -> bool {
        match self {
            Self::None | Self::Bool(_) | Self::Int(_) | Self::Float(_) => true,
            Self::Text(_) => self.is_known(),
            Self::List(all) | Self::Tuple(all) => all.iter().all(Self::is_plain),
            Self::Dict(all) => all.iter().all(|(k, v)| k.is_plain() && v.is_plain()),
            _ => false,
        }
    }

    /// Whether it leads to the database, itself or in what it holds.
    pub(in super::super) fn reaches_database(&self) -> bool {
        match self {
            Self::Batch(_) => true,
            Self::Handle(handle) => matches!(
                handle,
                Handle::Connection | Handle::Session | Handle::Context | Handle::Engine
            ),
            Self::Path(path) => &**path == "alembic.op",
            Self::Bound(bound) => bound.0.reaches_database(),
            Self::List(all) | Self::Tuple(all) | Self::Set(all) => {
                all.iter().any(Self::reaches_database)
            }
            Self::Dict(all) => all.iter().any(|(_, value)| value.reaches_database()),
            _ => false,
        }
    }

    /// Why it is not known, for a sentence.
    pub(in super::super) fn why(&self) -> String {
        match self {
            Self::Unknown(unknown) => unknown.why.to_string(),
            Self::Handle(Handle::Answer) => "the database answers it".to_owned(),
            Self::Path(path) => format!("`{path}` is only known when it runs"),
            Self::Text(_) => "a part of it is not known".to_owned(),
            _ => "it is of a kind that is not understood".to_owned(),
        }
    }
}
