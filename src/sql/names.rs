//! Names as PostgreSQL would print them.

use squawk_syntax::ast::normalize_name_node;
use squawk_syntax::quote::quote_ident;
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::tree;

/// The name that a node is or holds: a path, or a single word.
pub(super) fn name(node: &SyntaxNode) -> Option<String> {
    let parts = parts(node);
    (!parts.is_empty()).then(|| parts.join("."))
}

/// The name in the first child of this kind.
pub(super) fn name_in(node: &SyntaxNode, kind: SyntaxKind) -> Option<String> {
    tree::child(node, kind).and_then(|child| name(&child))
}

/// The table of `schema.table.column`.
pub(super) fn owner(column: &SyntaxNode) -> Option<String> {
    let mut parts = parts(column);
    parts.pop();
    (!parts.is_empty()).then(|| parts.join("."))
}

/// The column of it.
pub(super) fn column(column: &SyntaxNode) -> Option<String> {
    parts(column).pop()
}

fn parts(node: &SyntaxNode) -> Vec<String> {
    words(node).iter().map(|word| quote_ident(word)).collect()
}

/// The parts of the name that a node is or holds, without quotes.
pub(super) fn words(node: &SyntaxNode) -> Vec<String> {
    let path = node
        .descendants()
        .find(|inner| matches!(inner.kind(), SyntaxKind::PATH | SyntaxKind::PATH_REF));
    let written = |node: &SyntaxNode| {
        let name = normalize_name_node(node);
        (!name.is_empty()).then_some(name)
    };
    match path {
        Some(path) => path
            .descendants()
            .filter(|inner| {
                matches!(
                    inner.kind(),
                    SyntaxKind::PATH_SEGMENT | SyntaxKind::PATH_SEGMENT_REF
                )
            })
            .filter_map(|segment| written(&segment))
            .collect(),
        None => written(node).into_iter().collect(),
    }
}

/// Whether two names mean one table; `public` need not be said.
pub fn same_table(one: &str, other: &str) -> bool {
    bare(one) == bare(other)
}

fn bare(name: &str) -> &str {
    name.strip_prefix("public.").unwrap_or(name)
}
