//! A log that is being read: bounded memory, search, and the part that is looked at.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt::Write as _;

use regex::Regex;

use super::command::Move;
use super::text::TextField;
use crate::domain::logs::{LogLine, LogSeverity};
use crate::domain::width::columns;

/// The most lines that are kept.
pub const MOST_LINES: usize = 100_000;
/// The most bytes of text that are kept.
pub const MOST_BYTES: usize = 32 << 20;

/// Columns of the time of day before each line of a log.
pub const TIME: u16 = 10;
/// How far a step goes sideways.
const SIDEWAYS: u16 = 8;
/// The furthest to the right that anything is looked at: some lines are a megabyte long.
const FURTHEST: u16 = 8_000;

/// The newest lines of a log; what was dropped is counted.
#[derive(Clone, Debug, Default)]
pub struct LogBuffer {
    lines: VecDeque<LogLine>,
    bytes: usize,
    dropped: usize,
    first_error: Option<usize>,
}

impl LogBuffer {
    /// Adds lines at the end and drops the oldest when there are too many.
    pub fn extend(&mut self, lines: impl IntoIterator<Item = LogLine>) {
        for line in lines {
            if self.first_error.is_none() && is_error(&line) {
                self.first_error = Some(self.end());
            }
            self.bytes += line.text.raw().len();
            self.lines.push_back(line);
            while self.lines.len() > MOST_LINES || (self.bytes > MOST_BYTES && self.lines.len() > 1)
            {
                self.drop_oldest();
            }
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(line) = self.lines.pop_front() {
            self.bytes -= line.text.raw().len();
            self.dropped += 1;
        }
        if self.first_error.is_some_and(|at| at < self.dropped) {
            self.first_error =
                (self.dropped..self.end()).find(|at| self.line(*at).is_some_and(is_error));
        }
    }

    /// Number of the first line that is kept; lines keep their numbers.
    pub fn start(&self) -> usize {
        self.dropped
    }

    /// Number behind the last line.
    pub fn end(&self) -> usize {
        self.dropped + self.lines.len()
    }

    /// How many lines are kept.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// How many lines were dropped.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// A line by its number.
    pub fn line(&self, number: usize) -> Option<&LogLine> {
        self.lines.get(number.checked_sub(self.dropped)?)
    }

    /// The first line that says that something is wrong.
    pub fn first_error(&self) -> Option<usize> {
        self.first_error
    }

    /// All of it as text without control characters, for the pager.
    pub fn text(&self) -> String {
        let mut out = String::with_capacity(self.bytes + 32 * self.lines.len());
        for line in &self.lines {
            // Writing into a string cannot fail.
            let _ = writeln!(out, "{:.0}  {}", line.at, line.text);
        }
        out
    }
}

/// Whether a line says that something is wrong.
pub fn is_error(line: &LogLine) -> bool {
    let text = line.text.raw();
    line.severity >= LogSeverity::Error
        || [
            "ERROR",
            "Traceback (most recent call last)",
            "FATAL",
            "FAILED",
        ]
        .iter()
        .any(|word| text.contains(word))
}

/// Lines that can be moved and searched in: of a log, of a page.
pub trait Lines {
    /// Number of the first line.
    fn start(&self) -> usize;
    /// Number behind the last line.
    fn end(&self) -> usize;
    /// What a line says.
    fn says(&self, number: usize) -> Option<Cow<'_, str>>;
}

impl Lines for LogBuffer {
    fn start(&self) -> usize {
        self.start()
    }

    fn end(&self) -> usize {
        self.end()
    }

    fn says(&self, number: usize) -> Option<Cow<'_, str>> {
        self.line(number).map(|line| line.text.clean())
    }
}

/// What is looked at in a log, or in another text.
#[derive(Clone, Debug)]
pub struct LogView {
    /// Number of the first visible line; of no meaning while it follows.
    pub top: usize,
    /// Whether it stays at the end.
    pub follow: bool,
    /// Whether long lines are broken.
    pub wrap: bool,
    /// Columns of long lines that are out of sight at the left.
    pub left: u16,
    /// What is searched for, as typed.
    pub search: TextField,
    /// The line of the current match.
    pub hit: Option<usize>,
}

impl Default for LogView {
    fn default() -> Self {
        Self {
            top: 0,
            follow: true,
            wrap: false,
            left: 0,
            search: TextField::default(),
            hit: None,
        }
    }
}

impl LogView {
    /// Moves the view; reaching the end follows again.
    pub fn step(&mut self, step: Move, buffer: &(impl Lines + ?Sized), rows: usize) {
        let last_top = buffer.end().saturating_sub(rows.max(1)).max(buffer.start());
        let at = self.first(buffer, rows);
        let page = rows.saturating_sub(1).max(1);
        let to = match step {
            Move::Up => at.saturating_sub(1),
            Move::Down => at + 1,
            Move::PageUp => at.saturating_sub(page),
            Move::PageDown => at + page,
            Move::First => buffer.start(),
            Move::Last => last_top,
        };
        self.top = to.clamp(buffer.start(), last_top);
        self.follow = to >= last_top && matches!(step, Move::Last | Move::Down | Move::PageDown);
    }

    /// The first visible line.
    pub fn first(&self, buffer: &(impl Lines + ?Sized), rows: usize) -> usize {
        let last_top = buffer.end().saturating_sub(rows.max(1)).max(buffer.start());
        if self.follow {
            last_top
        } else {
            self.top.clamp(buffer.start(), last_top)
        }
    }

    /// Moves the view sideways, as far as a visible line goes; broken lines have nothing there.
    pub fn sideways(
        &mut self,
        right: bool,
        buffer: &(impl Lines + ?Sized),
        (rows, room): (usize, u16),
    ) {
        if !right {
            self.left = self.left.saturating_sub(SIDEWAYS);
            return;
        }
        let first = self.first(buffer, rows);
        let visible = (first..first + rows).map_while(|at| buffer.says(at));
        let widest = visible.map(|text| columns(&text)).max().unwrap_or(0);
        if !self.wrap && widest > self.left + room {
            self.left = (self.left + SIDEWAYS).min(FURTHEST);
        }
    }

    /// Shows a line, with a few before it.
    pub fn show(&mut self, number: usize, buffer: &(impl Lines + ?Sized), rows: usize) {
        self.follow = false;
        let first = self.first(buffer, rows);
        if number < first || number >= first + rows.max(1) {
            self.top = number.saturating_sub(rows / 3).max(buffer.start());
        }
        self.hit = Some(number);
    }

    /// What is searched for, ready to match; small letters also find capitals.
    pub fn pattern(&self) -> Option<Regex> {
        let text = self.search.text();
        if text.is_empty() {
            return None;
        }
        let small = !text.chars().any(char::is_uppercase);
        Regex::new(&format!(
            "{}{}",
            if small { "(?i)" } else { "" },
            regex::escape(text)
        ))
        .ok()
    }

    /// Goes to the next match, or the one before; says whether there is one.
    pub fn search(&mut self, forward: bool, buffer: &(impl Lines + ?Sized), rows: usize) -> bool {
        let Some(pattern) = self.pattern() else {
            return false;
        };
        let matches = |at: &usize| buffer.says(*at).is_some_and(|text| pattern.is_match(&text));
        let (start, end) = (buffer.start(), buffer.end());
        let from = self.hit.unwrap_or_else(|| self.first(buffer, rows));
        let from = from.clamp(start, end);
        let found = if forward {
            let after = if self.hit.is_some() { from + 1 } else { from };
            (after.min(end)..end).chain(start..from).find(matches)
        } else {
            (start..from).rev().chain((from..end).rev()).find(matches)
        };
        let found = found.or_else(|| self.hit.filter(matches));
        match found {
            Some(at) => {
                self.show(at, buffer, rows);
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn line(text: &str) -> LogLine {
        LogLine {
            at: Timestamp::UNIX_EPOCH,
            insert_id: String::new(),
            severity: LogSeverity::Default,
            stream: crate::domain::logs::LogStream::Other,
            text: text.into(),
        }
    }

    fn buffer(lines: &[&str]) -> LogBuffer {
        let mut buffer = LogBuffer::default();
        buffer.extend(lines.iter().map(|text| line(text)));
        buffer
    }

    #[test]
    fn what_is_dropped_is_counted_and_numbers_stay() {
        let mut buffer = LogBuffer::default();
        buffer.extend((0..MOST_LINES + 10).map(|n| line(&format!("line {n}"))));
        assert_eq!((buffer.len(), buffer.dropped()), (MOST_LINES, 10));
        assert_eq!(buffer.line(10).unwrap().text.raw(), "line 10");
        assert!(buffer.line(9).is_none());
    }

    #[test]
    fn memory_is_bounded_by_bytes_as_well() {
        let mut buffer = LogBuffer::default();
        let long = "x".repeat(1 << 20);
        buffer.extend((0..40).map(|_| line(&long)));
        assert!(buffer.len() <= 32 && buffer.dropped() >= 8);
    }

    #[test]
    fn search_goes_around_both_ways() {
        let buffer = buffer(&["alpha", "beta", "Alpha", "gamma"]);
        let mut view = LogView {
            search: TextField::with("alpha"),
            follow: false,
            ..LogView::default()
        };
        let mut hits = Vec::new();
        for forward in [true, true, true, false] {
            assert!(view.search(forward, &buffer, 2));
            hits.push(view.hit.unwrap());
        }
        assert_eq!(hits, vec![0, 2, 0, 2]);
        view.search = TextField::with("Alpha");
        assert!(view.search(true, &buffer, 2));
        assert_eq!(view.hit, Some(2));
        view.search = TextField::with("nothing");
        assert!(!view.search(true, &buffer, 2));
    }

    #[test]
    fn scrolling_up_stops_following_and_the_end_follows_again() {
        let mut buffer = buffer(&["1", "2", "3", "4", "5"]);
        let mut view = LogView::default();
        assert_eq!(view.first(&buffer, 2), 3);
        view.step(Move::Up, &buffer, 2);
        buffer.extend([line("6")]);
        assert_eq!(view.first(&buffer, 2), 2);
        view.step(Move::Last, &buffer, 2);
        buffer.extend([line("7")]);
        assert_eq!(view.first(&buffer, 2), 5);
    }

    #[test]
    fn the_first_error_is_known() {
        assert_eq!(
            buffer(&["ok", "ERROR [x] no", "ERROR"]).first_error(),
            Some(1)
        );
    }
}
