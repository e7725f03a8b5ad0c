//! The tables: which sequence is which key.

use super::Input;
use crate::app::input::{Code, Key};

/// What a control sequence says.
pub(super) enum Csi {
    /// A key, or the focus.
    Input(Input),
    /// Pasted text follows.
    PasteStart,
    /// Nothing that anybody needs.
    Nothing,
}

/// Reads a control sequence: `body` is what stands between `ESC [` and the final byte.
pub(super) fn csi(body: &[u8], last: u8) -> Csi {
    // A private marker or an intermediate byte: an answer of the terminal.
    if body
        .iter()
        .any(|byte| !matches!(byte, b'0'..=b'9' | b';' | b':'))
    {
        return Csi::Nothing;
    }
    match last {
        b'I' if body.is_empty() => return Csi::Input(Input::Focus(true)),
        b'O' if body.is_empty() => return Csi::Input(Input::Focus(false)),
        b'~' if body == b"200" => return Csi::PasteStart,
        _ => {}
    }
    let parameters = Parameters::read(body);
    let code = match last {
        b'~' if parameters.code == 27 => character(parameters.third),
        b'~' => numbered(parameters.code),
        b'u' => kitty(parameters.code),
        b'Z' => Some(Code::BackTab),
        letter => lettered(letter),
    };
    match code.and_then(|code| parameters.key(code)) {
        Some(key) => Csi::Input(Input::Key(key)),
        None => Csi::Nothing,
    }
}

/// `ESC O` and a letter: cursor keys in application mode, F1 to F4, the keypad.
pub(super) fn ss3(letter: u8) -> Option<Key> {
    let code = match letter {
        b'M' => Some(Code::Enter),
        letter => lettered(letter),
    };
    code.map(Key::plain)
}

/// F1 to F5 on the Linux console.
pub(super) fn linux_console(letter: u8) -> Option<Key> {
    matches!(letter, b'A'..=b'E').then(|| Key::plain(Code::F(letter - b'A' + 1)))
}

/// A byte below 0x80 that stands for itself or for a control key.
pub(super) fn control(byte: u8) -> Key {
    let held = |c: char| Key {
        ctrl: true,
        ..Key::char(c)
    };
    match byte {
        0x00 => held(' '),
        // Some terminals send this for backspace, and none of ours binds `ctrl-h`.
        0x08 | 0x7f => Key::plain(Code::Backspace),
        0x09 => Key::plain(Code::Tab),
        0x0d => Key::plain(Code::Enter),
        0x01..=0x1a => held(char::from(byte - 1 + b'a')),
        0x1b => Key::plain(Code::Esc),
        0x1c..=0x1f => held(char::from(byte + 0x40)),
        _ => Key::char(char::from(byte)),
    }
}

/// The numbers of a sequence: code, modifiers with the kind of event, and a third one.
struct Parameters {
    code: u32,
    held: u32,
    released: bool,
    third: u32,
}

impl Parameters {
    fn read(body: &[u8]) -> Self {
        let text = std::str::from_utf8(body).unwrap_or_default();
        let mut fields = text.split(';');
        let mut number = |default: u32| {
            let mut parts = fields.next().unwrap_or_default().split(':');
            let first = parts.next().and_then(|n| n.parse().ok()).unwrap_or(default);
            (first, parts.next() == Some("3"))
        };
        let (code, _) = number(1);
        let (held, released) = number(1);
        let (third, _) = number(0);
        Self {
            code,
            held,
            released,
            third,
        }
    }

    /// The key with what is held; `None` when it was let go, and with super, hyper or meta,
    /// which none of our keys has.
    fn key(&self, code: Code) -> Option<Key> {
        let bits = self.held.saturating_sub(1);
        if self.released || bits & 0b11_1000 != 0 {
            return None;
        }
        let code = match code {
            Code::Tab if bits & 1 != 0 => Code::BackTab,
            Code::Char(c) if bits & 1 != 0 => Code::Char(upper(c)),
            code => code,
        };
        Some(Key {
            code,
            alt: bits & 2 != 0,
            ctrl: bits & 4 != 0,
        })
    }
}

/// The upper case of a character that has exactly one.
fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(only), None) => only,
        _ => c,
    }
}

/// Keys that are told by a letter.
fn lettered(letter: u8) -> Option<Code> {
    Some(match letter {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'F' => Code::End,
        b'H' => Code::Home,
        b'P'..=b'S' => Code::F(letter - b'P' + 1),
        _ => return None,
    })
}

/// Keys that are told by a number before `~`.
fn numbered(code: u32) -> Option<Code> {
    let function = |n: u32| u8::try_from(n).ok().map(Code::F);
    match code {
        1 | 7 => Some(Code::Home),
        2 => Some(Code::Insert),
        3 => Some(Code::Delete),
        4 | 8 => Some(Code::End),
        5 => Some(Code::PageUp),
        6 => Some(Code::PageDown),
        11..=15 => function(code - 10),
        17..=21 => function(code - 11),
        23..=24 => function(code - 12),
        _ => None,
    }
}

/// Keys of the kitty protocol, which are told by a code point.
fn kitty(code: u32) -> Option<Code> {
    Some(match code {
        9 => Code::Tab,
        13 | 57414 => Code::Enter,
        27 => Code::Esc,
        127 => Code::Backspace,
        // The keypad.
        57399..=57408 => Code::Char(char::from_digit(code - 57399, 10)?),
        57409 => Code::Char('.'),
        57410 => Code::Char('/'),
        57411 => Code::Char('*'),
        57412 => Code::Char('-'),
        57413 => Code::Char('+'),
        57417 => Code::Left,
        57418 => Code::Right,
        57419 => Code::Up,
        57420 => Code::Down,
        57421 => Code::PageUp,
        57422 => Code::PageDown,
        57423 => Code::Home,
        57424 => Code::End,
        57425 => Code::Insert,
        57426 => Code::Delete,
        // The rest of that block: locks, media keys, modifiers by themselves.
        57344..=63743 => return None,
        code => return character(code),
    })
}

/// A key that types this character.
fn character(code: u32) -> Option<Code> {
    match code {
        9 | 13 | 27 | 127 => kitty(code),
        _ => char::from_u32(code)
            .filter(|c| !c.is_control())
            .map(Code::Char),
    }
}
