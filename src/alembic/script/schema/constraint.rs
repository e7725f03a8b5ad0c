//! Constraints of tables.

use super::super::python::{Arguments, Bound, Value};
use super::{DOUBT, Item, clause, name_of, names_of, optional_name, quote};

/// Which columns refer to which.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct ForeignKey {
    pub(in super::super) name: Option<String>,
    pub(in super::super) columns: Vec<String>,
    pub(in super::super) schema: Option<String>,
    pub(in super::super) table: String,
    /// Columns of the other table; empty when it is the one of the same name.
    pub(in super::super) referred: Vec<String>,
    tail: String,
    /// Whether a table leaves it to a later statement, that Alembic never sends.
    pub(in super::super) is_later: bool,
}

impl ForeignKey {
    /// The same, from this column.
    pub(in super::super) fn of_column(&self, column: &str) -> Self {
        let mut key = self.clone();
        key.columns = vec![column.to_owned()];
        if key.referred.is_empty() {
            key.referred = vec![column.to_owned()];
        }
        key
    }

    fn sql(&self) -> String {
        format!(
            "FOREIGN KEY({}) REFERENCES {} ({}){}",
            quote::names(&self.columns),
            quote::table(self.schema.as_deref(), &self.table),
            quote::names(&self.referred),
            self.tail
        )
    }
}

/// A constraint.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Constraint {
    pub(in super::super) name: Option<String>,
    pub(in super::super) kind: Kind,
    tail: String,
}

/// Kinds of constraints.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Kind {
    PrimaryKey(Vec<String>),
    Unique(Vec<String>, String),
    Check(String),
    ForeignKey(ForeignKey),
    Exclude(String),
}

impl Constraint {
    pub(in super::super) fn new(name: Option<String>, kind: Kind) -> Self {
        Self {
            name,
            kind,
            tail: String::new(),
        }
    }

    pub(super) fn unique(name: Option<String>, columns: Vec<String>) -> Self {
        Self::new(name, Kind::Unique(columns, String::new()))
    }

    pub(in super::super) fn foreign_key(key: ForeignKey) -> Self {
        Self::new(key.name.clone(), Kind::ForeignKey(key))
    }

    /// The check that holds a column to some values.
    pub(in super::super) fn values(name: Option<String>, column: &str, values: &[String]) -> Self {
        let values: Vec<String> = values.iter().map(|value| quote::literal(value)).collect();
        let column = quote::name(column);
        Self::new(
            name,
            Kind::Check(format!("{column} IN ({})", values.join(", "))),
        )
    }

    /// Whether a table that is created declares it.
    pub(super) fn is_declared(&self) -> bool {
        match &self.kind {
            Kind::PrimaryKey(columns) | Kind::Unique(columns, _) => !columns.is_empty(),
            Kind::ForeignKey(key) => !key.is_later,
            _ => true,
        }
    }

    /// Its SQL.
    pub(in super::super) fn sql(&self) -> String {
        let name = match &self.name {
            Some(name) => format!("CONSTRAINT {} ", quote::name(name)),
            None => String::new(),
        };
        let body = match &self.kind {
            Kind::PrimaryKey(columns) => format!("PRIMARY KEY ({})", quote::names(columns)),
            Kind::Unique(columns, distinct) => {
                format!("UNIQUE {distinct}({})", quote::names(columns))
            }
            Kind::Check(condition) => format!("CHECK ({condition})"),
            Kind::ForeignKey(key) => key.sql(),
            Kind::Exclude(body) => format!("EXCLUDE {body}"),
        };
        format!("{name}{body}{}", self.tail)
    }

    /// The same with the name that it is given from outside.
    pub(in super::super) fn named(mut self, name: Option<String>) -> Self {
        self.name = name.or(self.name);
        self
    }

    /// Whether it lets a column refer to another one.
    pub(super) fn refers_from(&self, column: &String) -> bool {
        matches!(&self.kind, Kind::ForeignKey(key) if key.columns.contains(column))
    }

    /// A primary key like this one over other columns.
    pub(super) fn over(&self, columns: Vec<String>) -> Self {
        Self {
            kind: Kind::PrimaryKey(columns),
            ..self.clone()
        }
    }

    /// How a column refers to another one by itself.
    pub(in super::super) fn references(&self) -> Option<String> {
        match &self.kind {
            Kind::ForeignKey(key) => {
                let whole = key.sql();
                whole.find(" REFERENCES").map(|at| whole[at..].to_owned())
            }
            _ => None,
        }
    }

    /// The statement that adds it to a table.
    pub(in super::super) fn add_to(&self, table: &str) -> String {
        format!("ALTER TABLE {table} ADD {}", self.sql())
    }

    /// Takes the options that all constraints have, and marks what is left over.
    pub(in super::super) fn finish(mut self, bound: &mut Bound<'_>) -> Self {
        if self.name.is_none() {
            self.name = optional_name(bound.take("name").as_ref());
        }
        let included = bound.take_some("postgresql_include");
        if let Some(included) = included.as_ref().map(|value| names_of(Some(value)))
            && !included.is_empty()
        {
            self.tail = format!(" INCLUDE ({})", quote::names(&included));
        }
        let end = endings(bound);
        match &mut self.kind {
            Kind::ForeignKey(key) => {
                key.tail.push_str(&end);
                key.name.clone_from(&self.name);
            }
            _ => self.tail.push_str(&end),
        }
        if bound.has_more() {
            self.tail.push_str(DOUBT);
        }
        self
    }
}

/// `DEFERRABLE`, `INITIALLY …` and `NOT VALID`.
fn endings(bound: &mut Bound<'_>) -> String {
    let mut sql = String::new();
    match bound.flag("deferrable") {
        Ok(None) => {}
        Ok(Some(true)) => sql.push_str(" DEFERRABLE"),
        Ok(Some(false)) => sql.push_str(" NOT DEFERRABLE"),
        Err(_) => sql.push_str(DOUBT),
    }
    if let Some(initially) = bound.take_some("initially") {
        sql = format!("{sql} INITIALLY {}", name_of(Some(&initially)));
    }
    match bound.flag("postgresql_not_valid") {
        Ok(Some(true)) => sql.push_str(" NOT VALID"),
        Ok(_) => {}
        Err(_) => sql.push_str(DOUBT),
    }
    bound.ignore(&["info", "comment", "_create_rule", "_constraint_included"]);
    bound.ignore_other_dialects();
    sql
}

/// `MATCH …`, `ON DELETE …` and `ON UPDATE …`.
fn actions(bound: &mut Bound<'_>) -> String {
    let words = [
        ("match", "MATCH"),
        ("ondelete", "ON DELETE"),
        ("onupdate", "ON UPDATE"),
    ];
    let mut sql = String::new();
    for (name, words) in words {
        if let Some(value) = bound.take_some(name) {
            sql = format!("{sql} {words} {}", name_of(Some(&value)));
        }
    }
    sql
}

/// `sa.ForeignKey(…)` of a column.
pub(super) fn column_key(arguments: Arguments<'_>) -> ForeignKey {
    let mut bound = arguments.bind(&["column"]);
    let (schema, table, referred) = target(bound.take("column").as_ref());
    let key = ForeignKey {
        schema,
        table,
        referred: referred.into_iter().collect(),
        tail: actions(&mut bound),
        is_later: bound.flag("use_alter") == Ok(Some(true)),
        ..ForeignKey::default()
    };
    bound.ignore(&["link_to_name", "_constraint"]);
    let whole = Constraint::foreign_key(key).finish(&mut bound);
    match whole.kind {
        Kind::ForeignKey(mut key) => {
            key.tail.push_str(&whole.tail);
            key
        }
        _ => ForeignKey::default(),
    }
}

/// The schema, table and column of `"schema.table.column"`.
fn target(value: Option<&Value<'_>>) -> (Option<String>, String, Option<String>) {
    let whole = match value {
        Some(Value::Item(item)) => match &**item {
            Item::Clause(clause) => clause.sql.replace('"', ""),
            _ => name_of(value),
        },
        _ => name_of(value),
    };
    let parts: Vec<&str> = whole.split('.').collect();
    match &*parts {
        [table] => (None, (*table).to_owned(), None),
        [table, column] => (None, (*table).to_owned(), Some((*column).to_owned())),
        [schema @ .., table, column] => (
            Some(schema.join(".")),
            (*table).to_owned(),
            Some((*column).to_owned()),
        ),
        [] => (None, String::new(), None),
    }
}

/// `sa.PrimaryKeyConstraint(…)` and its kin, inside of a table.
pub(super) fn construct(class: &str, arguments: Arguments<'_>) -> Option<Constraint> {
    Some(match class {
        "PrimaryKeyConstraint" | "UniqueConstraint" => {
            let mut bound = arguments.bind(&[]);
            let columns = names_of(Some(&Value::list(std::mem::take(&mut bound.rest))));
            bound.ignore(&["_implicit_generated"]);
            columns_constraint(class == "PrimaryKeyConstraint", columns, &mut bound)
        }
        "CheckConstraint" => {
            let mut bound = arguments.bind(&["sqltext", "name"]);
            check(&mut bound, "sqltext")
        }
        "ForeignKeyConstraint" => {
            let mut bound = arguments.bind(&["columns", "refcolumns", "name"]);
            table_key(&mut bound)
        }
        "ExcludeConstraint" => {
            let mut bound = arguments.bind(&[]);
            exclude(&mut bound)
        }
        _ => return None,
    })
}

/// A primary key or a unique constraint over columns.
pub(in super::super) fn columns_constraint(
    is_primary: bool,
    columns: Vec<String>,
    bound: &mut Bound<'_>,
) -> Constraint {
    let kind = if is_primary {
        Kind::PrimaryKey(columns)
    } else {
        let distinct = match bound.flag("postgresql_nulls_not_distinct") {
            Ok(None) => "",
            Ok(Some(true)) => "NULLS NOT DISTINCT ",
            Ok(Some(false)) => "NULLS DISTINCT ",
            Err(_) => DOUBT,
        };
        Kind::Unique(columns, distinct.to_owned())
    };
    Constraint::new(None, kind).finish(bound)
}

/// A check; the condition is the argument of this name.
pub(in super::super) fn check(bound: &mut Bound<'_>, condition: &str) -> Constraint {
    let condition = bound.take(condition).map_or_else(
        || super::STAND_IN.to_owned(),
        |value| clause::sql_of(&value),
    );
    Constraint::new(None, Kind::Check(condition)).finish(bound)
}

fn table_key(bound: &mut Bound<'_>) -> Constraint {
    let columns = names_of(bound.take("columns").as_ref());
    let referred = bound.take("refcolumns");
    let targets: Vec<_> = match referred.as_ref().and_then(Value::elements) {
        Some(all) => all.iter().map(|one| target(Some(one))).collect(),
        None => vec![target(None)],
    };
    let (schema, table) = targets
        .first()
        .map(|(schema, table, _)| (schema.clone(), table.clone()))
        .unwrap_or_default();
    let referred = targets
        .into_iter()
        .map(|(_, _, column)| column.unwrap_or_else(|| super::STAND_IN.to_owned()))
        .collect();
    let tail = actions(bound);
    let key = ForeignKey {
        columns,
        schema,
        table,
        referred,
        tail,
        is_later: bound.flag("use_alter") == Ok(Some(true)),
        ..ForeignKey::default()
    };
    bound.ignore(&["link_to_name"]);
    Constraint::foreign_key(key).finish(bound)
}

/// `op.create_foreign_key(…)`.
pub(in super::super) fn added_key(bound: &mut Bound<'_>) -> Constraint {
    let key = ForeignKey {
        columns: names_of(bound.take("local_cols").as_ref()),
        schema: optional_name(bound.take("referent_schema").as_ref()),
        table: name_of(bound.take("referent_table").as_ref()),
        referred: names_of(bound.take("remote_cols").as_ref()),
        tail: actions(bound),
        ..ForeignKey::default()
    };
    let name = optional_name(bound.take("constraint_name").as_ref());
    Constraint {
        name,
        ..Constraint::foreign_key(key)
    }
    .finish(bound)
}

/// An exclusion constraint; its elements are the arguments that are left.
pub(in super::super) fn exclude(bound: &mut Bound<'_>) -> Constraint {
    let elements: Vec<String> = std::mem::take(&mut bound.rest)
        .iter()
        .map(|element| match element.elements() {
            Some([what, operator]) => {
                let operator = name_of(Some(operator));
                format!("{} WITH {operator}", excluded(what))
            }
            _ => super::STAND_IN.to_owned(),
        })
        .collect();
    let using = bound.take_some("using").map_or_else(
        || "gist".to_owned(),
        |value| name_of(Some(&value)).to_lowercase(),
    );
    let mut body = format!("USING {using} ({})", elements.join(", "));
    if let Some(condition) = bound.take_some("where") {
        body = format!("{body} WHERE ({})", clause::sql_of(&condition));
    }
    Constraint::new(None, Kind::Exclude(body)).finish(bound)
}

/// A string is the name of a column; anything else is an expression.
fn excluded(value: &Value<'_>) -> String {
    match value {
        Value::Text(name) => quote::name(name),
        other => clause::sql_of(other),
    }
}
