//! Types that are made by a statement of their own: enumerations and domains.

use super::super::python::{Arguments, STAND_IN, Value};
use super::types::{Family, Type, type_of};
use super::{DOUBT, name_of, optional_name, quote};

/// An enumeration or a domain.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct NamedType {
    pub(in super::super) name: String,
    pub(in super::super) schema: Option<String>,
    /// Whether it takes the schema of the table that uses it.
    pub(in super::super) inherits_schema: bool,
    /// Whether a table that uses it makes it.
    pub(in super::super) with_table: bool,
    /// Whether it is looked for before it is made or dropped by itself.
    pub(in super::super) looks_first: bool,
    made: Made,
}

#[derive(Clone, Debug, PartialEq)]
enum Made {
    Enum(Vec<String>),
    Domain(String),
}

impl NamedType {
    pub(super) fn is_enum(&self) -> bool {
        matches!(self.made, Made::Enum(_))
    }

    /// Its name with its schema.
    pub(in super::super) fn qualified(&self) -> String {
        quote::table(self.schema.as_deref(), &self.name)
    }

    /// The statement that makes it.
    pub(in super::super) fn create(&self) -> String {
        match &self.made {
            Made::Enum(values) => {
                let values: Vec<String> =
                    values.iter().map(|value| quote::literal(value)).collect();
                let name = self.qualified();
                format!("CREATE TYPE {name} AS ENUM ({})", values.join(", "))
            }
            Made::Domain(body) => format!("CREATE DOMAIN {} AS {body}", self.qualified()),
        }
    }

    /// The statement that drops it.
    pub(in super::super) fn drop_it(&self) -> String {
        match &self.made {
            Made::Enum(_) => format!("DROP TYPE {}", self.qualified()),
            Made::Domain(_) => format!("DROP DOMAIN {}", self.qualified()),
        }
    }

    /// The same, in the schema of a table if it takes that.
    pub(in super::super) fn within(&self, schema: Option<&str>) -> Self {
        let mut placed = self.clone();
        if self.inherits_schema {
            placed.schema = schema.map(str::to_owned);
        }
        placed
    }
}

/// `Enum(…)`, `ENUM(…)` and `DOMAIN(…)`.
pub(super) fn make(class: &str, arguments: Arguments<'_>) -> Type {
    if class == "DOMAIN" {
        return domain(arguments);
    }
    let (values, implied) = enum_values(&arguments);
    let mut bound = Arguments {
        positional: Vec::new(),
        ..arguments
    }
    .bind(&[]);
    let is_odd = bound.take_some("values_callable").is_some();
    let values = if is_odd {
        vec![STAND_IN.to_owned()]
    } else {
        values
    };
    let name = optional_name(bound.take("name").as_ref()).or(implied);
    let native = bound.flag("native_enum");
    if class == "Enum" && native != Ok(None) && native != Ok(Some(true)) {
        return match native {
            Ok(_) => checked_string(name, values, bound),
            Err(_) => Type::unknown(),
        };
    }
    let named = NamedType {
        name: name.unwrap_or_else(|| STAND_IN.to_owned()),
        schema: optional_name(bound.take("schema").as_ref()),
        inherits_schema: bound.flag("inherit_schema") == Ok(Some(true)),
        with_table: bound.flag("create_type") != Ok(Some(false)),
        looks_first: class == "ENUM",
        made: Made::Enum(values),
    };
    bound.ignore(&[
        "create_constraint",
        "length",
        "validate_strings",
        "metadata",
        "sort_key_function",
        "omit_aliases",
        "quote",
    ]);
    if bound.has_more() {
        return Type::unknown();
    }
    Type::named(named)
}

/// The values of an enumeration, and the name that its class implies.
fn enum_values(arguments: &Arguments<'_>) -> (Vec<String>, Option<String>) {
    if let [Value::Class(class)] = &*arguments.positional {
        if !class.is_enum {
            return (vec![STAND_IN.to_owned()], Some(class.name.to_lowercase()));
        }
        let names = class.members.iter().map(|(name, _)| name.clone());
        return (names.collect(), Some(class.name.to_lowercase()));
    }
    let mut values: Vec<String> = arguments
        .positional
        .iter()
        .map(|value| name_of(Some(value)))
        .collect();
    if arguments.open {
        values.push(STAND_IN.to_owned());
    }
    (values, None)
}

/// An enumeration that is a string with a check.
fn checked_string(
    name: Option<String>,
    values: Vec<String>,
    mut bound: super::super::python::Bound<'_>,
) -> Type {
    let longest = values.iter().map(|value| value.chars().count()).max();
    let length = match bound.take("length") {
        None => longest.unwrap_or(0).to_string(),
        Some(Value::Int(length)) => length.to_string(),
        Some(Value::None) => "0".to_owned(),
        Some(_) => STAND_IN.to_owned(),
    };
    let is_known = !values.iter().any(|value| value.contains(STAND_IN));
    let length = if is_known {
        length
    } else {
        STAND_IN.to_owned()
    };
    let arguments = match length.as_str() {
        "0" => Arguments::default(),
        _ => Arguments {
            positional: vec![length.parse().map_or(Value::unknown("length"), Value::Int)],
            ..Arguments::default()
        },
    };
    let Some(mut made) = super::types::make("sqlalchemy.String", arguments) else {
        return Type::unknown();
    };
    match bound.flag("create_constraint") {
        Ok(Some(true)) => made.checked = Some((name, values)),
        Ok(_) => {}
        Err(_) => return Type::unknown(),
    }
    made
}

fn domain(arguments: Arguments<'_>) -> Type {
    let mut bound = arguments.bind(&["name", "data_type"]);
    let name = name_of(bound.take("name").as_ref());
    let inner = bound
        .take("data_type")
        .map_or_else(Type::unknown, |value| type_of(&value));
    let mut body = inner.sql();
    if let Some(collation) = bound.take_some("collation") {
        body = format!("{body} COLLATE {}", quote::name(&name_of(Some(&collation))));
    }
    if let Some(default) = bound.take_some("default") {
        body = format!("{body} DEFAULT {}", super::column::default_sql(&default));
    }
    if let Some(constraint) = bound.take_some("constraint_name") {
        body = format!(
            "{body} CONSTRAINT {}",
            quote::name(&name_of(Some(&constraint)))
        );
    }
    match bound.flag("not_null") {
        Ok(Some(true)) => body.push_str(" NOT NULL"),
        Ok(_) => {}
        Err(_) => body.push_str(DOUBT),
    }
    if let Some(check) = bound.take_some("check") {
        body = format!("{body} CHECK ({})", super::clause::sql_of(&check));
    }
    let named = NamedType {
        name,
        schema: optional_name(bound.take("schema").as_ref()),
        inherits_schema: bound.flag("inherit_schema") == Ok(Some(true)),
        with_table: bound.flag("create_type") != Ok(Some(false)),
        looks_first: true,
        made: Made::Domain(body),
    };
    bound.ignore(&["metadata", "quote"]);
    if bound.has_more() {
        return Type::unknown();
    }
    let mut made = Type::named(named);
    made.family = Family::Other;
    made
}
