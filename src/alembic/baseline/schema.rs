//! The tables and columns that revisions make, one after the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::database::Table;
use crate::sql::{Shape, TableName};

/// PostgreSQL cuts longer names.
const LONGEST_NAME: usize = 63;

/// Tables and columns by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Schema {
    pub(super) tables: BTreeMap<TableName, Columns>,
}

/// The columns of a table, each with whether it is there in any case.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// Whether the table is there in any case.
    pub(super) certain: bool,
    /// Whether it may have more columns than are named.
    pub(super) open: bool,
    pub(super) names: BTreeMap<String, bool>,
}

/// Every table and column that any revision makes.
#[derive(Debug, Default)]
pub(super) struct Ever {
    tables: BTreeMap<TableName, BTreeSet<String>>,
}

impl Ever {
    pub(super) fn table(&self, table: &TableName) -> bool {
        self.tables.contains_key(table)
    }

    pub(super) fn column(&self, table: &TableName, column: &str) -> bool {
        self.tables
            .get(table)
            .is_some_and(|columns| columns.contains(column))
    }

    fn note(&mut self, table: &TableName, columns: &Columns) {
        let known = self.tables.entry(table.clone()).or_default();
        known.extend(columns.names.keys().cloned());
    }
}

impl Schema {
    /// Changes it as a statement does; `certain` is whether the statement runs in any case.
    pub(super) fn apply(&mut self, shape: &Shape, certain: bool, ever: &mut Ever) {
        match shape {
            Shape::Create {
                table,
                columns,
                like,
                open,
                if_absent,
            } => {
                let table = key(table);
                if *if_absent && self.tables.get(&table).is_some_and(|t| t.certain) {
                    return;
                }
                let mut made = Columns {
                    certain,
                    open: *open,
                    names: columns
                        .iter()
                        .map(|column| (cut(column), certain))
                        .collect(),
                };
                for other in like {
                    match self.tables.get(&key(other)) {
                        Some(other) => {
                            made.open |= other.open;
                            made.names.extend(other.names.clone());
                        }
                        None => made.open = true,
                    }
                }
                ever.note(&table, &made);
                self.tables.insert(table, made);
            }
            Shape::Drop { table } => self.drop(&key(table), certain),
            Shape::DropSchema { schema } => {
                let inside = |table: &&TableName| table.len() > 1 && table[0] == *schema;
                let lost: Vec<_> = self.tables.keys().filter(inside).cloned().collect();
                for table in lost {
                    self.drop(&table, certain);
                }
            }
            Shape::Rename { table, to } => self.rename(&key(table), key(to), certain, ever),
            other => self.apply_to_column(other, certain, ever),
        }
    }

    fn apply_to_column(&mut self, shape: &Shape, certain: bool, ever: &mut Ever) {
        let (Shape::AddColumn { table, .. }
        | Shape::DropColumn { table, .. }
        | Shape::RenameColumn { table, .. }) = shape
        else {
            return;
        };
        let table = key(table);
        // A table that no revision makes: it may have been there before the first.
        let columns = self.tables.entry(table.clone()).or_insert_with(|| Columns {
            open: true,
            ..Columns::default()
        });
        match shape {
            Shape::AddColumn { column, .. } => {
                columns.names.entry(cut(column)).or_insert(certain);
            }
            Shape::DropColumn { column, .. } => columns.forget(&cut(column), certain),
            Shape::RenameColumn { column, to, .. } => {
                let known = columns.names.get(&cut(column)).copied();
                columns.forget(&cut(column), certain);
                columns
                    .names
                    .insert(cut(to), certain && known.unwrap_or(true));
            }
            _ => {}
        }
        ever.note(&table, columns);
    }

    fn drop(&mut self, table: &TableName, certain: bool) {
        if certain {
            self.tables.remove(table);
        } else if let Some(columns) = self.tables.get_mut(table) {
            columns.certain = false;
        }
    }

    fn rename(&mut self, table: &TableName, to: TableName, certain: bool, ever: &mut Ever) {
        let Some(mut columns) = self.tables.get(table).cloned() else {
            return;
        };
        self.drop(table, certain);
        columns.certain &= certain;
        ever.note(&to, &columns);
        self.tables.insert(to, columns);
    }
}

impl Columns {
    fn forget(&mut self, column: &str, certain: bool) {
        if certain {
            self.names.remove(column);
        } else if let Some(known) = self.names.get_mut(column) {
            *known = false;
        }
    }
}

/// A table's name without the schema that need not be said.
fn key(table: &TableName) -> TableName {
    let from = usize::from(table.len() > 1 && table[0] == "public");
    table[from..].iter().map(|part| cut(part)).collect()
}

fn cut(name: &str) -> String {
    let mut end = name.len().min(LONGEST_NAME);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name[..end].to_owned()
}

/// The tables of a database. Where all lie in one schema, that one need not be said.
pub(super) fn of_database(tables: &[Table]) -> BTreeMap<TableName, BTreeSet<&str>> {
    let schemas: BTreeSet<_> = tables.iter().map(|table| table.schema.as_str()).collect();
    let silent = match schemas.first() {
        Some(only) if schemas.len() == 1 => only,
        _ => "public",
    };
    let name = |table: &Table| {
        let mut name = vec![table.schema.clone(), table.name.clone()];
        if table.schema == silent {
            name.remove(0);
        }
        name
    };
    tables
        .iter()
        .filter(|table| table.name != "alembic_version")
        .map(|table| {
            (
                name(table),
                table.columns.iter().map(String::as_str).collect(),
            )
        })
        .collect()
}
