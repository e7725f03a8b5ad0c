//! What the parts of Alembic, SQLAlchemy and asyncio do that `env.py` files use.

use ruff_python_ast::ExprCall;

use super::machine::{Configured, Machine, Raised, Ran};
use super::settings::{self, Kind};
use super::value::{Call, Engine, Given, Id, Value};

type Found<'a> = Result<Value<'a>, Raised>;

/// Methods that send a statement.
const STATEMENTS: &[&str] = &[
    "execute",
    "scalar",
    "scalars",
    "exec_driver_sql",
    "stream",
    "stream_scalars",
];

impl<'a> Machine<'a> {
    /// A call of something imported, by its dotted name.
    pub(super) fn imported(
        &mut self,
        name: &str,
        given: Given<'a>,
        call: &'a ExprCall,
    ) -> Found<'a> {
        let (module, last) = name.rsplit_once('.').unwrap_or(("", name));
        let root = module.split('.').next().unwrap_or_default();
        if module == "alembic.context" {
            return self.on_alembic(last, given, call);
        }
        match (root, last) {
            ("alembic", "configure") if module.ends_with("MigrationContext") => {
                Ok(match given.get(0, "connection") {
                    Some(Value::Connection(id)) => Value::MigrationContext(*id),
                    _ => Value::Unknown,
                })
            }
            ("alembic", "get_bind") => Ok(self.bound()),
            ("alembic", "execute") if module.ends_with("op") => {
                self.execute_configured(&given, call);
                Ok(Value::None)
            }
            ("sqlalchemy", _) | ("sqlmodel", "text" | "select" | "create_engine") => {
                Ok(self.on_sqlalchemy(module, last, given, call))
            }
            ("asyncio", "get_running_loop") | ("sys", "exit") => Err(Raised),
            ("asyncio" | "anyio" | "uvloop" | "nest_asyncio", _) => self.on_loop(last, given),
            ("contextlib", "closing" | "nullcontext" | "aclosing") => {
                Ok(given.plain.into_iter().next().unwrap_or(Value::None))
            }
            ("functools", "partial") => Ok(partial(given)),
            ("logging" | "typing" | "warnings" | "os" | "time", _) => Ok(Value::Unknown),
            _ => Ok(self.by_imported_name(last, &given, call, false)),
        }
    }

    /// Something whose module says nothing: only what opens a connection is told by its name.
    pub(super) fn by_imported_name(
        &mut self,
        last: &str,
        given: &Given<'a>,
        call: &'a ExprCall,
        is_method: bool,
    ) -> Value<'a> {
        let foreign = Engine {
            is_foreign: true,
            ..Engine::default()
        };
        let touches = given.values().any(|value| !value.sessions().is_empty());
        match last {
            "connect" if !touches => Value::Connection(self.connect(&foreign)),
            "begin" if !touches => Value::Beginning(foreign),
            "create_all" | "drop_all" | "reflect" if touches => {
                for id in given.values().flat_map(Value::sessions).collect::<Vec<_>>() {
                    self.execute(id, call, "");
                }
                Value::Unknown
            }
            // An engine by any other name can only be told by what is done with it.
            _ if is_method && !touches => Value::Unknown,
            _ => self.opaque(&Value::Unknown, given, call),
        }
    }

    fn on_alembic(&mut self, name: &str, given: Given<'a>, call: &'a ExprCall) -> Found<'a> {
        Ok(match name {
            "is_offline_mode" => Value::Bool(false),
            "configure" => {
                self.configure(&given, call);
                Value::None
            }
            "begin_transaction" => self.begin_transaction(call)?,
            "run_migrations" => {
                self.run_migrations(call)?;
                Value::None
            }
            "get_bind" => self.bound(),
            "get_context" => match self.configured.and_then(|c| c.session) {
                Some(id) => Value::MigrationContext(id),
                None => Value::Unknown,
            },
            "execute" => {
                self.execute_configured(&given, call);
                Value::None
            }
            _ => Value::Unknown,
        })
    }

    fn configure(&mut self, given: &Given<'a>, call: &'a ExprCall) {
        let session = match given.get(0, "connection") {
            Some(Value::Connection(id)) => Some(*id),
            _ => None,
        };
        let per_migration = match given.named("transaction_per_migration") {
            Some(value) => value.truth().unwrap_or_else(|| self.choose(call)),
            None => false,
        };
        let external = session.is_some_and(|id| self.sessions[id].begun.is_some());
        self.configured = Some(Configured {
            session,
            external,
            per_migration,
        });
    }

    /// Begins what Alembic itself would commit; nothing where others began before.
    fn begin_transaction(&mut self, call: &'a ExprCall) -> Found<'a> {
        let configured = self.configured.ok_or(Raised)?;
        Ok(match configured {
            Configured {
                session: Some(id),
                external: false,
                per_migration: false,
            } if self.sessions[id].doubt.is_none() => {
                let place = self.place(call);
                self.sessions[id].begun.get_or_insert(place);
                Value::ContextTransaction(Some(id))
            }
            _ => Value::ContextTransaction(None),
        })
    }

    fn run_migrations(&mut self, call: &'a ExprCall) -> Result<(), Raised> {
        let configured = self.configured.ok_or(Raised)?;
        let place = self.place(call);
        let session = configured.session.map(|id| &self.sessions[id]);
        let holds = |kind: Kind| match kind {
            // A lock keeps others out whichever connection holds it.
            Kind::Lock => self.sessions.iter().any(|s| s.has(kind)),
            _ => session.is_some_and(|s| s.has(kind)),
        };
        let kinds = [Kind::Lock, Kind::LockTimeout, Kind::StatementTimeout];
        self.ran = Some(Ran {
            place: place.clone(),
            session: configured.session,
            begun: session.and_then(|s| s.begun.clone()),
            external: configured.external,
            per_migration: configured.per_migration,
            doubt: session.and_then(|s| s.doubt.clone()),
            in_force: kinds.into_iter().filter(|kind| holds(*kind)).collect(),
        });
        if let Some(id) = configured.session {
            self.sessions[id].run(place);
            let is_known = self.sessions[id].doubt.is_none();
            if configured.per_migration && !configured.external && is_known {
                self.sessions[id].commit();
            }
        }
        Ok(())
    }

    fn bound(&self) -> Value<'a> {
        let session = self.configured.and_then(|c| c.session);
        session.map_or(Value::Unknown, Value::Connection)
    }

    fn execute_configured(&mut self, given: &Given<'a>, call: &'a ExprCall) {
        if let Some(id) = self.configured.and_then(|c| c.session) {
            let text = given.get(0, "sql").map(Value::text).unwrap_or_default();
            self.execute(id, call, &text);
        }
    }

    /// A statement on a connection.
    pub(super) fn execute(&mut self, id: Id, call: &'a ExprCall, sql: &str) {
        let found = settings::of_statement(sql);
        self.executed.extend(found.iter().map(|s| s.kind));
        let place = self.place(call);
        self.sessions[id].execute(place, &found);
    }

    fn on_sqlalchemy(
        &mut self,
        module: &str,
        last: &str,
        given: Given<'a>,
        call: &'a ExprCall,
    ) -> Value<'a> {
        if module.rsplit('.').next() == Some("func") {
            return Value::Sql(format!("{last}({})", texts(&given)));
        }
        match last {
            "text" | "select" | "literal_column" | "DDL" => Value::Sql(texts(&given)),
            "create_engine"
            | "engine_from_config"
            | "create_async_engine"
            | "async_engine_from_config" => Value::Engine(engine(&given)),
            "AsyncEngine" => match given.plain.into_iter().next() {
                Some(Value::Engine(engine)) => Value::Engine(engine),
                _ => Value::Unknown,
            },
            "inspect" => match given.plain.first() {
                Some(Value::Connection(id)) => Value::Inspector(*id),
                _ => Value::Unknown,
            },
            "listen" => {
                if let Some(Value::Function(function, _)) = given.plain.get(2) {
                    let found = super::strings::settings(&function.body);
                    self.listeners.extend(found);
                }
                Value::Unknown
            }
            _ => self.by_imported_name(last, &given, call, false),
        }
    }

    fn on_loop(&mut self, name: &str, given: Given<'a>) -> Found<'a> {
        let mut plain = given.plain.into_iter();
        match (name, plain.next()) {
            ("run", Some(Value::Later(call))) => self.run_function(*call),
            // anyio takes the function and its arguments.
            ("run", Some(function @ Value::Function(..))) => {
                let given = Given {
                    plain: plain.collect(),
                    ..Given::default()
                };
                self.run_function(Call { function, given })
            }
            ("create_task" | "ensure_future" | "wait_for" | "shield", Some(later)) => Ok(later),
            _ => Ok(Value::Unknown),
        }
    }

    /// A method of an engine.
    pub(super) fn on_engine(
        &mut self,
        mut engine: Engine,
        name: &str,
        given: &Given<'a>,
        call: &'a ExprCall,
    ) -> Value<'a> {
        match name {
            "connect" => Value::Connection(self.connect(&engine)),
            "begin" => Value::Beginning(engine),
            "execution_options" => {
                set_isolation(given, &mut engine.autocommit);
                Value::Engine(engine)
            }
            "dispose" | "raw_connection" | "clear_compiled_cache" => Value::Driver,
            _ => self.opaque(&Value::Unknown, given, call),
        }
    }

    /// A method of a connection.
    pub(super) fn on_connection(
        &mut self,
        id: Id,
        name: &str,
        given: Given<'a>,
        call: &'a ExprCall,
    ) -> Found<'a> {
        match name {
            _ if STATEMENTS.contains(&name) => {
                let first = given.get(0, "statement");
                if matches!(first, Some(Value::Text(_))) && name != "exec_driver_sql" {
                    // SQLAlchemy 2 refuses plain strings with a noise; where 1.4 takes them, it commits by itself.
                    self.is_legacy = true;
                    return Ok(Value::Unknown);
                }
                let text = first.map(Value::text).unwrap_or_default();
                self.execute(id, call, &text);
            }
            "begin" => {
                if self.sessions[id].begun.is_some() {
                    return Err(Raised);
                }
                self.sessions[id].begun = Some(self.place(call));
                return Ok(Value::Transaction(id));
            }
            "begin_nested" => {
                let place = self.place(call);
                self.sessions[id].execute(place, &[]);
                return Ok(Value::Nested);
            }
            "commit" => self.sessions[id].commit(),
            "rollback" | "close" | "aclose" => self.sessions[id].roll_back(),
            "in_transaction" => return Ok(self.open(id, Value::Bool(true), Value::Bool(false))),
            "get_transaction" => return Ok(self.open(id, Value::Transaction(id), Value::None)),
            "execution_options" => {
                set_isolation(&given, &mut self.sessions[id].autocommit);
                return Ok(Value::Connection(id));
            }
            "run_sync" | "run_callable" => return self.run_sync(id, given, call),
            "get_raw_connection" => return Ok(Value::Driver),
            "detach"
            | "invalidate"
            | "get_isolation_level"
            | "in_nested_transaction"
            | "get_nested_transaction"
            | "get_execution_options"
            | "start" => {}
            _ => return Ok(self.opaque(&Value::Connection(id), &given, call)),
        }
        Ok(Value::Unknown)
    }

    fn open(&self, id: Id, yes: Value<'a>, no: Value<'a>) -> Value<'a> {
        let session = &self.sessions[id];
        match (&session.doubt, &session.begun) {
            (Some(_), _) => Value::Unknown,
            (None, Some(_)) => yes,
            (None, None) => no,
        }
    }

    fn run_sync(&mut self, id: Id, given: Given<'a>, call: &'a ExprCall) -> Found<'a> {
        let mut plain = given.plain.into_iter();
        let Some(function) = plain.next() else {
            return Err(Raised);
        };
        let given = Given {
            plain: std::iter::once(Value::Connection(id))
                .chain(plain)
                .collect(),
            named: given.named,
            more: given.more,
        };
        match function {
            // A partial function: its own arguments come first.
            Value::Later(inner) => {
                let mut own = inner.given;
                own.plain.extend(given.plain);
                own.named.extend(given.named);
                self.run_function(Call {
                    function: inner.function,
                    given: own,
                })
            }
            Value::Imported(name) if name.ends_with(".inspect") => Ok(Value::Inspector(id)),
            Value::Imported(name) => {
                let last = name.rsplit('.').next().unwrap_or_default();
                Ok(self.by_imported_name(last, &given, call, false))
            }
            // `metadata.create_all`, say.
            Value::Unknown if self.place(call).what.contains(".create_all") => {
                self.execute(id, call, "");
                Ok(Value::Unknown)
            }
            function => self.apply(function, given, call),
        }
    }

    /// A method of the `MigrationContext`.
    pub(super) fn on_context(
        &mut self,
        id: Id,
        name: &str,
        given: Given<'a>,
        call: &'a ExprCall,
    ) -> Found<'a> {
        let is_own = self.configured.is_some_and(|c| c.session == Some(id));
        match name {
            "begin_transaction" if is_own => self.begin_transaction(call),
            "run_migrations" if is_own => self.run_migrations(call).map(|()| Value::None),
            "get_current_revision" | "get_current_heads" | "_ensure_version_table" => {
                self.execute(id, call, "");
                Ok(Value::Unknown)
            }
            "execute" => {
                let text = given.get(0, "sql").map(Value::text).unwrap_or_default();
                self.execute(id, call, &text);
                Ok(Value::Unknown)
            }
            _ => Ok(self.opaque(&Value::MigrationContext(id), &given, call)),
        }
    }
}

fn texts(given: &Given<'_>) -> String {
    let texts: Vec<_> = given.values().map(Value::text).collect();
    texts.join(" ")
}

fn engine(given: &Given<'_>) -> Engine {
    let mut engine = Engine::default();
    set_isolation(given, &mut engine.autocommit);
    engine.settings = settings::of_engine(&texts(given));
    engine
}

fn set_isolation(given: &Given<'_>, autocommit: &mut bool) {
    if let Some(Value::Text(level)) = given.named("isolation_level") {
        *autocommit = level.eq_ignore_ascii_case("autocommit");
    }
}

fn partial(given: Given<'_>) -> Value<'_> {
    let mut plain = given.plain.into_iter();
    match plain.next() {
        Some(function @ (Value::Function(..) | Value::Lambda(..))) => {
            Value::Later(Box::new(Call {
                function,
                given: Given {
                    plain: plain.collect(),
                    named: given.named,
                    more: given.more,
                },
            }))
        }
        _ => Value::Unknown,
    }
}
