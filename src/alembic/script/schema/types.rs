//! Types of columns.

use std::rc::Rc;

use super::super::python::{Arguments, Bound, STAND_IN, Value};
use super::{Item, NamedType, name_of, quote};

/// A type as PostgreSQL is told it.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Type {
    sql: String,
    collation: Option<String>,
    pub(in super::super) family: Family,
    /// The type that must be there before it can be used.
    pub(in super::super) named: Option<Rc<NamedType>>,
    /// Values that a check constraint holds a column to, and the name of the constraint.
    pub(in super::super) checked: Option<(Option<String>, Vec<String>)>,
}

/// Families of types that SQLAlchemy treats alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Family {
    SmallInteger,
    Integer,
    BigInteger,
    Number,
    Text,
    Boolean,
    Other,
}

impl Type {
    fn new(sql: impl Into<String>, family: Family) -> Self {
        Self {
            sql: sql.into(),
            collation: None,
            family,
            named: None,
            checked: None,
        }
    }

    /// A type that is not known.
    pub(in super::super) fn unknown() -> Self {
        Self::new(STAND_IN, Family::Other)
    }

    /// A type that is made by a statement of its own.
    pub(super) fn named(named: NamedType) -> Self {
        let family = if named.is_enum() {
            Family::Text
        } else {
            Family::Other
        };
        let mut made = Self::new(named.qualified(), family);
        made.named = Some(Rc::new(named));
        made
    }

    /// How a column is declared with it.
    pub(in super::super) fn sql(&self) -> String {
        match &self.collation {
            Some(collation) => format!("{} COLLATE {}", self.sql, quote::name(collation)),
            None => self.sql.clone(),
        }
    }

    /// How a column is declared that numbers its rows by itself, if it can.
    pub(super) fn serial(&self) -> Option<&'static str> {
        match self.family {
            Family::SmallInteger => Some("SMALLSERIAL"),
            Family::Integer => Some("SERIAL"),
            Family::BigInteger => Some("BIGSERIAL"),
            _ => None,
        }
    }

    /// The same, in a table of this schema.
    pub(in super::super) fn within(&self, schema: Option<&str>) -> Self {
        let mut placed = self.clone();
        if let Some(named) = &self.named
            && named.inherits_schema
        {
            let inner = named.within(schema);
            placed.sql = self.sql.replacen(&named.qualified(), &inner.qualified(), 1);
            placed.named = Some(Rc::new(inner));
        }
        placed
    }

    fn array(&self, dimensions: i64) -> Self {
        let brackets = "[]".repeat(usize::try_from(dimensions.clamp(0, 32)).unwrap_or(1));
        let mut array = self.clone();
        array.sql.push_str(&brackets);
        array.family = Family::Other;
        array
    }
}

/// The type that a value stands for.
pub(in super::super) fn type_of(value: &Value<'_>) -> Type {
    match value {
        Value::Item(item) => match &**item {
            Item::Type(known) => known.clone(),
            _ => Type::unknown(),
        },
        Value::Path(path) => make(path, Arguments::default()).unwrap_or_else(Type::unknown),
        _ => Type::unknown(),
    }
}

/// The type that a call of a class makes, if it is a type that is known.
pub(super) fn make(path: &str, arguments: Arguments<'_>) -> Option<Type> {
    let (module, class) = path.rsplit_once('.').unwrap_or(("", path));
    let root = module.split('.').next().unwrap_or_default();
    if root != "sqlalchemy" {
        return outside(path, arguments);
    }
    let is_other_dialect = module.contains(".dialects.") && !module.contains(".postgresql");
    if is_other_dialect {
        return None;
    }
    plain(class)
        .map(|(sql, family)| Type::new(sql, family))
        .or_else(|| with_parameters(class, module, arguments))
}

/// Types that have no parameters which show in SQL.
fn plain(class: &str) -> Option<(&'static str, Family)> {
    Some(match class {
        "Integer" | "INTEGER" | "INT" => ("INTEGER", Family::Integer),
        "BigInteger" | "BIGINT" => ("BIGINT", Family::BigInteger),
        "SmallInteger" | "SMALLINT" => ("SMALLINT", Family::SmallInteger),
        "Boolean" | "BOOLEAN" => ("BOOLEAN", Family::Boolean),
        "Date" | "DATE" => ("DATE", Family::Other),
        "DATETIME" => ("DATETIME", Family::Other),
        "Double" | "DOUBLE_PRECISION" => ("DOUBLE PRECISION", Family::Number),
        "REAL" => ("REAL", Family::Number),
        "LargeBinary" | "PickleType" | "BYTEA" => ("BYTEA", Family::Other),
        "BLOB" => ("BLOB", Family::Other),
        "JSONB" => ("JSONB", Family::Other),
        "JSON" => ("JSON", Family::Other),
        "UUID" => ("UUID", Family::Other),
        _ => return postgresql(class).map(|sql| (sql, Family::Other)),
    })
}

/// Types that only PostgreSQL has.
fn postgresql(class: &str) -> Option<&'static str> {
    const ALL: &[&str] = &[
        "CIDR",
        "CITEXT",
        "DATEMULTIRANGE",
        "DATERANGE",
        "HSTORE",
        "INET",
        "INT4MULTIRANGE",
        "INT4RANGE",
        "INT8MULTIRANGE",
        "INT8RANGE",
        "JSONPATH",
        "MACADDR",
        "MACADDR8",
        "MONEY",
        "NUMMULTIRANGE",
        "NUMRANGE",
        "OID",
        "REGCLASS",
        "REGCONFIG",
        "TSMULTIRANGE",
        "TSQUERY",
        "TSRANGE",
        "TSTZMULTIRANGE",
        "TSTZRANGE",
        "TSVECTOR",
    ];
    ALL.iter().find(|known| **known == class).copied()
}

fn with_parameters(class: &str, module: &str, arguments: Arguments<'_>) -> Option<Type> {
    let mut made = match class {
        "String" | "Unicode" | "VARCHAR" => string("VARCHAR", arguments),
        "Text" | "UnicodeText" | "TEXT" => string("TEXT", arguments),
        "CHAR" | "NCHAR" | "NVARCHAR" | "CLOB" | "BINARY" | "VARBINARY" => string(class, arguments),
        "Numeric" | "NUMERIC" => number("NUMERIC", arguments),
        "DECIMAL" => number("DECIMAL", arguments),
        "Float" | "FLOAT" => float(arguments),
        "DateTime" => zoned("TIMESTAMP", arguments, &["timezone"]),
        "TIMESTAMP" => zoned("TIMESTAMP", arguments, precise(module)),
        "Time" | "TIME" => zoned("TIME", arguments, precise(module)),
        "Interval" | "INTERVAL" => interval(class, arguments),
        "Uuid" => uuid(arguments),
        "BIT" => bit(arguments),
        "ARRAY" => array(arguments),
        "Enum" | "ENUM" | "DOMAIN" => super::named_type::make(class, arguments),
        _ => return None,
    };
    if class == "BINARY" || class == "VARBINARY" {
        made.family = Family::Other;
    }
    Some(made)
}

fn precise(module: &str) -> &'static [&'static str] {
    if module.contains("postgresql") {
        &["timezone", "precision"]
    } else {
        &["timezone"]
    }
}

/// A whole number as an argument; what is not known becomes a stand-in.
fn number_of(value: Option<Value<'_>>) -> Option<String> {
    match value? {
        Value::None => None,
        Value::Int(number) => Some(number.to_string()),
        _ => Some(STAND_IN.to_owned()),
    }
}

/// Marks a type whose arguments were not all understood.
fn settle(mut made: Type, rest: &Bound<'_>) -> Type {
    if rest.has_more() || !rest.rest.is_empty() {
        STAND_IN.clone_into(&mut made.sql);
    }
    made
}

fn string(name: &str, arguments: Arguments<'_>) -> Type {
    let mut bound = arguments.bind(&["length", "collation"]);
    bound.ignore(&["convert_unicode", "unicode_error"]);
    let mut made = Type::new(name, Family::Text);
    if let Some(length) = number_of(bound.take("length")).filter(|length| length != "0") {
        made.sql = format!("{name}({length})");
    }
    made.collation = bound
        .take_some("collation")
        .map(|value| name_of(Some(&value)));
    settle(made, &bound)
}

fn number(name: &str, arguments: Arguments<'_>) -> Type {
    let mut bound = arguments.bind(&["precision", "scale"]);
    bound.ignore(&["decimal_return_scale", "asdecimal"]);
    let precision = number_of(bound.take("precision"));
    let scale = number_of(bound.take("scale"));
    let sql = match (precision, scale) {
        (None, _) => name.to_owned(),
        (Some(precision), None) => format!("{name}({precision})"),
        (Some(precision), Some(scale)) => format!("{name}({precision}, {scale})"),
    };
    settle(Type::new(sql, Family::Number), &bound)
}

fn float(arguments: Arguments<'_>) -> Type {
    let mut bound = arguments.bind(&["precision", "asdecimal", "decimal_return_scale"]);
    bound.ignore(&["asdecimal", "decimal_return_scale"]);
    let sql = match number_of(bound.take("precision")).filter(|precision| precision != "0") {
        Some(precision) => format!("FLOAT({precision})"),
        None => "FLOAT".to_owned(),
    };
    settle(Type::new(sql, Family::Number), &bound)
}

fn zoned(name: &str, arguments: Arguments<'_>, parameters: &'static [&'static str]) -> Type {
    let mut bound = arguments.bind(parameters);
    let zone = match bound.flag("timezone") {
        Ok(Some(true)) => "WITH",
        Ok(_) => "WITHOUT",
        Err(_) => return Type::unknown(),
    };
    let precision = number_of(bound.take("precision")).map_or(String::new(), |p| format!("({p})"));
    let sql = format!("{name}{precision} {zone} TIME ZONE");
    settle(Type::new(sql, Family::Other), &bound)
}

fn interval(class: &str, arguments: Arguments<'_>) -> Type {
    let parameters: &'static [&'static str] = if class == "Interval" {
        &["native", "second_precision", "day_precision"]
    } else {
        &["precision", "fields"]
    };
    let mut bound = arguments.bind(parameters);
    bound.ignore(&["native", "day_precision"]);
    let mut sql = "INTERVAL".to_owned();
    if let Some(fields) = bound.take_some("fields") {
        sql = format!("{sql} {}", name_of(Some(&fields)));
    }
    let precision = bound.take("precision").or(bound.take("second_precision"));
    if let Some(precision) = number_of(precision) {
        sql = format!("{sql} ({precision})");
    }
    settle(Type::new(sql, Family::Other), &bound)
}

fn uuid(arguments: Arguments<'_>) -> Type {
    let mut bound = arguments.bind(&["as_uuid", "native_uuid"]);
    bound.ignore(&["as_uuid"]);
    let sql = match bound.flag("native_uuid") {
        Ok(Some(false)) => "CHAR(32)",
        Ok(_) => "UUID",
        Err(_) => STAND_IN,
    };
    settle(Type::new(sql, Family::Other), &bound)
}

fn bit(arguments: Arguments<'_>) -> Type {
    let mut bound = arguments.bind(&["length", "varying"]);
    let Ok(varying) = bound.flag("varying") else {
        return Type::unknown();
    };
    let varies = varying == Some(true);
    let length = number_of(bound.take("length")).or((!varies).then(|| "1".to_owned()));
    let length = length.map_or(String::new(), |length| format!("({length})"));
    let word = if varies { "BIT VARYING" } else { "BIT" };
    settle(Type::new(format!("{word}{length}"), Family::Other), &bound)
}

fn array(arguments: Arguments<'_>) -> Type {
    let mut bound = arguments.bind(&["item_type", "as_tuple", "dimensions", "zero_indexes"]);
    bound.ignore(&["as_tuple", "zero_indexes"]);
    let inner = bound
        .take("item_type")
        .map_or_else(Type::unknown, |value| type_of(&value));
    match bound.take_some("dimensions") {
        None => settle(inner.array(1), &bound),
        Some(Value::Int(dimensions)) => settle(inner.array(dimensions), &bound),
        Some(_) => Type::unknown(),
    }
}

/// Types of other packages that are only a longer name for one of these.
fn outside(path: &str, arguments: Arguments<'_>) -> Option<Type> {
    match path {
        "sqlmodel.sql.sqltypes.AutoString" | "sqlmodel.AutoString" => {
            Some(string("VARCHAR", arguments))
        }
        _ => path
            .strip_prefix("sqlalchemy_utils.")
            .and_then(|rest| utilities(rest.rsplit('.').next().unwrap_or(rest), arguments)),
    }
}

/// Types of SQLAlchemy-Utils whose SQL does not hang on their arguments.
fn utilities(class: &str, arguments: Arguments<'_>) -> Option<Type> {
    let (sql, family) = match class {
        "ColorType" | "TimezoneType" | "EmailType" if !arguments.is_empty() => {
            return None;
        }
        "UUIDType" => ("UUID", Family::Other),
        "JSONType" => ("JSON", Family::Other),
        "TSVectorType" => ("TSVECTOR", Family::Other),
        "URLType" => ("TEXT", Family::Text),
        "LtreeType" => ("LTREE", Family::Other),
        "IPAddressType" | "TimezoneType" => ("VARCHAR(50)", Family::Text),
        "CurrencyType" => ("VARCHAR(3)", Family::Text),
        "CountryType" => ("VARCHAR(2)", Family::Text),
        "LocaleType" => ("VARCHAR(10)", Family::Text),
        "ColorType" => ("VARCHAR(20)", Family::Text),
        "EmailType" => ("VARCHAR(255)", Family::Text),
        _ => return None,
    };
    Some(Type::new(sql, family))
}
