//! Names and values as SQLAlchemy writes them for PostgreSQL.

/// Words that are quoted when they are names.
const RESERVED: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "column",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "new",
    "not",
    "notnull",
    "null",
    "of",
    "off",
    "offset",
    "old",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "over",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "table",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
];

/// A name, in quotes where it needs them.
pub(in super::super) fn name(name: &str) -> String {
    if needs_quotes(name) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}

fn needs_quotes(name: &str) -> bool {
    let is_legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '$';
    let starts_badly = name.starts_with(|c: char| c.is_ascii_digit() || c == '$');
    name.is_empty()
        || starts_badly
        || !name.chars().all(is_legal)
        || RESERVED.binary_search(&name).is_ok()
}

/// Names with commas between them.
pub(super) fn names<'n>(all: impl IntoIterator<Item = &'n String>) -> String {
    let all: Vec<String> = all.into_iter().map(|one| name(one)).collect();
    all.join(", ")
}

/// A table, as SQLAlchemy's own statements name it.
pub(in super::super) fn table(schema: Option<&str>, table: &str) -> String {
    match schema {
        Some(schema) if !schema.is_empty() => format!("{}.{}", name(schema), name(table)),
        _ => name(table),
    }
}

/// A table, as Alembic's `ALTER TABLE` names it: the parts of a dotted schema are quoted one by one.
pub(in super::super) fn altered_table(schema: Option<&str>, table: &str) -> String {
    match schema {
        Some(schema) if !schema.is_empty() => {
            let parts: Vec<String> = schema.split('.').map(name).collect();
            format!("{}.{}", parts.join("."), name(table))
        }
        _ => name(table),
    }
}

/// A string literal.
pub(in super::super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::RESERVED;

    #[test]
    fn reserved_words_can_be_searched() {
        assert!(RESERVED.is_sorted());
    }
}
