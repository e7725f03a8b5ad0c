//! Migration directories with tables and columns in them, made up.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use crate::generator::Seeded;

/// How Alembic reaches the database.
const ENV: &str = "import os\nfrom alembic import context\nfrom sqlalchemy import create_engine\n\
    with create_engine(os.environ['DATABASE_URL']).connect() as connection:\n    \
    context.configure(connection=connection)\n    \
    with context.begin_transaction():\n        context.run_migrations()\n";

/// The tables that a revision finds, each with whether another branch may know it too.
type Tables = BTreeMap<String, (BTreeSet<String>, bool)>;

/// One revision.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) id: String,
    down: Vec<usize>,
    body: String,
}

/// Writes a directory of revisions that make, change and drop tables.
pub(crate) fn write(random: &mut Seeded, folder: &Path) -> Vec<Written> {
    let size = 2 + random.below(11);
    let branches = random.once_in(2);
    let mut found: Vec<Written> = Vec::new();
    let mut states: Vec<Tables> = Vec::new();
    for at in 0..size {
        let mut down = Vec::new();
        if at > 0 && !random.once_in(12) {
            down.push(if branches && random.once_in(4) {
                random.below(at)
            } else {
                at - 1
            });
            let other = random.below(at);
            if branches && random.once_in(5) && !down.contains(&other) {
                down.push(other);
            }
        }
        let mut tables = Tables::new();
        for parent in &down {
            let shared = down.len() > 1 || found.iter().any(|r| r.down.contains(parent));
            for (table, (columns, known)) in states[*parent].clone() {
                let here = tables.entry(table).or_default();
                here.0.extend(columns);
                here.1 |= known || shared;
            }
            for (_, known) in states[*parent].values_mut() {
                *known = true;
            }
        }
        let mut body = String::new();
        for _ in 0..=random.below(3) {
            act(random, at, &mut tables, &mut body);
        }
        states.push(tables);
        found.push(Written {
            id: format!("rev_{at:02}"),
            down,
            body,
        });
    }
    let versions = folder.join("versions");
    std::fs::create_dir_all(&versions).unwrap();
    let ini = "[alembic]\nscript_location = %(here)s\n";
    std::fs::write(folder.join("alembic.ini"), ini).unwrap();
    std::fs::write(folder.join("env.py"), ENV).unwrap();
    for written in &found {
        let down = written.down.iter().fold(String::new(), |mut text, at| {
            let _ = write!(text, "'rev_{at:02}',");
            text
        });
        let text = format!(
            "import sqlalchemy as sa\nfrom alembic import op\n\nrevision = '{}'\ndown_revision = ({down})\n\n\
             def upgrade():\n{}    pass\n",
            written.id, written.body
        );
        std::fs::write(versions.join(format!("{}.py", written.id)), text).unwrap();
    }
    found
}

fn act(random: &mut Seeded, at: usize, tables: &mut Tables, body: &mut String) {
    let number = random.next() % 10_000;
    let own: Vec<_> = tables.iter().filter(|(_, (_, known))| !known).collect();
    let own: Vec<String> = own.into_iter().map(|(table, _)| table.clone()).collect();
    let all: Vec<String> = tables.keys().cloned().collect();
    let kind = random.below(10);
    let line = match kind {
        0 => "op.execute('SELECT 1')".to_owned(),
        1..4 if !all.is_empty() => {
            let (table, column) = (random.pick(&all).clone(), format!("c{at}_{number}"));
            tables.get_mut(&table).unwrap().0.insert(column.clone());
            if random.once_in(2) {
                format!("op.add_column('{table}', sa.Column('{column}', sa.Integer()))")
            } else {
                format!("op.execute(\"ALTER TABLE {table} ADD COLUMN {column} int\")")
            }
        }
        4..9 if !own.is_empty() => {
            let table = random.pick(&own).clone();
            change(random, table, (at, number), tables, kind)
        }
        _ => create(random, &format!("t{at}_{number}"), tables),
    };
    writeln!(body, "    {line}").unwrap();
}

fn change(
    random: &mut Seeded,
    table: String,
    (at, number): (usize, u64),
    tables: &mut Tables,
    kind: usize,
) -> String {
    let (columns, _) = tables.get_mut(&table).unwrap();
    let column = columns
        .iter()
        .nth(random.below(columns.len()))
        .unwrap()
        .clone();
    match kind {
        4 if columns.len() > 3 => {
            columns.remove(&column);
            format!("op.drop_column('{table}', '{column}')")
        }
        5 => {
            let to = format!("r{at}_{number}");
            columns.remove(&column);
            columns.insert(to.clone());
            format!("op.alter_column('{table}', '{column}', new_column_name='{to}')")
        }
        6 => {
            let to = format!("n{at}_{number}");
            let kept = tables.remove(&table).unwrap();
            tables.insert(to.clone(), kept);
            format!("op.rename_table('{table}', '{to}')")
        }
        7 => {
            tables.remove(&table);
            format!("op.drop_table('{table}')")
        }
        _ => format!("op.create_index('i{at}_{number}', '{table}', ['{column}'])"),
    }
}

fn create(random: &mut Seeded, table: &str, tables: &mut Tables) -> String {
    let columns: Vec<String> = (0..3 + random.below(3)).map(|n| format!("k{n}")).collect();
    let known = columns.iter().cloned().collect();
    tables.insert(table.to_owned(), (known, false));
    if random.once_in(3) {
        let columns: Vec<_> = columns
            .iter()
            .map(|column| format!("{column} text"))
            .collect();
        return format!(
            "op.execute(\"CREATE TABLE {table} ({})\")",
            columns.join(", ")
        );
    }
    let columns: Vec<_> = columns
        .iter()
        .map(|column| format!("sa.Column('{column}', sa.String(20))"))
        .collect();
    format!("op.create_table('{table}', {})", columns.join(", "))
}
