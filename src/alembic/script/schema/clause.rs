//! Expressions of SQL that are built from Python's operators.

use std::rc::Rc;

use super::super::python::{Arguments, STAND_IN, Value};
use super::types::Family;
use super::{DOUBT, Item, TextClause, quote};

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Clause {
    pub(in super::super) sql: String,
    /// How tightly its outermost operator binds.
    pub(in super::super) rank: u8,
    /// The name, when it is a column.
    pub(in super::super) column: Option<String>,
    /// The table that the column is of, as a statement names it.
    pub(in super::super) table: Option<String>,
    pub(in super::super) family: Option<Family>,
    /// What `not_` makes of it.
    negated: Option<Box<str>>,
    /// Whether it is a column whose name is written as it is.
    is_literal: bool,
}

/// Ranks of operators, as SQLAlchemy orders them.
pub(in super::super) mod rank {
    pub(in super::super::super) const ATOM: u8 = 20;
    pub(in super::super::super) const PRODUCT: u8 = 8;
    pub(in super::super::super) const SUM: u8 = 7;
    pub(in super::super::super) const COMPARISON: u8 = 5;
    pub(in super::super::super) const AND: u8 = 3;
    pub(in super::super::super) const OR: u8 = 2;
}

impl Clause {
    pub(in super::super) fn new(sql: impl Into<String>, rank: u8) -> Self {
        Self {
            sql: sql.into(),
            rank,
            column: None,
            table: None,
            family: None,
            negated: None,
            is_literal: false,
        }
    }

    /// A column.
    pub(in super::super) fn column(name: &str, family: Option<Family>) -> Self {
        Self {
            column: Some(name.to_owned()),
            family,
            ..Self::new(quote::name(name), rank::ATOM)
        }
    }

    /// A column of a table.
    pub(in super::super) fn of_table(table: &str, name: &str, family: Option<Family>) -> Self {
        Self {
            sql: format!("{table}.{}", quote::name(name)),
            table: Some(table.to_owned()),
            ..Self::column(name, family)
        }
    }

    /// An expression of which nothing is known.
    pub(in super::super) fn unknown() -> Self {
        Self::new(STAND_IN, rank::ATOM)
    }

    /// A column as it is written.
    pub(super) fn literal_column(sql: &str) -> Self {
        Self {
            is_literal: true,
            ..Self::new(sql, rank::ATOM)
        }
    }

    /// By what name options of an index mean it.
    pub(super) fn key(&self) -> Option<String> {
        let literal = || self.is_literal.then(|| self.sql.clone());
        self.column.clone().or_else(literal)
    }

    /// Its SQL where only columns of one table can be meant.
    pub(in super::super) fn without_table(&self) -> String {
        match (&self.column, &self.table) {
            (Some(column), Some(_)) => quote::name(column),
            (None, Some(table)) => self.sql.replace(&format!("{table}."), ""),
            _ => self.sql.clone(),
        }
    }

    /// Its SQL as an operand of an operator.
    pub(in super::super) fn within(&self, outer: u8) -> String {
        if self.rank <= outer {
            format!("({})", self.sql)
        } else {
            self.sql.clone()
        }
    }

    fn binary(left: &Self, operator: &str, right: &Self, rank: u8) -> Self {
        let sides = [left.within(rank), right.within(rank)];
        let table = left.table.clone().or_else(|| right.table.clone());
        Self {
            table,
            ..Self::new(format!("{} {operator} {}", sides[0], sides[1]), rank)
        }
    }
}

/// The expression that a value is, where one of SQL is asked for.
pub(in super::super) fn clause_of(value: &Value<'_>, family: Option<Family>) -> Clause {
    match value {
        Value::Item(item) => match &**item {
            Item::Clause(clause) => clause.clone(),
            Item::Column(column) => Clause::column(&column.name, None),
            Item::Text(text) => Clause::new(text_sql(text), rank::ATOM),
            Item::Statement(statement) => Clause::new(
                statement
                    .sql()
                    .map_or_else(|_| STAND_IN.to_owned(), |sql| format!("({sql})")),
                rank::ATOM,
            ),
            _ => Clause::unknown(),
        },
        plain => Clause::new(typed_literal(plain, family), rank::ATOM),
    }
}

/// The SQL of a check, a condition or an expression: strings are taken as SQL.
pub(super) fn sql_of(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => text_sql(&TextClause::new(text.to_string())),
        other => clause_of(other, None).without_table(),
    }
}

fn text_sql(text: &TextClause) -> String {
    text.render().unwrap_or_else(|_| STAND_IN.to_owned())
}

/// A value that is bound to a parameter.
pub(in super::super) fn bound_literal(value: &Value<'_>) -> String {
    match value {
        Value::Item(item) => match &**item {
            Item::Clause(clause) => clause.sql.clone(),
            _ => STAND_IN.to_owned(),
        },
        other => plain_literal(other).unwrap_or_else(|| STAND_IN.to_owned()),
    }
}

fn plain_literal(value: &Value<'_>) -> Option<String> {
    Some(match value {
        Value::None => "NULL".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Text(text) => quote::literal(text),
        Value::Member(member) => quote::literal(&member.1),
        _ => return None,
    })
}

/// A value for a column of a known type; how other types write their values is not known here.
pub(in super::super) fn typed_literal(value: &Value<'_>, family: Option<Family>) -> String {
    let fits = matches!(
        (value, family),
        (Value::None, _)
            | (_, None)
            | (Value::Text(_) | Value::Member(_), Some(Family::Text))
            | (
                Value::Int(_),
                Some(Family::SmallInteger | Family::Integer | Family::BigInteger)
            )
            | (Value::Int(_) | Value::Float(_), Some(Family::Number))
            | (Value::Bool(_), Some(Family::Boolean))
    );
    let plain = plain_literal(value).unwrap_or_else(|| STAND_IN.to_owned());
    match (fits, value) {
        (true, _) => plain,
        (false, Value::Item(_)) => bound_literal(value),
        (false, _) if plain == STAND_IN => plain,
        (false, _) => format!("{plain} {DOUBT}"),
    }
}

/// `left operator right`, when one of them is an expression of SQL.
pub(in super::super) fn operate<'a>(
    left: &Value<'a>,
    operator: &str,
    right: &Value<'a>,
) -> Value<'a> {
    let family = [left, right].into_iter().find_map(family_of);
    let (a, b) = (clause_of(left, family), clause_of(right, family));
    let made = match (operator, right) {
        ("=", Value::None) => is(&a, "IS", "IS NOT"),
        ("!=", Value::None) => is(&a, "IS NOT", "IS"),
        ("=" | "!=" | "<" | "<=" | ">" | ">=", _) => {
            let mut made = Clause::binary(&a, operator, &b, rank::COMPARISON);
            let opposite = match operator {
                "=" => "!=",
                "!=" => "=",
                "<" => ">=",
                "<=" => ">",
                ">" => "<=",
                _ => "<",
            };
            made.negated = Some(
                Clause::binary(&a, opposite, &b, rank::COMPARISON)
                    .sql
                    .into(),
            );
            made
        }
        ("AND", _) => join(&[a, b], "AND", rank::AND),
        ("OR", _) => join(&[a, b], "OR", rank::OR),
        ("+" | "-", _) if family != Some(Family::Text) => {
            Clause::binary(&a, operator, &b, rank::SUM)
        }
        ("*", _) => Clause::binary(&a, operator, &b, rank::PRODUCT),
        _ => Clause::unknown(),
    };
    Value::item(Item::Clause(made))
}

fn is(operand: &Clause, word: &str, opposite: &str) -> Clause {
    let inner = operand.within(rank::COMPARISON);
    let mut made = Clause::new(format!("{inner} {word} NULL"), rank::COMPARISON);
    made.negated = Some(format!("{inner} {opposite} NULL").into());
    made.table.clone_from(&operand.table);
    made
}

fn join(all: &[Clause], word: &str, rank: u8) -> Clause {
    let parts: Vec<String> = all
        .iter()
        .map(|one| {
            let is_same = one.rank == rank;
            if is_same {
                one.sql.clone()
            } else {
                one.within(rank)
            }
        })
        .collect();
    let mut made = match all {
        [only] => only.clone(),
        _ => Clause::new(parts.join(&format!(" {word} ")), rank),
    };
    made.table = all.iter().find_map(|one| one.table.clone());
    made
}

/// `and_(…)` and `or_(…)`.
pub(in super::super) fn junction<'a>(word: &str, values: &[Value<'a>]) -> Value<'a> {
    let all: Vec<Clause> = values.iter().map(|value| clause_of(value, None)).collect();
    let rank = if word == "AND" { rank::AND } else { rank::OR };
    Value::item(Item::Clause(join(&all, word, rank)))
}

/// `not_(…)` and `~…`.
pub(in super::super) fn negate<'a>(value: &Value<'a>) -> Value<'a> {
    let inner = clause_of(value, None);
    let made = match inner.negated {
        Some(sql) => Clause {
            table: inner.table,
            ..Clause::new(sql, inner.rank)
        },
        None => Clause::new(format!("NOT ({}) {DOUBT}", inner.sql), rank::ATOM),
    };
    Value::item(Item::Clause(made))
}

fn family_of(value: &Value<'_>) -> Option<Family> {
    match value {
        Value::Item(item) => match &**item {
            Item::Clause(clause) => clause.family,
            Item::Column(column) => column.ty.as_ref().map(|ty| ty.family),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a value takes part in expressions of SQL.
pub(in super::super) fn is_expression(value: &Value<'_>) -> bool {
    match value {
        Value::Item(item) => matches!(
            &**item,
            Item::Clause(_) | Item::Column(_) | Item::Text(_) | Item::Statement(_)
        ),
        _ => false,
    }
}

/// `sa.func.name(…)`.
pub(super) fn function<'a>(name: &str, arguments: &Arguments<'a>) -> Value<'a> {
    if !arguments.named.is_empty() || arguments.open {
        return Value::item(Item::Clause(Clause::unknown()));
    }
    let all: Vec<Clause> = arguments
        .positional
        .iter()
        .map(|value| clause_of(value, None))
        .collect();
    let table = all.iter().find_map(|one| one.table.clone());
    let inner: Vec<&str> = all.iter().map(|one| one.sql.as_str()).collect();
    let sql = match (name, inner.is_empty()) {
        (
            "current_date" | "current_time" | "current_timestamp" | "current_user" | "localtime"
            | "localtimestamp" | "session_user" | "user",
            true,
        ) => name.to_uppercase(),
        ("count", true) => "count(*)".to_owned(),
        ("to_tsvector" | "to_tsquery" | "plainto_tsquery" | "ts_headline", _) => {
            STAND_IN.to_owned()
        }
        _ => {
            let parts: Vec<String> = name.split('.').map(quote::name).collect();
            format!("{}({})", parts.join("."), inner.join(", "))
        }
    };
    Value::item(Item::Clause(Clause {
        table,
        ..Clause::new(sql, rank::ATOM)
    }))
}

/// A method of an expression: `column.is_(None)`, `column.desc()`.
pub(in super::super) fn method<'a>(
    clause: &Clause,
    name: &str,
    arguments: &Arguments<'a>,
) -> Value<'a> {
    let only = arguments.only();
    let made = match (name, only) {
        ("is_", Some(Value::None)) => is(clause, "IS", "IS NOT"),
        ("is_not" | "isnot", Some(Value::None)) => is(clause, "IS NOT", "IS"),
        ("desc", None) => suffixed(clause, "DESC"),
        ("asc", None) => suffixed(clause, "ASC"),
        ("nulls_first" | "nullsfirst", None) => suffixed(clause, "NULLS FIRST"),
        ("nulls_last" | "nullslast", None) => suffixed(clause, "NULLS LAST"),
        ("like", Some(pattern @ Value::Text(_))) => {
            let pattern = clause_of(pattern, clause.family);
            Clause::binary(clause, "LIKE", &pattern, rank::COMPARISON)
        }
        ("in_" | "not_in" | "notin_", Some(list)) => within_list(clause, name == "in_", list),
        _ => Clause::unknown(),
    };
    Value::item(Item::Clause(made))
}

fn suffixed(clause: &Clause, word: &str) -> Clause {
    Clause {
        column: None,
        table: clause.table.clone(),
        ..Clause::new(format!("{} {word}", clause.sql), rank::AND)
    }
}

fn within_list(clause: &Clause, is_in: bool, list: &Value<'_>) -> Clause {
    let Some(all) = list.elements().filter(|all| !all.is_empty()) else {
        return Clause {
            table: clause.table.clone(),
            ..Clause::new(format!("{} IN ({STAND_IN})", clause.sql), rank::COMPARISON)
        };
    };
    let values: Vec<String> = all
        .iter()
        .map(|one| typed_literal(one, clause.family))
        .collect();
    let inner = clause.within(rank::COMPARISON);
    let forms = [
        format!("{inner} IN ({})", values.join(", ")),
        format!("({inner} NOT IN ({}))", values.join(", ")),
    ];
    let [yes, no] = forms;
    let (this, other, rank) = if is_in {
        (yes, no, rank::COMPARISON)
    } else {
        (no, yes, rank::ATOM)
    };
    Clause {
        table: clause.table.clone(),
        negated: Some(other.into()),
        ..Clause::new(this, rank)
    }
}

/// `table.c.name` where the table is known.
pub(in super::super) fn column_of<'a>(table: &Rc<super::Table>, name: &str) -> Value<'a> {
    Value::item(Item::Clause(Clause::of_table(
        &table.sql_name(),
        name,
        table.family_of(name),
    )))
}
