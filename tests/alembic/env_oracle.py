"""Runs the installed Alembic on many `env.py` files, and says what each did to a real database.

Reads one JSON document a line, `{"env": …}`, and answers with one, `{"did": …}`: `applied`, `nothing` (it ended well,
and the database is as before), `raised`, or `other`. The database is the one of `DATABASE_URL`.
"""

import gc
import json
import logging
import os
import sys
import tempfile
import warnings
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import NullPool, create_engine, text

URL = os.environ["DATABASE_URL"]
TABLES = ("one", "two", "alembic_version")

REVISION = """
from alembic import op
import sqlalchemy as sa
revision = {id!r}
down_revision = {down!r}
def upgrade():
    op.create_table({id!r}, sa.Column("id", sa.Integer))
"""

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
folder = Path(tempfile.mkdtemp(prefix="env-oracle-"))
(folder / "versions").mkdir()
(folder / "versions/one.py").write_text(REVISION.format(id="one", down=None))
(folder / "versions/two.py").write_text(REVISION.format(id="two", down="one"))
own = create_engine(URL, poolclass=NullPool, isolation_level="AUTOCOMMIT")


def run(env):
    (folder / "env.py").write_text(env)
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("sqlalchemy.url", URL)
    try:
        command.upgrade(config, "head")
        return None
    except BaseException as error:
        return f"{type(error).__name__}: {error}"


def end_others(connection):
    """What the end of the process would do to connections that are still open."""
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    if connection.scalar(text("SELECT count(*) " + others)):
        gc.collect()
        connection.execute(text("SELECT pg_terminate_backend(pid, 5000) " + others))


def did(env):
    error = run(env)
    with own.connect() as connection:
        end_others(connection)
        found = [name for name in TABLES if connection.scalar(text(f"SELECT to_regclass('{name}')"))]
        at = connection.scalars(text("SELECT version_num FROM alembic_version")).all() if "alembic_version" in found else []
        connection.execute(text("DROP TABLE IF EXISTS " + ", ".join(TABLES)))
    if error:
        return {"did": "raised", "error": error}
    if len(found) == 3 and at == ["two"]:
        return {"did": "applied"}
    return {"did": "other" if found else "nothing", "found": found}


for line in sys.stdin:
    print(json.dumps(did(json.loads(line)["env"])), flush=True)
