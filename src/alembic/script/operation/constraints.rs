//! Constraints that are added and dropped.

use super::super::python::Value;
use super::super::schema::{
    DOUBT, added_key, check, columns_constraint, exclude, name, name_of, names_of, optional_name,
    table_name,
};
use super::Operation;

/// Adds or drops a constraint.
pub(super) fn run<'a>(operation_name: &str, mut operation: Operation<'_, 'a>) -> Value<'a> {
    if operation_name == "drop_constraint" {
        return drop_it(operation);
    }
    if operation_name == "create_foreign_key" {
        return foreign_key(operation);
    }
    let (schema, table) = operation.table();
    let bound = &mut operation.bound;
    let given = optional_name(bound.take("constraint_name").as_ref());
    let made = match operation_name {
        "create_primary_key" | "create_unique_constraint" => {
            let columns = names_of(bound.take("columns").as_ref());
            columns_constraint(operation_name == "create_primary_key", columns, bound)
        }
        "create_check_constraint" => check(bound, "condition"),
        _ => exclude(bound),
    };
    let made = made.named(given);
    let whole = table_name(schema.as_deref(), &table);
    take_all(&mut operation);
    operation.send(vec![made.add_to(&whole)])
}

/// What was left over has been marked in the constraint itself.
fn take_all(operation: &mut Operation<'_, '_>) {
    operation.bound = super::Bound::default();
}

fn foreign_key<'a>(mut operation: Operation<'_, 'a>) -> Value<'a> {
    let schema = optional_name(operation.bound.take("source_schema").as_ref());
    let legacy = operation.bound.take("source_table");
    let (schema, table) = if let Some(batch) = operation.batch {
        (batch.schema.clone(), batch.table.clone())
    } else {
        let table = operation.bound.take("table_name").or(legacy);
        (schema, name_of(table.as_ref()))
    };
    let made = added_key(&mut operation.bound);
    let whole = table_name(schema.as_deref(), &table);
    take_all(&mut operation);
    operation.send(vec![made.add_to(&whole)])
}

fn drop_it<'a>(mut operation: Operation<'_, 'a>) -> Value<'a> {
    let (schema, table) = operation.table();
    let constraint = operation.bound.take("constraint_name");
    if constraint
        .as_ref()
        .is_none_or(|value| *value == Value::None)
    {
        return operation
            .give_up("a constraint without a name: a naming convention may give it one");
    }
    let exists = match operation.bound.flag("if_exists") {
        Ok(Some(true)) => "IF EXISTS ",
        Ok(_) => "",
        Err(_) => DOUBT,
    };
    operation.bound.ignore(&["type_", "info"]);
    let whole = table_name(schema.as_deref(), &table);
    let constraint = name(&name_of(constraint.as_ref()));
    operation.send(vec![format!(
        "ALTER TABLE {whole} DROP CONSTRAINT {exists}{constraint}"
    )])
}
