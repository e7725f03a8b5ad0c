//! The few questions in PostgreSQL's words that the stand-in understands.

use std::sync::LazyLock;

use regex::Regex;

/// The parts of PostgreSQL's catalogue that a reader of migrations looks at.
pub(super) const CATALOGUE: &str = "
    ATTACH DATABASE ':memory:' AS information_schema;
    CREATE TABLE information_schema.tables AS
        SELECT 'plant' AS table_catalog, 'public' AS table_schema, name AS table_name, 'BASE TABLE' AS table_type
        FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%';
    ATTACH DATABASE ':memory:' AS pg_catalog;
    CREATE TABLE pg_catalog.pg_tables AS
        SELECT table_schema AS schemaname, table_name AS tablename FROM information_schema.tables;
    CREATE TABLE pg_catalog.pg_namespace AS SELECT 1 AS oid, 'public' AS nspname;
    CREATE TABLE pg_catalog.pg_class AS
        SELECT rowid AS oid, name AS relname, 1 AS relnamespace, 'r' AS relkind, 0 AS relispartition
        FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%';
    CREATE TABLE pg_catalog.pg_attribute AS
        SELECT c.oid AS attrelid, p.name AS attname, p.cid + 1 AS attnum, 0 AS attisdropped
        FROM pg_catalog.pg_class c JOIN pragma_table_info(c.relname) p;
    CREATE TABLE pg_catalog.pg_depend (classid TEXT, objid INTEGER, deptype TEXT);
    CREATE TABLE pg_catalog.pg_stat_activity (pid INTEGER, usename TEXT, application_name TEXT, state TEXT, query TEXT);
";

static REGCLASS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)to_regclass\(\s*'(?:public\.)?(\w+)'\s*\)"));
static CAST: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"::\s*(?:text|int|integer|bigint|regclass|varchar|name)\b"));
static SETTING: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?im)^\s*set\s+[^;]*;"));
static SCHEMA: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(?i)\bpublic\.|"public"\."#));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern that is tested")
}

/// What only a question about the sessions of a server names. A file has none but our own.
const SESSIONS: &str = "pg_blocking_pids(";

/// The same question in SQLite's words.
pub(super) fn translate(sql: &str) -> String {
    if sql.contains(SESSIONS) {
        return "SELECT 1 WHERE false".to_owned();
    }
    let found = "(SELECT name FROM main.sqlite_master WHERE type = 'table' AND name = '$1')";
    let sql = REGCLASS.replace_all(sql, found);
    let sql = CAST.replace_all(&sql, "");
    let sql = SETTING.replace_all(&sql, "");
    let sql = SCHEMA.replace_all(&sql, "");
    sql.replace("current_schema()", "'public'")
        .replace("current_database()", "'plant'")
}

/// A database's error in the words that PostgreSQL would use.
pub(super) fn error(error: &sqlx::Error) -> String {
    let text = match error {
        sqlx::Error::Database(inner) => inner.message().to_owned(),
        other => other.to_string(),
    };
    match text.strip_prefix("no such table: ") {
        Some(table) => {
            let table = table.trim_start_matches("main.");
            format!("ERROR: relation \"{table}\" does not exist (SQLSTATE 42P01)")
        }
        None => format!("ERROR: {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_translated() {
        assert!(
            translate("SELECT to_regclass('public.alembic_version')::text")
                .starts_with("SELECT (SELECT name FROM")
        );
        assert_eq!(translate("SET lock_timeout = '1s'; SELECT 1"), " SELECT 1");
        assert_eq!(
            translate("SELECT version_num FROM public.alembic_version"),
            "SELECT version_num FROM alembic_version"
        );
    }
}
