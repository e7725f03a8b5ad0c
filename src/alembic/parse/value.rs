//! What an expression is worth without running anything.

use std::fmt;

use ruff_python_ast::{self as ast, Expr, Operator};
use ruff_text_size::{Ranged as _, TextSize};

use super::bindings::{Bindings, Imported};
use super::modules::Modules;

/// A value that is known from the text alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// `None`.
    None,
    /// A string.
    Text(String),
    /// A tuple, list or set.
    Many(Vec<Value>),
    /// Something that no identifier of Alembic can be; the words say what.
    Other(&'static str),
}

impl Value {
    /// What it is, for a sentence.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Text(_) => "a string",
            Self::Many(_) => "a sequence",
            Self::Other(what) => what,
        }
    }
}

/// A value that only a run can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    pub(super) at: TextSize,
    pub(super) why: String,
}

impl Unknown {
    pub(super) fn new(at: TextSize, why: impl fmt::Display) -> Self {
        Self {
            at,
            why: why.to_string(),
        }
    }
}

/// The value of an expression where constants of other modules may be looked up.
pub(super) fn evaluate_with(
    expr: &Expr,
    names: &Bindings,
    modules: &dyn Modules,
) -> Result<Value, Unknown> {
    let imported = match expr {
        Expr::Name(name) => names.imported(name.id.as_str()).cloned(),
        Expr::Attribute(attribute) => match &*attribute.value {
            Expr::Name(owner) => names
                .imported(owner.id.as_str())
                .map(|import| import.inner(attribute.attr.id.as_str())),
            _ => None,
        },
        _ => None,
    };
    let constant = imported.and_then(|import: Imported| {
        let source = modules.source(&import.module)?;
        Bindings::of_source(&source)
            .ok()?
            .get(import.item.as_deref()?, expr.start())
            .ok()
    });
    constant.map_or_else(|| evaluate(expr, names), Ok)
}

/// The value of an expression, if the text alone tells it.
pub(super) fn evaluate(expr: &Expr, names: &Bindings) -> Result<Value, Unknown> {
    let unknown = |why: &str| Err(Unknown::new(expr.start(), why));
    match expr {
        Expr::NoneLiteral(_) => Ok(Value::None),
        Expr::StringLiteral(text) => readable(text.value.to_str().to_owned(), expr),
        Expr::FString(text) => format_string(text, names),
        Expr::Tuple(tuple) => many(&tuple.elts, names),
        Expr::List(list) => many(&list.elts, names),
        Expr::Set(set) => many(&set.elts, names),
        Expr::Name(name) => names.get(name.id.as_str(), expr.start()),
        Expr::BinOp(sum) if sum.op == Operator::Add => {
            add(evaluate(&sum.left, names)?, evaluate(&sum.right, names)?)
                .ok_or_else(|| Unknown::new(expr.start(), "it is the result of a computation"))
        }
        Expr::Call(call) => call_value(call, names),
        Expr::NumberLiteral(_) => Ok(Value::Other("a number")),
        Expr::BooleanLiteral(_) => Ok(Value::Other("a truth value")),
        Expr::BytesLiteral(_) => Ok(Value::Other("bytes")),
        Expr::EllipsisLiteral(_) => Ok(Value::Other("an ellipsis")),
        Expr::Lambda(_) => Ok(Value::Other("a function")),
        Expr::Dict(_) => Ok(Value::Other("a dictionary")),
        Expr::Attribute(_) => unknown("it is an attribute of something else"),
        Expr::Subscript(_) => unknown("it is an item of something else"),
        Expr::If(_) | Expr::BoolOp(_) | Expr::Compare(_) => unknown("it depends on a condition"),
        _ => unknown("it is the result of a computation"),
    }
}

/// Joins two strings or two sequences, as `+` does.
pub(super) fn add(left: Value, right: Value) -> Option<Value> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(Value::Text(left + &right)),
        (Value::Many(mut left), Value::Many(right)) => {
            left.extend(right);
            Some(Value::Many(left))
        }
        _ => None,
    }
}

/// A string is not known when its encoding was only half understood.
fn readable(text: String, expr: &Expr) -> Result<Value, Unknown> {
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(Unknown::new(
            expr.start(),
            "it holds characters of an encoding that is not read",
        ));
    }
    Ok(Value::Text(text))
}

fn many(elements: &[Expr], names: &Bindings) -> Result<Value, Unknown> {
    let mut values = Vec::with_capacity(elements.len());
    for element in elements {
        match element {
            Expr::Starred(starred) => match evaluate(&starred.value, names)? {
                Value::Many(inner) => values.extend(inner),
                _ => {
                    return Err(Unknown::new(
                        element.start(),
                        "it unpacks what is no sequence",
                    ));
                }
            },
            plain => values.push(evaluate(plain, names)?),
        }
    }
    Ok(Value::Many(values))
}

/// An f-string is known when all it embeds are strings that are known.
fn format_string(text: &ast::ExprFString, names: &Bindings) -> Result<Value, Unknown> {
    let mut out = String::new();
    for part in text.value.as_slice() {
        match part {
            ast::FStringPart::Literal(literal) => out.push_str(literal.as_str()),
            ast::FStringPart::FString(inner) => {
                for element in &inner.elements {
                    embed(element, names, &mut out)?;
                }
            }
        }
    }
    readable(out, &Expr::FString(text.clone()))
}

fn embed(
    element: &ast::InterpolatedStringElement,
    names: &Bindings,
    out: &mut String,
) -> Result<(), Unknown> {
    match element {
        ast::InterpolatedStringElement::Literal(literal) => out.push_str(&literal.value),
        ast::InterpolatedStringElement::Interpolation(inner) => {
            let is_plain = inner.debug_text.is_none()
                && inner.format_spec.is_none()
                && inner.conversion == ast::ConversionFlag::None;
            match evaluate(&inner.expression, names)? {
                Value::Text(text) if is_plain => out.push_str(&text),
                _ => return Err(Unknown::new(inner.range.start(), "it formats a value")),
            }
        }
    }
    Ok(())
}

/// `tuple(…)`, `list(…)`, `set(…)` and `str(…)` around a known value are known.
fn call_value(call: &ast::ExprCall, names: &Bindings) -> Result<Value, Unknown> {
    let unknown = || Unknown::new(call.range().start(), "it is the result of a call");
    let Expr::Name(function) = &*call.func else {
        return Err(unknown());
    };
    if names.is_bound(function.id.as_str()) || !call.arguments.keywords.is_empty() {
        return Err(unknown());
    }
    match (function.id.as_str(), &*call.arguments.args) {
        ("tuple" | "list" | "set" | "frozenset", []) => Ok(Value::Many(Vec::new())),
        ("tuple" | "list" | "set" | "frozenset", [only]) => match evaluate(only, names)? {
            Value::Many(values) => Ok(Value::Many(values)),
            _ => Err(unknown()),
        },
        ("str", [only]) => match evaluate(only, names)? {
            Value::Text(text) => Ok(Value::Text(text)),
            _ => Err(unknown()),
        },
        _ => Err(unknown()),
    }
}
