//! Parts a text into statements, and says how deep a parser may have to go for each.

use std::ops::Range;

use squawk_lexer::{LiteralKind, TokenKind, tokenize};

/// A statement that is not yet understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it stands, without the semicolon.
    pub(super) range: Range<usize>,
    /// No parser nests deeper than this.
    pub(super) depth: usize,
}

/// The statements of a text. Between them there are only blanks, comments and semicolons.
pub(super) fn split(text: &str) -> Vec<Piece> {
    let mut splitter = Splitter::default();
    let mut offset = 0;
    for token in tokenize(text) {
        let end = offset + token.len as usize;
        splitter.take(token.kind, offset..end, &text[offset..end]);
        offset = end;
    }
    splitter.end();
    splitter.pieces
}

#[derive(Default)]
struct Splitter {
    pieces: Vec<Piece>,
    open: Option<Piece>,
    nesting: Nesting,
    /// Depth of `BEGIN ATOMIC … END`, in which semicolons part nothing.
    atomic: usize,
    after_begin: bool,
}

impl Splitter {
    fn take(&mut self, kind: TokenKind, range: Range<usize>, text: &str) {
        match kind {
            TokenKind::Eof
            | TokenKind::Whitespace
            | TokenKind::LineComment
            | TokenKind::BlockComment { .. } => return,
            TokenKind::Semi if self.atomic == 0 && self.nesting.is_flat() => return self.end(),
            TokenKind::Ident => self.watch(text),
            _ => self.after_begin = false,
        }
        self.nesting.take(kind, text);
        let depth = self.nesting.deepest;
        let open = self.open.get_or_insert_with(|| Piece {
            range: range.clone(),
            depth,
        });
        open.range.end = range.end;
        open.depth = depth;
    }

    fn watch(&mut self, word: &str) {
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        let opens = self.after_begin && is("atomic");
        if opens || (self.atomic > 0 && is("case")) {
            self.atomic += 1;
        } else if self.atomic > 0 && is("end") {
            self.atomic -= 1;
        }
        self.after_begin = is("begin");
    }

    fn end(&mut self) {
        self.pieces.extend(self.open.take());
        self.nesting = Nesting::default();
        self.atomic = 0;
        self.after_begin = false;
    }
}

/// Counts what may nest: brackets, and whatever stands side by side without a comma.
struct Nesting {
    levels: Vec<usize>,
    sum: usize,
    deepest: usize,
}

impl Default for Nesting {
    fn default() -> Self {
        Self {
            levels: vec![0],
            sum: 0,
            deepest: 0,
        }
    }
}

impl Nesting {
    fn is_flat(&self) -> bool {
        self.levels.len() == 1
    }

    fn take(&mut self, kind: TokenKind, text: &str) {
        match kind {
            TokenKind::Comma => self.restart(),
            TokenKind::CloseParen | TokenKind::CloseBracket if !self.is_flat() => {
                self.sum -= self.levels.pop().unwrap_or_default();
            }
            TokenKind::OpenParen | TokenKind::OpenBracket => {
                self.add(1);
                self.levels.push(0);
            }
            TokenKind::Literal {
                kind:
                    LiteralKind::DollarQuotedString { .. }
                    | LiteralKind::Str { .. }
                    | LiteralKind::EscStr { .. },
            } => {
                // It may hold the body of a function, which is parsed as well.
                let inside = tokenize(text.get(1..).unwrap_or_default());
                let words = inside.filter(|token| token.kind != TokenKind::Whitespace);
                self.deepest = self.deepest.max(self.sum + words.count());
                self.add(1);
            }
            _ => self.add(1),
        }
    }

    fn add(&mut self, count: usize) {
        self.sum += count;
        if let Some(level) = self.levels.last_mut() {
            *level += count;
        }
        self.deepest = self.deepest.max(self.sum);
    }

    fn restart(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            self.sum -= *level;
            *level = 0;
        }
    }
}
