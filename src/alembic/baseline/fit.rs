//! How well a database fits what revisions make.

use std::collections::{BTreeMap, BTreeSet};

use super::schema::{Ever, Schema};
use crate::domain::baseline::Counted;
use crate::sql::TableName;

/// What was compared, and what does not fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) tables: Counted,
    pub(super) columns: Counted,
    pub(super) missing: Vec<String>,
    pub(super) beyond: Vec<String>,
}

impl Fit {
    /// Compares a database with a schema; what no revision ever makes says nothing.
    pub(super) fn of(
        schema: &Schema,
        database: &BTreeMap<TableName, BTreeSet<&str>>,
        ever: &Ever,
    ) -> Self {
        let mut fit = Self::default();
        for (table, made) in &schema.tables {
            let there = database.get(table);
            if made.certain {
                fit.tables.count(there.is_some());
            }
            if there.is_none() && made.certain {
                fit.missing.push(table.join("."));
            }
            for (column, certain) in &made.names {
                if !(made.certain && *certain) {
                    continue;
                }
                let found = there.is_some_and(|there| there.contains(column.as_str()));
                fit.columns.count(found);
                if !found && there.is_some() {
                    fit.missing.push(format!("{}.{column}", table.join(".")));
                }
            }
            let more = there.into_iter().flatten().filter(|column| {
                !made.open && !made.names.contains_key(**column) && ever.column(table, column)
            });
            fit.beyond
                .extend(more.map(|column| format!("{}.{column}", table.join("."))));
        }
        let unmade = database
            .keys()
            .filter(|table| !schema.tables.contains_key(*table) && ever.table(table));
        fit.beyond.extend(unmade.map(|table| table.join(".")));
        fit
    }

    /// How much does not fit.
    pub(super) fn gaps(&self) -> usize {
        self.missing.len() + self.beyond.len()
    }
}

impl Counted {
    fn count(&mut self, found: bool) {
        self.of += 1;
        self.found += usize::from(found);
    }
}
