//! `alembic.ini` as Python's `configparser` reads it: sections, continuation lines,
//! `%(name)s` and `%%`.

use std::collections::HashMap;

/// A line that is wrong, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IniError {
    pub(super) line: usize,
    pub(super) reason: String,
}

/// One value as written, with the line it starts at.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Raw {
    line: usize,
    lines: Vec<String>,
}

type Section = HashMap<String, Raw>;

/// A parsed file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ini {
    sections: HashMap<String, Section>,
    defaults: Section,
}

/// How deep values may refer to each other.
const DEEPEST_REFERENCE: usize = 10;

impl Ini {
    /// Parses a file.
    pub(super) fn parse(text: &str) -> Result<Self, IniError> {
        let mut reader = Reader::default();
        for (at, line) in text.lines().enumerate() {
            reader.take(at + 1, line)?;
        }
        Ok(reader.ini)
    }

    /// A value with its references filled in, and its line; `here` is the folder of the file.
    pub(super) fn get(
        &self,
        section: &str,
        name: &str,
        here: &str,
    ) -> Result<Option<(usize, String)>, IniError> {
        let Some(found) = self.sections.get(section) else {
            return Ok(None);
        };
        let Some(raw) = found.get(name).or_else(|| self.defaults.get(name)) else {
            return Ok(None);
        };
        let value = self.fill_in(found, &raw.text(), here, 0);
        value
            .map(|value| Some((raw.line, value)))
            .map_err(|reason| IniError {
                line: raw.line,
                reason,
            })
    }

    fn fill_in(
        &self,
        section: &Section,
        raw: &str,
        here: &str,
        depth: usize,
    ) -> Result<String, String> {
        if depth > DEEPEST_REFERENCE {
            return Err("values refer to each other without end".to_owned());
        }
        let mut out = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(at) = rest.find('%') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('%') {
                out.push('%');
                rest = after;
            } else if let Some((name, after)) = reference(rest) {
                out.push_str(&self.lookup(section, &name, here, depth)?);
                rest = after;
            } else {
                // The value may hold a password, so it is not quoted.
                return Err(
                    "`%` must be doubled, or begin a reference such as `%(here)s`".to_owned(),
                );
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    fn lookup(
        &self,
        section: &Section,
        name: &str,
        here: &str,
        depth: usize,
    ) -> Result<String, String> {
        match section.get(name).or_else(|| self.defaults.get(name)) {
            Some(raw) => self.fill_in(section, &raw.text(), here, depth + 1),
            None if name == "here" => Ok(here.to_owned()),
            None => Err(format!("`%({name})s` refers to a key that is not set")),
        }
    }
}

/// The name in `(name)s…`, and what follows.
fn reference(text: &str) -> Option<(String, &str)> {
    let (name, after) = text.strip_prefix('(')?.split_once(')')?;
    Some((name.to_lowercase(), after.strip_prefix('s')?))
}

impl Raw {
    fn text(&self) -> String {
        self.lines.join("\n").trim_end().to_owned()
    }
}

/// Where the reading of a file stands.
#[derive(Default)]
struct Reader {
    ini: Ini,
    section: Option<String>,
    option: Option<String>,
    indent: usize,
}

impl Reader {
    fn take(&mut self, number: usize, line: &str) -> Result<(), IniError> {
        let text = line.trim();
        if text.starts_with(['#', ';']) {
            return Ok(());
        }
        if text.is_empty() {
            self.continue_value("");
            return Ok(());
        }
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        if self.option.is_some() && indent > self.indent {
            self.continue_value(text);
            return Ok(());
        }
        self.indent = indent;
        match text
            .strip_prefix('[')
            .and_then(|rest| rest.rfind(']').map(|end| &rest[..end]))
        {
            Some(name) if !name.is_empty() => self.open(number, name),
            _ => self.set(number, text),
        }
    }

    fn continue_value(&mut self, text: &str) {
        let Some(option) = self.option.clone() else {
            return;
        };
        if let Some(raw) = self.current().and_then(|section| section.get_mut(&option)) {
            raw.lines.push(text.to_owned());
        }
    }

    fn current(&mut self) -> Option<&mut Section> {
        match self.section.as_deref()? {
            "DEFAULT" => Some(&mut self.ini.defaults),
            name => self.ini.sections.get_mut(name),
        }
    }

    fn open(&mut self, line: usize, name: &str) -> Result<(), IniError> {
        if self.ini.sections.contains_key(name) {
            return Err(IniError {
                line,
                reason: format!("section [{name}] stands here again"),
            });
        }
        if name != "DEFAULT" {
            self.ini.sections.insert(name.to_owned(), Section::new());
        }
        self.section = Some(name.to_owned());
        self.option = None;
        Ok(())
    }

    fn set(&mut self, line: usize, text: &str) -> Result<(), IniError> {
        let wrong = |reason: &str| IniError {
            line,
            reason: reason.to_owned(),
        };
        if self.section.is_none() {
            return Err(wrong(
                "there is no section header, such as [alembic], above this line",
            ));
        }
        let (name, value) = text
            .split_once(['=', ':'])
            .ok_or_else(|| wrong("this is neither a section, nor `key = value`, nor a comment"))?;
        let name = name.trim_end().to_lowercase();
        if name.is_empty() {
            return Err(wrong("there is no key before the `=`"));
        }
        let raw = Raw {
            line,
            lines: vec![value.trim_start().to_owned()],
        };
        let before = self
            .current()
            .and_then(|section| section.insert(name.clone(), raw));
        if before.is_some() {
            return Err(wrong("this key is set twice in its section"));
        }
        self.option = Some(name);
        Ok(())
    }
}
