//! Colours for SQL: from the lexer alone, so cheap, and sound for any text.

use std::ops::Range;

use squawk_lexer::{LiteralKind, TokenKind, tokenize};

/// What a piece of SQL is, for whoever paints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Token {
    /// A word of the language.
    Keyword,
    /// A type.
    Type,
    /// A name.
    Identifier,
    /// Text in quotes, also dollar quotes.
    Text,
    /// A number.
    Number,
    /// A remark.
    Comment,
    /// An operator.
    Operator,
    /// Brackets, commas, dots, semicolons.
    Punctuation,
    /// A parameter: `$1`.
    Parameter,
}

/// The pieces of a text that deserve a colour, in order; blanks are between them.
pub fn highlight(text: &str) -> Vec<(Range<usize>, Token)> {
    let mut offset = 0;
    let mut pieces = Vec::new();
    for lexed in tokenize(text) {
        let range = offset..offset + lexed.len as usize;
        offset = range.end;
        if let Some(token) = token(lexed.kind, &text[range.clone()]) {
            pieces.push((range, token));
        }
    }
    pieces
}

fn token(kind: TokenKind, text: &str) -> Option<Token> {
    Some(match kind {
        TokenKind::Whitespace | TokenKind::Eof => return None,
        TokenKind::LineComment | TokenKind::BlockComment { .. } => Token::Comment,
        TokenKind::Ident => word(text),
        TokenKind::QuotedIdent { .. } => Token::Identifier,
        TokenKind::PositionalParam { .. } => Token::Parameter,
        TokenKind::Literal {
            kind: LiteralKind::Int { .. } | LiteralKind::Numeric { .. },
        } => Token::Number,
        TokenKind::Literal { .. } => Token::Text,
        TokenKind::Semi
        | TokenKind::Comma
        | TokenKind::Dot
        | TokenKind::DotDot
        | TokenKind::OpenParen
        | TokenKind::CloseParen
        | TokenKind::OpenBracket
        | TokenKind::CloseBracket
        | TokenKind::OpenCurly
        | TokenKind::CloseCurly
        | TokenKind::Unknown => Token::Punctuation,
        _ => Token::Operator,
    })
}

fn word(text: &str) -> Token {
    let small = text.to_ascii_lowercase();
    if TYPES.binary_search(&small.as_str()).is_ok() {
        Token::Type
    } else if KEYWORDS.binary_search(&small.as_str()).is_ok() {
        Token::Keyword
    } else {
        Token::Identifier
    }
}

/// Words that are types wherever they stand.
const TYPES: &[&str] = &[
    "bigint",
    "bigserial",
    "bit",
    "bool",
    "boolean",
    "bytea",
    "char",
    "character",
    "cidr",
    "citext",
    "date",
    "decimal",
    "double",
    "float",
    "float4",
    "float8",
    "inet",
    "int",
    "int2",
    "int4",
    "int8",
    "integer",
    "interval",
    "json",
    "jsonb",
    "macaddr",
    "money",
    "numeric",
    "oid",
    "precision",
    "real",
    "regclass",
    "serial",
    "smallint",
    "smallserial",
    "text",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "tsquery",
    "tsvector",
    "uuid",
    "varbit",
    "varchar",
    "varying",
    "xml",
];

/// The words that make up the statements of a migration; others are as often names.
const KEYWORDS: &[&str] = &[
    "access",
    "action",
    "add",
    "after",
    "all",
    "alter",
    "always",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "attach",
    "authorization",
    "before",
    "begin",
    "between",
    "both",
    "by",
    "cascade",
    "case",
    "cast",
    "check",
    "cluster",
    "collate",
    "column",
    "comment",
    "commit",
    "concurrently",
    "conflict",
    "constraint",
    "copy",
    "create",
    "cross",
    "current_date",
    "current_timestamp",
    "current_user",
    "cycle",
    "database",
    "declare",
    "default",
    "deferrable",
    "deferred",
    "delete",
    "desc",
    "detach",
    "disable",
    "distinct",
    "do",
    "domain",
    "drop",
    "each",
    "else",
    "elsif",
    "enable",
    "end",
    "enum",
    "except",
    "exception",
    "exclude",
    "exclusive",
    "execute",
    "exists",
    "extension",
    "false",
    "fetch",
    "filter",
    "for",
    "foreign",
    "from",
    "full",
    "function",
    "generated",
    "grant",
    "group",
    "having",
    "identity",
    "if",
    "immediate",
    "immutable",
    "in",
    "include",
    "index",
    "inherit",
    "inherits",
    "initially",
    "inner",
    "insert",
    "instead",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "key",
    "language",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "local",
    "lock",
    "logged",
    "loop",
    "materialized",
    "merge",
    "mode",
    "natural",
    "no",
    "not",
    "nothing",
    "notnull",
    "null",
    "nulls",
    "of",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "over",
    "owned",
    "owner",
    "partition",
    "perform",
    "policy",
    "primary",
    "privileges",
    "procedure",
    "publication",
    "raise",
    "range",
    "recursive",
    "references",
    "refresh",
    "reindex",
    "rename",
    "replace",
    "reset",
    "restart",
    "restrict",
    "return",
    "returning",
    "returns",
    "revoke",
    "right",
    "rollback",
    "row",
    "rows",
    "rule",
    "savepoint",
    "schema",
    "security",
    "select",
    "sequence",
    "session",
    "set",
    "share",
    "show",
    "similar",
    "stable",
    "start",
    "statement",
    "statistics",
    "stored",
    "table",
    "tablespace",
    "temp",
    "temporary",
    "then",
    "to",
    "trailing",
    "transaction",
    "trigger",
    "true",
    "truncate",
    "type",
    "union",
    "unique",
    "unlogged",
    "until",
    "update",
    "using",
    "vacuum",
    "valid",
    "validate",
    "value",
    "values",
    "view",
    "volatile",
    "when",
    "where",
    "while",
    "window",
    "with",
    "without",
    "work",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_lists_are_sorted() {
        assert!(TYPES.is_sorted() && KEYWORDS.is_sorted());
    }

    #[test]
    fn each_piece_has_its_colour() {
        let text = "SELECT \"a\".b, 'x' || $1 -- so\nFROM t::jsonb LIMIT 5;";
        let words: Vec<(&str, Token)> = highlight(text)
            .into_iter()
            .map(|(range, token)| (&text[range], token))
            .collect();
        assert_eq!(words[0], ("SELECT", Token::Keyword));
        assert_eq!(words[1], ("\"a\"", Token::Identifier));
        assert_eq!(words[2], (".", Token::Punctuation));
        assert!(words.contains(&("'x'", Token::Text)));
        assert!(words.contains(&("$1", Token::Parameter)));
        assert!(words.contains(&("-- so", Token::Comment)));
        assert!(words.contains(&("jsonb", Token::Type)));
        assert!(words.contains(&("5", Token::Number)));
        assert!(words.contains(&("|", Token::Operator)));
    }
}
