//! Methods of what SQLAlchemy makes: types, tables, statements, expressions.

use std::rc::Rc;

use super::super::python::{Arguments, Machine, Place, Value};
use super::super::schema::{Item, NamedType, Table, begin, column_clause, method, type_of};

/// Calls a method.
pub(in super::super) fn call<'a>(
    machine: &mut Machine<'a>,
    item: &Rc<Item>,
    name: &str,
    arguments: Arguments<'a>,
    place: &Place,
) -> Value<'a> {
    let same = || Value::Item(Rc::clone(item));
    match (&**item, name) {
        (Item::Type(_), "with_variant") => variant(item, arguments),
        (Item::Type(known), "create" | "drop") => match &known.named {
            Some(named) => make_type(machine, named, name, arguments, place),
            None => {
                // Types that the database has already.
                Value::None
            }
        },
        (Item::Text(text), "bindparams") if !arguments.open && arguments.positional.is_empty() => {
            let bound = arguments
                .named
                .iter()
                .fold(text.clone(), |text, (name, value)| text.bind(name, value));
            Value::item(Item::Text(bound))
        }
        (Item::Text(text), "bindparams") => Value::item(Item::Text(text.with_unknown_parameters())),
        (Item::Type(_), "copy") | (Item::Text(_) | Item::Complete(_), _) => same(),
        (Item::Table(table), "create" | "drop") => {
            table_itself(machine, table, name, arguments, place)
        }
        (Item::Table(_), "insert" | "update" | "delete" | "select") => {
            let whole = same();
            let begun = begin(name, Some(&whole)).map(|begun| match arguments.is_empty() {
                true => begun,
                false if name == "insert" || name == "update" => begun.method("values", &arguments),
                false => begun.method("where", &arguments),
            });
            begun.map_or_else(
                || Value::unknown("it is no statement"),
                |begun| Value::item(Item::Statement(begun)),
            )
        }
        (Item::Statement(statement), _) => {
            Value::item(Item::Statement(statement.method(name, &arguments)))
        }
        (Item::Clause(clause), _) => method(clause, name, &arguments),
        (Item::Column(column), _) => method(&column_clause(column), name, &arguments),
        (Item::Columns(table), "get") => match arguments.only() {
            Some(Value::Text(column)) => super::super::schema::column_of(table, column),
            _ => Value::unknown("it is a column that is not known"),
        },
        _ => {
            if arguments.reach_database() {
                machine.give_up(place, "it is handed what leads to the database");
            }
            Value::unknown("it is the result of a call")
        }
    }
}

/// `type.with_variant(other, *dialects)`.
fn variant<'a>(item: &Rc<Item>, arguments: Arguments<'a>) -> Value<'a> {
    let dialects = arguments.positional.get(1..).unwrap_or_default();
    let known: Option<Vec<&str>> = dialects.iter().map(Value::as_known_text).collect();
    match (known, arguments.positional.first()) {
        (Some(dialects), Some(other)) if !arguments.open && arguments.named.is_empty() => {
            if dialects.contains(&"postgresql") {
                Value::item(Item::Type(type_of(other)))
            } else {
                Value::Item(Rc::clone(item))
            }
        }
        _ => Value::unknown("it is a type that is not known"),
    }
}

/// `ENUM(…).create(bind)`, which looks first whether there is one.
fn make_type<'a>(
    machine: &mut Machine<'a>,
    named: &NamedType,
    verb: &str,
    arguments: Arguments<'a>,
    place: &Place,
) -> Value<'a> {
    let sql = if verb == "create" {
        named.create()
    } else {
        named.drop_it()
    };
    send_after_look(machine, named.looks_first, arguments, place, &[sql])
}

fn table_itself<'a>(
    machine: &mut Machine<'a>,
    table: &Table,
    verb: &str,
    arguments: Arguments<'a>,
    place: &Place,
) -> Value<'a> {
    let statements: Vec<_> = if verb == "create" {
        let types = table.named_types();
        types
            .iter()
            .map(NamedType::create)
            .chain(table.create())
            .collect()
    } else {
        vec![format!("DROP TABLE {}", table.sql_name())]
    };
    send_after_look(machine, false, arguments, place, &statements)
}

/// Sends statements, perhaps, where SQLAlchemy looks first whether the thing is there:
/// `checkfirst` says so, or else the thing itself.
fn send_after_look<'a>(
    machine: &mut Machine<'a>,
    by_itself: bool,
    arguments: Arguments<'a>,
    place: &Place,
    statements: &[String],
) -> Value<'a> {
    let looks_first = arguments.bind(&["bind", "checkfirst"]).flag("checkfirst");
    match looks_first.map(|said| said.unwrap_or(by_itself)) {
        Ok(false) => machine.send(place, statements),
        _ => machine.perhaps(|machine| machine.send(place, statements)),
    }
    Value::None
}
