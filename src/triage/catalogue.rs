//! The catalogue: the causes that come with the program, and those that a team adds.

use std::collections::BTreeMap;
use std::fmt;

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde::Deserialize;
use toml::Spanned;

use super::cause::{Cause, Changed, Variant};
use super::facts::{CONDITIONS, Facts};
use super::reader::Reader;

/// What comes with the program: file name and text.
const BUILT_IN: [(&str, &str); 7] = [
    ("sign_in.toml", include_str!("causes/sign_in.toml")),
    ("secrets.toml", include_str!("causes/secrets.toml")),
    ("job.toml", include_str!("causes/job.toml")),
    ("route.toml", include_str!("causes/route.toml")),
    ("alembic.toml", include_str!("causes/alembic.toml")),
    ("postgres.toml", include_str!("causes/postgres.toml")),
    ("driver.toml", include_str!("causes/driver.toml")),
];

/// All patterns as one automaton grows larger than the default allows.
const LARGEST_AUTOMATON: usize = 64 * 1024 * 1024;

/// What is wrong with a file of causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// All causes that are looked for, with the automata that find them.
#[derive(Clone, Debug)]
pub struct Catalogue {
    pub(super) causes: Vec<Cause>,
    /// Finds the next line that may have a cause.
    pub(super) any: Regex,
    /// Tells which causes a line has.
    pub(super) each: RegexSet,
}

impl Catalogue {
    /// The causes that come with the program.
    pub fn built_in() -> Self {
        Self::with(&[])
            .expect("the tests of this folder hold the causes that come with the program")
    }

    /// The same with files of a team's own causes, which are meant first.
    pub fn with(files: &[(String, String)]) -> Result<Self, Vec<Flaw>> {
        let own = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()));
        let mut flaws = Vec::new();
        let mut causes = Vec::new();
        for (file, text) in own.clone() {
            read(file, text, Some(0), &mut causes, &mut flaws);
        }
        for (file, text) in BUILT_IN {
            read(file, text, None, &mut causes, &mut flaws);
        }
        if !flaws.is_empty() {
            return Err(flaws);
        }
        automata(causes).map_err(|error| {
            let file = files.first().map_or("causes", |(name, _)| name.as_str());
            vec![Flaw {
                file: file.to_owned(),
                line: 1,
                message: format!("the patterns are too large together: {error}"),
            }]
        })
    }

    /// How many causes there are.
    pub fn len(&self) -> usize {
        self.causes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.causes.is_empty()
    }

    /// Fixtures whose first cause is another one than their own: what is wrong with each, by id.
    pub fn check(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for cause in &self.causes {
            if cause.fixtures.is_empty() {
                wrong.push(format!(
                    "{}: has no fixture: add a text that shows it",
                    cause.id
                ));
            }
            for fixture in &cause.fixtures {
                let mut reader = Reader::new(self);
                reader.feed(fixture.as_bytes());
                let (_, found) = reader.finish(&Facts::default());
                let first = found.first().map(|found| found.id.as_str());
                if first != Some(cause.id.as_str()) {
                    let first = first.unwrap_or("nothing");
                    wrong.push(format!("{}: `{fixture}` gives {first}", cause.id));
                }
            }
        }
        wrong
    }
}

fn automata(causes: Vec<Cause>) -> Result<Catalogue, regex::Error> {
    let patterns: Vec<_> = causes
        .iter()
        .map(|c| c.pattern.as_str().to_owned())
        .collect();
    // Names may stand only once in one pattern; here nobody asks for them.
    let names = Regex::new(r"\(\?P?<\w+>").expect("a valid pattern");
    let parts: Vec<_> = patterns
        .iter()
        .map(|pattern| {
            let unnamed = names.replace_all(pattern.as_bytes(), &b"(?:"[..]);
            format!("(?:{})", String::from_utf8_lossy(&unnamed))
        })
        .collect();
    let any = RegexBuilder::new(&parts.join("|"))
        .multi_line(true)
        .dfa_size_limit(LARGEST_AUTOMATON)
        .size_limit(LARGEST_AUTOMATON)
        .build()?;
    let each = RegexSetBuilder::new(&patterns)
        .multi_line(true)
        .dfa_size_limit(LARGEST_AUTOMATON)
        .size_limit(LARGEST_AUTOMATON)
        .build()?;
    Ok(Catalogue { causes, any, each })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    cause: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: Spanned<String>,
    title: String,
    pattern: Spanned<String>,
    near: Option<Spanned<String>>,
    hides: Option<Spanned<String>>,
    #[serde(default)]
    symptom: bool,
    precedence: Option<u32>,
    cause: String,
    remedy: String,
    changed: Option<Changed>,
    #[serde(default)]
    links: Vec<String>,
    #[serde(default)]
    fixtures: Vec<String>,
    #[serde(default)]
    when: Vec<Spanned<When>>,
}

#[derive(Deserialize)]
struct When {
    cause: Option<String>,
    remedy: Option<String>,
    changed: Option<Changed>,
    #[serde(flatten)]
    conditions: BTreeMap<String, bool>,
}

/// Reads one file; `precedence` is that of its causes when they name none, else their number.
fn read(
    file: &str,
    text: &str,
    precedence: Option<u32>,
    causes: &mut Vec<Cause>,
    flaws: &mut Vec<Flaw>,
) {
    let mut desk = Desk { file, text, flaws };
    let entries: File = match toml::from_str(text) {
        Ok(entries) => entries,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            desk.wrong(at, error.message());
            return;
        }
    };
    for entry in entries.cause {
        let known = causes.iter().any(|cause| cause.id == *entry.id.get_ref());
        if known {
            desk.wrong(
                entry.id.span().start,
                "there is a cause with this id already",
            );
        } else if let Some(cause) = desk.cause(entry, precedence) {
            causes.push(cause);
        }
    }
}

/// One file under way.
struct Desk<'a> {
    file: &'a str,
    text: &'a str,
    flaws: &'a mut Vec<Flaw>,
}

impl Desk<'_> {
    fn wrong(&mut self, at: usize, message: &str) {
        let before = self.text.get(..at).unwrap_or(self.text);
        self.flaws.push(Flaw {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            message: message.trim().to_owned(),
        });
    }

    fn cause(&mut self, entry: Entry, precedence: Option<u32>) -> Option<Cause> {
        let number = entry
            .id
            .get_ref()
            .rsplit('-')
            .next()
            .and_then(|n| n.parse().ok());
        let pattern = self.pattern(&entry.pattern);
        let near = entry.near.as_ref().map(|near| self.pattern(near));
        let hides = entry.hides.as_ref().map(|hides| self.pattern(hides));
        let variants: Vec<_> = entry
            .when
            .into_iter()
            .map(|when| self.variant(when))
            .collect();
        Some(Cause {
            id: entry.id.into_inner(),
            title: entry.title,
            cause: entry.cause,
            remedy: entry.remedy,
            changed: entry.changed.unwrap_or(Changed::Unknown),
            links: entry.links,
            symptom: entry.symptom,
            precedence: entry
                .precedence
                .or(precedence)
                .or(number)
                .unwrap_or(u32::MAX),
            pattern: pattern?,
            near: near.map_or(Some(None), |near| near.map(Some))?,
            hides: hides.map_or(Some(None), |hides| hides.map(Some))?,
            variants: variants.into_iter().collect::<Option<_>>()?,
            fixtures: entry.fixtures,
        })
    }

    fn pattern(&mut self, pattern: &Spanned<String>) -> Option<Regex> {
        let at = pattern.span().start;
        let built = RegexBuilder::new(pattern.get_ref())
            .multi_line(true)
            .build();
        match built {
            Ok(regex) if regex.is_match(b"") => {
                self.wrong(
                    at,
                    "this pattern fits every line: name words that only this cause has",
                );
                None
            }
            Ok(regex) => Some(regex),
            Err(error) => {
                let error = error.to_string();
                self.wrong(at, error.lines().last().unwrap_or_default());
                None
            }
        }
    }

    fn variant(&mut self, when: Spanned<When>) -> Option<Variant> {
        let at = when.span().start;
        let When {
            cause,
            remedy,
            changed,
            conditions,
        } = when.into_inner();
        if conditions.is_empty() || conditions.keys().any(|c| !CONDITIONS.contains(&c.as_str())) {
            let message = format!(
                "a variant needs conditions, of these: {}",
                CONDITIONS.join(", ")
            );
            self.wrong(at, &message);
            return None;
        }
        Some(Variant {
            conditions,
            cause,
            remedy,
            changed,
        })
    }
}
