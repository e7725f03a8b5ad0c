//! What leads to the database: connections, sessions, and what they give back.

use super::super::python::{Arguments, Handle, Machine, Place, Value};
use super::execute::rendered;

/// Calls a method of a handle.
pub(in super::super) fn call<'a>(
    machine: &mut Machine<'a>,
    handle: Handle,
    name: &str,
    arguments: Arguments<'a>,
    place: &Place,
) -> Value<'a> {
    match handle {
        Handle::Connection | Handle::Session => connection(machine, handle, name, arguments, place),
        Handle::Context => context(machine, name, arguments, place),
        Handle::Engine => match name {
            "connect" | "begin" | "raw_connection" => Value::Handle(Handle::Connection),
            _ => Value::Handle(Handle::Answer),
        },
        Handle::Transaction => Value::None,
        Handle::Dialect | Handle::Inspector | Handle::Answer => Value::Handle(Handle::Answer),
    }
}

fn connection<'a>(
    machine: &mut Machine<'a>,
    handle: Handle,
    name: &str,
    mut arguments: Arguments<'a>,
    place: &Place,
) -> Value<'a> {
    match name {
        "execute" | "scalar" | "scalars" | "exec_driver_sql" | "executemany" | "execute_stmt" => {
            return execute(machine, arguments, place);
        }
        "commit" | "rollback" if handle == Handle::Connection => {
            machine.send(place, &[name.to_uppercase()]);
            return Value::None;
        }
        "begin" | "begin_nested" => return Value::Handle(Handle::Transaction),
        "connect" | "execution_options" | "cursor" | "get_bind" | "__enter__" => {
            return Value::Handle(handle);
        }
        "run_sync" if !arguments.positional.is_empty() => {
            let function = arguments.positional.remove(0);
            arguments
                .positional
                .insert(0, Value::Handle(Handle::Connection));
            return machine.apply(&function, arguments, place, None);
        }
        _ => {}
    }
    let is_quiet = matches!(
        name,
        "commit"
            | "rollback"
            | "flush"
            | "close"
            | "expire_all"
            | "expunge_all"
            | "in_transaction"
            | "get_transaction"
            | "detach"
            | "invalidate"
            | "fetchall"
            | "fetchone"
            | "get_isolation_level"
            | "default_isolation_level"
            | "refresh"
            | "remove"
    );
    if !is_quiet {
        let what = match handle {
            Handle::Session => "what the session sends hangs on the classes that are mapped",
            _ => "what this method of the connection sends is not known",
        };
        machine.give_up(place, what);
    }
    Value::Handle(Handle::Answer)
}

fn execute<'a>(machine: &mut Machine<'a>, arguments: Arguments<'a>, place: &Place) -> Value<'a> {
    let is_open = arguments.open;
    let mut bound = arguments.bind(&["statement", "parameters", "execution_options"]);
    bound.ignore(&["execution_options", "bind_arguments"]);
    let statement = ["statement", "object_", "clause", "text", "query", "sql"]
        .iter()
        .find_map(|name| bound.take(name))
        .unwrap_or(Value::None);
    let parameters = bound.take("parameters").or_else(|| bound.take("params"));
    // `execute(statement, name=value)`, as SQLAlchemy 1 took it.
    let named = bound.into_named();
    let parameters = match (parameters, named.is_empty()) {
        (None, false) => Some(Value::Dict(std::rc::Rc::new(
            named
                .into_iter()
                .map(|(name, value)| (Value::text(&name), value))
                .collect(),
        ))),
        (_, _) if is_open => Some(Value::unknown("it is passed from outside")),
        (given, _) => given,
    };
    match rendered(&statement, parameters.as_ref()) {
        Ok(statements) => machine.send(place, &statements),
        Err(why) => machine.give_up(place, why),
    }
    Value::Handle(Handle::Answer)
}

fn context<'a>(
    machine: &mut Machine<'a>,
    name: &str,
    arguments: Arguments<'a>,
    place: &Place,
) -> Value<'a> {
    match name {
        "autocommit_block" => Value::Bound(std::rc::Rc::new((
            Value::Handle(Handle::Context),
            "autocommit_block()".into(),
        ))),
        "begin_transaction" => Value::Handle(Handle::Transaction),
        "execute" => super::execute::execute(machine, arguments, place),
        _ => Value::Handle(Handle::Answer),
    }
}
