//! `add_column`, `drop_column` and `alter_column`.

use super::super::python::{Bound, Value};
use super::super::schema::{
    self, Column, Constraint, DOUBT, Index, Item, altered_table, default_sql, literal, name,
    name_of, table_name, type_of,
};
use super::Operation;

/// `op.add_column(…)`.
pub(super) fn add<'a>(mut operation: Operation<'_, 'a>) -> Value<'a> {
    let (schema, table) = operation.table();
    let column = operation.bound.take("column");
    let Some(column) = column.as_ref().and_then(column_of) else {
        let why = column.map_or_else(String::new, |value| value.why());
        return operation.give_up(format!("the column is not known: {why}"));
    };
    let whole = table_name(schema.as_deref(), &table);
    let exists = match operation.bound.flag("if_not_exists") {
        Ok(Some(true)) => "IF NOT EXISTS ",
        Ok(_) => "",
        Err(_) => DOUBT,
    };
    let inline = operation.bound.flag("inline_references");
    let inline_key = operation.bound.flag("inline_primary_key");
    let altered = altered_table(schema.as_deref(), &table);
    let keys = usize::from(column.is_primary);
    let mut declaration = column.declaration(schema.as_deref(), keys);
    if inline_key == Ok(Some(true)) && column.is_primary {
        declaration.push_str(" PRIMARY KEY");
    }
    let mut constraints = column.constraints();
    if inline == Ok(Some(true)) && column.references.len() == 1 {
        constraints.retain(|one| match one.references() {
            Some(references) => {
                declaration = format!("{declaration}{references}");
                false
            }
            None => true,
        });
    }
    if inline.is_err() || inline_key.is_err() {
        declaration.push_str(DOUBT);
    }
    declaration.push_str(&column.checks());
    let mut statements = vec![format!(
        "ALTER TABLE {altered} ADD COLUMN {exists}{declaration}"
    )];
    statements.extend(constraints.iter().map(|one| one.add_to(&whole)));
    if column.is_indexed {
        statements.push(Index::of_column(schema.as_deref(), &table, column).create());
    }
    statements.extend(schema::comment_on(&whole, column));
    operation.bound.ignore(&["insert_before", "insert_after"]);
    operation.send(statements)
}

fn column_of<'v>(value: &'v Value<'_>) -> Option<&'v Column> {
    match value {
        Value::Item(item) => match &**item {
            Item::Column(column) => Some(column),
            _ => None,
        },
        _ => None,
    }
}

/// `op.drop_column(…)`.
pub(super) fn drop_it<'a>(mut operation: Operation<'_, 'a>) -> Value<'a> {
    let (schema, table) = operation.table();
    let column = name(&name_of(operation.bound.take("column_name").as_ref()));
    let exists = match operation.bound.flag("if_exists") {
        Ok(Some(true)) => "IF EXISTS ",
        Ok(_) => "",
        Err(_) => DOUBT,
    };
    operation.bound.ignore_other_dialects();
    operation.bound.ignore(&["info"]);
    let altered = altered_table(schema.as_deref(), &table);
    operation.send(vec![format!(
        "ALTER TABLE {altered} DROP COLUMN {exists}{column}"
    )])
}

/// `op.alter_column(…)`, which becomes a statement for each thing that changes.
pub(super) fn alter<'a>(mut operation: Operation<'_, 'a>) -> Value<'a> {
    let (schema, table) = operation.table();
    let column = name_of(operation.bound.take("column_name").as_ref());
    let altered = Altered {
        whole: table_name(schema.as_deref(), &table),
        table: altered_table(schema.as_deref(), &table),
        schema,
        column,
    };
    match altered.changes(&mut operation.bound) {
        Ok(statements) => {
            operation.bound.ignore(&[
                "existing_nullable",
                "existing_comment",
                "autoincrement",
                "existing_autoincrement",
                "insert_before",
                "insert_after",
                "existing_server_default",
            ]);
            operation.bound.ignore_other_dialects();
            operation.send(statements)
        }
        Err(why) => operation.give_up(why),
    }
}

/// A column that is changed.
struct Altered {
    schema: Option<String>,
    /// Its table, as Alembic's own statements name it.
    table: String,
    /// Its table, as SQLAlchemy's statements name it.
    whole: String,
    column: String,
}

impl Altered {
    fn changes(&self, bound: &mut Bound<'_>) -> Result<Vec<String>, String> {
        let head = self.head();
        let existing = bound
            .take_some("existing_type")
            .map(|value| type_of(&value));
        let ty = bound.take_some("type_").map(|value| type_of(&value));
        let ty = ty.map(|ty| ty.within(self.schema.as_deref()));
        let mut all = Vec::new();
        if ty.is_some()
            && let Some((Some(check), _)) = existing.and_then(|existing| existing.checked)
        {
            let table = &self.whole;
            all.push(format!(
                "ALTER TABLE {table} DROP CONSTRAINT {}",
                name(&check)
            ));
        }
        let using = bound.take_some("postgresql_using");
        match (&ty, using) {
            (None, None) => {}
            (None, Some(_)) => {
                return Err("Alembic refuses `postgresql_using` without `type_`".to_owned());
            }
            (Some(ty), None) => all.push(format!("{head} TYPE {}", ty.sql())),
            (Some(ty), Some(using)) => {
                let using = name_of(Some(&using));
                all.push(format!("{head} TYPE {} USING {using}", ty.sql()));
            }
        }
        match bound.flag("nullable")? {
            None => {}
            Some(true) => all.push(format!("{head} DROP NOT NULL")),
            Some(false) => all.push(format!("{head} SET NOT NULL")),
        }
        all.extend(alter_default(bound, &head)?);
        all.extend(self.names_and_comments(bound));
        if let Some((check, values)) = ty.and_then(|ty| ty.checked) {
            all.push(Constraint::values(check, &self.column, &values).add_to(&self.whole));
        }
        Ok(all)
    }

    fn head(&self) -> String {
        format!(
            "ALTER TABLE {} ALTER COLUMN {}",
            self.table,
            name(&self.column)
        )
    }

    fn names_and_comments(&self, bound: &mut Bound<'_>) -> Vec<String> {
        let (table, column) = (&self.table, name(&self.column));
        let mut all = Vec::new();
        match bound.take("comment") {
            None | Some(Value::Bool(false)) => {}
            Some(Value::None) => all.push(format!("COMMENT ON COLUMN {table}.{column} IS NULL")),
            Some(comment) => {
                let comment = literal(&name_of(Some(&comment)));
                all.push(format!("COMMENT ON COLUMN {table}.{column} IS {comment}"));
            }
        }
        if let Some(new) = bound.take_some("new_column_name") {
            let new = name(&name_of(Some(&new)));
            all.push(format!("ALTER TABLE {table} RENAME {column} TO {new}"));
        }
        all
    }
}

fn alter_default(bound: &mut Bound<'_>, head: &str) -> Result<Vec<String>, String> {
    let Some(default) = bound.take("server_default") else {
        return Ok(Vec::new());
    };
    let existing = bound.take_some("existing_server_default");
    let generated = |value: &Value<'_>| match value {
        Value::Item(item) => match &**item {
            Item::Computed(_) => Some(false),
            Item::Identity(_) => Some(true),
            _ => None,
        },
        _ => None,
    };
    let is_identity = [Some(&default), existing.as_ref()]
        .into_iter()
        .flatten()
        .find_map(generated);
    match (default, is_identity) {
        (Value::Bool(false), _) => Ok(Vec::new()),
        (_, Some(false)) => {
            Err("a computed column cannot be changed into or from another".to_owned())
        }
        (Value::None, Some(true)) => Ok(vec![format!("{head} DROP IDENTITY")]),
        (Value::Item(item), Some(true)) => match (&*item, &existing) {
            (Item::Identity(sql), None | Some(Value::Bool(false))) => {
                Ok(vec![format!("{head} ADD {sql}")])
            }
            _ => Ok(vec![format!(
                "{head} SET {} {DOUBT}",
                "GENERATED BY DEFAULT"
            )]),
        },
        (Value::None, None) => Ok(vec![format!("{head} DROP DEFAULT")]),
        (value, _) => Ok(vec![format!("{head} SET DEFAULT {}", default_sql(&value))]),
    }
}
