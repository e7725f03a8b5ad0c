//! From a text to what its statements do.

use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};

use super::split::{Piece, split};
use super::statement::{Effect, Fault, Setting, Statement, Transaction};
use super::{alter, alter_others, block, create, drop, rows, setting, tree, upkeep};
use crate::domain::review::{Object, Verb};

/// A statement of this depth is parsed where the caller stands.
const SHALLOW: usize = 100;
/// A deeper one gets a stack of its own; nothing that people write is deeper than this.
const DEEPEST: usize = 12_000;
/// What one level may take of that stack, generously.
const LEVEL: usize = 24 * 1024;

/// The statements of a text, in order. Text that is no SQL is a statement with a fault.
pub fn statements(text: &str) -> Vec<Statement> {
    let pieces = split(text).into_iter();
    pieces.map(|piece| analysed(text, &piece)).collect()
}

fn analysed(text: &str, piece: &Piece) -> Statement {
    let mut statement = Statement {
        range: piece.range.clone(),
        text: text[piece.range.clone()].to_owned(),
        effects: Vec::new(),
        fault: None,
        transaction: Transaction::Either,
        setting: None,
        unknown: None,
        repeatable: false,
    };
    let start = piece.range.start;
    match deep_enough(piece.depth, || parsed(&statement.text)) {
        Some((found, fault)) => {
            statement.fault = fault.map(|fault| Fault {
                offset: start + fault.offset,
                ..fault
            });
            statement.effects = found.effects;
            statement.transaction = found.transaction;
            statement.setting = found.setting;
            statement.unknown = found.unknown;
            statement.repeatable = found.repeatable;
        }
        None => {
            statement.unknown = Some("it is too long or too deeply nested to be read".to_owned());
        }
    }
    statement
}

/// Runs a parser where it cannot run out of stack; `None` where there is no such place.
pub(super) fn deep_enough<T: Send>(depth: usize, work: impl FnOnce() -> T + Send) -> Option<T> {
    if depth <= SHALLOW {
        return Some(work());
    }
    if depth > DEEPEST {
        return None;
    }
    std::thread::scope(|scope| {
        let size = depth * LEVEL + 4 * 1024 * 1024;
        let thread = std::thread::Builder::new().stack_size(size);
        let running = thread.spawn_scoped(scope, work).ok()?;
        running.join().ok()
    })
}

/// What a statement turned out to do.
pub(super) struct Found {
    pub(super) effects: Vec<Effect>,
    pub(super) transaction: Transaction,
    pub(super) setting: Option<Setting>,
    pub(super) unknown: Option<String>,
    pub(super) repeatable: bool,
}

impl Found {
    pub(super) fn new() -> Self {
        Self {
            effects: Vec::new(),
            transaction: Transaction::Either,
            setting: None,
            unknown: None,
            repeatable: false,
        }
    }

    pub(super) fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub(super) fn outside(&mut self) {
        self.transaction = Transaction::Outside;
    }
}

fn parsed(text: &str) -> (Found, Option<Fault>) {
    let parse = SourceFile::parse(text);
    let fault = parse.errors().first().map(|error| Fault {
        offset: text.len().min(error.range().start().into()),
        message: error.message().to_owned(),
    });
    let mut found = Found::new();
    for node in parse.syntax_node().children() {
        if !matches!(node.kind(), SyntaxKind::ERROR | SyntaxKind::EMPTY_STMT) {
            statement(&node, &mut found);
        }
    }
    (found, fault)
}

/// What one statement does.
pub(super) fn statement(node: &SyntaxNode, found: &mut Found) {
    found.repeatable = has_condition(node);
    let first = node.first_token().map(|token| token.kind());
    let known = setting::read(node, found)
        || block::read(node, found)
        || match first {
            Some(SyntaxKind::ALTER_KW) => {
                alter::read(node, found) || alter_others::read(node, found)
            }
            Some(SyntaxKind::CREATE_KW) => create::read(node, found),
            Some(SyntaxKind::DROP_KW) => drop::read(node, found),
            _ => rows::read(node, found) || upkeep::read(node, found),
        };
    if !known {
        found.push(other(first));
    }
}

/// Whether `IF EXISTS`, `IF NOT EXISTS` or `OR REPLACE` makes it safe to repeat.
fn has_condition(node: &SyntaxNode) -> bool {
    let conditions = [
        SyntaxKind::IF_EXISTS,
        SyntaxKind::IF_NOT_EXISTS,
        SyntaxKind::OR_REPLACE,
    ];
    conditions
        .iter()
        .any(|kind| tree::has(node, *kind) || node.children().any(|child| tree::has(&child, *kind)))
}

fn other(first: Option<SyntaxKind>) -> Effect {
    let verb = match first {
        Some(SyntaxKind::ALTER_KW) => Verb::Alter,
        Some(SyntaxKind::CREATE_KW) => Verb::Create,
        Some(SyntaxKind::DROP_KW) => Verb::Drop,
        _ => Verb::Other,
    };
    Effect::new(verb, Object::Other)
}
