//! `INSERT`, `UPDATE`, `DELETE` and `SELECT` that are built from Python's calls.

use std::rc::Rc;

use super::super::python::{Arguments, STAND_IN, Value};
use super::clause::{Clause, clause_of, junction, rank, typed_literal};
use super::{DOUBT, Item, Table, names_of, quote};

/// A statement that is being built.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Statement {
    kind: Kind,
    table: Option<Rc<Table>>,
    /// Columns and what they are set to; a row each for an `INSERT`.
    rows: Vec<Vec<(String, String)>>,
    conditions: Vec<Value<'static>>,
    selected: Vec<String>,
    /// What an `INSERT` takes its rows from, with the columns.
    source: Option<String>,
    in_doubt: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Insert,
    Update,
    Delete,
    Select,
}

/// The statement that a function or a method of this name begins.
pub(in super::super) fn begin(word: &str, table: Option<&Value<'_>>) -> Option<Statement> {
    let kind = match word {
        "insert" => Kind::Insert,
        "update" => Kind::Update,
        "delete" => Kind::Delete,
        "select" => Kind::Select,
        _ => return None,
    };
    let table = match table {
        Some(Value::Item(item)) => match &**item {
            Item::Table(table) => Some(Rc::new(table.clone())),
            _ => None,
        },
        _ => None,
    };
    Some(Statement {
        in_doubt: table.is_none(),
        kind,
        table,
        rows: Vec::new(),
        conditions: Vec::new(),
        selected: Vec::new(),
        source: None,
    })
}

/// `sa.select(…)`.
pub(super) fn select(arguments: &Arguments<'_>) -> Statement {
    let mut made = Statement {
        kind: Kind::Select,
        table: None,
        rows: Vec::new(),
        conditions: Vec::new(),
        selected: Vec::new(),
        source: None,
        in_doubt: arguments.open || !arguments.named.is_empty(),
    };
    // As SQLAlchemy 1 wanted it: all in a list.
    let all = match &*arguments.positional {
        [Value::List(list)] => list.to_vec(),
        many => many.to_vec(),
    };
    for one in &all {
        made.take_selected(one);
    }
    made
}

impl Statement {
    fn take_selected(&mut self, value: &Value<'_>) {
        let Value::Item(item) = value else {
            self.in_doubt = true;
            return;
        };
        match &**item {
            Item::Table(table) => {
                let name = table.sql_name();
                let columns = table.columns.iter();
                self.selected
                    .extend(columns.map(|column| format!("{name}.{}", quote::name(&column.name))));
                self.in_doubt |= self.table.is_some() || !table.is_whole;
                self.table = Some(Rc::new(table.clone()));
            }
            Item::Clause(clause) => {
                self.in_doubt |= clause.column.is_none() || clause.table.is_none();
                self.selected.push(clause.sql.clone());
            }
            _ => {
                self.in_doubt = true;
                self.selected.push(clause_of(value, None).sql);
            }
        }
    }

    /// The statement after a method was called on it.
    pub(in super::super) fn method(&self, name: &str, arguments: &Arguments<'_>) -> Self {
        let mut next = self.clone();
        match name {
            "where" | "filter" => next
                .conditions
                .extend(arguments.positional.iter().map(frozen)),
            "values" => next.take_values(arguments),
            "inline" | "execution_options" => {}
            "select_from" => next.take_source(arguments.only()),
            "from_select" => next.take_select(arguments),
            _ => next.in_doubt = true,
        }
        next.in_doubt |= arguments.open;
        next
    }

    fn take_source(&mut self, value: Option<&Value<'_>>) {
        match value {
            Some(Value::Item(item)) => match &**item {
                Item::Table(table) if self.table.is_none() => {
                    self.table = Some(Rc::new(table.clone()));
                }
                _ => self.in_doubt = true,
            },
            _ => self.in_doubt = true,
        }
    }

    fn take_select(&mut self, arguments: &Arguments<'_>) {
        let source = match &*arguments.positional {
            [names, Value::Item(item)] => match &**item {
                Item::Statement(select) if select.kind == Kind::Select => {
                    select.sql().ok().map(|sql| {
                        let names = names_of(Some(names));
                        format!("({}) {sql}", quote::names(&names))
                    })
                }
                _ => None,
            },
            _ => None,
        };
        self.in_doubt |= source.is_none();
        self.source = source;
    }

    /// Rows from `values(…)`, or from the parameters of an execution.
    pub(in super::super) fn take_values(&mut self, arguments: &Arguments<'_>) {
        if !arguments.named.is_empty() {
            let named = arguments.named.iter().map(|(name, value)| {
                let name = Value::text(name);
                (name, value.clone())
            });
            self.take_row(&named.collect::<Vec<_>>());
            self.in_doubt |= !arguments.positional.is_empty();
            return;
        }
        match arguments.only() {
            Some(Value::Dict(row)) => self.take_row(row),
            Some(rows @ (Value::List(_) | Value::Tuple(_))) => {
                for row in rows.elements().unwrap_or_default() {
                    match row {
                        Value::Dict(row) => self.take_row(row),
                        _ => self.in_doubt = true,
                    }
                }
            }
            _ => self.in_doubt = true,
        }
    }

    fn take_row(&mut self, row: &[(Value<'_>, Value<'_>)]) {
        let mut set: Vec<(String, String)> = Vec::new();
        for (column, value) in row {
            let column = match column {
                Value::Item(_) => clause_of(column, None)
                    .column
                    .unwrap_or(STAND_IN.to_owned()),
                other => super::name_of(Some(other)),
            };
            let family = self
                .table
                .as_ref()
                .and_then(|table| table.family_of(&column));
            set.push((column, assigned(value, family)));
        }
        if let Some(table) = &self.table {
            let place = |name: &str| table.columns.iter().position(|column| column.name == name);
            self.in_doubt |= set.iter().any(|(name, _)| place(name).is_none());
            set.sort_by_key(|(name, _)| place(name));
            let fills = |column: &super::Column| column.has_python_default();
            let left = table.columns.iter().filter(|column| fills(column));
            let mut left = left.filter(|column| !set.iter().any(|(name, _)| *name == column.name));
            self.in_doubt |= left.next().is_some();
        }
        self.rows.push(set);
    }

    /// Statements for each of the rows that are passed when it is executed.
    pub(in super::super) fn with_rows(&self, rows: &Value<'_>) -> Vec<Self> {
        let one = |row: &Value<'_>| {
            let mut next = self.clone();
            next.take_values(&Arguments {
                positional: vec![row.clone()],
                ..Arguments::default()
            });
            next
        };
        match rows {
            Value::List(all) | Value::Tuple(all) => all.iter().map(one).collect(),
            row => vec![one(row)],
        }
    }

    /// Its SQL.
    pub(in super::super) fn sql(&self) -> Result<String, String> {
        let table = self.table_name();
        if table == STAND_IN {
            return match self.kind {
                Kind::Select => Ok(format!("SELECT {STAND_IN}")),
                _ => Err("the table of the statement is not known".to_owned()),
            };
        }
        let conditions = self.condition();
        let doubt = if self.in_doubt { DOUBT } else { "" };
        let body = match self.kind {
            Kind::Insert => format!("INSERT INTO {table} {}", self.inserted()),
            Kind::Update => format!("UPDATE {table} SET {}{conditions}", self.assignments()),
            Kind::Delete => format!("DELETE FROM {table}{conditions}"),
            Kind::Select if self.selected.is_empty() => {
                format!("SELECT {STAND_IN} FROM {table}{conditions}")
            }
            Kind::Select => {
                format!(
                    "SELECT {} FROM {table}{conditions}",
                    self.selected.join(", ")
                )
            }
        };
        Ok(body + doubt)
    }

    fn table_name(&self) -> String {
        if let Some(table) = &self.table {
            return table.sql_name();
        }
        // The only table that its columns are of.
        let mut names: Vec<&str> = self
            .selected
            .iter()
            .filter_map(|column| column.rsplit_once('.').map(|(table, _)| table))
            .collect();
        names.dedup();
        match &*names {
            [only] => (*only).to_owned(),
            _ => STAND_IN.to_owned(),
        }
    }

    fn condition(&self) -> String {
        if self.conditions.is_empty() {
            return String::new();
        }
        let joined = junction("AND", &self.conditions);
        format!(" WHERE {}", clause_of(&joined, None).sql)
    }

    fn assignments(&self) -> String {
        match &*self.rows {
            [row] if !row.is_empty() => {
                let parts = row.iter().map(|(column, value)| {
                    let column = quote::name(column);
                    format!("{column}={value}")
                });
                parts.collect::<Vec<_>>().join(", ")
            }
            _ => format!("{STAND_IN}={STAND_IN}"),
        }
    }

    fn inserted(&self) -> String {
        if let Some(source) = &self.source {
            return source.clone();
        }
        let Some(first) = self.rows.first() else {
            return format!("({STAND_IN}) VALUES ({STAND_IN})");
        };
        let columns: Vec<&String> = first.iter().map(|(column, _)| column).collect();
        let rows: Vec<String> = self
            .rows
            .iter()
            .map(|row| {
                let is_alike = row
                    .iter()
                    .map(|(column, _)| column)
                    .eq(columns.iter().copied());
                let values: Vec<&str> = row.iter().map(|(_, value)| value.as_str()).collect();
                let doubt = if is_alike { "" } else { DOUBT };
                format!("({}{doubt})", values.join(", "))
            })
            .collect();
        format!("({}) VALUES {}", quote::names(columns), rows.join(", "))
    }
}

/// What a column is set to.
fn assigned(value: &Value<'_>, family: Option<super::types::Family>) -> String {
    match value {
        Value::Item(_) => {
            let clause: Clause = clause_of(value, family);
            if clause.rank < rank::ATOM {
                format!("({})", clause.sql)
            } else {
                clause.sql
            }
        }
        plain => typed_literal(plain, family),
    }
}

/// A condition without the lifetime of the file.
fn frozen(value: &Value<'_>) -> Value<'static> {
    Value::item(Item::Clause(clause_of(value, None)))
}
