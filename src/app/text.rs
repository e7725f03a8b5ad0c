//! A single line of text that is being typed; the cursor moves by what a person sees as one character.

use unicode_segmentation::UnicodeSegmentation;

use super::input::{Code, Key};
use crate::domain::text::clean;

/// The longest text that a field takes, in bytes.
const LONGEST: usize = 400;

/// A line of text with a cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextField {
    text: String,
    cursor: usize,
}

impl TextField {
    /// A field that holds a text already, with the cursor behind it.
    pub fn with(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            cursor: text.len(),
            text,
        }
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The part in front of the cursor.
    pub fn before_cursor(&self) -> &str {
        &self.text[..self.cursor]
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
    }

    /// Inserts text at the cursor, without anything that a terminal could act upon.
    pub fn insert(&mut self, text: &str) {
        let text = clean(text);
        let room = LONGEST.saturating_sub(self.text.len());
        let fitting: String = text
            .graphemes(true)
            .scan(0, |used, grapheme| {
                *used += grapheme.len();
                (*used <= room).then_some(grapheme)
            })
            .collect();
        self.text.insert_str(self.cursor, &fitting);
        self.cursor += fitting.len();
        self.settle_cursor();
    }

    /// Takes a key; says whether the key meant something here.
    pub fn key(&mut self, key: Key) -> bool {
        if let Some(c) = key.typed() {
            self.insert(c.encode_utf8(&mut [0; 4]));
            return true;
        }
        match (key.code, key.ctrl, key.alt) {
            (Code::Backspace, false, false) => self.delete(self.left()..self.cursor),
            (Code::Char('w') | Code::Backspace, true, false) | (Code::Backspace, false, true) => {
                self.delete(self.word_start()..self.cursor);
            }
            (Code::Delete, false, false) => self.delete(self.cursor..self.right()),
            (Code::Char('u'), true, false) => self.delete(0..self.cursor),
            (Code::Char('k'), true, false) => self.delete(self.cursor..self.text.len()),
            (Code::Left, false, false) | (Code::Char('b'), true, false) => {
                self.cursor = self.left();
            }
            (Code::Right, false, false) | (Code::Char('f'), true, false) => {
                self.cursor = self.right();
            }
            (Code::Home, false, false) | (Code::Char('a'), true, false) => self.cursor = 0,
            (Code::End, false, false) | (Code::Char('e'), true, false) => {
                self.cursor = self.text.len();
            }
            _ => return false,
        }
        true
    }

    fn delete(&mut self, range: std::ops::Range<usize>) {
        self.cursor = range.start;
        self.text.replace_range(range, "");
        self.settle_cursor();
    }

    /// Joining may turn two characters into one; the cursor then stands behind it.
    fn settle_cursor(&mut self) {
        self.cursor = self
            .text
            .grapheme_indices(true)
            .map(|(at, grapheme)| at + grapheme.len())
            .find(|end| *end >= self.cursor)
            .filter(|_| self.cursor > 0)
            .unwrap_or(0);
    }

    fn left(&self) -> usize {
        self.text[..self.cursor]
            .grapheme_indices(true)
            .next_back()
            .map_or(0, |(at, _)| at)
    }

    fn right(&self) -> usize {
        self.text[self.cursor..]
            .graphemes(true)
            .next()
            .map_or(self.cursor, |grapheme| self.cursor + grapheme.len())
    }

    fn word_start(&self) -> usize {
        let trimmed = self.text[..self.cursor].trim_end();
        trimmed.rfind(char::is_whitespace).map_or(0, |at| {
            at + trimmed[at..].chars().next().map_or(0, char::len_utf8)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn typed(text: &str) -> TextField {
        let mut field = TextField::default();
        for c in text.chars() {
            field.key(Key::char(c));
        }
        field
    }

    #[test]
    fn one_backspace_removes_what_a_person_sees_as_one() {
        let mut field = typed("日👍🏽e\u{301}");
        field.key(Key::plain(Code::Backspace));
        assert_eq!(field.text(), "日👍🏽");
        field.key(Key::plain(Code::Backspace));
        assert_eq!(field.text(), "日");
    }

    #[test]
    fn words_and_lines_go_at_once() {
        let mut field = typed("OPS-412 audit logs ");
        field.key(Key::parse("ctrl-w").unwrap());
        assert_eq!(field.text(), "OPS-412 audit ");
        field.key(Key::parse("home").unwrap());
        field.key(Key::parse("ctrl-k").unwrap());
        assert!(field.is_empty());
    }

    #[test]
    fn escape_sequences_are_not_pasted() {
        let mut field = TextField::default();
        field.insert("a\u{1b}[31mb\u{202e}c");
        assert_eq!(field.text(), "abc");
    }

    proptest! {
        #[test]
        fn the_cursor_stays_between_characters(keys in prop::collection::vec(0usize..12, 0..60)) {
            let mut field = TextField::default();
            for key in keys {
                let key = match key {
                    0 => Key::plain(Code::Left),
                    1 => Key::plain(Code::Right),
                    2 => Key::plain(Code::Backspace),
                    3 => Key::plain(Code::Delete),
                    4 => Key::plain(Code::Home),
                    5 => Key::parse("ctrl-w").unwrap(),
                    6 => Key::char('日'),
                    7 => Key::char('\u{301}'),
                    8 => Key::char('\u{1f1e9}'),
                    9 => Key::char('\u{200d}'),
                    10 => Key::char(' '),
                    _ => Key::char('x'),
                };
                field.key(key);
                let ends: Vec<_> = field.text.grapheme_indices(true).map(|(at, _)| at)
                    .chain([field.text.len()]).collect();
                prop_assert!(ends.contains(&field.cursor));
            }
        }
    }
}
