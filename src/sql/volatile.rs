//! Whether a default is worked out once for all rows, or once for each of them.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::names::name;

/// Built-in functions that people write into defaults and that give one answer in one
/// statement. Any other may differ from row to row: PostgreSQL counts a function as
/// volatile unless somebody has said otherwise.
pub const STEADY: &[&str] = &[
    "age",
    "array_fill",
    "chr",
    "concat",
    "concat_ws",
    "current_database",
    "current_schema",
    "current_setting",
    "date_part",
    "date_trunc",
    "decode",
    "encode",
    "format",
    "hashtext",
    "int4range",
    "int8range",
    "json_build_array",
    "json_build_object",
    "jsonb_build_array",
    "jsonb_build_object",
    "length",
    "lower",
    "lpad",
    "make_date",
    "make_interval",
    "make_timestamp",
    "make_timestamptz",
    "md5",
    "now",
    "numrange",
    "point",
    "repeat",
    "replace",
    "round",
    "rpad",
    "sha256",
    "statement_timestamp",
    "string_to_array",
    "to_char",
    "to_date",
    "to_json",
    "to_jsonb",
    "to_number",
    "to_timestamp",
    "to_tsvector",
    "transaction_timestamp",
    "trunc",
    "tsrange",
    "tstzrange",
    "daterange",
    "upper",
];

/// Whether PostgreSQL may have to write every row for a column with this default.
pub(super) fn is_volatile(default: &SyntaxNode) -> bool {
    default
        .descendants()
        .filter(|inner| inner.kind() == SyntaxKind::CALL_EXPR)
        .any(|call| called(&call).is_none_or(|name| !STEADY.contains(&name.as_str())))
}

fn called(call: &SyntaxNode) -> Option<String> {
    let function = call.children().next()?;
    match function.kind() {
        SyntaxKind::NAME_REF => name(&function),
        SyntaxKind::FIELD_EXPR => {
            let mut parts = function.children();
            let schema = parts.next().and_then(|part| name(&part))?;
            let name = parts.next().and_then(|part| name(&part))?;
            (schema == "pg_catalog").then_some(name)
        }
        _ => None,
    }
}
