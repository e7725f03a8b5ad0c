//! `env.py` files in many variants that differ in what decides whether anything is committed.

use std::fmt::Write as _;

/// One `env.py`, as choices.
#[derive(Debug)]
pub(crate) struct Variant {
    is_async: bool,
    opening: usize,
    before: usize,
    after: usize,
    between: bool,
    begins: usize,
    per_migration: bool,
    commits: bool,
}

/// How a connection is opened.
const OPENINGS: usize = 7;
/// What is executed before `configure`, on `connection`.
const BEFORE: [&str; 12] = [
    "pass",
    "pass",
    "connection.execute(text('SELECT 1'))",
    "connection.exec_driver_sql('SELECT 1')",
    "row = connection.execute(text('SELECT 1')).scalar_one()",
    "prepare(connection)",
    "inspect(connection).get_table_names()",
    "MigrationContext.configure(connection).get_current_revision()",
    "connection.execute(select(func.pg_advisory_xact_lock(7)))",
    "connection.execute('SELECT 1')",
    "connection.begin_nested()",
    "inspector = inspect(connection)",
];
/// What follows it.
const AFTER: [&str; 6] = [
    "pass",
    "pass",
    "connection.commit()",
    "connection.rollback()",
    "connection.in_transaction() and connection.commit()",
    "settle(connection)",
];

struct Seeded(u64);

impl Seeded {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

impl Variant {
    pub(crate) fn random(seed: u64) -> Self {
        let mut random = Seeded(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        Self {
            is_async: random.once_in(3),
            opening: random.below(OPENINGS),
            before: random.below(BEFORE.len()),
            after: random.below(AFTER.len()),
            between: random.once_in(4),
            begins: random.below(5),
            per_migration: random.once_in(4),
            commits: random.once_in(5),
        }
    }

    pub(crate) fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        let mut line = |indent: usize, code: &str| {
            let _ = writeln!(text, "{}{code}", "    ".repeat(indent));
        };
        line(0, "def do_run(connection):");
        line(1, BEFORE[self.before]);
        line(1, AFTER[self.after]);
        let indent = if self.opening == 4 {
            line(1, "with connection.begin():");
            2
        } else {
            1
        };
        let per_migration = if self.per_migration {
            ", transaction_per_migration=True"
        } else {
            ""
        };
        line(
            indent,
            &format!(
                "context.configure(connection=connection, target_metadata=None{per_migration})"
            ),
        );
        if self.between {
            line(indent, "connection.execute(text('SELECT 2'))");
        }
        match self.begins {
            0 => line(indent, "context.run_migrations()"),
            1 => {
                line(
                    indent,
                    "with guarded(connection), context.begin_transaction():",
                );
                line(indent + 1, "context.run_migrations()");
            }
            _ => {
                line(indent, "with context.begin_transaction():");
                line(indent + 1, "context.run_migrations()");
            }
        }
        if self.commits {
            line(1, "connection.commit()");
        }
        line(0, "");
        if self.is_async {
            self.open_async(&mut line);
        } else {
            self.open(&mut line);
        }
        text
    }

    fn open(&self, line: &mut impl FnMut(usize, &str)) {
        line(0, "def run_online():");
        let engine = match self.opening {
            5 => {
                "create_engine(config.get_main_option('sqlalchemy.url'), isolation_level='AUTOCOMMIT', poolclass=pool.NullPool)"
            }
            _ => {
                "engine_from_config(config.get_section(config.config_ini_section, {}), prefix='sqlalchemy.', poolclass=pool.NullPool)"
            }
        };
        line(1, "connectable = config.attributes.get('connection', None)");
        line(1, "if connectable is None:");
        line(2, &format!("connectable = {engine}"));
        match self.opening {
            1 => line(1, "with connectable.begin() as connection:"),
            2 => {
                line(1, "connection = connectable.connect()");
                line(1, "try:");
                line(2, "do_run(connection)");
                line(1, "finally:");
                line(2, "connection.close()");
            }
            3 => line(
                1,
                "with connectable.connect().execution_options(isolation_level='AUTOCOMMIT') as connection:",
            ),
            6 => {
                line(1, "with opened(connectable) as connection:");
            }
            _ => line(1, "with connectable.connect() as connection:"),
        }
        if self.opening != 2 {
            line(2, "do_run(connection)");
        }
        line(0, "run_online()");
    }

    fn open_async(&self, line: &mut impl FnMut(usize, &str)) {
        line(0, "async def run_async():");
        let isolation = if self.opening == 5 {
            ", isolation_level='AUTOCOMMIT'"
        } else {
            ""
        };
        line(
            1,
            &format!(
                "connectable = create_async_engine(config.get_main_option('sqlalchemy.url'), poolclass=pool.NullPool{isolation})"
            ),
        );
        match self.opening {
            1 => line(1, "async with connectable.begin() as connection:"),
            _ => line(1, "async with connectable.connect() as connection:"),
        }
        match self.opening {
            2 => {
                line(2, "await connection.execute(text('SELECT 3'))");
                line(2, "await connection.run_sync(do_run)");
            }
            3 => {
                line(2, "await connection.execute(text('SELECT 3'))");
                line(2, "await connection.commit()");
                line(2, "await connection.run_sync(lambda c: do_run(c))");
            }
            6 => {
                line(2, "await connection.run_sync(do_run)");
                line(2, "await connection.commit()");
            }
            _ => line(2, "await connection.run_sync(do_run)"),
        }
        line(1, "await connectable.dispose()");
        line(0, "");
        line(0, "asyncio.run(run_async())");
    }
}

const HEAD: &str = "import asyncio
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import context
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, engine_from_config, func, inspect, pool, select, text
from sqlalchemy.ext.asyncio import create_async_engine

config = context.config


def prepare(connection, key='alembic'):
    found = connection.execute(sa.text(f\"SELECT hashtext('{key}')\")).scalar()
    if found is None:
        return 0
    return found


def settle(connection):
    if connection.in_transaction():
        connection.commit()


@contextmanager
def guarded(connection):
    connection.execute(text('SELECT pg_advisory_lock(5)'))
    try:
        yield
    finally:
        pass


@contextmanager
def opened(engine):
    with engine.connect() as connection:
        yield connection


";
