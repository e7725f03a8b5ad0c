//! Looking things up in a syntax tree.

use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode};

/// The first child of this kind.
pub(super) fn child(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    node.children().find(|child| child.kind() == kind)
}

/// All children of this kind.
pub(super) fn children(
    node: &SyntaxNode,
    kind: SyntaxKind,
) -> impl Iterator<Item = SyntaxNode> + use<> {
    node.children().filter(move |child| child.kind() == kind)
}

/// Whether there is a child of this kind.
pub(super) fn has(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    node.children().any(|child| child.kind() == kind)
}

/// Whether a word of this kind stands directly in the node.
pub(super) fn word(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    node.children_with_tokens()
        .filter_map(SyntaxElement::into_token)
        .any(|token| token.kind() == kind)
}

/// Everything of this kind inside, at any depth.
pub(super) fn within(
    node: &SyntaxNode,
    kind: SyntaxKind,
) -> impl Iterator<Item = SyntaxNode> + use<> {
    node.descendants().filter(move |inner| inner.kind() == kind)
}

/// The text of a string literal without its quotes, or the bare text.
pub(super) fn value(node: &SyntaxNode) -> String {
    let text = node.text().to_string();
    let text = text.trim();
    let inner = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\''));
    inner.map_or_else(|| text.to_owned(), |inner| inner.replace("''", "'"))
}
