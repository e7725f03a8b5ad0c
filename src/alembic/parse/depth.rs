//! Refusing text whose syntax tree would be too deep to build and to drop.
//!
//! The parser grows its stack as it goes, but a tree also has to be dropped, and
//! dropping recurses. Python itself refuses such files, at similar limits.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::Mode;
use ruff_python_parser::lexer::lex;
use ruff_text_size::TextSize;

use super::Reason;

/// Operators and brackets that may lie around one value.
const DEEPEST: usize = 600;
/// Brackets in each other: Python's own limit.
const BRACKETS: usize = 200;
/// Blocks in each other: Python's own limit.
const BLOCKS: usize = 100;

/// Refuses text whose tree may be too deep. The estimate is from above: it takes
/// each operator between two commas as one more level.
pub(super) fn check(source: &str) -> Result<(), (TextSize, Reason)> {
    if !could_be_deep(source) {
        return Ok(());
    }
    let mut lexer = lex(source, Mode::Module);
    let mut depth = Depth::default();
    loop {
        let kind = lexer.next_token();
        if kind == TokenKind::EndOfFile {
            return Ok(());
        }
        depth.take(kind);
        if depth.is_too_much() {
            return Err((TextSize::new(0), Reason::TooDeep));
        }
    }
}

/// A cheap look at the bytes: a file with few of those that every level needs cannot be deep,
/// wherever its strings and blocks begin and end. A level begins with an opening bracket or an
/// operator, or with a word that is an operator: then a gap follows a word, or a word a quote.
fn could_be_deep(source: &str) -> bool {
    /// Short enough for a count in one byte, which the compiler turns into wide instructions.
    const CHUNK: usize = 128;
    let bytes = source.as_bytes();
    let after = bytes.get(1..).unwrap_or_default();
    let marks = bytes
        .chunks(CHUNK)
        .map(|part| usize::from(part.iter().map(|byte| u8::from(is_mark(*byte))).sum::<u8>()));
    let words = bytes
        .chunks(CHUNK)
        .zip(after.chunks(CHUNK))
        .map(|(part, next)| {
            let pairs = part.iter().zip(next);
            usize::from(
                pairs
                    .map(|(a, b)| u8::from(is_word_end(*a, *b)))
                    .sum::<u8>(),
            )
        });
    marks.sum::<usize>() + words.sum::<usize>() >= DEEPEST
}

/// Whether a byte may open a level: neither part of a word, nor a gap, a closing bracket, a
/// comma, a quote or an equals sign.
fn is_mark(byte: u8) -> bool {
    let is_quiet = matches!(byte, b',' | b'=' | b')' | b']' | b'}' | b'#');
    !(is_wordy(byte) || is_quote(byte) || is_gap(byte) || is_quiet)
}

/// Whether a word may end between two bytes that is an operator and opens a level.
fn is_word_end(before: u8, behind: u8) -> bool {
    (is_wordy(before) && is_gap(behind)) || (is_quote(before) && is_wordy(behind))
}

fn is_wordy(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

fn is_gap(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Levels that are open at one place of the text.
#[derive(Default)]
struct Depth {
    blocks: usize,
    /// Operators since the last comma, for each open bracket.
    operators: Vec<usize>,
    here: usize,
    total: usize,
}

impl Depth {
    fn take(&mut self, kind: TokenKind) {
        match kind {
            TokenKind::Indent => self.blocks += 1,
            TokenKind::Dedent => self.blocks = self.blocks.saturating_sub(1),
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => self.open(),
            TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
            | TokenKind::FStringEnd
            | TokenKind::TStringEnd => self.close(),
            TokenKind::Comma => self.forget(),
            TokenKind::Newline | TokenKind::Semi => {
                self.operators.clear();
                (self.here, self.total) = (0, 0);
            }
            TokenKind::Name
            | TokenKind::String
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline
            | TokenKind::FStringMiddle
            | TokenKind::TStringMiddle => {}
            _ => self.add(),
        }
    }

    fn open(&mut self) {
        self.add();
        self.operators.push(self.here);
        self.here = 0;
    }

    fn close(&mut self) {
        self.total = self.total.saturating_sub(self.here);
        self.here = self.operators.pop().unwrap_or(0);
    }

    fn forget(&mut self) {
        self.total = self.total.saturating_sub(self.here);
        self.here = 0;
    }

    fn add(&mut self) {
        self.here += 1;
        self.total += 1;
    }

    fn is_too_much(&self) -> bool {
        self.blocks > BLOCKS || self.operators.len() > BRACKETS || self.total > DEEPEST
    }
}
