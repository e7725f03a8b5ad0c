//! What a call of SQLAlchemy's classes and functions makes.

use super::super::python::{Arguments, Bound, Handle, Value};
use super::clause::{self, Clause, rank};
use super::types::{make, type_of};
use super::{
    Column, Item, Sequence, TextClause, column, constraint, index, name_of, optional_name,
};
use super::{quote, statement, table};

/// Packages whose calls send nothing by themselves.
const LIBRARIES: &[&str] = &[
    "sqlalchemy",
    "alembic",
    "builtins",
    "logging",
    "datetime",
    "uuid",
    "json",
    "os",
    "re",
    "sys",
    "time",
    "typing",
    "typing_extensions",
    "enum",
    "textwrap",
    "pathlib",
    "warnings",
    "itertools",
    "functools",
    "collections",
    "contextlib",
    "decimal",
    "hashlib",
    "random",
    "string",
    "math",
    "dataclasses",
    "copy",
    "base64",
    "secrets",
    "inspect",
    "importlib",
    "__future__",
    "csv",
    "io",
    "operator",
    "traceback",
    "zoneinfo",
    "pytz",
    "dateutil",
    "tqdm",
    "rich",
    "click",
    "structlog",
    "loguru",
    "asyncio",
    "types",
    "abc",
    "ast",
    "configparser",
    "calendar",
    "locale",
    "tempfile",
    "urllib",
    "zlib",
    "pickle",
    "struct",
    "shutil",
    "platform",
    "socket",
    "threading",
    "yaml",
    "packaging",
    "six",
    "oslo_log",
    "bcrypt",
    "passlib",
    "cryptography",
    "sqlmodel",
    "sqlalchemy_utils",
    "geoalchemy2",
    "pgvector",
    "pydantic",
    "fastapi_users_db_sqlalchemy",
];

/// Whether a name is of a package that is known to send nothing when it is called.
pub(in super::super) fn is_library(path: &str) -> bool {
    let root = path.split('.').next().unwrap_or(path);
    LIBRARIES.contains(&root)
}

/// What the call of something of SQLAlchemy makes; `None` when it is not known here.
pub(in super::super) fn construct<'a>(path: &str, arguments: Arguments<'a>) -> Option<Value<'a>> {
    if let Some(known) = make(path, arguments.clone()) {
        return Some(Value::item(Item::Type(known)));
    }
    let inner = path.strip_prefix("sqlalchemy.")?;
    if let Some(at) = inner.find("func.") {
        return Some(clause::function(&inner[at + 5..], &arguments));
    }
    let class = inner.rsplit('.').next().unwrap_or(inner);
    schema_item(class, &arguments)
        .or_else(|| expression(class, &arguments))
        .or_else(|| complete(class, &arguments))
        .or_else(|| handle(class))
}

fn schema_item<'a>(class: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let arguments = arguments.clone();
    let made = match class {
        "Column" => Item::Column(column::construct(arguments)),
        "column" => return Some(light_column(arguments)),
        "ForeignKey" => Item::ForeignKey(constraint::column_key(arguments)),
        "PrimaryKeyConstraint"
        | "UniqueConstraint"
        | "CheckConstraint"
        | "ForeignKeyConstraint"
        | "ExcludeConstraint" => Item::Constraint(constraint::construct(class, arguments)?),
        "Index" => Item::Index(index::construct(arguments)),
        "Computed" => Item::Computed(computed(arguments)),
        "Identity" => Item::Identity(identity(arguments)),
        "Sequence" => Item::Sequence(sequence(arguments)),
        "Table" => Item::Table(table::full(arguments)),
        "table" => Item::Table(table::lightweight(arguments)),
        "FetchedValue" => Item::Silent,
        "DefaultClause" => {
            let value = arguments.only()?.clone();
            match value {
                Value::Text(text) => Item::Clause(Clause::new(quote::literal(&text), rank::ATOM)),
                other => return Some(other),
            }
        }
        "conv" | "quoted_name" => return arguments.positional.first().cloned(),
        _ => return None,
    };
    Some(Value::item(made))
}

/// `sa.column(…)` is a column in a table, and an expression outside of one.
fn light_column(arguments: Arguments<'_>) -> Value<'_> {
    Value::item(Item::Column(column::lightweight(arguments)))
}

fn expression<'a>(class: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let first = arguments.positional.first();
    let atom = |sql: String| Some(Value::item(Item::Clause(Clause::new(sql, rank::ATOM))));
    match (class, first) {
        ("text" | "DDL", Some(Value::Text(sql))) => {
            let text = if class == "DDL" {
                raw_ddl(sql)?
            } else {
                TextClause::new(sql.to_string())
            };
            Some(Value::item(Item::Text(text)))
        }
        ("text" | "DDL" | "literal_column", Some(unknown))
            if !matches!(unknown, Value::Text(_)) =>
        {
            Some(Value::unknown(unknown.why()))
        }
        ("literal_column", Some(Value::Text(sql))) => {
            Some(Value::item(Item::Clause(Clause::literal_column(sql))))
        }
        ("null", None) => atom("NULL".to_owned()),
        ("true", None) => atom("true".to_owned()),
        ("false", None) => atom("false".to_owned()),
        ("literal", Some(value)) => atom(clause::bound_literal(value)),
        ("cast", Some(value)) => {
            let ty = type_of(arguments.positional.get(1)?);
            let inner = clause::clause_of(value, Some(ty.family));
            let mut cast = Clause::new(format!("CAST({} AS {})", inner.sql, ty.sql()), rank::ATOM);
            cast.table = inner.table;
            Some(Value::item(Item::Clause(cast)))
        }
        ("and_", _) => Some(clause::junction("AND", &arguments.positional)),
        ("or_", _) => Some(clause::junction("OR", &arguments.positional)),
        ("not_", Some(value)) => Some(clause::negate(value)),
        (
            "desc" | "asc" | "nullsfirst" | "nulls_first" | "nullslast" | "nulls_last",
            Some(value),
        ) => {
            let inner = clause::clause_of(value, None);
            Some(clause::method(&inner, class, &Arguments::default()))
        }
        ("insert" | "update" | "delete", table) => Some(Value::item(Item::Statement(
            statement::begin(class, table)?,
        ))),
        ("select", _) => Some(Value::item(Item::Statement(statement::select(arguments)))),
        (
            "exists" | "case" | "union" | "union_all" | "extract" | "type_coerce" | "tuple_"
            | "distinct" | "between" | "array" | "aggregate_order_by" | "values" | "bindparam"
            | "join" | "outerjoin" | "over" | "collate" | "literal_execute",
            _,
        ) => Some(Value::item(Item::Clause(Clause::unknown()))),
        _ => None,
    }
}

/// `DDL("…")` is filled in with `%`.
fn raw_ddl(sql: &str) -> Option<TextClause> {
    let without = sql.replace("%%", "");
    (!without.contains('%')).then(|| TextClause::raw(sql.replace("%%", "%")))
}

/// Statements that are complete when they are made.
fn complete<'a>(class: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let mut bound = arguments.clone().bind(&["element"]);
    let element = bound.take("element").or_else(|| bound.take("name"));
    let given = |bound: &mut Bound<'_>, flag: &str, words: &'static str| match bound.flag(flag) {
        Ok(Some(true)) => words,
        Ok(_) => "",
        Err(_) => super::DOUBT,
    };
    let made = match class {
        "CreateSchema" => {
            let words = given(&mut bound, "if_not_exists", "IF NOT EXISTS ");
            format!(
                "CREATE SCHEMA {words}{}",
                quote::name(&name_of(element.as_ref()))
            )
        }
        "DropSchema" => {
            let words = given(&mut bound, "if_exists", "IF EXISTS ");
            let cascade = given(&mut bound, "cascade", " CASCADE");
            format!(
                "DROP SCHEMA {words}{}{cascade}",
                quote::name(&name_of(element.as_ref()))
            )
        }
        "CreateSequence" => {
            let words = given(&mut bound, "if_not_exists", "IF NOT EXISTS ");
            let sequence = sequence_of(element.as_ref())?;
            format!(
                "CREATE SEQUENCE {words}{}{}",
                sequence.name, sequence.options
            )
        }
        "DropSequence" => {
            let words = given(&mut bound, "if_exists", "IF EXISTS ");
            format!(
                "DROP SEQUENCE {words}{}",
                sequence_of(element.as_ref())?.name
            )
        }
        _ => return None,
    };
    let doubt = if bound.has_more() { super::DOUBT } else { "" };
    Some(Value::item(Item::Complete(made + doubt)))
}

fn sequence_of(value: Option<&Value<'_>>) -> Option<Sequence> {
    match value? {
        Value::Item(item) => match &**item {
            Item::Sequence(sequence) => Some(sequence.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Ways to the database.
fn handle<'a>(class: &str) -> Option<Value<'a>> {
    Some(Value::Handle(match class {
        "Session" | "AsyncSession" | "scoped_session" => Handle::Session,
        "inspect" | "from_engine" => Handle::Inspector,
        "create_engine" | "engine_from_config" | "create_async_engine" => Handle::Engine,
        _ => return None,
    }))
}

fn computed(arguments: Arguments<'_>) -> String {
    let mut bound = arguments.bind(&["sqltext", "persisted"]);
    let sql = bound.take("sqltext").map_or_else(
        || super::STAND_IN.to_owned(),
        |value| clause::sql_of(&value),
    );
    bound.ignore(&["persisted"]);
    let doubt = if bound.has_more() { super::DOUBT } else { "" };
    format!("GENERATED ALWAYS AS ({sql}) STORED{doubt}")
}

fn identity(arguments: Arguments<'_>) -> String {
    let mut bound = arguments.bind(&["always", "on_null", "start"]);
    bound.ignore(&["on_null"]);
    let kind = match bound.flag("always") {
        Ok(Some(true)) => "ALWAYS",
        Ok(_) => "BY DEFAULT",
        Err(_) => super::STAND_IN,
    };
    let options = number_options(&mut bound);
    if options.is_empty() {
        format!("GENERATED {kind} AS IDENTITY")
    } else {
        format!("GENERATED {kind} AS IDENTITY ({options})")
    }
}

fn sequence(arguments: Arguments<'_>) -> Sequence {
    let mut bound = arguments.bind(&["name", "start", "increment"]);
    let name = name_of(bound.take("name").as_ref());
    let schema = optional_name(bound.take("schema").as_ref());
    let ty = bound.take_some("data_type").map(|value| type_of(&value));
    bound.ignore(&[
        "metadata",
        "optional",
        "quote",
        "quote_schema",
        "for_update",
    ]);
    let mut options = ty.map_or(String::new(), |ty| format!(" AS {}", ty.sql()));
    let numbers = number_options(&mut bound);
    if !numbers.is_empty() {
        options = format!("{options} {numbers}");
    }
    Sequence {
        name: quote::table(schema.as_deref(), &name),
        options,
    }
}

/// `INCREMENT BY …` and what else sequences and identities have.
fn number_options(bound: &mut Bound<'_>) -> String {
    let numbers = [
        ("increment", "INCREMENT BY"),
        ("start", "START WITH"),
        ("minvalue", "MINVALUE"),
        ("maxvalue", "MAXVALUE"),
    ];
    let mut parts = Vec::new();
    for (name, words) in numbers {
        match bound.take_some(name) {
            None => {}
            Some(Value::Int(number)) => parts.push(format!("{words} {number}")),
            Some(_) => parts.push(format!("{words} {}", super::STAND_IN)),
        }
    }
    for (name, words) in [("nominvalue", "NO MINVALUE"), ("nomaxvalue", "NO MAXVALUE")] {
        if bound.take_some(name).is_some() {
            parts.push(words.to_owned());
        }
    }
    match bound.take_some("cache") {
        None => {}
        Some(Value::Int(number)) => parts.push(format!("CACHE {number}")),
        Some(_) => parts.push(super::STAND_IN.to_owned()),
    }
    match bound.flag("cycle") {
        Ok(None) => {}
        Ok(Some(true)) => parts.push("CYCLE".to_owned()),
        Ok(Some(false)) => parts.push("NO CYCLE".to_owned()),
        Err(_) => parts.push(super::DOUBT.to_owned()),
    }
    if bound.has_more() {
        parts.push(super::DOUBT.to_owned());
    }
    parts.join(" ")
}

/// The name of a column, for those who only need that.
pub(in super::super) fn column_clause(column: &Column) -> Clause {
    Clause::column(&column.name, column.ty.as_ref().map(|ty| ty.family))
}
