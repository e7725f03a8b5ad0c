//! Indexes.

use super::super::python::{Arguments, Batch, Bound, STAND_IN, Value};
use super::{Column, DOUBT, Item, clause, name_of, names_of, optional_name, quote};

/// An index, complete up to the table that it is on.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Index {
    pub(in super::super) name: String,
    schema: Option<String>,
    table: String,
    is_unique: bool,
    /// Words after `INDEX`.
    words: String,
    /// All that follows the name of the table.
    body: String,
    in_doubt: bool,
}

impl Index {
    /// The statement that creates it.
    pub(in super::super) fn create(&self) -> String {
        let unique = if self.is_unique { "UNIQUE " } else { "" };
        let doubt = if self.in_doubt { DOUBT } else { "" };
        format!(
            "CREATE {unique}INDEX {}{} ON {} {}{doubt}",
            self.words,
            quote::name(&self.name),
            quote::table(self.schema.as_deref(), &self.table),
            self.body,
        )
    }

    /// The same on a table.
    pub(super) fn on(&self, schema: Option<String>, table: &str) -> Self {
        Self {
            schema,
            table: table.to_owned(),
            ..self.clone()
        }
    }

    /// The index of a column with `index=True`.
    pub(in super::super) fn of_column(schema: Option<&str>, table: &str, column: &Column) -> Self {
        let parts = ["ix"]
            .into_iter()
            .chain(schema)
            .chain([table, &column.name]);
        let name = parts.collect::<Vec<_>>().join("_");
        // A longer name is cut and gets a part of a digest.
        let in_doubt = name.len() > LONGEST_NAME;
        Self {
            name,
            schema: schema.map(str::to_owned),
            table: table.to_owned(),
            is_unique: column.is_unique,
            words: String::new(),
            body: format!("({})", quote::name(&column.name)),
            in_doubt,
        }
    }
}

/// The longest name that PostgreSQL takes.
const LONGEST_NAME: usize = 63;

/// `sa.Index(name, *columns)` inside of a table.
pub(super) fn construct(arguments: Arguments<'_>) -> Index {
    let mut bound = arguments.bind(&["index_name"]);
    let columns = Value::list(std::mem::take(&mut bound.rest));
    let name = bound.take("index_name").or(bound.take("name"));
    made(
        name_of(name.as_ref()),
        None,
        String::new(),
        Some(&columns),
        &mut bound,
    )
}

/// `op.create_index(…)`.
pub(in super::super) fn created(bound: &mut Bound<'_>, batch: Option<&Batch>) -> Index {
    let name = name_of(bound.take("index_name").as_ref());
    let (schema, table) = if let Some(batch) = batch {
        (batch.schema.clone(), batch.table.clone())
    } else {
        let table = name_of(bound.take("table_name").as_ref());
        (optional_name(bound.take("schema").as_ref()), table)
    };
    let columns = bound.take("columns");
    made(name, schema, table, columns.as_ref(), bound)
}

fn made(
    name: String,
    schema: Option<String>,
    table: String,
    columns: Option<&Value<'_>>,
    bound: &mut Bound<'_>,
) -> Index {
    let mut in_doubt = false;
    let mut flag = |bound: &mut Bound<'_>, name| {
        let flag = bound.flag(name);
        in_doubt |= flag.is_err();
        flag.ok().flatten() == Some(true)
    };
    let mut words = String::new();
    let is_unique = flag(bound, "unique");
    if flag(bound, "postgresql_concurrently") {
        words.push_str("CONCURRENTLY ");
    }
    if flag(bound, "if_not_exists") {
        words.push_str("IF NOT EXISTS ");
    }
    let mut body = String::new();
    if let Some(using) = bound.take_some("postgresql_using") {
        body = format!("USING {} ", name_of(Some(&using)).to_lowercase());
    }
    let classes = bound.take_some("postgresql_ops");
    body = format!("{body}({})", elements(columns, classes.as_ref()));
    body.push_str(&tail(bound));
    bound.ignore(&["info", "quote"]);
    bound.ignore_other_dialects();
    Index {
        name,
        schema,
        table,
        is_unique,
        words,
        body,
        in_doubt: in_doubt || bound.has_more(),
    }
}

/// What is indexed, with operator classes.
fn elements(columns: Option<&Value<'_>>, classes: Option<&Value<'_>>) -> String {
    let Some(all) = columns.and_then(Value::elements) else {
        return STAND_IN.to_owned();
    };
    let all: Vec<String> = all.iter().map(|one| element(one, classes)).collect();
    all.join(", ")
}

fn element(value: &Value<'_>, classes: Option<&Value<'_>>) -> String {
    let (sql, key) = match value {
        Value::Text(name) => (quote::name(name), Some(name.to_string())),
        Value::Item(item) => match &**item {
            Item::Clause(clause) => (clause.without_table(), clause.key()),
            Item::Text(text) => (clause::sql_of(value), Some(text.written().to_owned())),
            Item::Column(column) => (quote::name(&column.name), Some(column.name.clone())),
            _ => (clause::sql_of(value), None),
        },
        _ => (STAND_IN.to_owned(), None),
    };
    match (classes, key) {
        (None, _) | (_, None) => sql,
        (Some(Value::Dict(classes)), Some(key)) => {
            let class = classes
                .iter()
                .find(|(name, _)| name.as_known_text() == Some(&key))
                .map(|(_, class)| format!(" {}", name_of(Some(class))));
            sql + &class.unwrap_or_default()
        }
        _ => format!("{sql} {STAND_IN}"),
    }
}

/// What follows the columns.
fn tail(bound: &mut Bound<'_>) -> String {
    let mut sql = String::new();
    if let Some(included) = bound.take_some("postgresql_include") {
        let included = names_of(Some(&included));
        if !included.is_empty() {
            sql = format!(" INCLUDE ({})", quote::names(&included));
        }
    }
    match bound.flag("postgresql_nulls_not_distinct") {
        Ok(None) => {}
        Ok(Some(true)) => sql.push_str(" NULLS NOT DISTINCT"),
        Ok(Some(false)) => sql.push_str(" NULLS DISTINCT"),
        Err(_) => sql.push_str(DOUBT),
    }
    if let Some(with) = bound.take_some("postgresql_with") {
        sql = format!("{sql} WITH ({})", storage(&with));
    }
    if let Some(space) = bound.take_some("postgresql_tablespace") {
        sql = format!("{sql} TABLESPACE {}", quote::name(&name_of(Some(&space))));
    }
    if let Some(condition) = bound.take_some("postgresql_where") {
        sql = format!("{sql} WHERE {}", clause::sql_of(&condition));
    }
    sql
}

/// `name = value` of a `WITH (…)`.
pub(super) fn storage(value: &Value<'_>) -> String {
    let Value::Dict(all) = value else {
        return STAND_IN.to_owned();
    };
    let parts: Vec<String> = all
        .iter()
        .map(|(name, value)| {
            let name = name_of(Some(name));
            match value {
                Value::None => name,
                Value::Int(number) => format!("{name} = {number}"),
                Value::Float(number) => format!("{name} = {number}"),
                Value::Bool(truth) => format!("{name} = {truth}"),
                other => format!("{name} = {}", name_of(Some(other))),
            }
        })
        .collect();
    parts.join(", ")
}

/// `op.drop_index(…)`.
pub(in super::super) fn dropped(bound: &mut Bound<'_>, batch: Option<String>) -> String {
    let mut words = String::new();
    for (flag, word) in [
        ("postgresql_concurrently", "CONCURRENTLY "),
        ("if_exists", "IF EXISTS "),
    ] {
        match bound.flag(flag) {
            Ok(Some(true)) => words.push_str(word),
            Ok(_) => {}
            Err(_) => words.push_str(DOUBT),
        }
    }
    let name = name_of(bound.take("index_name").as_ref());
    let schema = optional_name(bound.take("schema").as_ref()).or(batch);
    bound.ignore(&[
        "table_name",
        "postgresql_using",
        "postgresql_where",
        "postgresql_ops",
        "postgresql_with",
        "postgresql_include",
        "postgresql_nulls_not_distinct",
        "postgresql_tablespace",
        "info",
        "columns",
        "unique",
    ]);
    bound.ignore_other_dialects();
    let doubt = if bound.has_more() { DOUBT } else { "" };
    format!(
        "DROP INDEX {words}{}{doubt}",
        quote::table(schema.as_deref(), &name)
    )
}
