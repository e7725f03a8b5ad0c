//! `[operations.NAME]`.

use std::collections::BTreeMap;

use crate::domain::operation::{Operation, Param, ParamKind, Risk};

use super::builtin;
use super::reader::{Problems, Section, nearest, required};

const RISKS: &[(&str, Risk)] = &[
    ("read", Risk::Read),
    ("change", Risk::Change),
    ("destructive", Risk::Destructive),
];
const KINDS: &[(&str, ParamKind)] = &[
    ("revision", ParamKind::Revision),
    ("range", ParamKind::Range),
    ("text", ParamKind::Text),
    ("integer", ParamKind::Integer),
    ("boolean", ParamKind::Boolean),
];

/// The built-in operations, and those of the file over them.
pub(super) fn read(
    section: Option<Section<'_>>,
    problems: &mut Problems<'_>,
) -> BTreeMap<String, Operation> {
    let mut operations = built_in();
    for (name, section) in section.map(|s| s.sections(problems)).unwrap_or_default() {
        let base = operations.get(name).cloned();
        if let Some(operation) = operation(name, &section, base.as_ref(), problems) {
            operations.insert(name.to_owned(), operation);
        }
    }
    operations
}

fn built_in() -> BTreeMap<String, Operation> {
    let Ok(root) = toml::de::DeTable::parse(builtin::OPERATIONS) else {
        return BTreeMap::new();
    };
    let mut problems = Problems::new(builtin::OPERATIONS, "builtin.toml");
    let section = Section::root(&root).section("operations", &mut problems);
    let sections = section
        .map(|s| s.sections(&mut problems))
        .unwrap_or_default();
    let named = |(name, section): &(&str, Section<'_>)| {
        Some((
            (*name).to_owned(),
            operation(name, section, None, &mut problems)?,
        ))
    };
    sections.iter().filter_map(named).collect()
}

/// One operation; what it leaves out it takes from the built-in one of the same name.
fn operation(
    name: &str,
    section: &Section<'_>,
    base: Option<&Operation>,
    problems: &mut Problems<'_>,
) -> Option<Operation> {
    section.known(&["args", "params", "risk"], problems);
    let args = match (section.value("args"), base) {
        (None, Some(base)) => Some(base.args.clone()),
        _ => args(section, problems),
    };
    let risk = match (section.value("risk"), base) {
        (Some(_), _) => section.word("risk", RISKS, problems),
        (None, Some(base)) => Some(base.risk),
        (None, None) => {
            section.wrong("risk", "said: `read`, `change` or `destructive`", problems);
            None
        }
    };
    let params = match (section.value("params"), base) {
        (None, Some(base)) => base.params.clone(),
        _ => params(section, problems),
    };
    let operation = Operation {
        name: name.to_owned(),
        args: args?,
        params,
        risk: risk?,
    };
    check_placeholders(&operation, section, problems);
    Some(operation)
}

fn args(section: &Section<'_>, problems: &mut Problems<'_>) -> Option<Vec<String>> {
    let args = required(section, "args", problems, |s, p| s.texts("args", p))?;
    if args.is_empty() {
        section.wrong("args", "a list of at least one text", problems);
        return None;
    }
    Some(args)
}

fn params(section: &Section<'_>, problems: &mut Problems<'_>) -> BTreeMap<String, Param> {
    let Some(params) = section.section("params", problems) else {
        return BTreeMap::new();
    };
    let mut out = BTreeMap::new();
    for (name, section) in params.sections(problems) {
        section.known(&["kind", "default"], problems);
        let default = section
            .value("default")
            .and_then(|_| section.scalar("default", problems));
        let kind = required(&section, "kind", problems, |s, p| s.word("kind", KINDS, p));
        // A type that is missing has been told already; its placeholder is none the worse.
        let param = Param {
            kind: kind.unwrap_or(ParamKind::Text),
            default,
        };
        if kind.is_some() {
            check_default(name, &param, &section, problems);
        }
        out.insert(name.to_owned(), param);
    }
    out
}

/// A default is held to the same type as a value that is given.
fn check_default(name: &str, param: &Param, section: &Section<'_>, problems: &mut Problems<'_>) {
    if param.default.is_none() {
        return;
    }
    let alone = Operation {
        name: String::new(),
        args: Vec::new(),
        params: [(name.to_owned(), param.clone())].into(),
        risk: Risk::Read,
    };
    if let Err(error) = alone.values(&BTreeMap::new()) {
        let message = format!("`{}`: {error}", section.path("default"));
        problems.add(Some(section.place("default")), message, String::new());
    }
}

/// A placeholder without a parameter would reach the job as it is written.
fn check_placeholders(operation: &Operation, section: &Section<'_>, problems: &mut Problems<'_>) {
    let known: Vec<_> = operation.params.keys().map(String::as_str).collect();
    for name in operation.args.iter().flat_map(|arg| placeholders(arg)) {
        if !operation.params.contains_key(name) {
            problems.add(
                Some(section.place("args")),
                format!(
                    "`{{{name}}}` in `{}` has no parameter",
                    section.path("args")
                ),
                nearest(name, &known),
            );
        }
    }
}

fn placeholders(arg: &str) -> Vec<&str> {
    arg.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .collect()
}
