"""How Alembic reaches the plant's databases."""

import contextlib
import json
import os
import pathlib
import sys
from logging.config import fileConfig

from alembic import context
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, pool, text

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from database.url import database_url  # noqa: E402

config = context.config
if config.config_file_name is not None:
    fileConfig(config.config_file_name, disable_existing_loggers=False)

VERSION_TABLE = config.get_main_option("version_table", "alembic_version")
# Any number does, as long as all that migrate this database use the same.
ADVISORY_LOCK = 20260116


def run_offline() -> None:
    """Renders SQL without a database."""
    context.configure(
        dialect_name="postgresql",
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
        version_table=VERSION_TABLE,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def writes() -> bool:
    """Whether this command may change the database."""
    command = getattr(config.cmd_opts, "cmd", None)
    return bool(command) and command[0].__name__ in {"upgrade", "downgrade", "stamp"}


@contextlib.contextmanager
def alone(engine):
    """Holds a lock in a session of its own: the migrating one must not be touched before Alembic begins."""
    if not writes():
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        lock = text("SELECT pg_try_advisory_lock(:key)")
        if not connection.execute(lock, {"key": ADVISORY_LOCK}).scalar():
            raise SystemExit("another migration of this database is running")
        yield


def rows(engine) -> list[str]:
    """Where the database stands, read in a session of its own."""
    with engine.connect() as connection:
        options = {"version_table": VERSION_TABLE}
        return sorted(MigrationContext.configure(connection, opts=options).get_current_heads())


def tell(before: list[str], after: list[str], ran: list[str], backend_pid: int) -> None:
    """The last line of a run, for whoever wants to know what it did."""
    line = {
        "before": before,
        "after": after,
        "heads": list(context.script.get_heads()),
        "revisions": ran,
        "attempt": int(os.environ.get("CLOUD_RUN_TASK_ATTEMPT", "0")),
        "backend_pid": backend_pid,
    }
    print(json.dumps(line), flush=True)


def run_online() -> None:
    """Migrates. Each revision has its own transaction, and nobody is made to wait for a lock for long."""
    engine = create_engine(
        database_url(),
        poolclass=pool.NullPool,
        # The name by which a run is found again among the sessions of the server.
        connect_args={"options": "-c lock_timeout=5s", "application_name": os.environ.get("PGAPPNAME", "alembic")},
    )
    before, ran = rows(engine), []

    def note(step, **_) -> None:
        ran.extend(step.up_revision_ids)

    with alone(engine), engine.connect() as connection:
        backend_pid = connection.connection.driver_connection.info.backend_pid
        context.configure(
            connection=connection,
            version_table=VERSION_TABLE,
            transaction_per_migration=True,
            on_version_apply=note,
        )
        with context.begin_transaction():
            context.run_migrations()
    tell(before, rows(engine), ran, backend_pid)


if context.is_offline_mode():
    run_offline()
else:
    run_online()
