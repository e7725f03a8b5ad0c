//! The tables of a database, asked of PostgreSQL's own catalogue.
//!
//! `information_schema` shows only what the signed-in user may use, so a database full of
//! tables would look empty to a reader with few rights; `pg_catalog` shows all to everybody.

use crate::domain::database::Table;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text;

/// Between the names of columns, or of tables: a character that no name holds.
pub(super) const BETWEEN: char = '\u{1f}';

/// Schema, name and columns of each table that somebody made; not the server's own, not those
/// of extensions, and of a partitioned table only the whole.
pub(in crate::adapters) const TABLES: &str = "\
    SELECT n.nspname::text, c.relname::text, string_agg(a.attname::text, '\u{1f}' ORDER BY a.attnum) \
    FROM pg_catalog.pg_class c \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition \
    AND n.nspname <> 'information_schema' AND substr(n.nspname::text, 1, 3) <> 'pg_' \
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d \
        WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') \
    GROUP BY n.nspname, c.relname ORDER BY n.nspname, c.relname";

/// Name of the table that says where a database stands.
const VERSION_TABLE: &str = "alembic_version";

/// Asks for the rows of `alembic_version`, in a schema or where the search path finds it.
pub(in crate::adapters) fn versions(schema: Option<&str>) -> String {
    match schema {
        Some(schema) => format!("SELECT version_num FROM {}.{VERSION_TABLE}", quoted(schema)),
        None => format!("SELECT version_num FROM {VERSION_TABLE}"),
    }
}

/// A name from outside as an identifier of SQL, whatever is in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Whether the search path leads to an `alembic_version`; NULL when it does not.
pub(in crate::adapters) const HAS_VERSION_TABLE: &str =
    "SELECT to_regclass('alembic_version')::text";

/// A text from outside as a literal of SQL, whatever is in it.
pub(in crate::adapters) fn literal(text: &str) -> String {
    format!(" E'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The tables of a database as the answer to [`TABLES`] gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::adapters) struct Catalogue {
    version_schemas: Vec<String>,
    tables: Vec<Table>,
}

impl Catalogue {
    /// Whether there is an `alembic_version` in any schema.
    pub(in crate::adapters) fn has_version_table(&self) -> bool {
        !self.version_schemas.is_empty()
    }

    /// The one schema that has it, where the search path does not lead to it.
    pub(in crate::adapters) fn version_schema(&self) -> Result<&str, Failure> {
        if let [only] = self.version_schemas.as_slice() {
            return Ok(only);
        }
        let schemas: Vec<_> = self
            .version_schemas
            .iter()
            .map(|s| text::clean(s))
            .collect();
        Err(Failure::new(
            FailureKind::Config,
            format!(
                "{VERSION_TABLE} is in several schemas, and in none of the search path: {}",
                schemas.join(", ")
            ),
            "ALTER ROLE … SET search_path, so that it begins with the schema of the application",
        ))
    }

    /// The tables but for `alembic_version`.
    pub(in crate::adapters) fn into_tables(self) -> Vec<Table> {
        self.tables
    }
}

impl<'a> FromIterator<(&'a str, &'a str, &'a str)> for Catalogue {
    /// From schema, name and columns of each table.
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str, &'a str)>>(rows: I) -> Self {
        let mut found = Self::default();
        for (schema, name, columns) in rows {
            if name == VERSION_TABLE {
                found.version_schemas.push(schema.to_owned());
                continue;
            }
            let columns: Vec<_> = columns.split(BETWEEN).filter(|c| !c.is_empty()).collect();
            found.tables.push(Table::new(schema, name, &columns));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_cannot_leave_their_quotes() {
        assert_eq!(
            versions(Some("a\"; DROP")),
            "SELECT version_num FROM \"a\"\"; DROP\".alembic_version"
        );
        assert_eq!(literal("a'\\b"), " E'a\\'\\\\b'");
    }

    #[test]
    fn a_version_table_in_two_schemas_is_not_guessed() {
        let found = |schemas: &[&'static str]| -> Catalogue {
            schemas
                .iter()
                .map(|schema| (*schema, VERSION_TABLE, "version_num"))
                .collect()
        };
        assert_eq!(found(&["plant"]).version_schema(), Ok("plant"));
        let failure = found(&["a", "b"]).version_schema().unwrap_err();
        assert!(failure.summary.contains("a, b"), "{failure}");
    }
}
