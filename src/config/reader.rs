//! Reading a table of the file key by key, with the place of everything that is wrong.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, ConfigErrors};

/// Collects what is wrong.
pub(super) struct Problems<'t> {
    text: &'t str,
    file: &'t str,
    errors: Vec<ConfigError>,
}

impl<'t> Problems<'t> {
    pub(super) fn new(text: &'t str, file: &'t str) -> Self {
        Self {
            text,
            file,
            errors: Vec::new(),
        }
    }

    /// Notes something wrong at a place; without a place it is the start of the file.
    pub(super) fn add(&mut self, span: Option<Range<usize>>, message: String, hint: String) {
        let at = span.map_or(0, |span| span.start).min(self.text.len());
        let before = &self.text.as_bytes()[..at];
        let start = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |newline| newline + 1);
        let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
        let line = before.split(|b| *b == b'\n').count();
        self.errors.push(ConfigError {
            file: self.file.to_owned(),
            line,
            column,
            message,
            hint,
        });
    }

    /// The value, unless something was wrong.
    pub(super) fn finish<T>(self, value: T) -> Result<T, ConfigErrors> {
        if self.errors.is_empty() {
            Ok(value)
        } else {
            Err(self.into_errors())
        }
    }

    pub(super) fn into_errors(mut self) -> ConfigErrors {
        self.errors.sort_by_key(|e| (e.line, e.column));
        ConfigErrors(self.errors)
    }
}

/// A table of the file, with its dotted name.
#[derive(Clone)]
pub(super) struct Section<'a> {
    name: String,
    span: Range<usize>,
    table: &'a DeTable<'a>,
}

impl<'a> Section<'a> {
    pub(super) fn root(table: &'a Spanned<DeTable<'a>>) -> Self {
        Self {
            name: String::new(),
            span: table.span(),
            table: table.get_ref(),
        }
    }

    /// The dotted name of a key in this table.
    pub(super) fn path(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    /// The place of the table itself.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Complains about keys that are not among the known ones.
    pub(super) fn known(&self, known: &[&str], problems: &mut Problems<'_>) {
        for key in self
            .table
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
        {
            let name = key.get_ref();
            let message = format!("unknown key `{}`", self.path(name));
            problems.add(Some(key.span()), message, nearest(name, known));
        }
    }

    /// The keys in the order of the file.
    pub(super) fn keys(&self) -> Vec<(&'a str, Range<usize>)> {
        let mut keys: Vec<_> = self
            .table
            .keys()
            .map(|key| (key.get_ref().as_ref(), key.span()))
            .collect();
        keys.sort_by_key(|(_, span)| span.start);
        keys
    }

    pub(super) fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table
            .iter()
            .find(|(name, _)| name.get_ref().as_ref() == key)
            .map(|(_, value)| value)
    }

    /// Where the value of a key stands, else where the table does.
    pub(super) fn place(&self, key: &str) -> Range<usize> {
        self.value(key).map_or_else(|| self.span(), Spanned::span)
    }

    /// Complains that the value of a key is not what is wanted.
    pub(super) fn wrong(&self, key: &str, wanted: &str, problems: &mut Problems<'_>) {
        let message = format!("`{}` must be {wanted}", self.path(key));
        problems.add(Some(self.place(key)), message, String::new());
    }

    pub(super) fn section(&self, key: &str, problems: &mut Problems<'_>) -> Option<Section<'a>> {
        let value = self.value(key)?;
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong(key, "a table", problems);
            return None;
        };
        Some(Section {
            name: self.path(key),
            span: value.span(),
            table,
        })
    }

    /// All values of this table that are tables, in the order of the file.
    pub(super) fn sections(&self, problems: &mut Problems<'_>) -> Vec<(&'a str, Section<'a>)> {
        let keys = self.keys();
        keys.into_iter()
            .filter_map(|(key, _)| Some((key, self.section(key, problems)?)))
            .collect()
    }

    /// A list of tables, each named after its place in the list.
    pub(super) fn tables(
        &self,
        key: &str,
        wanted: &str,
        problems: &mut Problems<'_>,
    ) -> Vec<Section<'a>> {
        let items = match self.value(key).map(Spanned::get_ref) {
            None => return Vec::new(),
            Some(DeValue::Array(items)) => items,
            Some(_) => {
                self.wrong(key, wanted, problems);
                return Vec::new();
            }
        };
        let mut tables = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let name = format!("{}[{at}]", self.path(key));
            if let DeValue::Table(table) = item.get_ref() {
                tables.push(Section {
                    name,
                    span: item.span(),
                    table,
                });
            } else {
                let message = format!("`{}` must be {wanted}", self.path(key));
                problems.add(Some(item.span()), message, String::new());
            }
        }
        tables
    }

    pub(super) fn text(&self, key: &str, problems: &mut Problems<'_>) -> Option<String> {
        match self.value(key)?.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Some(text.clone().into_owned()),
            _ => {
                self.wrong(key, "a text in quotes that is not empty", problems);
                None
            }
        }
    }

    /// A text, a whole number or a truth value, as a text.
    pub(super) fn scalar(&self, key: &str, problems: &mut Problems<'_>) -> Option<String> {
        match self.value(key)?.get_ref() {
            DeValue::Boolean(value) => Some(value.to_string()),
            DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
            _ => self.text(key, problems),
        }
    }

    pub(super) fn texts(&self, key: &str, problems: &mut Problems<'_>) -> Option<Vec<String>> {
        let texts = match self.value(key)?.get_ref() {
            DeValue::Array(items) => items
                .iter()
                .map(|item| match item.get_ref() {
                    DeValue::String(text) => Some(text.clone().into_owned()),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        if texts.is_none() {
            self.wrong(key, "a list of texts in quotes", problems);
        }
        texts
    }

    pub(super) fn boolean(&self, key: &str, problems: &mut Problems<'_>) -> Option<bool> {
        if let DeValue::Boolean(value) = self.value(key)?.get_ref() {
            return Some(*value);
        }
        self.wrong(key, "`true` or `false`", problems);
        None
    }

    pub(super) fn count(&self, key: &str, problems: &mut Problems<'_>) -> Option<u32> {
        let value = match self.value(key)?.get_ref() {
            DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        if value.is_none() {
            self.wrong(key, "a whole number that is not negative", problems);
        }
        value
    }

    /// A text that must be one of a few words.
    pub(super) fn word<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
        problems: &mut Problems<'_>,
    ) -> Option<T> {
        let text = self.text(key, problems)?;
        let found = words
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("`{}` cannot be `{text}`", self.path(key));
            let hint = format!(
                "{} It is one of: {}.",
                nearest(&text, &known),
                known.join(", ")
            );
            problems.add(Some(self.place(key)), message, hint.trim_start().to_owned());
        }
        found
    }
}

/// A value that must be there.
pub(super) fn required<T>(
    section: &Section<'_>,
    key: &str,
    problems: &mut Problems<'_>,
    read: impl FnOnce(&Section<'_>, &mut Problems<'_>) -> Option<T>,
) -> Option<T> {
    if section.value(key).is_none() {
        let message = format!("`{}` is missing", section.path(key));
        problems.add(Some(section.span()), message, String::new());
        return None;
    }
    read(section, problems)
}

/// A hint at the nearest right name, when one is near enough to be meant.
pub(super) fn nearest(given: &str, known: &[&str]) -> String {
    let scored = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(given, name), name));
    match scored.min_by_key(|(distance, _)| *distance) {
        Some((distance, name)) if distance <= 1 + given.chars().count() / 3 => {
            format!("Did you mean `{name}`?")
        }
        _ if known.is_empty() => String::new(),
        _ => format!("Known here: {}.", known.join(", ")),
    }
}
