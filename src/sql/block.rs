//! `DO`: the statements in a block of PL/pgSQL, as far as they are written out.

use squawk_syntax::ast::{AstNode, Do};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::analysis::{Found, statement};
use super::statement::Effect;
use super::tree;
use crate::domain::review::{Certainty, Object, Verb};

/// Reads the statement, if it is a block.
pub(super) fn read(node: &SyntaxNode, found: &mut Found) -> bool {
    let Some(block) = Do::cast(node.clone()) else {
        return false;
    };
    let Some(code) = block.plpgsql() else {
        found.unknown = Some("its language is not read here".to_owned());
        found.push(Effect::new(Verb::Other, Object::Other));
        return true;
    };
    let errors = code.errors();
    if let Some(error) = errors.first() {
        found.unknown = Some(format!("its code is not understood: {}", error.message()));
    }
    for inner in code.syntax().descendants() {
        match inner.kind() {
            SyntaxKind::PLPGSQL_EXEC_SQL_STMT | SyntaxKind::PLPGSQL_PERFORM_STMT => {
                for sql in inner.children() {
                    take(&sql, reached(&inner), found);
                }
            }
            SyntaxKind::PLPGSQL_FOR_QUERY_STMT | SyntaxKind::PLPGSQL_CURSOR_DECL => {
                for sql in inner.children().filter(is_query) {
                    take(&sql, reached(&inner), found);
                }
            }
            SyntaxKind::PLPGSQL_DYN_EXECUTE_STMT => dynamic(&inner, found),
            SyntaxKind::PLPGSQL_FOR_DYN_STMT => {
                found.unknown = Some("it runs text that it makes up as it goes".to_owned());
            }
            SyntaxKind::PLPGSQL_CALL_STMT => {
                found.unknown = Some("what the procedure does is not in its text".to_owned());
            }
            _ => {}
        }
    }
    found.repeatable = false;
    if found.effects.is_empty() {
        found.push(Effect::new(Verb::Other, Object::Other));
    }
    true
}

fn is_query(node: &SyntaxNode) -> bool {
    matches!(
        node.kind(),
        SyntaxKind::SELECT
            | SyntaxKind::COMPOUND_SELECT
            | SyntaxKind::PAREN_SELECT
            | SyntaxKind::VALUES
            | SyntaxKind::TABLE
    )
}

/// Takes over what a statement of the block does.
fn take(sql: &SyntaxNode, certainty: Certainty, found: &mut Found) {
    let mut inner = Found::new();
    statement(sql, &mut inner);
    for effect in &mut inner.effects {
        effect.certainty = certainty;
    }
    found.effects.append(&mut inner.effects);
    found.unknown = found.unknown.take().or(inner.unknown);
}

/// `EXECUTE` of a plain text is as good as the text.
fn dynamic(node: &SyntaxNode, found: &mut Found) {
    let text = tree::within(node, SyntaxKind::LITERAL)
        .next()
        .filter(|_| tree::within(node, SyntaxKind::PLPGSQL_EXPR).count() == 1)
        .filter(|text| {
            // Nothing but the text: no concatenation, no `format()`.
            let whole = tree::child(node, SyntaxKind::PLPGSQL_EXPR);
            whole.is_some_and(|whole| whole.text() == text.text())
        });
    let Some(text) = text else {
        found.unknown = Some("it runs text that it makes up as it goes".to_owned());
        return;
    };
    let certainty = reached(node);
    for mut statement in super::statements(&tree::value(&text)) {
        for effect in &mut statement.effects {
            effect.certainty = certainty;
        }
        found.effects.append(&mut statement.effects);
        found.unknown = found.unknown.take().or(statement.unknown);
        if let Some(fault) = statement.fault {
            found.unknown = Some(format!("it runs text that is no SQL: {}", fault.message));
        }
    }
}

/// Whether a statement of the block is reached in any case.
fn reached(node: &SyntaxNode) -> Certainty {
    let mut certainty = Certainty::Always;
    for outer in node.ancestors().skip(1) {
        match outer.kind() {
            SyntaxKind::PLPGSQL_LOOP_STMT
            | SyntaxKind::PLPGSQL_WHILE_STMT
            | SyntaxKind::PLPGSQL_FOR_I_STMT
            | SyntaxKind::PLPGSQL_FOR_QUERY_STMT
            | SyntaxKind::PLPGSQL_FOR_DYN_STMT
            | SyntaxKind::PLPGSQL_FOR_CURSOR_STMT
            | SyntaxKind::PLPGSQL_FOR_EACH_STMT => return Certainty::Repeated,
            SyntaxKind::PLPGSQL_IF_STMT
            | SyntaxKind::PLPGSQL_CASE_STMT
            | SyntaxKind::PLPGSQL_EXCEPTION_SECTION => certainty = Certainty::Perhaps,
            _ => {}
        }
    }
    certainty
}
