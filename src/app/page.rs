//! A page: lines in inks that are made for a width, and can be moved and searched in.

use std::borrow::Cow;
use std::ops::Range;

use super::logs::Lines;
use crate::domain::preflight::Severity;
use crate::domain::text::clean;
use crate::domain::width::{columns, wrap};

/// How far a text hangs below a mark that has lines for itself.
const HANGING: u16 = 4;

/// How a piece of a page is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Ordinary.
    Text,
    /// Of less weight.
    Dim,
    /// Of more weight.
    Strong,
    /// A label.
    Heading,
    /// Worth a look.
    Accent,
    /// As it should be.
    Good,
    /// Look at it.
    Warn,
    /// Wrong.
    Bad,
    /// What must not be overlooked.
    Alarm,
}

impl Ink {
    /// The ink and the mark of a severity.
    pub fn of(severity: Severity) -> (Self, &'static str) {
        match severity {
            Severity::Pass => (Self::Good, "✓"),
            Severity::Warn => (Self::Warn, "!"),
            Severity::Block => (Self::Bad, "✗"),
        }
    }
}

/// A piece of a line.
pub type Span = (String, Ink);

/// A line of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The head of a part, with what stands at its right end.
    Head(&'static str, Vec<Span>),
    /// Pieces one after the other.
    Text(Vec<Span>),
    /// A part of a statement: which one, and its bytes.
    Sql(usize, Range<usize>),
}

/// Lines for a width.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The lines; none but SQL is wider than the page.
    pub lines: Vec<Line>,
    /// The statements that lines of SQL are parts of, clean.
    pub statements: Vec<String>,
    width: u16,
}

impl Page {
    /// An empty page.
    pub fn new(width: u16) -> Self {
        Self {
            width: width.max(20),
            ..Self::default()
        }
    }

    /// Adds a line.
    pub(super) fn line(&mut self, spans: Vec<Span>) {
        self.lines.push(Line::Text(spans));
    }

    /// Adds the head of a part, with a free line before it.
    pub(super) fn head(&mut self, word: &'static str, right: Vec<Span>) {
        if !self.lines.is_empty() {
            self.line(Vec::new());
        }
        self.lines.push(Line::Head(word, right));
    }

    /// Adds a text behind a mark, broken to the width; further lines begin where the first one does.
    pub(super) fn told(&mut self, mark: Span, text: &str, ink: Ink) {
        let wide = columns(&mark.0);
        // A long mark has lines for itself: the text beside it would be a column of letters.
        let alone = wide > self.width / 2;
        let indent = if alone { HANGING } else { wide };
        if alone {
            for line in wrap(&mark.0, self.width) {
                self.line(vec![(line, mark.1)]);
            }
        }
        for (at, line) in wrap(text, self.width.saturating_sub(indent))
            .into_iter()
            .enumerate()
        {
            let before = if at == 0 && !alone {
                mark.clone()
            } else {
                (" ".repeat(usize::from(indent)), Ink::Text)
            };
            self.line(vec![before, (line, ink)]);
        }
    }

    /// Adds a statement; long lines of it are broken when `broken`.
    pub(super) fn statement(&mut self, sql: &str, broken: bool) {
        let at = self.statements.len();
        let mut text = String::with_capacity(sql.len());
        for line in sql.trim_end().lines() {
            let start = text.len();
            text.push_str(&clean(&line.replace('\t', "    ")));
            let room = if broken { self.width } else { u16::MAX };
            let parts = cut(&text[start..], room).into_iter();
            self.lines
                .extend(parts.map(|part| Line::Sql(at, start + part.start..start + part.end)));
            text.push('\n');
        }
        self.statements.push(text);
    }

    /// All of it as text, for the pager.
    pub fn text(&self) -> String {
        let lines = (0..self.lines.len()).filter_map(|at| self.says(at));
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl Lines for Page {
    fn start(&self) -> usize {
        0
    }

    fn end(&self) -> usize {
        self.lines.len()
    }

    fn says(&self, number: usize) -> Option<Cow<'_, str>> {
        Some(match self.lines.get(number)? {
            Line::Head(word, right) => Cow::Owned(format!("{word} {}", joined(right))),
            Line::Text(spans) => Cow::Owned(joined(spans)),
            Line::Sql(at, part) => Cow::Borrowed(self.statements.get(*at)?.get(part.clone())?),
        })
    }
}

fn joined(spans: &[Span]) -> String {
    spans.iter().map(|(text, _)| text.as_str()).collect()
}

/// Where a line is broken, so that no part is wider than the room; at a blank where there is one.
fn cut(line: &str, room: u16) -> Vec<Range<usize>> {
    use unicode_segmentation::UnicodeSegmentation;
    let mut parts = Vec::new();
    let (mut start, mut used, mut blank) = (0, 0u16, None);
    for (at, grapheme) in line.grapheme_indices(true) {
        let wide = crate::domain::width::columns(grapheme);
        if used.saturating_add(wide) > room && at > start {
            let end = blank.filter(|end| *end > start).unwrap_or(at);
            parts.push(start..end);
            used = crate::domain::width::columns(&line[end..at]);
            start = end;
            blank = None;
        }
        used = used.saturating_add(wide);
        if grapheme == " " && !line[start..at].trim().is_empty() {
            blank = Some(at + 1);
        }
    }
    parts.push(start..line.len());
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::width::columns;

    #[test]
    fn statements_keep_their_lines_and_nothing_hostile() {
        let mut page = Page::new(20);
        page.statement("SELECT \u{1b}[31m1;\n\tFROM x\n", false);
        assert_eq!(page.text(), "SELECT 1;\n    FROM x");
    }

    #[test]
    fn long_lines_are_broken_at_blanks() {
        let mut page = Page::new(20);
        page.statement("    CREATE INDEX ix ON audit_logs (tenant_id)", true);
        assert_eq!(
            page.text(),
            "    CREATE INDEX ix \nON audit_logs \n(tenant_id)"
        );
    }

    proptest! {
        #[test]
        fn a_broken_line_is_whole_and_fits(line in "[a-z 日本]{0,60}", room in 2u16..30) {
            let parts = cut(&line, room);
            let whole: String = parts.iter().map(|part| &line[part.clone()]).collect();
            prop_assert_eq!(&whole, &line);
            for part in parts {
                prop_assert!(columns(&line[part]) <= room);
            }
        }
    }
}
