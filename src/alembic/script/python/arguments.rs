//! Arguments of a call, as Python hands them to parameters.

use std::rc::Rc;

use super::value::Value;

/// What a call passes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Arguments<'a> {
    pub(in super::super) positional: Vec<Value<'a>>,
    pub(in super::super) named: Vec<(Rc<str>, Value<'a>)>,
    /// Whether it passes more, through a `*` or `**` that is not known.
    pub(in super::super) open: bool,
}

impl<'a> Arguments<'a> {
    /// Hands positional arguments to these parameters, in order.
    pub(in super::super) fn bind(self, parameters: &'static [&'static str]) -> Bound<'a> {
        let mut taken: Vec<(Rc<str>, Value<'a>)> = Vec::with_capacity(parameters.len());
        let mut rest = Vec::new();
        for (at, value) in self.positional.into_iter().enumerate() {
            match parameters.get(at) {
                Some(name) => taken.push(((*name).into(), value)),
                None => rest.push(value),
            }
        }
        taken.extend(self.named);
        Bound {
            taken,
            rest,
            open: self.open,
        }
    }

    /// Whether something that leads to the database is among them.
    pub(in super::super) fn reach_database(&self) -> bool {
        let named = self.named.iter().map(|(_, value)| value);
        self.positional
            .iter()
            .chain(named)
            .any(Value::reaches_database)
    }

    /// The only argument of a call that takes one.
    pub(in super::super) fn only(&self) -> Option<&Value<'a>> {
        match (&*self.positional, &*self.named) {
            ([only], []) if !self.open => Some(only),
            _ => None,
        }
    }

    /// Whether nothing is passed.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.positional.is_empty() && self.named.is_empty() && !self.open
    }
}

/// Arguments by parameter. What is taken out is understood; what is left over is not.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Bound<'a> {
    taken: Vec<(Rc<str>, Value<'a>)>,
    /// Positional arguments after the last parameter.
    pub(in super::super) rest: Vec<Value<'a>>,
    /// Whether more may have been passed.
    pub(in super::super) open: bool,
}

impl<'a> Bound<'a> {
    /// Takes an argument out.
    pub(in super::super) fn take(&mut self, name: &str) -> Option<Value<'a>> {
        let at = self.taken.iter().position(|(taken, _)| &**taken == name)?;
        Some(self.taken.remove(at).1)
    }

    /// Takes an argument out, and counts `None` as none.
    pub(in super::super) fn take_some(&mut self, name: &str) -> Option<Value<'a>> {
        self.take(name).filter(|value| *value != Value::None)
    }

    /// Takes a flag out; `Err` when it is not known.
    pub(in super::super) fn flag(&mut self, name: &str) -> Result<Option<bool>, String> {
        match self.take_some(name) {
            None => Ok(None),
            Some(value) => match value.truth() {
                Some(truth) => Ok(Some(truth)),
                None => Err(format!("`{name}` is not known: {}", value.why())),
            },
        }
    }

    /// Takes arguments out that change nothing in the statement.
    pub(in super::super) fn ignore(&mut self, names: &[&str]) {
        self.taken.retain(|(taken, _)| !names.contains(&&**taken));
    }

    /// Takes arguments out that are for other databases, or only for Python.
    pub(in super::super) fn ignore_other_dialects(&mut self) {
        const OTHERS: &[&str] = &["mysql_", "mariadb_", "sqlite_", "mssql_", "oracle_"];
        self.taken
            .retain(|(taken, _)| !OTHERS.iter().any(|other| taken.starts_with(other)));
    }

    /// Whether something was passed that nobody has taken.
    pub(in super::super) fn has_more(&self) -> bool {
        self.open || !self.taken.is_empty()
    }

    /// Names of the arguments that nobody has taken.
    pub(in super::super) fn into_named(self) -> Vec<(Rc<str>, Value<'a>)> {
        self.taken
    }
}
