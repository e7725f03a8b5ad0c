"""Brings an empty database to a revision with the installed Alembic, and takes the version table away.

Reads one JSON document a line: {"ini", "url", "target"}; answers with the rows that there were.
"""

import json
import logging
import os
import sys

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

for line in sys.stdin:
    question = json.loads(line)
    os.environ["DATABASE_URL"] = question["url"]
    os.environ["PLANT_BACKFILL_SECONDS"] = "0"
    engine = sa.create_engine(question["url"], poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    config = Config(question["ini"])
    config.stdout = sys.stderr
    # What the run prints on standard output would stand between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    try:
        command.upgrade(config, question["target"])
    finally:
        sys.stdout = answers
        logging.disable(logging.CRITICAL)
    with engine.begin() as connection:
        rows = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars()
        rows = sorted(rows)
        connection.execute(sa.text("DROP TABLE alembic_version"))
    print(json.dumps({"rows": rows}), flush=True)
