//! `[operations.NAME]`.

use std::collections::BTreeMap;

use crate::domain::operation::{Operation, Param, ParamKind, Risk};

use super::builtin;
use super::reader::{Problems, Section, nearest};

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
        if let Some(operation) = operation(name, &section, problems) {
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
        Some(((*name).to_owned(), operation(name, section, &mut problems)?))
    };
    sections.iter().filter_map(named).collect()
}

fn operation(name: &str, section: &Section<'_>, problems: &mut Problems<'_>) -> Option<Operation> {
    section.known(&["args", "params", "risk"], problems);
    let args = section
        .texts("args", problems)
        .filter(|args| !args.is_empty());
    if args.is_none() {
        section.wrong("args", "a list of at least one text", problems);
    }
    let risk = if section.value("risk").is_some() {
        section.word("risk", RISKS, problems)
    } else {
        section.wrong("risk", "said: `read`, `change` or `destructive`", problems);
        None
    };
    let params = params(section, problems);
    let operation = Operation {
        name: name.to_owned(),
        args: args?,
        params,
        risk: risk?,
    };
    check_placeholders(&operation, section, problems);
    Some(operation)
}

fn params(section: &Section<'_>, problems: &mut Problems<'_>) -> BTreeMap<String, Param> {
    let Some(params) = section.section("params", problems) else {
        return BTreeMap::new();
    };
    let mut out = BTreeMap::new();
    for (name, param) in params.sections(problems) {
        param.known(&["kind", "default"], problems);
        if param.value("kind").is_none() {
            param.wrong("kind", "said", problems);
        }
        let default = param.text("default", problems);
        if let Some(kind) = param.word("kind", KINDS, problems) {
            out.insert(name.to_owned(), Param { kind, default });
        }
    }
    out
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
