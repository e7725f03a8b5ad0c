//! What revisions say in SQLAlchemy's words (tables, columns, types, constraints), and its SQL.

mod clause;
mod column;
mod constraint;
mod construct;
mod index;
mod named_type;
mod quote;
mod rows;
mod statement;
mod table;
mod text;
mod types;

pub(super) use self::clause::{
    Clause, bound_literal, column_of, is_expression, method, negate, operate, rank,
};
pub(super) use self::column::{Column, default_sql};
pub(super) use self::constraint::{
    Constraint, ForeignKey, added_key, check, columns_constraint, exclude,
};
pub(super) use self::construct::{column_clause, construct, is_library};
pub(super) use self::index::{Index, created as created_index, dropped as dropped_index};
pub(super) use self::named_type::NamedType;
pub(super) use self::quote::{altered_table, literal, name, table as table_name};
pub(super) use self::rows::insert_rows;
pub(super) use self::statement::{Statement, begin};
pub(super) use self::table::{Table, comment_on, created as created_table};
pub(super) use self::text::TextClause;
pub(super) use self::types::{Type, type_of};

use std::rc::Rc;

use super::python::{STAND_IN, Value};

/// Something of SQLAlchemy that a value can be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    Type(Type),
    Column(Column),
    ForeignKey(ForeignKey),
    Constraint(Constraint),
    Index(Index),
    /// `GENERATED ALWAYS AS …`.
    Computed(String),
    /// `GENERATED … AS IDENTITY`, and whether it is `ALWAYS`.
    Identity(String),
    /// A sequence, its name and its options.
    Sequence(Sequence),
    Clause(Clause),
    Text(TextClause),
    Table(Table),
    /// `table.c`.
    Columns(Rc<Table>),
    Statement(Statement),
    /// A statement that is complete: `CreateSchema(…)`.
    Complete(String),
    /// `FetchedValue()`, and others that write nothing.
    Silent,
}

/// A sequence of numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sequence {
    pub(super) name: String,
    pub(super) options: String,
}

/// A name; what is not known becomes a stand-in.
pub(super) fn name_of(value: Option<&Value<'_>>) -> String {
    match value {
        Some(Value::Text(text)) => text.to_string(),
        _ => STAND_IN.to_owned(),
    }
}

/// A name that may be missing or `None`.
pub(super) fn optional_name(value: Option<&Value<'_>>) -> Option<String> {
    match value {
        None | Some(Value::None) => None,
        some => Some(name_of(some)),
    }
}

/// Names in a list; a list that is not known becomes one stand-in.
pub(super) fn names_of(value: Option<&Value<'_>>) -> Vec<String> {
    match value.and_then(Value::elements) {
        Some(all) => all.iter().map(column_name_of).collect(),
        None => match value {
            Some(Value::Text(text)) if !text.contains(STAND_IN) => {
                text.chars().map(String::from).collect()
            }
            _ => vec![STAND_IN.to_owned()],
        },
    }
}

/// The name of a column, given as a string or as a column.
fn column_name_of(value: &Value<'_>) -> String {
    match value {
        Value::Item(item) => match &**item {
            Item::Column(column) => column.name.clone(),
            Item::Clause(clause) if clause.column.is_some() => {
                clause.column.clone().unwrap_or_default()
            }
            _ => STAND_IN.to_owned(),
        },
        other => name_of(Some(other)),
    }
}

/// A marker for a statement of which a part that is not seen in its text is not known.
pub(super) const DOUBT: &str = "/* __unknown__ */";
