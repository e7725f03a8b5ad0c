//! Putting values into strings: f-strings, `%` and `format`.

use super::STAND_IN;
use super::value::Value;

/// `str(value)`.
pub(super) fn as_text<'a>(value: &Value<'a>) -> Value<'a> {
    match shown(value) {
        Some(text) => Value::text(text),
        None => Value::unknown(value.why()),
    }
}

fn shown(value: &Value<'_>) -> Option<String> {
    Some(match value {
        Value::Text(text) => text.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::None => "None".to_owned(),
        Value::List(_) | Value::Tuple(_) => return python_repr(value),
        _ => return None,
    })
}

/// `repr(value)`.
pub(super) fn repr<'a>(value: &Value<'a>) -> Value<'a> {
    match python_repr(value) {
        Some(text) => Value::text(text),
        None => Value::unknown(value.why()),
    }
}

fn python_repr(value: &Value<'_>) -> Option<String> {
    let inner =
        |all: &[Value<'_>]| -> Option<Vec<String>> { all.iter().map(python_repr).collect() };
    Some(match value {
        Value::Text(text) => {
            let is_plain = |c: char| !c.is_control() && c != '\\';
            if !text.chars().all(is_plain) || text.contains(STAND_IN) {
                return None;
            }
            match (text.contains('\''), text.contains('"')) {
                (true, false) => format!("\"{text}\""),
                (true, true) => format!("'{}'", text.replace('\'', "\\'")),
                (false, _) => format!("'{text}'"),
            }
        }
        Value::List(all) => format!("[{}]", inner(all)?.join(", ")),
        Value::Tuple(all) if all.len() == 1 => format!("({},)", inner(all)?.join("")),
        Value::Tuple(all) => format!("({})", inner(all)?.join(", ")),
        Value::Item(_) => return None,
        other => return shown(other),
    })
}

/// A value in an f-string or in `format`; what is not known becomes a stand-in.
pub(super) fn formatted(value: &Value<'_>, spec: &str) -> String {
    let Some(text) = shown(value) else {
        return STAND_IN.to_owned();
    };
    if spec.is_empty() || (spec == "s" && matches!(value, Value::Text(_))) {
        return text;
    }
    match value {
        Value::Int(number) => padded(*number, spec).unwrap_or_else(|| STAND_IN.to_owned()),
        _ => STAND_IN.to_owned(),
    }
}

/// `{:d}`, `{:3}` and `{:03}`.
fn padded(number: i64, spec: &str) -> Option<String> {
    let spec = spec.strip_suffix('d').unwrap_or(spec);
    if spec.is_empty() {
        return Some(number.to_string());
    }
    let width: usize = spec.parse().ok().filter(|width| *width < 1_000)?;
    Some(if spec.starts_with('0') {
        format!("{number:0width$}")
    } else {
        format!("{number:width$}")
    })
}

/// `template % values`.
pub(super) fn percent<'a>(template: &str, values: &Value<'a>) -> Value<'a> {
    let mut positional = match values {
        Value::Tuple(all) => all.to_vec(),
        single => vec![single.clone()],
    }
    .into_iter();
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let value = if let Some(inner) = rest.strip_prefix('(') {
            let Some((key, after)) = inner.split_once(')') else {
                return Value::unknown("it is formatted in a way that fails");
            };
            rest = after;
            Some(super::compute::item(values, &Value::text(key)))
        } else {
            positional.next()
        };
        let (Some(value), Some(kind)) = (value, rest.chars().next()) else {
            return Value::unknown("it is formatted in a way that fails");
        };
        rest = &rest[kind.len_utf8()..];
        out.push_str(&match kind {
            's' => formatted(&value, ""),
            'd' if matches!(value, Value::Int(_)) => formatted(&value, ""),
            'r' => formatted(&repr(&value), ""),
            _ => return Value::unknown("it is formatted in a way that is not followed"),
        });
    }
    out.push_str(rest);
    Value::text(out)
}

/// `template.format(…)`.
pub(super) fn braces<'a>(template: &str, arguments: &super::Arguments<'a>) -> Value<'a> {
    let mut out = String::new();
    let mut rest = template;
    let mut next = 0;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if rest.starts_with(brace) {
            out.push_str(brace);
            rest = &rest[1..];
            continue;
        }
        let Some((field, after)) = rest.split_once('}').filter(|_| brace == "{") else {
            return Value::unknown("it is formatted in a way that fails");
        };
        rest = after;
        let (field, spec) = field.split_once(':').unwrap_or((field, ""));
        let (field, is_repr) = match field.split_once('!') {
            Some((field, "r")) => (field, true),
            Some((field, _)) => (field, false),
            None => (field, false),
        };
        let value = field_value(field, &mut next, arguments);
        let value = if is_repr { repr(&value) } else { value };
        out.push_str(&formatted(&value, spec));
    }
    out.push_str(rest);
    Value::text(out)
}

/// The value of `{}`, `{0}`, `{name}`, `{name.attribute}` or `{name[item]}`.
fn field_value<'a>(field: &str, next: &mut usize, arguments: &super::Arguments<'a>) -> Value<'a> {
    let end = field.find(['.', '[']).unwrap_or(field.len());
    let (name, path) = field.split_at(end);
    let missing = || Value::unknown("it is formatted with what is not known");
    let positional = |at: usize| {
        arguments
            .positional
            .get(at)
            .cloned()
            .unwrap_or_else(missing)
    };
    let value = if name.is_empty() {
        *next += 1;
        positional(*next - 1)
    } else if let Ok(at) = name.parse::<usize>() {
        positional(at)
    } else {
        let named = arguments.named.iter().find(|(known, _)| &**known == name);
        named.map_or_else(missing, |(_, value)| value.clone())
    };
    if let Some(attribute) = path.strip_prefix('.') {
        return super::attribute::of(&value, attribute);
    }
    match path
        .strip_prefix('[')
        .and_then(|path| path.strip_suffix(']'))
    {
        Some(key) => {
            let key = key.parse().map_or_else(|_| Value::text(key), Value::Int);
            super::compute::item(&value, &key)
        }
        None if path.is_empty() => value,
        None => missing(),
    }
}
