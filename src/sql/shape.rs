//! What statements do to the tables and columns of a database: names alone, no types.

use squawk_syntax::ast::normalize_name_node;
use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};

use super::analysis::deep_enough;
use super::names::words;
use super::split::split;
use super::tree;

/// A table by its name, with the schema in front where the statement says it.
pub type TableName = Vec<String>;

/// One change of the tables and columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A table is made.
    Create {
        /// The table.
        table: TableName,
        /// The columns that the statement names.
        columns: Vec<String>,
        /// A table whose columns it has as well.
        like: Vec<TableName>,
        /// Whether it may have more: those of a query, or of a type.
        open: bool,
        /// Whether nothing happens where it is there already.
        if_absent: bool,
    },
    /// A table is gone.
    Drop {
        /// The table.
        table: TableName,
    },
    /// A table has another name, or lies in another schema.
    Rename {
        /// The table before.
        table: TableName,
        /// The table afterwards.
        to: TableName,
    },
    /// A table has one column more.
    AddColumn {
        /// The table.
        table: TableName,
        /// The column.
        column: String,
    },
    /// A table has one column less.
    DropColumn {
        /// The table.
        table: TableName,
        /// The column.
        column: String,
    },
    /// A column has another name.
    RenameColumn {
        /// The table.
        table: TableName,
        /// The column before.
        column: String,
        /// The column afterwards.
        to: String,
    },
    /// A schema is gone, with all its tables.
    DropSchema {
        /// The schema.
        schema: String,
    },
    /// Something that may change any table: a block of code, text that is no SQL.
    Unclear,
}

/// What the statements of a text do to tables and columns, in order. What leaves both alone is
/// left out.
pub fn shapes(text: &str) -> Vec<Shape> {
    let mut found = Vec::new();
    for piece in split(text) {
        let statement = &text[piece.range.clone()];
        let read = deep_enough(piece.depth, || read(statement));
        found.extend(read.unwrap_or_else(|| vec![Shape::Unclear]));
    }
    found
}

fn read(statement: &str) -> Vec<Shape> {
    let parsed = SourceFile::parse(statement);
    if !parsed.errors().is_empty() {
        return vec![Shape::Unclear];
    }
    let root = parsed.syntax_node();
    root.children().flat_map(|node| shape(&node)).collect()
}

fn shape(node: &SyntaxNode) -> Vec<Shape> {
    match node.kind() {
        SyntaxKind::CREATE_TABLE
        | SyntaxKind::CREATE_FOREIGN_TABLE
        | SyntaxKind::CREATE_TABLE_AS => create(node).into_iter().collect(),
        SyntaxKind::DROP_TABLE | SyntaxKind::DROP_FOREIGN_TABLE => {
            tree::children(node, SyntaxKind::TABLE_NAME_REF)
                .map(|table| Shape::Drop {
                    table: words(&table),
                })
                .collect()
        }
        SyntaxKind::DROP_SCHEMA => tree::children(node, SyntaxKind::SCHEMA_REF)
            .filter_map(|schema| words(&schema).pop())
            .map(|schema| Shape::DropSchema { schema })
            .collect(),
        SyntaxKind::ALTER_TABLE | SyntaxKind::ALTER_FOREIGN_TABLE => alter(node),
        SyntaxKind::DO | SyntaxKind::CALL | SyntaxKind::EXECUTE | SyntaxKind::SELECT_INTO => {
            vec![Shape::Unclear]
        }
        _ => Vec::new(),
    }
}

fn create(node: &SyntaxNode) -> Option<Shape> {
    // A temporary table ends with its session, and a partition is a part of another table.
    if tree::has(node, SyntaxKind::TEMP) || tree::has(node, SyntaxKind::PARTITION_OF) {
        return None;
    }
    let table = words(&tree::child(node, SyntaxKind::TABLE_NAME)?);
    let list = tree::child(node, SyntaxKind::TABLE_ARG_LIST);
    let columns: Vec<String> = list
        .iter()
        .flat_map(|list| tree::children(list, SyntaxKind::COLUMN))
        .filter_map(|column| column_name(&column))
        .collect();
    let like = [SyntaxKind::LIKE_CLAUSE, SyntaxKind::INHERITS];
    let like = node
        .descendants()
        .filter(|inner| like.contains(&inner.kind()))
        .flat_map(|inner| others(&inner))
        .collect();
    let is_query = node.kind() == SyntaxKind::CREATE_TABLE_AS;
    Some(Shape::Create {
        table,
        open: (is_query && columns.is_empty()) || tree::has(node, SyntaxKind::OF_TYPE),
        columns,
        like,
        if_absent: tree::has(node, SyntaxKind::IF_NOT_EXISTS),
    })
}

/// The tables that a clause names.
fn others(clause: &SyntaxNode) -> Vec<TableName> {
    clause
        .children()
        .filter(|inner| {
            matches!(
                inner.kind(),
                SyntaxKind::TABLE_NAME_REF | SyntaxKind::RELATION_NAME_REF
            )
        })
        .map(|inner| words(&inner))
        .collect()
}

fn alter(node: &SyntaxNode) -> Vec<Shape> {
    let Some(table) = tree::child(node, SyntaxKind::TABLE_RELATION_NAME) else {
        return Vec::new();
    };
    let mut table = words(&table);
    let mut found = Vec::new();
    for action in node.children() {
        let Some(shape) = action_shape(&table, &action) else {
            continue;
        };
        if let Shape::Rename { to, .. } = &shape {
            let to = to.clone();
            found.push(shape);
            table = to;
        } else {
            found.push(shape);
        }
    }
    found
}

fn action_shape(table: &TableName, action: &SyntaxNode) -> Option<Shape> {
    let table = table.clone();
    let own = |kind| words(&tree::child(action, kind)?).pop();
    Some(match action.kind() {
        SyntaxKind::ADD_COLUMN => Shape::AddColumn {
            column: column_name(action)?,
            table,
        },
        SyntaxKind::DROP_COLUMN => Shape::DropColumn {
            column: own(SyntaxKind::COLUMN_NAME_REF)?,
            table,
        },
        SyntaxKind::RENAME_COLUMN => Shape::RenameColumn {
            column: own(SyntaxKind::COLUMN_NAME_REF)?,
            to: own(SyntaxKind::COLUMN_NAME)?,
            table,
        },
        SyntaxKind::TABLE_RENAME_TO => {
            let mut to = table.clone();
            to.pop();
            to.push(own(SyntaxKind::TABLE_NAME)?);
            Shape::Rename { table, to }
        }
        SyntaxKind::SET_SCHEMA => {
            let to = vec![own(SyntaxKind::SCHEMA_REF)?, table.last()?.clone()];
            Shape::Rename { table, to }
        }
        _ => return None,
    })
}

fn column_name(node: &SyntaxNode) -> Option<String> {
    let column = tree::child(node, SyntaxKind::COLUMN_NAME)?;
    let name = normalize_name_node(&column);
    if name.is_empty() {
        words(&column).pop()
    } else {
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> TableName {
        text.split('.').map(str::to_owned).collect()
    }

    fn create(table: &str, columns: &[&str], like: &[&str], open: bool) -> Shape {
        Shape::Create {
            table: name(table),
            columns: columns.iter().map(ToString::to_string).collect(),
            like: like.iter().map(|table| name(table)).collect(),
            open,
            if_absent: false,
        }
    }

    #[test]
    fn tables_are_made_in_many_ways() {
        let text = r#"
            CREATE TABLE "Odd Name" (id int PRIMARY KEY, "UPPER" text, lower_Case int, CHECK (id > 0));
            CREATE TABLE app.t (LIKE other INCLUDING ALL, extra int);
            CREATE TABLE p PARTITION OF parent FOR VALUES IN (1);
            CREATE TABLE c (own int) INHERITS (parent, app.q);
            CREATE TABLE s AS SELECT 1 AS one;
            CREATE TABLE n (a, b) AS SELECT 1, 2;
            CREATE TEMPORARY TABLE gone (id int);
            CREATE UNLOGGED TABLE u (id int);
        "#;
        let expected = [
            create("Odd Name", &["id", "UPPER", "lower_case"], &[], false),
            create("app.t", &["extra"], &["other"], false),
            create("c", &["own"], &["parent", "app.q"], false),
            create("s", &[], &[], true),
            create("n", &["a", "b"], &[], false),
            create("u", &["id"], &[], false),
        ];
        assert_eq!(shapes(text), expected);
    }

    #[test]
    fn tables_change_and_go() {
        let text = "
            ALTER TABLE ONLY public.t ADD COLUMN a int, DROP COLUMN IF EXISTS b, ADD CONSTRAINT x CHECK (true);
            ALTER TABLE t RENAME COLUMN a TO \"B\"; ALTER TABLE t RENAME b TO c;
            ALTER TABLE t RENAME TO u; ALTER TABLE app.u SET SCHEMA lib;
            DROP TABLE IF EXISTS x, app.y CASCADE; DROP SCHEMA app CASCADE;
            CREATE INDEX i ON t (a); INSERT INTO t VALUES (1);
        ";
        let column = |add, table: &str, column: &str| {
            let (table, column) = (name(table), column.to_owned());
            if add {
                Shape::AddColumn { table, column }
            } else {
                Shape::DropColumn { table, column }
            }
        };
        let renamed = |from: &str, to: &str| Shape::RenameColumn {
            table: name("t"),
            column: from.to_owned(),
            to: to.to_owned(),
        };
        let moved = |from: &str, to: &str| Shape::Rename {
            table: name(from),
            to: name(to),
        };
        let expected = [
            column(true, "public.t", "a"),
            column(false, "public.t", "b"),
            renamed("a", "B"),
            renamed("b", "c"),
            moved("t", "u"),
            moved("app.u", "lib.u"),
            Shape::Drop { table: name("x") },
            Shape::Drop {
                table: name("app.y"),
            },
            Shape::DropSchema {
                schema: "app".to_owned(),
            },
        ];
        assert_eq!(shapes(text), expected);
    }

    #[test]
    fn code_and_nonsense_are_unclear() {
        for text in [
            "DO $$ BEGIN PERFORM 1; END $$",
            "CREATE TABLE (",
            "SELECT 1 AS a INTO b",
        ] {
            assert_eq!(shapes(text), [Shape::Unclear], "{text}");
        }
        assert_eq!(shapes("SET lock_timeout = '1s'; SELECT 1"), []);
    }
}
