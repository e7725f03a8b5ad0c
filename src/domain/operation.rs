//! Operations: named verbs with typed parameters that become a job run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::environment::Tier;

/// What an operation may do to a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// It only looks.
    Read,
    /// It changes something that can be changed back.
    Change,
    /// It may destroy data, or hide what happened.
    Destructive,
}

impl Risk {
    /// The word for it, as in config and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Change => "change",
            Self::Destructive => "destructive",
        }
    }

    /// The risk of arguments that were declared with this one: it belongs to the verb, so a config can
    /// make more of it and never less. What only renders SQL (`--sql`) does nothing.
    #[must_use]
    pub fn at_least_of(self, args: &[String]) -> Self {
        if args.iter().any(|arg| arg == "--sql") {
            return self;
        }
        let says = |verb: &str| args.iter().any(|arg| words(arg).any(|word| word == verb));
        if ["stamp", "downgrade", "--purge"].into_iter().any(says) {
            self.max(Self::Destructive)
        } else if says("upgrade") {
            self.max(Self::Change)
        } else {
            self
        }
    }

    /// The tier whose policy gates this risk in an environment: a destructive act
    /// stands one tier higher than a change.
    pub fn gated_as(self, tier: Tier) -> Tier {
        match self {
            Self::Destructive => tier.higher(),
            Self::Read | Self::Change => tier,
        }
    }
}

/// The words of an argument, also of one that a shell takes apart.
fn words(arg: &str) -> impl Iterator<Item = &str> {
    arg.split(|c: char| c.is_whitespace() || ";&|()\"'`$".contains(c))
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParamKind {
    /// An Alembic revision, or what names one: `head`, `+1`, `ae10`.
    Revision,
    /// A range of revisions, `A:B`.
    Range,
    /// Any text without control characters.
    Text,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
}

/// A typed parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Param {
    /// Its type.
    pub kind: ParamKind,
    /// The value when none is given; without one the parameter must be set.
    pub default: Option<String>,
}

/// A named verb that becomes a job run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// Arguments of the container, with `{param}` placeholders.
    pub args: Vec<String>,
    /// Its parameters.
    pub params: BTreeMap<String, Param>,
    /// What it may do.
    pub risk: Risk,
}

/// Why an operation cannot become arguments.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// A parameter was given that it does not have.
    #[error("operation `{operation}` has no parameter `{param}`; it has {known}")]
    UnknownParam {
        /// The operation.
        operation: String,
        /// What was given.
        param: String,
        /// What there is.
        known: String,
    },
    /// A parameter without default was not given.
    #[error("operation `{operation}` needs `--set {param}=…`")]
    MissingParam {
        /// The operation.
        operation: String,
        /// What is missing.
        param: String,
    },
    /// A value is not of its parameter's type.
    #[error("`{value}` is not a {kind} for parameter `{param}`")]
    BadValue {
        /// The parameter.
        param: String,
        /// What was given.
        value: String,
        /// What is expected.
        kind: &'static str,
    },
}

impl Operation {
    /// All parameters with a value: those given, else the defaults.
    pub fn values(
        &self,
        given: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, OperationError> {
        if let Some(param) = given.keys().find(|name| !self.params.contains_key(*name)) {
            let known = self.params.keys().cloned().collect::<Vec<_>>().join(", ");
            return Err(OperationError::UnknownParam {
                operation: self.name.clone(),
                param: param.clone(),
                known: if known.is_empty() {
                    "none".to_owned()
                } else {
                    known
                },
            });
        }
        self.params
            .iter()
            .map(|(name, param)| self.value(name, param, given))
            .collect()
    }

    fn value(
        &self,
        name: &str,
        param: &Param,
        given: &BTreeMap<String, String>,
    ) -> Result<(String, String), OperationError> {
        let value = given.get(name).or(param.default.as_ref()).ok_or_else(|| {
            OperationError::MissingParam {
                operation: self.name.clone(),
                param: name.to_owned(),
            }
        })?;
        if !param.kind.accepts(value) {
            return Err(OperationError::BadValue {
                param: name.to_owned(),
                value: value.clone(),
                kind: param.kind.word(),
            });
        }
        Ok((name.to_owned(), value.clone()))
    }

    /// The arguments with every placeholder filled in; one argument stays one argument.
    pub fn render(&self, values: &BTreeMap<String, String>) -> Vec<String> {
        self.args
            .iter()
            .map(|arg| render_arg(arg, values))
            .collect()
    }
}

impl ParamKind {
    fn word(self) -> &'static str {
        match self {
            Self::Revision => "revision",
            Self::Range => "range of revisions (A:B)",
            Self::Text => "plain text",
            Self::Integer => "whole number",
            Self::Boolean => "`true` or `false`",
        }
    }

    /// Whether a value is of this type. Nothing that begins with a dash is a
    /// revision unless it is a step back, so that a value cannot become an option.
    fn accepts(self, value: &str) -> bool {
        let plain = !value.is_empty() && !value.chars().any(char::is_control);
        match self {
            Self::Revision => plain && is_revision(value),
            Self::Range => {
                plain
                    && value
                        .split_once(':')
                        .is_some_and(|(a, b)| is_revision(a) && is_revision(b))
            }
            Self::Text => plain && !value.starts_with('-'),
            Self::Integer => value.parse::<i64>().is_ok(),
            Self::Boolean => matches!(value, "true" | "false"),
        }
    }
}

fn is_revision(value: &str) -> bool {
    let step_back = value
        .strip_prefix('-')
        .is_some_and(|n| n.parse::<u32>().is_ok());
    step_back
        || (!value.is_empty()
            && !value.starts_with('-')
            && value
                .chars()
                .all(|c| c.is_alphanumeric() || "_-.+@".contains(c)))
}

fn render_arg(arg: &str, values: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(arg.len());
    let mut rest = arg;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}').map(|at| open + at) else {
            break;
        };
        out.push_str(&rest[..open]);
        match values.get(&rest[open + 1..close]) {
            Some(value) => out.push_str(value),
            None => out.push_str(&rest[open..=close]),
        }
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upgrade() -> Operation {
        Operation {
            name: "upgrade".into(),
            args: ["python", "-m", "alembic", "upgrade", "{target}"]
                .map(String::from)
                .to_vec(),
            params: [(
                "target".into(),
                Param {
                    kind: ParamKind::Revision,
                    default: Some("head".into()),
                },
            )]
            .into(),
            risk: Risk::Change,
        }
    }

    #[test]
    fn defaults_fill_in_and_given_values_win() {
        let operation = upgrade();
        let values = operation.values(&BTreeMap::new()).unwrap();
        assert_eq!(operation.render(&values).last().unwrap(), "head");
        let given = [("target".to_owned(), "ae10+1".to_owned())].into();
        let values = operation.values(&given).unwrap();
        assert_eq!(operation.render(&values).last().unwrap(), "ae10+1");
    }

    #[test]
    fn a_value_cannot_become_an_option_or_a_second_argument() {
        for hostile in ["--sql", "-x", "head --sql", "a;b", "", "a\nb"] {
            let given = [("target".to_owned(), hostile.to_owned())].into();
            assert!(
                matches!(
                    upgrade().values(&given),
                    Err(OperationError::BadValue { .. })
                ),
                "{hostile}"
            );
        }
        assert!(
            upgrade()
                .values(&[("target".to_owned(), "-1".to_owned())].into())
                .is_ok()
        );
    }

    #[test]
    fn no_config_talks_a_verb_down() {
        let risk = |declared: Risk, line: &str| {
            let args: Vec<_> = line.split('|').map(str::to_owned).collect();
            declared.at_least_of(&args)
        };
        for destructive in [
            "alembic|stamp|head",
            "alembic|stamp|--purge|head",
            "alembic|downgrade|-1",
            "sh|-c|cd /app && alembic stamp head",
            "sh|-c|(alembic downgrade base)",
            "migrate|--purge",
        ] {
            for declared in [Risk::Read, Risk::Change, Risk::Destructive] {
                assert_eq!(
                    risk(declared, destructive),
                    Risk::Destructive,
                    "{destructive}"
                );
            }
        }
        assert_eq!(risk(Risk::Read, "alembic|upgrade|head"), Risk::Change);
        assert_eq!(
            risk(Risk::Destructive, "alembic|upgrade|head"),
            Risk::Destructive
        );
        // These say something else, or do nothing.
        for harmless in [
            "alembic|current",
            "alembic|upgrade|a:b|--sql",
            "python|tools/rubber_stamp.py",
            "alembic|history",
        ] {
            assert_eq!(risk(Risk::Read, harmless), Risk::Read, "{harmless}");
        }
    }

    #[test]
    fn a_value_that_looks_like_a_placeholder_is_not_filled_in_again() {
        let values = [
            ("a".to_owned(), "{b}".to_owned()),
            ("b".to_owned(), "x".to_owned()),
        ]
        .into();
        assert_eq!(render_arg("{a} {c} {", &values), "{b} {c} {");
    }
}
