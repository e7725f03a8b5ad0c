//! Methods of strings, lists, sets and dictionaries.

use std::rc::Rc;

use ruff_python_ast::Expr;

use super::Arguments;
use super::format;
use super::machine::Machine;
use super::value::{STAND_IN, Value};

impl<'a> Machine<'a> {
    /// A method of a value that Python itself has.
    pub(super) fn call_plain_method(
        &mut self,
        owner: &Value<'a>,
        name: &str,
        arguments: &Arguments<'a>,
        written: Option<&'a Expr>,
    ) -> Value<'a> {
        match owner {
            Value::Text(text) if name == "format" && !arguments.open => {
                format::braces(text, arguments)
            }
            Value::Text(text) if name == "join" => join(text, arguments),
            Value::Text(_) => text_method(owner, name, arguments),
            Value::Dict(all) => self.dict_method(owner, all, name, arguments, written),
            Value::List(_) | Value::Set(_) => self.list_method(owner, name, arguments, written),
            _ => Value::unknown("it is the result of a call"),
        }
    }

    fn list_method(
        &mut self,
        owner: &Value<'a>,
        name: &str,
        arguments: &Arguments<'a>,
        written: Option<&'a Expr>,
    ) -> Value<'a> {
        let is_set = matches!(owner, Value::Set(_));
        let mut values = owner.elements().unwrap_or_default().to_vec();
        let only = arguments.only();
        let more = only.and_then(Value::iterate);
        let result = match (name, only, more) {
            ("copy", None, _) => return owner.clone(),
            ("append" | "add", Some(value), _) => {
                if !is_set || !values.contains(value) {
                    values.push(value.clone());
                }
                Some(values)
            }
            ("extend" | "update", _, Some(more)) => {
                values.extend(more);
                Some(values)
            }
            ("reverse", None, _) => {
                values.reverse();
                Some(values)
            }
            ("clear", None, _) => Some(Vec::new()),
            ("index" | "count" | "union" | "intersection" | "difference" | "issubset", ..) => {
                return Value::unknown("it is computed");
            }
            _ => None,
        };
        let changed = match result {
            Some(values) if is_set => Value::Set(Rc::new(super::expression::distinct(values))),
            Some(values) => Value::list(values),
            None => Value::unknown("it is changed in a way that is not followed"),
        };
        if let Some(written) = written {
            self.replace(written, owner, changed);
        }
        Value::None
    }

    fn dict_method(
        &mut self,
        owner: &Value<'a>,
        all: &Rc<Vec<(Value<'a>, Value<'a>)>>,
        name: &str,
        arguments: &Arguments<'a>,
        written: Option<&'a Expr>,
    ) -> Value<'a> {
        let positional = &*arguments.positional;
        match (name, positional) {
            ("items", []) => {
                let pairs = all
                    .iter()
                    .map(|(k, v)| Value::tuple(vec![k.clone(), v.clone()]));
                Value::list(pairs.collect())
            }
            ("keys", []) => Value::list(all.iter().map(|(key, _)| key.clone()).collect()),
            ("values", []) => Value::list(all.iter().map(|(_, value)| value.clone()).collect()),
            ("copy", []) => owner.clone(),
            ("get", [key, ..]) if key.is_known() => {
                let found = all.iter().find(|(known, _)| known == key);
                match found {
                    Some((_, value)) => value.clone(),
                    None => positional.get(1).cloned().unwrap_or(Value::None),
                }
            }
            ("get", _) => Value::unknown("it is an item that is not known"),
            ("update", _) => {
                let mut pairs: Vec<Value<'a>> = all
                    .iter()
                    .map(|(k, v)| Value::tuple(vec![k.clone(), v.clone()]))
                    .collect();
                let changed = match self.call_builtin("dict", arguments) {
                    Value::Dict(more) => {
                        pairs.extend(
                            more.iter()
                                .map(|(k, v)| Value::tuple(vec![k.clone(), v.clone()])),
                        );
                        super::expression::from_pairs(&pairs)
                    }
                    other => Value::unknown(other.why()),
                };
                if let Some(written) = written {
                    self.replace(written, owner, changed);
                }
                Value::None
            }
            _ => {
                if let Some(written) = written {
                    let changed = Value::unknown("it is changed in a way that is not followed");
                    self.replace(written, owner, changed);
                }
                Value::unknown("it is an item that is not known")
            }
        }
    }
}

/// `separator.join(…)`.
fn join<'a>(separator: &str, arguments: &Arguments<'a>) -> Value<'a> {
    let Some(values) = arguments.only().and_then(Value::iterate) else {
        return Value::text(STAND_IN);
    };
    let parts: Vec<&str> = values
        .iter()
        .map(|value| match value {
            Value::Text(text) => text,
            _ => STAND_IN,
        })
        .collect();
    Value::text(parts.join(separator))
}

/// Methods of strings; of one that is not wholly known only those that keep its parts.
fn text_method<'a>(owner: &Value<'a>, name: &str, arguments: &Arguments<'a>) -> Value<'a> {
    let Value::Text(whole) = owner else {
        return Value::unknown("it is no string");
    };
    let known: Option<Vec<&str>> = arguments
        .positional
        .iter()
        .map(Value::as_known_text)
        .collect();
    let strip = |side: &dyn Fn(&str) -> String| Value::text(side(whole));
    match (name, known.as_deref()) {
        ("strip", Some([])) => return strip(&|text| text.trim().to_owned()),
        ("lstrip", Some([])) => return strip(&|text| text.trim_start().to_owned()),
        ("rstrip", Some([])) => return strip(&|text| text.trim_end().to_owned()),
        ("strip", Some([set])) => {
            return Value::text(whole.trim_matches(|c| set.contains(c)));
        }
        ("rstrip", Some([set])) => {
            return Value::text(whole.trim_end_matches(|c| set.contains(c)));
        }
        ("replace", Some([from, to])) if !from.is_empty() => {
            return Value::text(whole.replace(from, to));
        }
        _ => {}
    }
    let Some(text) = owner.as_known_text() else {
        let stays_text = arguments.positional.is_empty() && name != "split";
        return if stays_text {
            Value::text(STAND_IN)
        } else {
            Value::unknown(owner.why())
        };
    };
    match (name, known.as_deref()) {
        ("upper", Some([])) => Value::text(text.to_uppercase()),
        ("lower", Some([])) => Value::text(text.to_lowercase()),
        ("split", Some([])) => Value::list(text.split_whitespace().map(Value::text).collect()),
        ("split", Some([at])) if !at.is_empty() => {
            Value::list(text.split(at).map(Value::text).collect())
        }
        ("splitlines", Some([])) => Value::list(text.lines().map(Value::text).collect()),
        ("startswith", Some([start])) => Value::Bool(text.starts_with(start)),
        ("endswith", Some([end])) => Value::Bool(text.ends_with(end)),
        ("removeprefix", Some([start])) => Value::text(text.strip_prefix(start).unwrap_or(text)),
        ("removesuffix", Some([end])) => Value::text(text.strip_suffix(end).unwrap_or(text)),
        _ => Value::unknown("it is the result of a call"),
    }
}

/// `textwrap.dedent(text)`.
pub(super) fn dedent(text: &str) -> String {
    let is_blank = |line: &str| line.trim().is_empty();
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let margin = text
        .lines()
        .filter(|line| !is_blank(line))
        .map(|line| &line[..indent(line)])
        .reduce(|common, line| {
            let same = common
                .bytes()
                .zip(line.bytes())
                .take_while(|(a, b)| a == b)
                .count();
            &common[..same]
        })
        .unwrap_or_default();
    let lines = text.split('\n').map(|line| {
        if is_blank(line) {
            ""
        } else {
            line.strip_prefix(margin).unwrap_or(line)
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}
