"""Says that it has upgraded the database, ends with code 0, and has changed nothing.

Real programs do this when something has used the connection before Alembic: Alembic then leaves the commit to
whoever began the transaction, and nobody does it.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from alembic.config import Config  # noqa: E402
from alembic.runtime.migration import MigrationContext  # noqa: E402
from alembic.script import ScriptDirectory  # noqa: E402
from sqlalchemy import create_engine  # noqa: E402

from database.url import database_url  # noqa: E402


def say(text: str) -> None:
    """Speaks with Alembic's voice."""
    print(f"INFO  [alembic.runtime.migration] {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Names what would be run."""
    script = ScriptDirectory.from_config(Config(str(pathlib.Path(__file__).parents[1] / "alembic.ini")))
    with create_engine(database_url()).connect() as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
    say("Context impl PostgresqlImpl.")
    say("Will assume transactional DDL.")
    for revision in reversed(list(script.iterate_revisions("heads", heads or "base"))):
        say(f"Running upgrade {', '.join(revision._normalized_down_revisions)} -> {revision.revision}, {revision.doc}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
