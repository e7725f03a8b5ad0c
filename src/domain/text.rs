//! Text that came from outside and may not touch a terminal raw.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Text from outside; displaying it strips control and bidirectional characters.
///
/// The raw form is kept for comparison and for machine-readable output (JSON
/// escapes it); there is no `Display` of the raw form.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RemoteText(String);

impl RemoteText {
    /// Wraps text as it arrived.
    pub fn new(raw: impl Into<String>) -> Self {
        Self(raw.into())
    }

    /// The text as it arrived, for matching and JSON; never for a terminal.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// The text with everything removed that a terminal could act upon.
    pub fn clean(&self) -> Cow<'_, str> {
        clean(&self.0)
    }

    /// Whether nothing arrived.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for RemoteText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.clean())
    }
}

impl fmt::Debug for RemoteText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.clean())
    }
}

impl<T: Into<String>> From<T> for RemoteText {
    fn from(raw: T) -> Self {
        Self::new(raw)
    }
}

/// Removes whole escape sequences, control characters and bidirectional marks; a
/// tab becomes one space, as does a line break.
pub fn clean(raw: &str) -> Cow<'_, str> {
    if raw.chars().all(|c| !is_hostile(c)) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\u{9b}' => skip_csi(&mut chars),
            '\t' | '\n' => out.push(' '),
            c if is_hostile(c) => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a character may change more than the cell it stands in.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{061c}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{2028}' | '\u{2029}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Skips what follows an escape character: a CSI, a string sequence, or one character.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            skip_csi(chars);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            chars.next();
            skip_string(chars);
        }
        Some(c) if !c.is_control() => {
            // Intermediates (a charset choice, say) are followed by one final character.
            while chars
                .next_if(|c| ('\u{20}'..='\u{2f}').contains(c))
                .is_some()
            {}
            chars.next_if(|c| !c.is_control());
        }
        _ => {}
    }
}

/// Skips the parameters and the final character of a control sequence.
fn skip_csi(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while chars
        .next_if(|c| ('\u{20}'..='\u{3f}').contains(c))
        .is_some()
    {}
    chars.next_if(|c| ('\u{40}'..='\u{7e}').contains(c));
}

/// Skips an OSC, DCS or similar string up to its terminator, or to the end of the line.
fn skip_string(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(c) = chars.next_if(|c| *c != '\n') {
        if c == '\u{7}' || c == '\u{9c}' {
            return;
        }
        if c == '\u{1b}' {
            chars.next_if_eq(&'\\');
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_sequences_go_not_only_their_first_byte() {
        assert_eq!(clean("a\x1b[31mred\x1b[0m b"), "ared b");
        assert_eq!(clean("\x1b]0;title\x07rest"), "rest");
        assert_eq!(clean("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"), "link");
        assert_eq!(clean("\u{202e}txt.exe"), "txt.exe");
        assert_eq!(clean("\x1b(Bplain"), "plain");
    }

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(clean("Grüße 日本"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn nothing_hostile_survives(raw in any::<String>()) {
            prop_assert!(clean(&raw).chars().all(|c| !is_hostile(c)));
        }

        #[test]
        fn cleaning_twice_changes_nothing(raw in any::<String>()) {
            let once = clean(&raw).into_owned();
            prop_assert_eq!(clean(&once).into_owned(), once.clone());
        }
    }
}
