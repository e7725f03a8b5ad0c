//! Tables, indexes, comments and rows.

use super::super::python::Value;
use super::super::schema::{
    DOUBT, Item, Table, altered_table, insert_rows, literal, name, name_of, optional_name,
    table_name,
};
use super::super::schema::{created_index, dropped_index};
use super::Operation;

pub(super) fn run<'a>(operation_name: &str, mut operation: Operation<'_, 'a>) -> Value<'a> {
    match operation_name {
        "create_table" => create_table(operation),
        "drop_table" => {
            let (schema, table) = operation.table();
            let exists = match operation.bound.flag("if_exists") {
                Ok(Some(true)) => "IF EXISTS ",
                Ok(_) => "",
                Err(_) => DOUBT,
            };
            operation.bound.ignore(&["info"]);
            operation.bound.ignore_other_dialects();
            let table = table_name(schema.as_deref(), &table);
            operation.send(vec![format!("DROP TABLE {exists}{table}")])
        }
        "rename_table" => {
            let old = operation.bound.take("old_table_name");
            let (schema, table) = match old {
                Some(old) => {
                    let schema = optional_name(operation.bound.take("schema").as_ref());
                    (schema, name_of(Some(&old)))
                }
                None => operation.table(),
            };
            let new = name(&name_of(operation.bound.take("new_table_name").as_ref()));
            let old = altered_table(schema.as_deref(), &table);
            operation.send(vec![format!("ALTER TABLE {old} RENAME TO {new}")])
        }
        "create_table_comment" | "drop_table_comment" => comment(operation_name, operation),
        "create_index" => {
            let table = operation.batch.cloned();
            let index = created_index(&mut operation.bound, table.as_deref());
            operation.bound = super::Bound::default();
            operation.send(vec![index.create()])
        }
        "drop_index" => {
            let schema = operation.batch.and_then(|batch| batch.schema.clone());
            let sql = dropped_index(&mut operation.bound, schema);
            operation.bound = super::Bound::default();
            operation.send(vec![sql])
        }
        _ => bulk_insert(operation),
    }
}

fn create_table<'a>(mut operation: Operation<'_, 'a>) -> Value<'a> {
    let table = super::super::schema::created_table(&mut operation.bound);
    let mut statements = Vec::new();
    for named in table.named_types() {
        if operation.machine.made_types.insert(named.qualified()) {
            statements.push(named.create());
        }
    }
    statements.extend(table.create());
    operation.bound = super::Bound::default();
    operation.send(statements);
    Value::item(Item::Table(Table::clone(&table)))
}

fn comment<'a>(operation_name: &str, mut operation: Operation<'_, 'a>) -> Value<'a> {
    let (schema, table) = operation.table();
    let table = table_name(schema.as_deref(), &table);
    let comment = match operation.bound.take("comment") {
        Some(Value::None) | None if operation_name == "drop_table_comment" => "NULL".to_owned(),
        Some(Value::None) => "NULL".to_owned(),
        comment => literal(&name_of(comment.as_ref())),
    };
    operation.bound.ignore(&["existing_comment"]);
    operation.send(vec![format!("COMMENT ON TABLE {table} IS {comment}")])
}

fn bulk_insert<'a>(mut operation: Operation<'_, 'a>) -> Value<'a> {
    operation.bound.ignore(&["multiinsert"]);
    let table = operation.bound.take("table").unwrap_or(Value::None);
    let rows = operation.bound.take("rows").unwrap_or(Value::None);
    match insert_rows(&table, &rows) {
        Ok(statements) => operation.send(statements),
        Err(why) => operation.give_up(why),
    }
}
