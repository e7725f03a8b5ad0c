//! Operators on known values.

use std::cmp::Ordering;
use std::rc::Rc;

use ruff_python_ast::Operator;

use super::super::schema::{is_expression, operate};
use super::value::Value;
use super::{STAND_IN, format};

/// The longest text that is built.
const LONGEST: usize = 4_000_000;

/// `left operator right`.
pub(super) fn binary<'a>(left: &Value<'a>, operator: Operator, right: &Value<'a>) -> Value<'a> {
    if let (Value::Text(template), Operator::Mod) = (left, operator) {
        return format::percent(template, right);
    }
    if is_expression(left) || is_expression(right) {
        return match operator {
            Operator::Add => operate(left, "+", right),
            Operator::Sub => operate(left, "-", right),
            Operator::Mult => operate(left, "*", right),
            Operator::BitAnd => operate(left, "AND", right),
            Operator::BitOr => operate(left, "OR", right),
            _ => operate(left, "?", right),
        };
    }
    match operator {
        Operator::Add => add(left, right),
        Operator::Sub => subtract(left, right),
        Operator::Mult => multiply(left, right),
        Operator::FloorDiv => whole(left, right, i64::checked_div_euclid),
        Operator::Mod => whole(left, right, i64::checked_rem_euclid),
        Operator::BitOr => join(left, right),
        _ => computed(),
    }
}

fn computed<'a>() -> Value<'a> {
    Value::unknown("it is computed")
}

fn whole<'a>(
    left: &Value<'a>,
    right: &Value<'a>,
    go: impl Fn(i64, i64) -> Option<i64>,
) -> Value<'a> {
    match (left, right) {
        // Below zero Python rounds the other way.
        (Value::Int(a), Value::Int(b)) if *a >= 0 && *b > 0 => {
            go(*a, *b).map_or_else(computed, Value::Int)
        }
        _ => computed(),
    }
}

fn add<'a>(left: &Value<'a>, right: &Value<'a>) -> Value<'a> {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) if a.len() + b.len() < LONGEST => {
            Value::text(format!("{a}{b}"))
        }
        (Value::Text(a), Value::Unknown(_) | Value::Handle(_)) => {
            Value::text(format!("{a}{STAND_IN}"))
        }
        (Value::Unknown(_) | Value::Handle(_), Value::Text(b)) => {
            Value::text(format!("{STAND_IN}{b}"))
        }
        (Value::List(a), Value::List(b)) if a.len() + b.len() < LONGEST => {
            Value::list(a.iter().chain(b.iter()).cloned().collect())
        }
        (Value::Tuple(a), Value::Tuple(b)) if a.len() + b.len() < LONGEST => {
            Value::tuple(a.iter().chain(b.iter()).cloned().collect())
        }
        (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map_or_else(computed, Value::Int),
        _ => computed(),
    }
}

fn subtract<'a>(left: &Value<'a>, right: &Value<'a>) -> Value<'a> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.checked_sub(*b).map_or_else(computed, Value::Int),
        (Value::Set(a), Value::Set(b)) if left.is_known() && right.is_known() => Value::Set(
            Rc::new(a.iter().filter(|one| !b.contains(one)).cloned().collect()),
        ),
        _ => computed(),
    }
}

fn multiply<'a>(left: &Value<'a>, right: &Value<'a>) -> Value<'a> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.checked_mul(*b).map_or_else(computed, Value::Int),
        (text @ Value::Text(_), Value::Int(times)) | (Value::Int(times), text @ Value::Text(_)) => {
            let times = usize::try_from(*times).unwrap_or(0);
            match text.as_known_text() {
                Some(text) if text.len().saturating_mul(times) < LONGEST => {
                    Value::text(text.repeat(times))
                }
                _ => computed(),
            }
        }
        _ => computed(),
    }
}

fn join<'a>(left: &Value<'a>, right: &Value<'a>) -> Value<'a> {
    match (left, right) {
        (Value::Dict(a), Value::Dict(b)) => {
            let pairs: Vec<Value<'a>> = a
                .iter()
                .chain(b.iter())
                .map(|(k, v)| Value::tuple(vec![k.clone(), v.clone()]))
                .collect();
            super::expression::from_pairs(&pairs)
        }
        (Value::Set(a), Value::Set(b)) => {
            let all = a.iter().chain(b.iter()).cloned().collect();
            Value::Set(Rc::new(super::expression::distinct(all)))
        }
        _ => computed(),
    }
}

/// `holder[key]`.
pub(super) fn item<'a>(holder: &Value<'a>, key: &Value<'a>) -> Value<'a> {
    let missing = || Value::unknown("it is an item that is not known");
    match (holder, key) {
        (Value::List(all) | Value::Tuple(all), Value::Int(at)) => place(all.len(), *at)
            .and_then(|at| all.get(at).cloned())
            .unwrap_or_else(missing),
        (Value::Dict(all), key) if key.is_known() => all
            .iter()
            .find(|(known, _)| known == key)
            .map_or_else(missing, |(_, value)| value.clone()),
        (Value::Text(_), Value::Int(at)) => {
            let Some(text) = holder.as_known_text() else {
                return missing();
            };
            let all: Vec<char> = text.chars().collect();
            place(all.len(), *at)
                .and_then(|at| all.get(at))
                .map_or_else(missing, |c| Value::text(c.to_string()))
        }
        (Value::Class(class), Value::Text(name)) => {
            super::attribute::of(&Value::Class(class.clone()), name)
        }
        (Value::Item(_), Value::Text(name)) => super::attribute::of(holder, name),
        (Value::Path(_), _) => holder.clone(),
        (Value::Handle(_), _) => Value::Handle(super::Handle::Answer),
        (Value::Unknown(_), _) => Value::unknown(holder.why()),
        _ => missing(),
    }
}

fn place(length: usize, at: i64) -> Option<usize> {
    if at < 0 {
        length.checked_sub(usize::try_from(at.unsigned_abs()).ok()?)
    } else {
        usize::try_from(at).ok()
    }
}

/// `holder[from:to]`.
pub(super) fn slice<'a>(holder: &Value<'a>, from: Option<i64>, to: Option<i64>) -> Value<'a> {
    let range = |length: usize| {
        let clamp = |at: i64| match place(length, at) {
            Some(at) => at.min(length),
            None => 0,
        };
        let from = from.map_or(0, clamp);
        (from, to.map_or(length, clamp).max(from))
    };
    match holder {
        Value::List(all) => {
            let (from, to) = range(all.len());
            Value::list(all[from..to].to_vec())
        }
        Value::Tuple(all) => {
            let (from, to) = range(all.len());
            Value::tuple(all[from..to].to_vec())
        }
        Value::Text(_) => match holder.as_known_text() {
            Some(text) => {
                let all: Vec<char> = text.chars().collect();
                let (from, to) = range(all.len());
                Value::text(all[from..to].iter().collect::<String>())
            }
            None => Value::unknown(holder.why()),
        },
        _ => Value::unknown(holder.why()),
    }
}

/// Whether a value is in another.
pub(super) fn contains<'a>(holder: &Value<'a>, wanted: &Value<'a>) -> Option<bool> {
    match holder {
        Value::List(all) | Value::Tuple(all) | Value::Set(all) => any_equals(all.iter(), wanted),
        Value::Dict(all) => any_equals(all.iter().map(|(key, _)| key), wanted),
        Value::Text(_) => Some(holder.as_known_text()?.contains(wanted.as_known_text()?)),
        _ => None,
    }
}

fn any_equals<'v, 'a: 'v>(
    values: impl Iterator<Item = &'v Value<'a>>,
    wanted: &Value<'a>,
) -> Option<bool> {
    let mut in_doubt = false;
    for value in values {
        match value.equals(wanted) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => in_doubt = true,
        }
    }
    (!in_doubt).then_some(false)
}

/// Which of two values is the smaller one.
pub(super) fn order<'a>(left: &Value<'a>, right: &Value<'a>) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Text(_), Value::Text(_)) => Some(left.as_known_text()?.cmp(right.as_known_text()?)),
        (Value::Tuple(a), Value::Tuple(b)) | (Value::List(a), Value::List(b)) => {
            for (a, b) in a.iter().zip(b.iter()) {
                match order(a, b)? {
                    Ordering::Equal => {}
                    decided => return Some(decided),
                }
            }
            Some(a.len().cmp(&b.len()))
        }
        _ => None,
    }
}

/// A number as Python writes it.
pub(super) fn float_text(number: f64) -> String {
    let text = format!("{number:?}");
    let is_plain = !text.contains('e') && !text.contains("inf") && !text.contains("NaN");
    if is_plain && number.abs() < 1e16 && (number == 0.0 || number.abs() >= 1e-4) {
        text
    } else {
        STAND_IN.to_owned()
    }
}
