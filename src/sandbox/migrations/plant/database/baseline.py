"""Takes a database whose tables were made by hand into Alembic's care."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from alembic import command  # noqa: E402
from alembic.config import Config  # noqa: E402
from sqlalchemy import create_engine, inspect  # noqa: E402

from database.url import database_url  # noqa: E402

REVISION = "003_remaining_entities"
TABLES = {"base_entity", "skill", "job_role", "industry", "team", "agent"}


def main() -> int:
    """Stamps the revision that the tables correspond to, if they are all there and nothing is stamped yet."""
    engine = create_engine(database_url())
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    if "alembic_version" in found:
        print("alembic_version is there already: nothing to do")
        return 0
    missing = TABLES - found
    if missing:
        print(f"missing tables: {', '.join(sorted(missing))}; nothing was stamped", file=sys.stderr)
        return 1
    print(f"found {len(TABLES)} tables made by hand, stamping {REVISION}")
    command.stamp(Config(str(pathlib.Path(__file__).parents[1] / "alembic.ini")), REVISION)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
