//! Upkeep and the rest: `VACUUM`, `REINDEX`, `CLUSTER`, `REFRESH`, `COMMENT`, `GRANT`, transactions.

use squawk_syntax::ast::{AstNode, Reindex, Vacuum};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::analysis::Found;
use super::names::{column, name, name_in, owner};
use super::statement::{Effect, Transaction, Work};
use super::tree;
use crate::domain::review::{LockMode, Object, Verb};

/// Reads the statement, if it is one of these.
pub(super) fn read(node: &SyntaxNode, found: &mut Found) -> bool {
    match node.kind() {
        SyntaxKind::VACUUM => vacuum(node, found),
        SyntaxKind::ANALYZE => analyze(node, found),
        SyntaxKind::CLUSTER | SyntaxKind::REPACK => cluster(node, found),
        SyntaxKind::REINDEX => reindex(node, found),
        SyntaxKind::REFRESH => refresh(node, found),
        SyntaxKind::COMMENT_ON | SyntaxKind::SECURITY_LABEL => comment(node, found),
        SyntaxKind::GRANT | SyntaxKind::REVOKE => grant(node, found),
        SyntaxKind::BEGIN
        | SyntaxKind::COMMIT_TRANSACTION
        | SyntaxKind::ROLLBACK_TRANSACTION
        | SyntaxKind::PREPARE_TRANSACTION
        | SyntaxKind::COMMIT_PREPARED
        | SyntaxKind::ROLLBACK_PREPARED => {
            found.transaction = Transaction::Control;
            found.push(Effect::new(Verb::Other, Object::Other));
        }
        SyntaxKind::CALL | SyntaxKind::EXECUTE => {
            let word = if node.kind() == SyntaxKind::CALL {
                "procedure"
            } else {
                "prepared statement"
            };
            found.unknown = Some(format!("what the {word} does is not in its text"));
            found.push(Effect::new(Verb::Other, Object::Other));
        }
        _ => return false,
    }
    true
}

fn tables(node: &SyntaxNode) -> Vec<String> {
    tree::within(node, SyntaxKind::TABLE_NAME_REF)
        .filter_map(|table| name(&table))
        .collect()
}

fn whole(verb: Verb, table: &str) -> Effect {
    Effect::new(verb, Object::Table)
        .named(Some(table.to_owned()))
        .of(Some(table))
}

/// One effect for each table, or one for all of the database.
fn each(node: &SyntaxNode, verb: Verb, mode: LockMode, work: Work, found: &mut Found) {
    let tables = tables(node);
    for table in &tables {
        found.push(whole(verb, table).lock(Some(table), mode).works(work));
    }
    if tables.is_empty() {
        let effect = Effect::new(verb, Object::Table).lock_other("every table, one by one", mode);
        found.push(effect.works(work));
    }
}

fn vacuum(node: &SyntaxNode, found: &mut Found) {
    found.outside();
    found.repeatable = true;
    let full = Vacuum::cast(node.clone()).is_some_and(|vacuum| vacuum.is_full());
    if full {
        each(
            node,
            Verb::Rewrite,
            LockMode::AccessExclusive,
            Work::Rewrite,
            found,
        );
    } else {
        each(
            node,
            Verb::Other,
            LockMode::ShareUpdateExclusive,
            Work::Scan,
            found,
        );
    }
}

fn analyze(node: &SyntaxNode, found: &mut Found) {
    found.repeatable = true;
    each(
        node,
        Verb::Other,
        LockMode::ShareUpdateExclusive,
        Work::Rows,
        found,
    );
}

fn cluster(node: &SyntaxNode, found: &mut Found) {
    found.repeatable = true;
    if tables(node).is_empty() || node.kind() == SyntaxKind::REPACK {
        found.outside();
    }
    each(
        node,
        Verb::Rewrite,
        LockMode::AccessExclusive,
        Work::Rewrite,
        found,
    );
}

fn reindex(node: &SyntaxNode, found: &mut Found) {
    found.repeatable = true;
    let gentle = Reindex::cast(node.clone()).is_some_and(|reindex| reindex.is_concurrently());
    let mode = if gentle {
        LockMode::ShareUpdateExclusive
    } else {
        LockMode::Share
    };
    let target = node.children().find_map(|target| match target.kind() {
        SyntaxKind::REINDEX_TARGET_TABLE | SyntaxKind::REINDEX_TARGET_INDEX => {
            name(&target).map(|name| (target.kind(), name))
        }
        _ => None,
    });
    let effect = match target {
        Some((SyntaxKind::REINDEX_TARGET_TABLE, table)) => {
            whole(Verb::Rewrite, &table).lock(Some(&table), mode)
        }
        Some((_, index)) => Effect::new(Verb::Rewrite, Object::Index)
            .lock_other(format!("the table of index {index}"), mode)
            .named(Some(index)),
        None => {
            found.outside();
            Effect::new(Verb::Rewrite, Object::Index).lock_other("every table, one by one", mode)
        }
    };
    if gentle {
        found.outside();
    }
    found.push(effect.works(Work::Build));
}

fn refresh(node: &SyntaxNode, found: &mut Found) {
    found.repeatable = true;
    let view = name_in(node, SyntaxKind::VIEW_REF);
    let mode = if tree::word(node, SyntaxKind::CONCURRENTLY_KW) {
        LockMode::Exclusive
    } else {
        LockMode::AccessExclusive
    };
    let effect = Effect::new(Verb::Rewrite, Object::View)
        .named(view.clone())
        .of(view.as_deref())
        .lock(view.as_deref(), mode)
        .works(Work::Rewrite);
    found.push(effect);
}

fn comment(node: &SyntaxNode, found: &mut Found) {
    found.repeatable = true;
    let on = node.children().next();
    let effect = Effect::new(Verb::Other, Object::Other);
    let Some(on) = on else {
        return found.push(effect);
    };
    let table = match on.kind() {
        SyntaxKind::OBJECT_COLUMN => on.children().next().and_then(|column| owner(&column)),
        SyntaxKind::OBJECT_TABLE
        | SyntaxKind::OBJECT_FOREIGN_TABLE
        | SyntaxKind::OBJECT_VIEW
        | SyntaxKind::OBJECT_MATERIALIZED_VIEW => name(&on),
        SyntaxKind::OBJECT_TRIGGER
        | SyntaxKind::OBJECT_RULE
        | SyntaxKind::OBJECT_POLICY
        | SyntaxKind::OBJECT_CONSTRAINT => name_in(&on, SyntaxKind::RELATION_NAME_REF)
            .or_else(|| name_in(&on, SyntaxKind::TABLE_NAME_REF)),
        _ => None,
    };
    let (object, own) = match on.kind() {
        SyntaxKind::OBJECT_COLUMN => (
            Object::Column,
            on.children().next().and_then(|named| column(&named)),
        ),
        SyntaxKind::OBJECT_TABLE => (Object::Table, name(&on)),
        _ => (Object::Other, None),
    };
    // The comment of a part does not keep anybody from changing the whole.
    let mode = match on.kind() {
        SyntaxKind::OBJECT_TRIGGER
        | SyntaxKind::OBJECT_RULE
        | SyntaxKind::OBJECT_POLICY
        | SyntaxKind::OBJECT_CONSTRAINT => LockMode::AccessShare,
        _ => LockMode::ShareUpdateExclusive,
    };
    let effect = Effect::new(Verb::Other, object)
        .named(own)
        .of(table.as_deref())
        .lock(table.as_deref(), mode);
    found.push(effect);
}

fn grant(node: &SyntaxNode, found: &mut Found) {
    found.repeatable = true;
    let table = tree::within(node, SyntaxKind::RELATION_NAME_REF)
        .next()
        .and_then(|table| name(&table));
    let effect = Effect::new(Verb::Grant, Object::Privilege).of(table.as_deref());
    found.push(effect);
}
