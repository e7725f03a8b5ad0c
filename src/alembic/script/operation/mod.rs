//! Alembic's operations, and what else sends SQL.

mod columns;
mod connection;
mod constraints;
mod execute;
mod items;
mod objects;

pub(super) use self::connection::call as call_handle;
pub(super) use self::items::call as call_item;

use std::rc::Rc;

use super::Step;
use super::python::{Arguments, Batch, Bound, Handle, Machine, Place, Value};
use super::schema::{Clause, Item, name_of, optional_name, rank};

/// An operation that is being called: what it is given, and where it stands.
struct Operation<'o, 'a> {
    machine: &'o mut Machine<'a>,
    bound: Bound<'a>,
    batch: Option<&'o Rc<Batch>>,
    place: &'o Place,
}

impl<'a> Operation<'_, 'a> {
    /// The table that is changed, and its schema.
    fn table(&mut self) -> (Option<String>, String) {
        if let Some(batch) = self.batch {
            return (batch.schema.clone(), batch.table.clone());
        }
        let schema = self.bound.take("schema");
        let table = self.bound.take("table_name");
        (optional_name(schema.as_ref()), name_of(table.as_ref()))
    }

    /// Sends statements, in a batch when it ends.
    fn send(self, mut statements: Vec<String>) -> Value<'a> {
        if self.bound.has_more()
            && let Some(first) = statements.first_mut()
        {
            first.push_str(super::schema::DOUBT);
        }
        if self.batch.is_some() {
            self.machine.send_batched(self.place, &statements);
        } else {
            self.machine.send(self.place, &statements);
        }
        Value::None
    }

    fn give_up(self, why: impl Into<String>) -> Value<'a> {
        self.machine.give_up(self.place, why);
        Value::unknown("it is the result of an operation")
    }
}

/// Calls `op.name(…)`, or `batch_op.name(…)`.
pub(super) fn call<'a>(
    machine: &mut Machine<'a>,
    batch: Option<&Rc<Batch>>,
    name: &str,
    arguments: Arguments<'a>,
    place: &Place,
) -> Value<'a> {
    let first = arguments.positional.first().cloned();
    match name {
        "get_bind" => return Value::Handle(Handle::Connection),
        "get_context" => return Value::Handle(Handle::Context),
        "f" => return first.unwrap_or(Value::None),
        "inline_literal" => return inline_literal(first.as_ref()),
        "batch_alter_table" => return batch_of(arguments),
        "execute" => return execute::execute(machine, arguments, place),
        "run_async" => return run_async(machine, arguments, place),
        "register_operation" | "implementation_for" => return Value::unknown("it is a decorator"),
        "invoke" => {
            machine.give_up(place, "it invokes an operation that is made while it runs");
            return Value::unknown("it is the result of an operation");
        }
        _ => {}
    }
    let Some(parameters) = parameters_of(name, batch.is_some()) else {
        machine.give_up(place, format!("`{name}` is no operation of Alembic itself"));
        return Value::unknown("it is the result of an operation");
    };
    let operation = Operation {
        machine,
        bound: arguments.bind(parameters),
        batch,
        place,
    };
    match name {
        "create_table"
        | "drop_table"
        | "rename_table"
        | "create_table_comment"
        | "drop_table_comment"
        | "create_index"
        | "drop_index"
        | "bulk_insert" => objects::run(name, operation),
        "add_column" => columns::add(operation),
        "drop_column" => columns::drop_it(operation),
        "alter_column" => columns::alter(operation),
        _ => constraints::run(name, operation),
    }
}

/// The parameters of an operation, in the order of positional arguments.
fn parameters_of(name: &str, in_batch: bool) -> Option<&'static [&'static str]> {
    let all: &'static [&'static str] = match name {
        "create_table" | "drop_table" if !in_batch => &["table_name"],
        "rename_table" if !in_batch => &["table_name", "new_table_name"],
        "bulk_insert" if !in_batch => &["table", "rows"],
        "create_table_comment" => &["table_name", "comment"],
        "drop_table_comment" => &["table_name"],
        "create_index" => &["index_name", "table_name", "columns"],
        "drop_index" => &["index_name", "table_name"],
        "add_column" => &["table_name", "column"],
        "drop_column" | "alter_column" => &["table_name", "column_name"],
        "create_foreign_key" => &[
            "constraint_name",
            "table_name",
            "referent_table",
            "local_cols",
            "remote_cols",
        ],
        "create_unique_constraint" | "create_primary_key" => {
            &["constraint_name", "table_name", "columns"]
        }
        "create_check_constraint" => &["constraint_name", "table_name", "condition"],
        "create_exclude_constraint" => &["constraint_name", "table_name"],
        "drop_constraint" => &["constraint_name", "table_name", "type_"],
        _ => return None,
    };
    if !in_batch {
        return Some(all);
    }
    Some(match name {
        "create_table_comment" => &["comment"],
        "drop_table_comment" => &[],
        "create_index" => &["index_name", "columns"],
        "drop_index" => &["index_name"],
        "add_column" => &["column"],
        "drop_column" | "alter_column" => &["column_name"],
        "create_foreign_key" => &[
            "constraint_name",
            "referent_table",
            "local_cols",
            "remote_cols",
        ],
        "create_unique_constraint" | "create_primary_key" => &["constraint_name", "columns"],
        "create_check_constraint" => &["constraint_name", "condition"],
        "create_exclude_constraint" => &["constraint_name"],
        _ => &["constraint_name", "type_"],
    })
}

/// `op.inline_literal(value)`.
fn inline_literal<'a>(value: Option<&Value<'a>>) -> Value<'a> {
    let sql = value.map_or(String::new(), super::schema::bound_literal);
    Value::item(Item::Clause(Clause::new(sql, rank::ATOM)))
}

/// `op.batch_alter_table(…)`.
fn batch_of(arguments: Arguments<'_>) -> Value<'_> {
    let mut bound = arguments.bind(&["table_name", "schema", "recreate"]);
    let table = name_of(bound.take("table_name").as_ref());
    let schema = optional_name(bound.take("schema").as_ref());
    let rebuilds = match bound.take_some("recreate") {
        None => false,
        Some(Value::Text(word)) => !matches!(&*word, "auto" | "never"),
        Some(_) => true,
    };
    Value::Batch(Rc::new(Batch {
        table,
        schema,
        rebuilds,
    }))
}

/// Notes what has waited for the end of a batch.
pub(super) fn end_batch(
    machine: &mut Machine<'_>,
    batch: &Batch,
    place: &Place,
    waiting: Vec<Step>,
) {
    if batch.rebuilds && !waiting.is_empty() {
        let name = &batch.table;
        machine.give_up(
            place,
            format!("the table `{name}` is made anew as the database knows it (`recreate`)"),
        );
        return;
    }
    machine.append(waiting);
}

/// `op.run_async(function, …)`.
fn run_async<'a>(
    machine: &mut Machine<'a>,
    mut arguments: Arguments<'a>,
    place: &Place,
) -> Value<'a> {
    if arguments.positional.is_empty() {
        machine.give_up(place, "the function that it runs is not known");
        return Value::unknown("it is the result of an operation");
    }
    let function = arguments.positional.remove(0);
    arguments
        .positional
        .insert(0, Value::Handle(Handle::Connection));
    machine.apply(&function, arguments, place, None)
}
