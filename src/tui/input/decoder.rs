//! From bytes to keys, across any split of the bytes.

use std::time::Duration;

use super::Input;
use super::sequence::{self, Csi};
use crate::app::input::{Code, Key};

/// How long the rest of an escape sequence may take; less than a frame, so that a lone
/// escape key still answers within one.
const SEQUENCE_PATIENCE: Duration = Duration::from_millis(10);
/// How long a paste may pause before it counts as over.
const PASTE_PATIENCE: Duration = Duration::from_secs(1);
/// The most of a paste that is kept.
const LONGEST_PASTE: usize = 64 * 1024;
/// The longest string sequence that is waited for.
const LONGEST_STRING: usize = 4 * 1024;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Turns bytes into [`Input`]; keeps what is not complete yet.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    paste: Option<Vec<u8>>,
}

/// What stands at the start of the buffer.
enum Found {
    /// Something of this length; `None` when nobody needs it.
    Whole(usize, Option<Input>),
    /// A paste begins after this length.
    Paste(usize),
    /// The rest has not arrived.
    Part,
}

impl Decoder {
    /// Takes bytes as they were read.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Forgets everything that has not been taken.
    pub fn discard(&mut self) {
        self.buffer.clear();
        self.paste = None;
    }

    /// How long to wait for the rest before [`Decoder::give_up`]; `None` when nothing is open.
    pub fn patience(&self) -> Option<Duration> {
        if self.paste.is_some() {
            Some(PASTE_PATIENCE)
        } else {
            (!self.buffer.is_empty()).then_some(SEQUENCE_PATIENCE)
        }
    }

    /// The rest did not come: what is there must be everything.
    pub fn give_up(&mut self) -> Option<Input> {
        if let Some(pasted) = self.paste.take() {
            return Some(paste(&pasted));
        }
        let first = *self.buffer.first()?;
        if first != 0x1b {
            self.buffer.clear();
            return None;
        }
        match self.buffer.get(1).copied() {
            None => {
                self.buffer.clear();
                Some(Input::Key(Key::plain(Code::Esc)))
            }
            // `alt` with a character that could also have begun a sequence.
            Some(c) if self.buffer.len() == 2 && c.is_ascii_graphic() => {
                self.buffer.clear();
                Some(alt(Key::plain(Code::Char(char::from(c)))))
            }
            Some(_) => {
                self.buffer.clear();
                None
            }
        }
    }

    /// The next thing that is complete.
    pub fn next_input(&mut self) -> Option<Input> {
        loop {
            if self.paste.is_some() {
                return self.next_paste();
            }
            match scan(&self.buffer) {
                Found::Part => return None,
                Found::Paste(length) => {
                    self.buffer.drain(..length);
                    self.paste = Some(Vec::new());
                }
                Found::Whole(length, input) => {
                    self.buffer.drain(..length);
                    if input.is_some() {
                        return input;
                    }
                }
            }
        }
    }

    /// Moves pasted bytes aside; the paste itself once its end is there.
    fn next_paste(&mut self) -> Option<Input> {
        let pasted = self.paste.as_mut()?;
        let end = find(&self.buffer, PASTE_END);
        // Without an end, the last bytes may be its beginning.
        let take = end.unwrap_or(self.buffer.len().saturating_sub(PASTE_END.len() - 1));
        let room = LONGEST_PASTE.saturating_sub(pasted.len());
        pasted.extend(self.buffer.drain(..take).take(room));
        end?;
        self.buffer.drain(..PASTE_END.len());
        self.paste.take().map(|pasted| paste(&pasted))
    }
}

/// A paste as text; what is not UTF-8 becomes the replacement character.
fn paste(bytes: &[u8]) -> Input {
    let text = String::from_utf8_lossy(bytes);
    Input::Paste(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Where a needle begins.
fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

/// What the buffer begins with.
fn scan(buffer: &[u8]) -> Found {
    match buffer.first() {
        None => Found::Part,
        Some(0x1b) => scan_escape(buffer),
        Some(_) => scan_character(buffer),
    }
}

/// What follows an escape character.
fn scan_escape(buffer: &[u8]) -> Found {
    match buffer.get(1) {
        None => Found::Part,
        Some(0x1b) => Found::Whole(1, Some(Input::Key(Key::plain(Code::Esc)))),
        Some(b'[') => scan_csi(buffer),
        Some(b'O') => match buffer.get(2) {
            None => Found::Part,
            Some(last) => Found::Whole(3, sequence::ss3(*last).map(Input::Key)),
        },
        Some(b']' | b'P' | b'_' | b'^' | b'X') => scan_string(buffer),
        Some(_) => match scan_character(&buffer[1..]) {
            Found::Whole(length, Some(Input::Key(key))) => Found::Whole(length + 1, Some(alt(key))),
            Found::Whole(length, _) => Found::Whole(length + 1, None),
            other => other,
        },
    }
}

/// A control sequence: parameters, then one final byte.
fn scan_csi(buffer: &[u8]) -> Found {
    // The Linux console sends `ESC [ [ A` for F1.
    if buffer.get(2) == Some(&b'[') {
        return match buffer.get(3) {
            None => Found::Part,
            Some(last) => Found::Whole(4, sequence::linux_console(*last).map(Input::Key)),
        };
    }
    for (index, byte) in buffer.iter().enumerate().skip(2) {
        match byte {
            0x20..=0x3f => {}
            0x40..=0x7e => {
                let body = &buffer[2..index];
                return match sequence::csi(body, *byte) {
                    Csi::PasteStart => Found::Paste(index + 1),
                    Csi::Input(input) => Found::Whole(index + 1, Some(input)),
                    Csi::Nothing => Found::Whole(index + 1, None),
                };
            }
            // Cut short by something else: drop what there is and begin again with it.
            _ => return Found::Whole(index, None),
        }
    }
    Found::Part
}

/// An answer of the terminal that nobody asked for; swallowed up to its end.
fn scan_string(buffer: &[u8]) -> Found {
    for (index, byte) in buffer.iter().enumerate().skip(2) {
        match byte {
            0x07 => return Found::Whole(index + 1, None),
            0x1b => {
                return match buffer.get(index + 1) {
                    None => Found::Part,
                    Some(b'\\') => Found::Whole(index + 2, None),
                    Some(_) => Found::Whole(index, None),
                };
            }
            _ if index > LONGEST_STRING => return Found::Whole(index, None),
            _ => {}
        }
    }
    Found::Part
}

/// One character, or a control character as the key that sends it.
fn scan_character(buffer: &[u8]) -> Found {
    let first = buffer[0];
    if first < 0x80 {
        return Found::Whole(1, Some(Input::Key(sequence::control(first))));
    }
    let length = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Found::Whole(1, None),
    };
    let bytes = &buffer[..length.min(buffer.len())];
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let key = text
                .chars()
                .next()
                .map(|c| Input::Key(Key::plain(Code::Char(c))));
            Found::Whole(length, key)
        }
        Err(error) if error.error_len().is_none() => Found::Part,
        Err(_) => Found::Whole(1, None),
    }
}

/// The same key with `alt` held.
fn alt(key: Key) -> Input {
    Input::Key(Key { alt: true, ..key })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(bytes: &[u8]) -> Vec<Input> {
        let mut decoder = Decoder::default();
        decoder.feed(bytes);
        let mut found: Vec<_> = std::iter::from_fn(|| decoder.next_input()).collect();
        while decoder.patience().is_some() {
            found.extend(decoder.give_up());
        }
        found
    }

    fn keys(bytes: &[u8]) -> String {
        decode(bytes)
            .into_iter()
            .map(|input| match input {
                Input::Key(key) => key.to_string(),
                other => format!("{other:?}"),
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn characters_and_control_keys() {
        assert_eq!(keys("aQß日".as_bytes()), "a Q ß 日");
        assert_eq!(
            keys(b"\r\t\x7f\x08\x03\x00 "),
            "enter tab backspace backspace ctrl-c ctrl-space space"
        );
        assert_eq!(keys(b"\x1bx\x1b\x7f"), "alt-x alt-backspace");
    }

    #[test]
    fn cursor_and_function_keys_in_all_their_forms() {
        assert_eq!(
            keys(b"\x1b[A\x1bOB\x1b[1;5C\x1b[1;2D"),
            "up down ctrl-right left"
        );
        assert_eq!(
            keys(b"\x1b[H\x1b[4~\x1b[5~\x1b[6~\x1b[3;3~"),
            "home end pageup pagedown alt-delete"
        );
        assert_eq!(
            keys(b"\x1bOP\x1b[11~\x1b[[A\x1b[24~\x1b[Z"),
            "f1 f1 f1 f12 backtab"
        );
    }

    #[test]
    fn keys_of_the_kitty_protocol() {
        assert_eq!(
            keys(b"\x1b[27u\x1b[99;5u\x1b[97;6u\x1b[13u"),
            "esc ctrl-c ctrl-A enter"
        );
        assert_eq!(keys(b"\x1b[97;1:3u\x1b[57414u\x1b[57419u"), "enter up");
        assert_eq!(
            keys(b"\x1b[97;9u"),
            "",
            "a key with super held is not that key"
        );
    }

    #[test]
    fn answers_of_the_terminal_are_not_keys() {
        assert_eq!(
            keys(b"\x1b[?62;22c\x1b]11;rgb:0000/0000/0000\x1b\\\x1bP>|x\x1b\\q"),
            "q"
        );
        assert_eq!(
            decode(b"\x1b[I\x1b[O"),
            [Input::Focus(true), Input::Focus(false)]
        );
    }

    #[test]
    fn a_lone_escape_is_the_key_once_nothing_follows() {
        let mut decoder = Decoder::default();
        decoder.feed(b"\x1b");
        assert_eq!(decoder.next_input(), None);
        assert_eq!(decoder.patience(), Some(SEQUENCE_PATIENCE));
        decoder.feed(b"[A");
        assert_eq!(decoder.next_input(), Some(Input::Key(Key::plain(Code::Up))));
        assert_eq!(keys(b"\x1b"), "esc");
        assert_eq!(keys(b"\x1b\x1b[A"), "esc up");
    }

    #[test]
    fn a_paste_is_text_and_never_keys() {
        let pasted = decode(b"\x1b[200~prod\r\nq\x1b[A\x1b[201~q");
        assert_eq!(pasted[0], Input::Paste("prod\nq\u{1b}[A".into()));
        assert_eq!(pasted[1], Input::Key(Key::plain(Code::Char('q'))));
    }

    #[test]
    fn a_paste_without_an_end_ends_and_is_bounded() {
        let mut bytes = b"\x1b[200~".to_vec();
        bytes.resize(LONGEST_PASTE * 2, b'x');
        let Some(Input::Paste(text)) = decode(&bytes).into_iter().next() else {
            panic!("no paste");
        };
        assert_eq!(text.len(), LONGEST_PASTE);
    }

    proptest! {
        #[test]
        fn no_bytes_panic_or_stay_forever(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            decode(&bytes);
        }

        #[test]
        fn a_split_anywhere_changes_nothing(at in 0usize..60) {
            let bytes = "a\x1b[1;5Cß\x1b[200~x\x1b[y\x1b[201~\x1bOP\x1b[99;5u\x1b]0;t\x07日\x1bq".as_bytes();
            let at = at.min(bytes.len());
            let mut decoder = Decoder::default();
            decoder.feed(&bytes[..at]);
            let mut found: Vec<_> = std::iter::from_fn(|| decoder.next_input()).collect();
            decoder.feed(&bytes[at..]);
            found.extend(std::iter::from_fn(|| decoder.next_input()));
            prop_assert_eq!(found, decode(bytes));
        }
    }
}
