//! Following calls: functions of the file, what is imported, and methods.

use ruff_python_ast::{ExprCall, StmtFunctionDef};

use super::flow::Flow;
use super::machine::{Machine, Raised};
use super::strings;
use super::value::{Call, FrameId, Given, Value};

type Found<'a> = Result<Value<'a>, Raised>;

/// What does nothing to a connection that it is given.
const HARMLESS: &[&str] = &[
    "print",
    "str",
    "repr",
    "len",
    "isinstance",
    "issubclass",
    "type",
    "id",
    "hasattr",
    "bool",
    "sorted",
    "set",
    "list",
    "tuple",
    "dict",
    "cast",
    "any",
    "all",
    "callable",
];

/// Methods of loggers.
const TALK: &[&str] = &[
    "debug",
    "info",
    "warning",
    "warn",
    "error",
    "exception",
    "critical",
    "log",
];

impl<'a> Machine<'a> {
    /// Follows a call.
    pub(super) fn call(&mut self, call: &'a ExprCall, frame: FrameId) -> Found<'a> {
        if let ruff_python_ast::Expr::Attribute(attribute) = &*call.func {
            let owner = self.value(&attribute.value, frame)?;
            let given = self.given(&call.arguments, frame)?;
            let name = attribute.attr.as_str();
            return match owner {
                Value::Imported(module) => self.imported(&format!("{module}.{name}"), given, call),
                owner => self.method(owner, name, given, call),
            };
        }
        let function = self.value(&call.func, frame)?;
        let given = self.given(&call.arguments, frame)?;
        if let (Value::Unknown, ruff_python_ast::Expr::Name(name)) = (&function, &*call.func) {
            let name = name.id.as_str();
            if !self.is_bound(name, frame) && name == "range" {
                return Ok(Value::Many(vec![Value::Unknown]));
            }
            if !self.is_bound(name, frame) && matches!(name, "exit" | "quit") {
                return Err(Raised);
            }
            if !self.is_bound(name, frame) && HARMLESS.contains(&name) {
                return Ok(Value::Unknown);
            }
        }
        self.apply(function, given, call)
    }

    /// Calls a value with arguments.
    pub(super) fn apply(
        &mut self,
        function: Value<'a>,
        given: Given<'a>,
        call: &'a ExprCall,
    ) -> Found<'a> {
        match function {
            Value::Function(definition, _) => {
                if definition.is_async || is_manager(definition) {
                    let call = Call { function, given };
                    return Ok(Value::Later(Box::new(call)));
                }
                self.run_function(Call { function, given })
            }
            Value::Lambda(..) => self.run_function(Call { function, given }),
            Value::Imported(name) => self.imported(&name, given, call),
            other => Ok(self.opaque(&other, &given, call)),
        }
    }

    /// Runs a function of the file.
    pub(super) fn run_function(&mut self, call: Call<'a>) -> Found<'a> {
        self.deeper(|machine| match call.function {
            Value::Function(function, parent) => {
                if strings::yields(&function.body) {
                    return Ok(Self::holder(
                        call.given.values().flat_map(Value::sessions).collect(),
                    ));
                }
                let frame = machine.enter(&function.parameters, call.given, parent)?;
                Ok(match machine.block(&function.body, frame)? {
                    Flow::Return(value) => value,
                    _ => Value::None,
                })
            }
            Value::Lambda(lambda, parent) => {
                let frame = match &lambda.parameters {
                    Some(parameters) => machine.enter(parameters, call.given, parent)?,
                    None => parent,
                };
                machine.value(&lambda.body, frame)
            }
            _ => Ok(Value::Unknown),
        })
    }

    /// What a value is once it was waited for.
    pub(super) fn wait(&mut self, value: Value<'a>) -> Found<'a> {
        match value {
            Value::Later(call) => self.run_function(*call),
            other => Ok(other),
        }
    }

    /// A call that cannot be looked into: its connections may be anywhere afterwards.
    pub(super) fn opaque(
        &mut self,
        function: &Value<'a>,
        given: &Given<'a>,
        call: &'a ExprCall,
    ) -> Value<'a> {
        let mut sessions = function.sessions();
        sessions.extend(given.values().flat_map(Value::sessions));
        let place = self.place(call);
        let words = place.what.to_lowercase();
        let callee = words.split('(').next().unwrap_or_default();
        if callee.contains("lock") && !callee.contains("block") && !callee.contains("clock") {
            self.is_touched = true;
        }
        self.doubt(&sessions, &place);
        Self::holder(sessions)
    }

    /// A method of a value.
    fn method(
        &mut self,
        owner: Value<'a>,
        name: &str,
        given: Given<'a>,
        call: &'a ExprCall,
    ) -> Found<'a> {
        match owner {
            Value::Connection(id) => self.on_connection(id, name, given, call),
            Value::Engine(engine) => Ok(self.on_engine(engine, name, &given, call)),
            Value::Transaction(id) => {
                match name {
                    "commit" => self.sessions[id].commit(),
                    "rollback" | "close" => self.sessions[id].roll_back(),
                    _ => {}
                }
                Ok(Value::Transaction(id))
            }
            Value::ContextTransaction(owner) => {
                match (name, owner) {
                    ("commit", Some(id)) => self.sessions[id].commit(),
                    ("rollback", Some(id)) => self.sessions[id].roll_back(),
                    _ => {}
                }
                Ok(Value::ContextTransaction(owner))
            }
            Value::Inspector(id) => {
                self.execute(id, call, "");
                Ok(Value::Unknown)
            }
            Value::MigrationContext(id) => self.on_context(id, name, given, call),
            Value::Attributes => Ok(match name {
                "get" | "pop" | "setdefault" => {
                    given.get(1, "default").cloned().unwrap_or(Value::None)
                }
                _ => Value::Unknown,
            }),
            Value::Text(text) => Ok(match name {
                "format" | "strip" | "lower" | "upper" | "replace" | "lstrip" | "rstrip" => {
                    Value::Text(text)
                }
                _ => Value::Unknown,
            }),
            Value::Sql(text) => Ok(Value::Sql(text)),
            Value::Dict(mut items) => Ok(match (name, given.get(0, "key")) {
                ("get" | "pop", Some(Value::Text(key))) => {
                    items.remove(key).unwrap_or(Value::Unknown)
                }
                _ => Self::holder(items.values().flat_map(Value::sessions).collect()),
            }),
            Value::Driver => Ok(Value::Driver),
            other => self.on_other(other, name, given, call),
        }
    }

    /// A method of something that is not known, told by its name where the name tells it.
    fn on_other(
        &mut self,
        owner: Value<'a>,
        name: &str,
        given: Given<'a>,
        call: &'a ExprCall,
    ) -> Found<'a> {
        if TALK.contains(&name) {
            return Ok(Value::Unknown);
        }
        match (name, given.plain.first()) {
            ("run_until_complete" | "run", Some(Value::Later(_))) => {
                let first = given.plain.into_iter().next().unwrap_or(Value::None);
                self.wait(first)
            }
            _ if matches!(owner, Value::Unknown) => {
                Ok(self.by_imported_name(name, &given, call, true))
            }
            _ => Ok(self.opaque(&owner, &given, call)),
        }
    }
}

/// Whether a function is a context manager by its decorator.
fn is_manager(function: &StmtFunctionDef) -> bool {
    function.decorator_list.iter().any(|decorator| {
        strings::names(&decorator.expression)
            .any(|name| matches!(&*name, "contextmanager" | "asynccontextmanager"))
    })
}
