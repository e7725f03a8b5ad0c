//! Tables that are created, and tables that statements name.

use super::super::python::{Arguments, Bound, Value};
use super::constraint::Kind;
use super::types::Family;
use super::{
    Column, Constraint, DOUBT, Index, Item, NamedType, name_of, names_of, optional_name, quote,
};

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Table {
    pub(in super::super) name: String,
    pub(in super::super) schema: Option<String>,
    pub(in super::super) columns: Vec<Column>,
    /// Whether all of its columns are known.
    pub(in super::super) is_whole: bool,
    constraints: Vec<Constraint>,
    indexes: Vec<Index>,
    comment: Option<String>,
    prefixes: String,
    options: String,
    if_not_exists: bool,
}

impl Table {
    /// How statements name it.
    pub(in super::super) fn sql_name(&self) -> String {
        quote::table(self.schema.as_deref(), &self.name)
    }

    /// The family of a column's type, if the table says it.
    pub(in super::super) fn family_of(&self, column: &str) -> Option<Family> {
        let found = self.columns.iter().find(|found| found.name == column)?;
        found.ty.as_ref().map(|ty| ty.family)
    }

    /// Types that have to be made before it.
    pub(in super::super) fn named_types(&self) -> Vec<NamedType> {
        let types = self.columns.iter().filter_map(|column| column.ty.as_ref());
        types
            .filter_map(|ty| ty.named.as_deref())
            .filter(|named| named.with_table)
            .map(|named| named.within(self.schema.as_deref()))
            .collect()
    }

    /// The statements that create it with all that belongs to it.
    pub(in super::super) fn create(&self) -> Vec<String> {
        let mut all = vec![self.create_itself()];
        all.extend(self.indexes().iter().map(Index::create));
        let name = self.sql_name();
        if let Some(comment) = &self.comment {
            all.push(format!(
                "COMMENT ON TABLE {name} IS {}",
                quote::literal(comment)
            ));
        }
        for column in &self.columns {
            all.extend(comment_on(&name, column));
        }
        all
    }

    fn create_itself(&self) -> String {
        let key = self.key();
        let mut lines: Vec<String> = self
            .columns
            .iter()
            .map(|column| {
                let mut column = column.clone();
                if key.columns.contains(&column.name) {
                    column.join_key();
                }
                if self
                    .constraints
                    .iter()
                    .any(|one| one.refers_from(&column.name))
                {
                    column.join_reference();
                }
                let declaration = column.declaration(self.schema.as_deref(), key.columns.len());
                declaration + &column.checks()
            })
            .collect();
        lines.extend(key.sql());
        let own = self.columns.iter().flat_map(Column::constraints);
        let others = self.constraints.iter().cloned().chain(own);
        lines.extend(
            others
                .filter(|one| !matches!(one.kind, Kind::PrimaryKey(_)) && one.is_declared())
                .map(|one| one.sql()),
        );
        let exists = if self.if_not_exists {
            "IF NOT EXISTS "
        } else {
            ""
        };
        format!(
            "CREATE {}TABLE {exists}{} (\n    {}\n){}",
            self.prefixes,
            self.sql_name(),
            lines.join(",\n    "),
            self.options
        )
    }

    fn key(&self) -> Key {
        let declared = self
            .constraints
            .iter()
            .find(|one| matches!(one.kind, Kind::PrimaryKey(_)));
        let flagged = self.columns.iter().filter(|column| column.is_primary);
        let flagged: Vec<String> = flagged.map(|column| column.name.clone()).collect();
        let Some(constraint) = declared else {
            let constraint = Constraint::new(None, Kind::PrimaryKey(flagged.clone()));
            return Key {
                constraint,
                columns: flagged,
            };
        };
        match &constraint.kind {
            Kind::PrimaryKey(columns) if !columns.is_empty() => Key {
                constraint: constraint.clone(),
                columns: columns.clone(),
            },
            _ => Key {
                constraint: constraint.over(flagged.clone()),
                columns: flagged,
            },
        }
    }

    fn indexes(&self) -> Vec<Index> {
        let mut all: Vec<Index> = self
            .indexes
            .iter()
            .map(|index| index.on(self.schema.clone(), &self.name))
            .collect();
        let flagged = self.columns.iter().filter(|column| column.is_indexed);
        all.extend(
            flagged.map(|column| Index::of_column(self.schema.as_deref(), &self.name, column)),
        );
        all
    }
}

/// The primary key of a table.
struct Key {
    constraint: Constraint,
    columns: Vec<String>,
}

impl Key {
    fn sql(&self) -> Option<String> {
        (!self.columns.is_empty()).then(|| self.constraint.sql())
    }
}

/// The comment of a column of a table.
pub(in super::super) fn comment_on(table: &str, column: &Column) -> Option<String> {
    let comment = quote::literal(column.comment.as_ref()?);
    let column = quote::name(&column.name);
    Some(format!("COMMENT ON COLUMN {table}.{column} IS {comment}"))
}

/// `op.create_table(…)`.
pub(in super::super) fn created(bound: &mut Bound<'_>) -> Table {
    bound.ignore(&[
        "quote",
        "info",
        "_constraints_included",
        "key",
        "extend_existing",
    ]);
    let mut table = Table {
        name: name_of(bound.take("table_name").as_ref()),
        schema: optional_name(bound.take("schema").as_ref()),
        columns: Vec::new(),
        is_whole: !bound.open,
        constraints: Vec::new(),
        indexes: Vec::new(),
        comment: optional_name(bound.take("comment").as_ref()),
        prefixes: prefixes(bound),
        options: String::new(),
        if_not_exists: bound.flag("if_not_exists") == Ok(Some(true)),
    };
    for item in std::mem::take(&mut bound.rest) {
        table.take_item(&item);
    }
    table.options = options(bound);
    bound.ignore_other_dialects();
    if bound.has_more() || !table.is_whole {
        table.options.push_str(DOUBT);
    }
    table
}

/// Words between `CREATE` and `TABLE`.
fn prefixes(bound: &mut Bound<'_>) -> String {
    let words = bound
        .take_some("prefixes")
        .map(|value| names_of(Some(&value)));
    let words = words.unwrap_or_default();
    words
        .iter()
        .fold(String::new(), |sql, word| sql + word + " ")
}

impl Table {
    fn take_item(&mut self, value: &Value<'_>) {
        match value {
            Value::None => {}
            Value::Item(item) => match &**item {
                Item::Column(column) => self.columns.push(column.clone()),
                Item::Constraint(constraint) => self.constraints.push(constraint.clone()),
                Item::Index(index) => self.indexes.push(index.clone()),
                _ => self.is_whole = false,
            },
            _ => self.is_whole = false,
        }
    }
}

/// What PostgreSQL is told after the columns.
fn options(bound: &mut Bound<'_>) -> String {
    let mut sql = String::new();
    if let Some(parents) = bound.take_some("postgresql_inherits") {
        let parents = match &parents {
            Value::Text(one) => vec![one.to_string()],
            many => names_of(Some(many)),
        };
        sql = format!("{sql} INHERITS ({})", quote::names(&parents));
    }
    if let Some(by) = bound.take_some("postgresql_partition_by") {
        sql = format!("{sql} PARTITION BY {}", name_of(Some(&by)));
    }
    if let Some(using) = bound.take_some("postgresql_using") {
        sql = format!("{sql} USING {}", name_of(Some(&using)));
    }
    if let Some(with) = bound.take_some("postgresql_with") {
        sql = format!("{sql} WITH ({})", super::index::storage(&with));
    }
    if let Some(on_commit) = bound.take_some("postgresql_on_commit") {
        let word = name_of(Some(&on_commit)).replace('_', " ").to_uppercase();
        sql = format!("{sql} ON COMMIT {word}");
    }
    if let Some(space) = bound.take_some("postgresql_tablespace") {
        sql = format!("{sql} TABLESPACE {}", quote::name(&name_of(Some(&space))));
    }
    sql
}

/// `sa.table(…)`: a table that is only named.
pub(super) fn lightweight(arguments: Arguments<'_>) -> Table {
    let mut table = created(&mut arguments.bind(&["table_name"]));
    table.options.clear();
    table
}

/// `sa.Table(name, metadata, …)`.
pub(super) fn full(mut arguments: Arguments<'_>) -> Table {
    if arguments.positional.len() > 1 {
        arguments.positional.remove(1);
    }
    let before = arguments.named.len();
    arguments.named.retain(|(name, _)| {
        !matches!(
            &**name,
            "metadata" | "autoload" | "autoload_with" | "autoload_replace"
        )
    });
    let is_read = arguments.named.len() != before;
    let mut table = created(&mut arguments.bind(&["table_name"]));
    table.is_whole &= !is_read;
    table
}
