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

/// A cheap look at the bytes: a file with few marks in all, and no wide indentation,
/// cannot be deep, wherever its strings and brackets begin and end.
fn could_be_deep(source: &str) -> bool {
    let (mut marks, mut indent, mut is_space, mut is_start) = (0, 0, false, true);
    for byte in source.bytes() {
        let was_space = std::mem::replace(&mut is_space, byte.is_ascii_whitespace());
        if byte == b'\n' {
            (indent, is_start) = (0, true);
        } else if is_start && is_space {
            indent += 1;
        } else {
            is_start = false;
        }
        let counts = if is_space {
            !was_space
        } else {
            byte.is_ascii_punctuation() && byte != b','
        };
        marks += usize::from(counts && byte != b'_' && byte != b'"' && byte != b'\'');
        if marks > DEEPEST || indent > BLOCKS {
            return true;
        }
    }
    false
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
