//! Python's built-in functions.

use std::rc::Rc;

use super::Arguments;
use super::machine::Machine;
use super::value::{STAND_IN, Value};
use super::{expression, format};

const NAMES: &[&str] = &[
    "abs",
    "all",
    "any",
    "bool",
    "bytes",
    "callable",
    "chr",
    "dict",
    "enumerate",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "hasattr",
    "hash",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "map",
    "max",
    "min",
    "next",
    "object",
    "open",
    "ord",
    "print",
    "property",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
    "Exception",
    "RuntimeError",
    "ValueError",
    "NotImplementedError",
    "KeyError",
    "TypeError",
    "AssertionError",
    "ImportError",
    "AttributeError",
    "NotImplemented",
    "locals",
    "globals",
    "exec",
    "eval",
];

/// Whether a name is built in.
pub(super) fn is_builtin(name: &str) -> bool {
    NAMES.contains(&name)
}

fn computed<'a>() -> Value<'a> {
    Value::unknown("it is computed")
}

impl<'a> Machine<'a> {
    pub(super) fn call_builtin(&mut self, name: &str, arguments: &Arguments<'a>) -> Value<'a> {
        if arguments.open {
            return computed();
        }
        let all = &*arguments.positional;
        match (name, all) {
            ("dict", _) => make_dict(arguments),
            ("list", [] | [_]) => collect(all, Value::list),
            ("tuple", [] | [_]) => collect(all, Value::tuple),
            ("set" | "frozenset", [] | [_]) => collect(all, |values| {
                Value::Set(Rc::new(expression::distinct(values)))
            }),
            ("str", [value]) => format::as_text(value),
            ("repr", [value]) => format::repr(value),
            ("bool", [value]) => value.truth().map_or_else(computed, Value::Bool),
            ("len", [value]) => length(value),
            ("int", [Value::Int(number)]) => Value::Int(*number),
            ("int", [text @ Value::Text(_)]) => text
                .as_known_text()
                .and_then(|text| text.trim().parse().ok())
                .map_or_else(computed, Value::Int),
            ("range", _) => range(all),
            ("enumerate", [over] | [over, Value::Int(_)]) => enumerate(over, arguments),
            ("zip", _) => zip(all),
            ("reversed", [over]) => {
                let values = over.iterate();
                values.map_or_else(computed, |values| {
                    Value::list(values.into_iter().rev().collect())
                })
            }
            ("sorted", [over]) if arguments.named.is_empty() => sorted(over),
            ("map", [function, over]) => self.map(function, over),
            ("any" | "all", [over]) => quantify(name == "any", over),
            ("getattr", [owner, Value::Text(attribute), ..]) if !attribute.contains(STAND_IN) => {
                super::attribute::of(owner, attribute)
            }
            _ => computed(),
        }
    }

    fn map(&mut self, function: &Value<'a>, over: &Value<'a>) -> Value<'a> {
        let (Value::Lambda(lambda), Some(values)) = (function, over.iterate()) else {
            return match (function, over.iterate()) {
                (Value::Path(path), Some(values)) if &**path == "builtins.str" => {
                    Value::list(values.iter().map(format::as_text).collect())
                }
                _ => computed(),
            };
        };
        let one = |value| Arguments {
            positional: vec![value],
            ..Arguments::default()
        };
        let all = values
            .into_iter()
            .map(|value| self.call_lambda(lambda, one(value)));
        Value::list(all.collect())
    }
}

fn collect<'a>(all: &[Value<'a>], make: impl Fn(Vec<Value<'a>>) -> Value<'a>) -> Value<'a> {
    match all {
        [only] => match only.iterate() {
            Some(values) => make(values),
            None => Value::unknown(only.why()),
        },
        _ => make(Vec::new()),
    }
}

fn make_dict<'a>(arguments: &Arguments<'a>) -> Value<'a> {
    let mut pairs = Vec::new();
    match &*arguments.positional {
        [] => {}
        [Value::Dict(all)] => pairs.extend(
            all.iter()
                .map(|(key, value)| Value::tuple(vec![key.clone(), value.clone()])),
        ),
        [over] => match over.iterate() {
            Some(values) => pairs.extend(values),
            None => return Value::unknown(over.why()),
        },
        _ => return computed(),
    }
    let named = arguments.named.iter();
    pairs.extend(named.map(|(name, value)| Value::tuple(vec![Value::text(name), value.clone()])));
    expression::from_pairs(&pairs)
}

fn enumerate<'a>(over: &Value<'a>, arguments: &Arguments<'a>) -> Value<'a> {
    let named = arguments.named.first().map(|(_, value)| value);
    let start = arguments.positional.get(1).or(named);
    let start = match start {
        None => 0,
        Some(Value::Int(start)) => *start,
        Some(_) => return computed(),
    };
    let values = over.iterate();
    values.map_or_else(computed, |values| {
        let pairs = (start..).zip(values);
        Value::list(
            pairs
                .map(|(at, value)| Value::tuple(vec![Value::Int(at), value]))
                .collect(),
        )
    })
}

fn zip<'a>(all: &[Value<'a>]) -> Value<'a> {
    let columns: Option<Vec<Vec<Value<'a>>>> = all.iter().map(Value::iterate).collect();
    let Some(columns) = columns else {
        return computed();
    };
    let shortest = columns.iter().map(Vec::len).min().unwrap_or(0);
    let row = |at: usize| Value::tuple(columns.iter().map(|column| column[at].clone()).collect());
    Value::list((0..shortest).map(row).collect())
}

fn sorted<'a>(over: &Value<'a>) -> Value<'a> {
    let Some(mut values) = over
        .iterate()
        .filter(|values| values.iter().all(Value::is_known))
    else {
        return computed();
    };
    let mut can_be_ordered = true;
    values.sort_by(|a, b| {
        super::compute::order(a, b).unwrap_or_else(|| {
            can_be_ordered = false;
            std::cmp::Ordering::Equal
        })
    });
    if can_be_ordered {
        Value::list(values)
    } else {
        computed()
    }
}

fn quantify<'a>(is_any: bool, over: &Value<'a>) -> Value<'a> {
    let Some(values) = over.iterate() else {
        return computed();
    };
    let truths: Option<Vec<bool>> = values.iter().map(Value::truth).collect();
    truths.map_or_else(computed, |truths| {
        Value::Bool(if is_any {
            truths.contains(&true)
        } else {
            !truths.contains(&false)
        })
    })
}

fn length<'a>(value: &Value<'a>) -> Value<'a> {
    let length = match value {
        Value::List(all) | Value::Tuple(all) | Value::Set(all) => Some(all.len()),
        Value::Dict(all) => Some(all.len()),
        Value::Text(_) => value.as_known_text().map(|text| text.chars().count()),
        _ => None,
    };
    length
        .and_then(|length| i64::try_from(length).ok())
        .map_or_else(computed, Value::Int)
}

fn range<'a>(all: &[Value<'a>]) -> Value<'a> {
    let numbers: Option<Vec<i64>> = all
        .iter()
        .map(|value| match value {
            Value::Int(number) => Some(*number),
            _ => None,
        })
        .collect();
    let (from, to, step) = match numbers.as_deref() {
        Some([to]) => (0, *to, 1),
        Some([from, to]) => (*from, *to, 1),
        Some([from, to, step]) if *step > 0 => (*from, *to, *step),
        _ => return computed(),
    };
    if to.saturating_sub(from) / step > 100_000 {
        return Value::unknown("it is too long to be followed");
    }
    let step = usize::try_from(step).unwrap_or(1);
    Value::list((from..to).step_by(step).map(Value::Int).collect())
}
