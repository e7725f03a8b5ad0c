//! Calls: of the file's own functions, of what it imports, and of what leads to the database.

use std::rc::Rc;

use ruff_python_ast::{self as ast, Expr};

use super::super::operation;
use super::super::schema::{construct, is_library};
use super::Arguments;
use super::machine::{Machine, Place};
use super::method::dedent;
use super::value::{Handle, Unknown, Value};

/// Whether a method is one of a log, of a constant or of a type, which send nothing.
fn is_quiet(owner: &str, method: &str) -> bool {
    let is_log = matches!(
        owner,
        "log" | "logger" | "LOG" | "LOGGER" | "_logger" | "_log"
    ) && matches!(
        method,
        "debug" | "info" | "warning" | "warn" | "error" | "exception" | "critical" | "log"
    );
    let is_constant = !owner.is_empty()
        && owner
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let of_constant = is_constant
        && matches!(
            method,
            "values" | "items" | "keys" | "get" | "copy" | "format" | "join" | "lower" | "upper"
        );
    is_log || of_constant || method == "with_variant"
}

impl<'a> Machine<'a> {
    /// Evaluates a call, and all that it does.
    pub(super) fn call(&mut self, call: &'a ast::ExprCall) -> Value<'a> {
        let callee = self.eval(&call.func);
        let arguments = self.arguments(&call.arguments);
        let place = self.place(call);
        let owner = match &*call.func {
            Expr::Attribute(part) => Some(&*part.value),
            _ => None,
        };
        self.apply(&callee, arguments, &place, owner)
    }

    /// Calls a value.
    pub(in super::super) fn apply(
        &mut self,
        callee: &Value<'a>,
        arguments: Arguments<'a>,
        place: &Place,
        owner: Option<&'a Expr>,
    ) -> Value<'a> {
        match callee {
            Value::Path(path) => self.call_path(path, arguments, place),
            Value::Function(function, captured) => {
                self.call_function(function, captured, arguments, place)
            }
            Value::Lambda(lambda) => self.call_lambda(lambda, arguments),
            Value::Bound(bound) => {
                let bound = Rc::clone(bound);
                self.call_method(&bound.0, &bound.1, arguments, place, owner)
            }
            Value::Class(class) if class.is_enum => {
                let found = class.enumerate().into_iter().find(|member| match member {
                    Value::Member(member) => Some(&member.2) == arguments.only(),
                    _ => false,
                });
                found.unwrap_or_else(|| Value::unknown("it is no member of the enumeration"))
            }
            Value::Unknown(unknown) => {
                let unknown = unknown.clone();
                self.call_unknown(&unknown, &arguments, place)
            }
            _ => {
                if arguments.reach_database() {
                    self.give_up(place, "it is handed what leads to the database");
                }
                Value::unknown("it is the result of a call")
            }
        }
    }

    fn call_unknown(
        &mut self,
        unknown: &Unknown,
        arguments: &Arguments<'a>,
        place: &Place,
    ) -> Value<'a> {
        if arguments.reach_database() {
            self.give_up(
                place,
                format!("it is handed what leads to the database; {}", unknown.why),
            );
        } else if unknown.foreign {
            self.give_up(place, unknown.why.to_string());
        }
        Value::Unknown(unknown.clone())
    }

    /// The arguments of a call.
    fn arguments(&mut self, written: &'a ast::Arguments) -> Arguments<'a> {
        let mut arguments = Arguments::default();
        for argument in &written.args {
            match argument {
                Expr::Starred(starred) => {
                    let inner = self.eval(&starred.value);
                    match inner.iterate() {
                        Some(more) => arguments.positional.extend(more),
                        None => arguments.open = true,
                    }
                }
                plain => {
                    let value = self.eval(plain);
                    arguments.positional.push(value);
                }
            }
        }
        for keyword in &written.keywords {
            let value = self.eval(&keyword.value);
            match (&keyword.arg, value) {
                (Some(name), value) => arguments.named.push((name.as_str().into(), value)),
                (None, Value::Dict(all)) => {
                    for (key, value) in all.iter() {
                        match key {
                            Value::Text(name) => {
                                arguments.named.push((name.clone(), value.clone()));
                            }
                            _ => arguments.open = true,
                        }
                    }
                }
                (None, _) => arguments.open = true,
            }
        }
        arguments
    }

    /// Calls something that is imported or built in.
    fn call_path(&mut self, path: &str, arguments: Arguments<'a>, place: &Place) -> Value<'a> {
        if let Some(name) = path.strip_prefix("alembic.op.") {
            return operation::call(self, None, name, arguments, place);
        }
        if let Some(name) = path.strip_prefix("builtins.") {
            if matches!(name, "exec" | "eval") {
                self.give_up(place, "it runs code that is made while it runs");
            }
            return self.call_builtin(name, &arguments);
        }
        match path {
            "alembic.context.get_context" => return Value::Handle(Handle::Context),
            "alembic.context.get_bind" => return Value::Handle(Handle::Connection),
            "alembic.context.is_offline_mode" => return Value::Bool(false),
            "textwrap.dedent" => {
                return match arguments.only() {
                    Some(Value::Text(text)) => Value::text(dedent(text)),
                    other => Value::unknown(other.map_or_else(String::new, Value::why)),
                };
            }
            "functools.partial" if arguments.named.is_empty() => {
                return Value::unknown("it is a call that is put off");
            }
            "sqlalchemy.orm.sessionmaker" | "sqlalchemy.orm.session.sessionmaker" => {
                return Value::Path("sqlalchemy.orm.Session".into());
            }
            _ => {}
        }
        let reaches = arguments.reach_database();
        if let Some(made) = construct(path, arguments) {
            return made;
        }
        self.call_elsewhere(path, reaches, place)
    }

    /// Calls what is not understood here.
    fn call_elsewhere(&mut self, path: &str, reaches: bool, place: &Place) -> Value<'a> {
        let (owner, name) = path.rsplit_once('.').unwrap_or(("", path));
        if is_quiet(owner.rsplit('.').next().unwrap_or(owner), name) && !reaches {
            return Value::unknown(format!("`{name}` is only known when it runs"));
        }
        // Whoever hands a connection to a class of this name gets SQLAlchemy's, or one like it.
        if reaches && name == "Session" {
            return Value::Handle(Handle::Session);
        }
        let is_class = name.chars().next().is_some_and(char::is_uppercase);
        if is_library(path) {
            if reaches && !is_class {
                self.give_up(place, "it is handed what leads to the database");
            }
            return Value::unknown(format!("`{path}` is only known when it runs"));
        }
        if reaches || !is_class {
            self.give_up(place, format!("`{name}` is defined in another file"));
        }
        Value::foreign(name)
    }

    fn call_method(
        &mut self,
        owner: &Value<'a>,
        name: &str,
        arguments: Arguments<'a>,
        place: &Place,
        written: Option<&'a Expr>,
    ) -> Value<'a> {
        match owner {
            Value::Batch(batch) => {
                let batch = Rc::clone(batch);
                operation::call(self, Some(&batch), name, arguments, place)
            }
            Value::Handle(handle) => operation::call_handle(self, *handle, name, arguments, place),
            Value::Item(item) => {
                let item = Rc::clone(item);
                operation::call_item(self, &item, name, arguments, place)
            }
            Value::Unknown(_) if name == "with_variant" => owner.clone(),
            Value::Unknown(unknown) => {
                let unknown = unknown.clone();
                self.call_unknown(&unknown, &arguments, place)
            }
            Value::Bound(inner) if !arguments.reach_database() => {
                // A method of an attribute: of the same kind as what it belongs to.
                match &inner.0 {
                    Value::Handle(_) => Value::Handle(Handle::Answer),
                    _ => Value::unknown("it is the result of a call"),
                }
            }
            _ if arguments.reach_database() => {
                self.give_up(place, "it is handed what leads to the database");
                Value::unknown("it is the result of a call")
            }
            _ => self.call_plain_method(owner, name, &arguments, written),
        }
    }
}
