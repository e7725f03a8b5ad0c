//! `op.bulk_insert(…)`.

use super::super::python::Value;
use super::Item;
use super::statement::begin;

/// The statements that insert rows into a table.
pub(in super::super) fn insert_rows(
    table: &Value<'_>,
    rows: &Value<'_>,
) -> Result<Vec<String>, String> {
    if rows.elements().is_none() {
        return Err(format!("the rows are not known: {}", rows.why()));
    }
    let is_table = matches!(table, Value::Item(item) if matches!(&**item, Item::Table(_)));
    let insert = begin("insert", Some(table)).filter(|_| is_table);
    let Some(insert) = insert else {
        return Err(format!("the table is not known: {}", table.why()));
    };
    insert
        .with_rows(rows)
        .iter()
        .map(super::Statement::sql)
        .collect()
}
