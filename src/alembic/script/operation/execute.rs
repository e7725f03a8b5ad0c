//! Statements that are handed over to be executed.

use super::super::python::{Arguments, Machine, Place, Value};
use super::super::schema::{DOUBT, Item, Statement, TextClause};

/// `op.execute(…)`.
pub(super) fn execute<'a>(
    machine: &mut Machine<'a>,
    arguments: Arguments<'a>,
    place: &Place,
) -> Value<'a> {
    let mut bound = arguments.bind(&["sqltext"]);
    let statement = bound.take("sqltext").unwrap_or(Value::None);
    let statement = match statement {
        Value::Text(sql) => Value::item(Item::Text(TextClause::new(sql.to_string()))),
        other => other,
    };
    bound.ignore(&["execution_options"]);
    match rendered(&statement, None) {
        Ok(statements) => machine.send(place, &statements),
        Err(why) => machine.give_up(place, why),
    }
    Value::None
}

/// The SQL of a statement, with the parameters that it is executed with.
pub(super) fn rendered(
    statement: &Value<'_>,
    parameters: Option<&Value<'_>>,
) -> Result<Vec<String>, String> {
    let parameters = parameters.filter(|value| **value != Value::None);
    let not_known = |value: &Value<'_>| Err(format!("the statement is not known: {}", value.why()));
    match statement {
        Value::Text(sql) if parameters.is_none() => text(&TextClause::raw(sql.to_string()), None),
        Value::Text(sql) => text(&TextClause::new(sql.to_string()), parameters),
        Value::Item(item) => match &**item {
            Item::Text(clause) => text(clause, parameters),
            Item::Statement(statement) => match parameters {
                Some(rows) => statement
                    .with_rows(rows)
                    .iter()
                    .map(Statement::sql)
                    .collect(),
                None => Ok(vec![statement.sql()?]),
            },
            Item::Complete(sql) => Ok(vec![sql.clone()]),
            Item::Clause(clause) => Ok(vec![format!("SELECT {} {DOUBT}", clause.sql)]),
            _ => not_known(statement),
        },
        other => not_known(other),
    }
}

fn text(clause: &TextClause, parameters: Option<&Value<'_>>) -> Result<Vec<String>, String> {
    if !clause.is_readable() {
        return Err("the beginning of the statement is not known".to_owned());
    }
    let Some(parameters) = parameters else {
        return Ok(vec![clause.render()?]);
    };
    let rows = match parameters.elements() {
        Some(rows) => rows.to_vec(),
        None => vec![parameters.clone()],
    };
    let one = |row: &Value<'_>| match row {
        Value::Dict(row) => {
            let mut bound = clause.clone();
            for (name, value) in row.iter() {
                bound = bound.bind(&super::super::schema::name_of(Some(name)), value);
            }
            bound.render()
        }
        // Which parameters there are is not known; the statement itself is.
        _ => clause.with_unknown_parameters().render(),
    };
    rows.iter().map(one).collect()
}
